// The threads, and which of them are shown.

import { element, nameIt } from "./elements.js";
import { ask, painter, state } from "./view.js";
import { $, count, isRim, length, plan, say, selectSteps, winding } from "./winding.js";

/** @param {Set<number>} shown */
export function showThreads(shown) {
  state.shown = shown;
  for (const row of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#threads li"))) {
    const number = Number(row.dataset.thread),
      alone = shown.size === 1 && shown.has(number) && plan.threads.length > 1;
    /** @type {HTMLInputElement} */ (row.querySelector("input")).checked = shown.has(number);
    const button = row.querySelector("button");
    if (!button) continue;
    button.setAttribute("aria-pressed", String(alone));
    button.textContent = say(alone ? "all" : "only");
    nameIt(button, alone ? say("showAll") : say("onlyThis", { name: plan.threads[number].name }));
  }
  painter.select(selectSteps(shown));
  ask();
}

/** @param {number} number */
export function only(number) {
  if (number >= plan.threads.length) return;
  const alone = state.shown.size === 1 && state.shown.has(number);
  showThreads(new Set(alone ? plan.threads.keys() : [number]));
}

export function listThreads() {
  const chords = plan.threads.map(() => 0),
    laid_mm = plan.threads.map(() => 0);
  for (let step = 0; step < winding.total; step++) {
    chords[winding.thread[step]] += isRim(step) ? 0 : 1;
    laid_mm[winding.thread[step]] += winding.laid_mm[step + 1] - winding.laid_mm[step];
  }
  plan.threads.forEach((thread, number) => {
    if (!chords[number]) return; // nothing of it is wound
    const facts = say("threadFacts", { chords: count(chords[number]), length: length(laid_mm[number]) });
    const check = element("input", { type: "checkbox", checked: true });
    const name = thread.like ? `${thread.name} (${thread.like})` : thread.name;
    const words = element("span", {}, name, element("small", { textContent: facts }));
    const swatch = element("i", { className: "swatch" });
    swatch.style.background = thread.color;
    const row = element("li", {}, element("label", {}, check, swatch, words));
    row.dataset.thread = String(number);
    check.addEventListener("change", () => {
      const shown = new Set(state.shown);
      if (check.checked) shown.add(number);
      else shown.delete(number);
      showThreads(shown);
    });
    if (plan.threads.length > 1) {
      const button = element("button", { type: "button" });
      button.addEventListener("click", () => only(number));
      row.append(button);
    }
    $("threads").append(row);
  });
  return chords.reduce((a, b) => a + b, 0);
}
