// The controls of the design page, each with its unit, range and explanation.

import { clamp, h, segments } from "./elements.js";
import { set } from "./server.js";
import { state } from "./state.js";
import { TEXT, t } from "./words.js";

export const IN = 25.4;
export const shown = new Map(); // control -> put(value)

/** How a control is called: an option of a design has its title from the program's own table.
 * @param {string} name
 */
export const titleOf = (name) => state.controls[name].title ?? t(name);
/** @param {string} name */
const helpOf = (name) => [state.controls[name].help, TEXT[`${name}_help`]].filter(Boolean).join(" ");

const inches = (control) => control.unit === "mm" && state.settings.units === "in";
export function numberControl(name) {
  const control = state.controls[name],
    id = `c-${name}`;
  const box = h("input", { type: "number", id, inputmode: "decimal", "aria-describedby": `${id}-help` });
  const slider = h("input", {
    type: "range",
    "aria-label": titleOf(name),
    min: (control.usual ?? [control.low])[0],
    max: (control.usual ?? [0, control.high])[1],
    step: control.step,
  });
  const unit = h("span", { class: "unit" });
  const fromBox = () => Number(box.value) * (inches(control) ? IN : 1);
  const send = (value) => {
    const whole = control.whole ? Math.round(value) : Math.round(value * 1000) / 1000;
    if (Number.isFinite(whole)) set({ [name]: clamp(whole, control.low, control.high) }, name);
  };
  slider.addEventListener("input", () => {
    write(Number(slider.value));
    send(Number(slider.value));
  });
  box.addEventListener("change", () => {
    send(fromBox());
    write(clamp(fromBox(), control.low, control.high));
  });
  const write = (value) => {
    const k = inches(control) ? IN : 1,
      digits = inches(control) ? (control.step < 1 ? 3 : 2) : control.step < 0.1 ? 2 : control.step < 1 ? 1 : 0;
    Object.assign(box, {
      min: (control.low / k).toFixed(digits),
      max: (control.high / k).toFixed(digits),
      step: "any",
    });
    box.value = String(Number((value / k).toFixed(digits)));
    unit.textContent = inches(control) ? "in" : control.unit;
    slider.value = value;
  };
  shown.set(name, (value) => {
    if (document.activeElement !== box) write(value);
  });
  return h(
    "div",
    { class: "control", "data-control": name },
    h("div", { class: "head" }, h("label", { for: id }, titleOf(name)), h("span", { class: "value" }, box, unit)),
    slider,
    h("p", { class: "help", id: `${id}-help` }, helpOf(name)),
  );
}
/** @param {string} name
 * @param {(word: any) => any} pick
 */
export function choiceControl(name, pick = (word) => set({ [name]: word })) {
  const words = state.controls[name].words,
    names = Object.fromEntries(words.map((word) => [word, t(`${name}_${word}`)]));
  const box = segments(titleOf(name), words, state.settings[name], pick, names);
  shown.set(name, box.put);
  return h(
    "div",
    { class: "control", "data-control": name },
    h("div", { class: "head" }, h("span", { class: "label" }, titleOf(name))),
    box,
    h("p", { class: "help" }, helpOf(name)),
  );
}
export function colorControl(name) {
  const box = h("input", { type: "color", id: `c-${name}`, oninput: () => set({ [name]: box.value }, name) });
  shown.set(name, (value) => {
    box.value = value;
  });
  return h(
    "div",
    { class: "control", "data-control": name },
    h("div", { class: "head" }, h("label", { for: `c-${name}` }, titleOf(name)), box),
    h("p", { class: "help" }, helpOf(name)),
  );
}
export function group(key, open, ...body) {
  const now = h("span", { class: "now" });
  const box = h(
    "details",
    { class: "group card", open, id: key },
    h("summary", {}, t(key), now),
    h("div", { class: "group-body" }, body),
  );
  return Object.assign(box, { now });
}
