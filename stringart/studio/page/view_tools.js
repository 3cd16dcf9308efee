// Under the picture: the step that is shown, photo or piece, distance and zoom.

import { button, h, openDialog } from "./elements.js";
import { ICON } from "./icons.js";
import { onStage, play, pxPerMm, repaint, seek, stage, zoomBy } from "./stage.js";
import { on, state } from "./state.js";
import { number, t } from "./words.js";

const CARD_MM = 85.6; // a bank card is as wide everywhere

/** How large a millimetre is on this screen: a card that is laid on it says so. */
function screenDialog() {
  const card = h("div", { class: "bank-card" });
  const size = h("input", {
    type: "range",
    min: 2,
    max: 9,
    step: 0.01,
    value: pxPerMm(),
    "aria-label": t("screen_card"),
  });
  const put = () => {
    card.style.width = `${CARD_MM * Number(size.value)}px`;
  };
  size.addEventListener("input", put);
  put();
  const keep = () => {
    localStorage.setItem("px-per-mm", size.value);
    dialog.close();
    repaint();
  };
  const buttons = [button(t("ok"), keep, { class: "main" }), button(t("cancel"), () => dialog.close())];
  const dialog = h(
    "dialog",
    { "aria-label": t("screen_adjust"), class: "screen" },
    h("div", { class: "dialog" }, h("p", {}, t("screen_card")), card, size, h("div", { class: "row" }, buttons)),
  );
  openDialog(dialog);
}

export function viewTools() {
  const split = h("input", {
    type: "range",
    min: 0,
    max: 100,
    value: 100,
    id: "split",
    oninput: () => {
      stage.split = Number(split.value) / 100;
      repaint();
    },
  });
  const far = h("output", {}, t("beside_screen"));
  const adjust = button(t("screen_adjust"), screenDialog, {
    hidden: true,
    id: "screen-adjust",
    title: t("screen_true"),
  });
  const distance = h("input", {
    type: "range",
    min: 0,
    max: 5,
    step: 0.25,
    value: 0,
    id: "distance",
    oninput: () => {
      stage.distance_m = Number(distance.value) < 0.5 ? 0 : Number(distance.value);
      adjust.hidden = !stage.distance_m;
      far.textContent = stage.distance_m ? `${number(stage.distance_m, 2)} m` : t("beside_screen");
      repaint();
    },
  });
  const zoom = h("input", {
    type: "range",
    min: 0,
    max: Math.log(60),
    step: 0.01,
    value: 0,
    id: "zoom",
    oninput: () => zoomBy(Math.exp(Number(zoom.value)) / stage.zoom),
  });
  const times = h("output", {}, "1×");
  onStage(() => {
    if (document.activeElement !== zoom) zoom.value = String(Math.log(stage.zoom));
    times.textContent = `${number(stage.zoom, stage.zoom < 10 ? 1 : 0)}×`;
  });
  return h(
    "div",
    { class: "view-tools" },
    h("label", {}, t("split"), split),
    h("label", {}, t("distance"), distance, far),
    adjust,
    h("label", {}, t("zoom"), zoom, times),
  );
}
export function seekBar() {
  const toggle = h("button", {
    type: "button",
    class: "icon",
    id: "play",
    "aria-label": t("play"),
    html: ICON.play,
    onclick: play,
  });
  const range = h("input", {
    type: "range",
    id: "seek",
    min: 0,
    max: 1,
    step: 1,
    value: 1,
    "aria-label": t("seek"),
    oninput: () => {
      stage.playing = false;
      seek(Number(range.value));
    },
  });
  const text = h("output", { class: "num small", for: "seek" });
  let icon = "";
  const put = () => {
    range.max = String(stage.total || 1);
    range.value = String(stage.upto ?? range.max);
    range.disabled = toggle.disabled = !stage.total || Boolean(state.search.busy);
    text.textContent = stage.total ? t("step_of", { n: number(Number(range.value)), total: number(stage.total) }) : "";
    const wanted = stage.playing ? "pause" : "play";
    if (icon !== wanted) {
      icon = wanted;
      toggle.innerHTML = ICON[wanted];
      toggle.setAttribute("aria-label", t(wanted));
    }
  };
  onStage(put);
  on("plan search", put);
  put();
  return h("div", { class: "seek" }, toggle, range, text);
}
