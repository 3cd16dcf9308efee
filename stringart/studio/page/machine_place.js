// The third and the fifth card: where the board lies, and a tour over some of its pins before anything is wound.

import { button, confirmed, h } from "./elements.js";
import { ICON } from "./icons.js";
import { numberField } from "./controls.js";
import { active } from "./machine_board.js";
import { missing, order, workCard } from "./machine_cards.js";
import { chosenJob, jobChoice } from "./machine_job.js";
import { on, state } from "./state.js";
import { number, readNumber, t } from "./words.js";

const BAD_TOUCH_MM = 1.5; // more than a jog by hand is off
const FEWEST_TOUCHES = 2;

/** @returns {import("./machine_cards.js").Card} */
export function locating() {
  const pin = numberField({ id: "m-touch-pin", value: "0", style: "width:6rem" }, { unit: () => "", take: () => {} });
  const said = h("p", { class: "small", id: "m-fit" }),
    off = h("ul", { class: "touches small" });
  const pinNow = () => Math.round(readNumber(pin.value));
  const touch = button(t("m_touch"), () => order("touch", { pin: pinNow(), ...chosenJob() }), { id: "m-touch" });
  const keep = button(t("m_keep_place"), () => order("keep_place"), { class: "main" }),
    forget = button(t("m_forget"), () => order("forget_touches"));
  const over = button(
    t("m_goto"),
    async () => {
      if (await confirmed(t("m_confirm_goto", { n: pinNow() }), t("m_goto"))) order("tour", { pins: [pinNow()] });
    },
    { id: "m-goto" },
  );
  const card = workCard(
    3,
    h("h2", {}, t("m_locate")),
    jobChoice(),
    h("p", { class: "small soft" }, t("m_locate_help")),
    h("div", { class: "row" }, h("label", { for: "m-touch-pin" }, t("m_touch_pin")), pin, touch, over),
    said,
    off,
    h("div", { class: "row" }, keep, forget),
  );
  const put = () => {
    const f = state.machine_fit,
      touches = Object.keys(f?.touched ?? {}).length;
    const free = state.machine.connected && !state.machine.busy;
    touch.disabled = !free || !(state.plan || state.variants.length || state.machine_job);
    keep.disabled = !free || active() || touches < FEWEST_TOUCHES;
    forget.disabled = !f;
    over.disabled = !free || Boolean(missing.position() || missing.job()) || active();
    said.textContent = f ? fitted(f) : "";
    off.replaceChildren(...(f ? Object.entries(f.touched).map(touched) : []));
    const more = f && touches < FEWEST_TOUCHES ? t("m_need_touches") : "";
    card.tell(missing.position() || more, false);
  };
  on("machine machine_fit machine_job plan variants", put);
  return { box: card.box, put };
}
/** @param {any} fit */
function fitted(fit) {
  const [x, y] = fit.center_mm;
  const near = { deg: number(fit.rotation_deg, 3), scale: number(fit.scale, 5), rms: number(fit.rms_mm, 2) };
  return t("m_fit", { x: number(x, 2), y: number(y, 2), ...near });
}
/** @param {[string, number]} given */
function touched([n, mm]) {
  const label = t("m_untouch", { n });
  const props = { type: "button", class: "icon", "aria-label": label, title: label, html: ICON.close };
  const remove = h("button", { ...props, onclick: () => order("untouch", { pin: Number(n) }) });
  return h("li", { class: mm > BAD_TOUCH_MM ? "bad" : "" }, t("m_pin_off", { n, mm: number(mm, 2) }), remove);
}

/** @returns {import("./machine_cards.js").Card} */
export function dryTour() {
  const pins = h("input", { type: "text", id: "m-tour-pins", inputmode: "numeric", "aria-describedby": "m-tour-help" });
  const chosen = () =>
    pins.value
      .split(/[^\d]+/)
      .filter(Boolean)
      .map(Number);
  let done = false;
  const go = button(
    t("m_tour"),
    async () => {
      if (!(await confirmed(t("m_confirm_tour"), t("m_tour")))) return;
      done = true;
      order("tour", { pins: chosen() });
    },
    { id: "m-tour" },
  );
  const card = workCard(
    5,
    h("h2", {}, t("m_c_tour")),
    h("p", { class: "small soft", id: "m-tour-help" }, t("m_tour_help")),
    h("div", { class: "row" }, h("label", { for: "m-tour-pins" }, t("m_tour_pins")), pins, go),
  );
  const put = () => {
    const count = state.machine_job?.pins ?? 0;
    if (count && !pins.value) pins.value = [0, 1, 2, 3].map((k) => Math.round((k * count) / 4)).join(", ");
    const lacks = missing.job() || missing.position();
    go.disabled = Boolean(lacks) || active() || Boolean(state.machine_busy);
    card.tell(lacks, done);
  };
  on("machine machine_job machine_busy", put);
  return { box: card.box, put };
}
