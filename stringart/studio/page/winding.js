// The full screen of a winding: one huge pin at a time, by key, tap, pedal or voice; the server keeps every step.

import { maySleep, stayAwake } from "./awake.js";
import { button, clamp, h, openDialog, stopButton, toast } from "./elements.js";
import { ICON } from "./icons.js";
import { ahead, move, putAway, waitingMoves } from "./moves.js";
import { fetchPlan } from "./plans.js";
import { hear, online } from "./server.js";
import { say, silence, speech, voiceDialog } from "./speech.js";
import { on, state } from "./state.js";
import { WindingPicture } from "./winding_picture.js";
import { duration, length, number, t, translated } from "./words.js";

const WALK_MS = 200; // in a rhythm, a walk along the rim has so much longer for every pin that it passes
let /** @type {HTMLElement?} */ box = null;
let /** @type {WindingPicture?} */ picture = null;
let /** @type {import("./types").WindView?} */ view = null;
let /** @type {Record<string, any>} */ parts = {};
let timer = 0;
let told = "";

export const windingOpen = () => Boolean(box);
/** @param {import("./types").WindView} v */
const spoken = (v) =>
  v.phase === "done"
    ? t("s_say_done")
    : v.phase === "tie"
      ? t("s_say_tie", { name: v.thread.name, n: v.step.from_pin })
      : stepSaid(v.step);
/** @param {import("./types").WindStep} step */
function stepSaid(step) {
  const way = step.way ? t(step.way > 0 ? "w_cw" : "w_ccw") : "";
  if (step.is_rim) return t("say_rim", { way, k: Math.abs(step.walk), n: step.to_pin });
  return way ? t("say_chord", { n: step.to_pin, way }) : t("say_tied", { n: step.to_pin });
}

// ---------------------------------------------------------------- moving

function rhythm() {
  // begun anew with every pin: each stays as long as was asked, however late the one before came
  clearTimeout(timer);
  if (speech.auto && box && view?.phase !== "done")
    timer = setTimeout(
      () => {
        if (view?.phase === "wind" && !view.paused && online()) move("next");
        rhythm();
      },
      speech.every * 1000 + WALK_MS * Math.abs(view?.step?.walk ?? 0),
    );
  parts.auto?.setAttribute("aria-pressed", String(speech.auto));
}
/** @param {string} what */
function go(what, to = 0) {
  // a hand on the keys ends the rhythm for now
  if (speech.auto) {
    speech.auto = false;
    rhythm();
  }
  move(what, to);
  put();
}
/** @type {Record<string, string>} */
const KEYS = {
  " ": "next",
  Enter: "next",
  ArrowRight: "next",
  ArrowDown: "next",
  PageDown: "next",
  ArrowLeft: "back",
  ArrowUp: "back",
  Backspace: "back",
  PageUp: "back",
  b: "back",
};
/** @param {KeyboardEvent} event */
function keys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape" && !event.shiftKey) return leave();
  const within = /** @type {Element} */ (event.target);
  if (within.closest?.("input, select") || (within.closest?.("button") && [" ", "Enter"].includes(event.key))) return;
  if (event.key === "p") go(view?.paused ? "resume" : "pause");
  else if (event.key === "f") findPin();
  else if (KEYS[event.key] && !event.repeat) go(KEYS[event.key]);
  else return;
  event.preventDefault();
}

/** Leave by hand: Back of the browser comes to the same. */
export function leave() {
  if (history.state?.winding) history.back();
  else close();
}
function close() {
  if (!box) return;
  speech.auto = false;
  clearTimeout(timer);
  silence();
  maySleep();
  picture?.end();
  box.remove();
  box = picture = view = null;
  told = "";
  document.removeEventListener("keydown", keys);
  document.body.classList.remove("winds");
  if (document.fullscreenElement) document.exitFullscreen();
  putAway();
}
addEventListener("popstate", close);

// ---------------------------------------------------------------- dialogs

/**
 * @param {string} title
 * @param {number} most
 * @param {number} now
 * @param {(value: number) => void} take
 */
function numberDialog(title, most, now, take) {
  const field = h("input", { type: "number", min: "0", max: String(most), value: String(now), "aria-label": title });
  const buttons = [
    h("button", { class: "button main", value: "go" }, t("ok")),
    h("button", { class: "button", value: "", formnovalidate: true }, t("cancel")),
  ];
  const form = h(
    "form",
    { method: "dialog", class: "dialog" },
    h("h2", {}, title),
    field,
    h("div", { class: "row" }, buttons),
  );
  const dialog = h("dialog", { "aria-label": title }, form);
  dialog.addEventListener("close", () => {
    if (dialog.returnValue === "go") take(clamp(Math.round(Number(field.value)), 0, most));
  });
  openDialog(dialog);
  field.select();
}
function jump() {
  if (!view) return;
  numberDialog(t("w_jump"), view.total, view.done + 1, (/** @type {number} */ to) => {
    go("jump", Math.max(to, 1));
    toast(t("w_jumped", { n: number(to) }), { action: { label: t("undo_it"), run: () => go("undo") } });
  });
}
/** What people ask while they wind, and what to do; as in the guide of the terminal. */
function trouble() {
  const accidents = state.troubles.map((/** @type {any} */ { key, title, advice }) =>
    h(
      "details",
      {},
      h("summary", {}, translated(`trouble.${key}`) ?? title),
      advice.map((/** @type {string} */ text, /** @type {number} */ k) =>
        h("p", {}, translated(`trouble.${key}.${k + 1}`) ?? text),
      ),
    ),
  );
  const shut = button(t("close"), () => dialog.close(), { class: "main" });
  const body = [h("h2", {}, t("w_trouble")), accidents, h("div", { class: "row" }, shut)];
  const dialog = h("dialog", { "aria-label": t("w_trouble"), class: "trouble" }, h("div", { class: "dialog" }, body));
  openDialog(dialog);
}
function findPin() {
  if (!picture?.plan) return;
  numberDialog(
    t("w_find"),
    picture.plan.pins.xy_mm.length - 1,
    view?.step?.to_pin ?? 0,
    (/** @type {number} */ pin) => {
      if (!picture) return;
      picture.sought = pin;
      picture.draw();
      parts.found.hidden = false;
      parts.found.textContent = t("w_found", { n: pin });
    },
  );
}

// ---------------------------------------------------------------- the screen

/** @param {import("./types").WindStep} step */
function wayOf(step) {
  const way = [step.way > 0 ? "cw" : "ccw", step.way > 0 ? "w_cw" : "w_ccw"];
  const words = step.is_rim ? t("w_rim", { n: Math.abs(step.walk) }) : step.way ? t(way[1]) : t("w_tied");
  return [step.way ? h("span", { html: ICON[way[0]] }) : "", words];
}
/** @param {import("./types").WindView} v */
function facts(v) {
  const pace = t("w_pace", { s: number(v.pace_s, 1) }) + (v.pace_measured ? "" : ` (${t("w_guess")})`);
  return [
    t("w_step", { n: number(Math.min(v.done + 1, v.total)), total: number(v.total) }),
    t("w_percent", { n: number(v.percent, 1) }),
    t("w_layer", { n: v.layer + 1, total: v.layers }),
    v.thread.name,
    t("w_thread", { m: length(v.layer_left_mm) }),
    v.spool_left_mm === null ? "" : t("w_spool", { m: length(v.spool_left_mm) }),
    t("w_left", { time: duration(v.left_s) }),
    pace,
  ].filter(Boolean);
}
/**
 * @param {string} key
 * @param {import("./types").WindStep[]} steps
 */
const listed = (key, steps) =>
  steps.length
    ? t(key, { list: steps.map((/** @type {import("./types").WindStep} */ s) => s.to_pin).join("  ·  ") })
    : "";

function put() {
  if (!box || !state.wind) return;
  const v = (view = ahead(state.wind));
  const p = parts;
  const winds = v.phase === "wind";
  p.pin.textContent = winds ? v.step.to_pin : "";
  p.from.textContent = winds ? t("w_from", { n: v.step.from_pin }) : "";
  const ask = v.phase === "done" ? t("w_done") : t("w_tie", { name: v.thread.name, n: v.step?.from_pin });
  p.ask.textContent = winds ? "" : ask;
  p.way.replaceChildren(...(winds ? wayOf(v.step) : []));
  p.past.textContent = winds ? listed("w_past", v.before.slice(-3)) : "";
  p.next.textContent = v.paused ? t("w_paused") : winds ? listed("w_then", v.upcoming.slice(0, 4)) : "";
  p.swatch.style.background = v.thread.color;
  p.facts.replaceChildren(...facts(v).map((text, k) => h(k ? "span" : "b", {}, text)));
  p.bar.max = v.total;
  p.bar.value = v.done;
  p.pause.textContent = v.paused ? t("w_resume") : t("w_pause");
  p.spool.hidden = v.spool_left_mm === null;
  const waits = online() ? 0 : waitingMoves().length;
  p.waits.hidden = !waits;
  p.waits.textContent = waits ? t("w_waits", { n: number(waits) }) : "";
  announce(v);
  picture?.show(v);
}
/** @param {import("./types").WindView} v */
function announce(v) {
  const key = `${v.done} ${v.phase} ${v.paused}`;
  if (told === key) return;
  told = key;
  parts.live.textContent = v.paused ? t("w_paused") : `${spoken(v)} ${facts(v)[0]}`;
  if (v.paused) return;
  say(spoken(v));
  rhythm();
}

/** @param {import("./types").WindView} opened */
function topRow(opened) {
  const p = parts;
  p.swatch = h("i", { class: "swatch" });
  p.awake = h("span", { class: "small soft awake" });
  p.waits = h("span", { class: "note warn", role: "status", hidden: true });
  p.found = h("button", { type: "button", class: "button", hidden: true, onclick: forget });
  p.pause = button(t("w_pause"), () => go(view?.paused ? "resume" : "pause"));
  p.spool = button(t("w_new_spool"), () => go("spool"));
  p.auto = button(t("s_auto"), () => {
    speech.auto = !speech.auto;
    rhythm();
  });
  p.auto.setAttribute("aria-pressed", "false");
  const full = button(t("w_full"), () =>
    document.fullscreenElement ? document.exitFullscreen() : box?.requestFullscreen?.(),
  );
  const voice = button(t("w_voice"), () => voiceDialog(() => (view ? spoken(view) : ""), rhythm));
  const more = [
    voice,
    p.auto,
    p.pause,
    p.spool,
    button(t("w_jump"), jump),
    button(t("w_find"), findPin),
    button(t("w_trouble"), trouble),
    full,
  ];
  const left = [p.swatch, h("b", { class: "title" }, opened.title), p.awake, p.waits, p.found];
  const always = [button(t("w_leave"), leave, { id: "w-leave" }), stopButton()];
  return h(
    "div",
    { class: "top" },
    h("div", { class: "row left" }, left),
    h("div", { class: "row more" }, more),
    h("div", { class: "row always" }, always),
  );
}
function forget() {
  if (picture) picture.sought = null;
  parts.found.hidden = true;
  picture?.draw();
}
function stepBox() {
  const p = parts;
  for (const part of ["past", "from", "ask", "next"]) p[part] = h("div", { class: part });
  p.ask.id = "w-ask";
  p.pin = h("div", { class: "pin", id: "w-pin" });
  p.way = h("div", { class: "way", id: "w-way" });
  const within = [p.past, p.from, p.pin, p.ask, p.way, p.next];
  // what a screen reader reads is the live region; the box itself is only a large place to tap
  const props = { class: "step", tabindex: "0", role: "button", "aria-label": t("w_next"), id: "w-step" };
  return h("div", { ...props, onclick: () => go("next") }, within);
}

/** Open the screen for the piece that the server tells of. */
export async function openWinding() {
  if (box || !state.wind) return;
  const opened = state.wind;
  parts = {};
  parts.facts = h("div", { class: "facts" });
  parts.bar = h("progress", { max: 1, value: 0, "aria-label": t("w_progress") });
  parts.live = h("div", { class: "hidden-text", "aria-live": "assertive", "aria-atomic": "true", id: "w-live" });
  const shown = (picture = new WindingPicture());
  const step = stepBox();
  const hands = [
    button(t("w_back"), () => go("back"), { id: "w-back" }),
    button(t("w_next"), () => go("next"), { class: "main", id: "w-next" }),
  ];
  const middle = h("div", { class: "middle" }, step, h("div", { class: "picture" }, shown.canvas));
  const bottom = h("div", { class: "bottom" }, parts.bar, parts.facts, h("div", { class: "keys" }, hands));
  const props = { class: "winding", role: "dialog", "aria-modal": "true", "aria-label": t("wind_title") };
  box = h("div", props, topRow(opened), middle, bottom, parts.live);
  document.body.append(box);
  document.body.classList.add("winds");
  if (!history.state?.winding) history.pushState({ winding: true }, "");
  document.addEventListener("keydown", keys);
  step.focus();
  stayAwake().then((stays) => parts.awake.replaceChildren(t(stays ? "s_awake" : "s_asleep")));
  put();
  const plan = await fetchPlan(opened.plan_id, opened.plan_id);
  if (plan && picture === shown) shown.begin(plan);
  put();
}

on("wind", put);
hear("offline", put); // how many moves wait
setInterval(put, 1000); // what waits is told as long as it waits
