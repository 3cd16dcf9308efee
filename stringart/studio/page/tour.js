// A guided tour of the first piece: one hint after another, beside what it is about; nothing is covered or locked.

import { button, h } from "./elements.js";
import { on, state } from "./state.js";
import { t } from "./words.js";

/** What each hint is about: where it points, and what ends it by itself. */
const HINTS = [
  { key: "tour_photo", at: "#welcome", over: () => Boolean(state.photo) },
  { key: "tour_look", at: "#looks" },
  { key: "tour_size", at: ".first > .group-body" },
  { key: "tour_view", at: ".view-tools" },
  { key: "tour_keep", at: "#keep" },
  { key: "tour_do", at: ".actions" },
];
let at = -1;
let /** @type {HTMLElement?} */ box = null;

function point() {
  for (const lit of document.querySelectorAll(".tour-lit")) lit.classList.remove("tour-lit");
  document.querySelector(HINTS[at]?.at ?? "none")?.classList.add("tour-lit");
}
function put() {
  if (!box) return;
  const hint = HINTS[at];
  if (!hint) return end();
  const last = at === HINTS.length - 1;
  const next = button(t(last ? "tour_end" : "tour_next"), () => go(at + 1), { class: "main" });
  const leave = last ? null : button(t("tour_leave"), end);
  box.replaceChildren(
    h("p", {}, h("b", {}, `${at + 1}/${HINTS.length} `), t(hint.key)),
    h("div", { class: "row" }, next, leave),
  );
  point();
}
/** @param {number} to */
function go(to) {
  at = to;
  put();
}
function end() {
  at = -1;
  point();
  box?.remove();
  box = null;
}

/** Begin the tour. */
export function beginTour() {
  end();
  box = h("aside", { class: "tour", "aria-label": t("tour"), role: "status" });
  document.body.append(box);
  go(HINTS.findIndex(({ over }) => !over?.()));
}
on("photo", () => {
  if (box && HINTS[at]?.over?.()) go(at + 1);
});
