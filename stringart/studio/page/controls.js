// The controls of the design page, each with its unit, range and explanation.

import { clamp, h, segments } from "./elements.js";
import { set } from "./server.js";
import { state } from "./state.js";
import { TEXT, plainNumber, readNumber, t, translated } from "./words.js";

export const IN = 25.4;
export const shown = new Map(); // control -> put(value)

/** How a control is called: an option of a design has its title from the program's own table.
 * @param {string} name
 */
export const titleOf = (name) => translated(name) ?? state.controls[name].title ?? t(name);
/** @param {string} name */
export const helpOf = (name) =>
  [translated(`${name}_help`) ?? state.controls[name].help, TEXT[`${name}_help`]].filter(Boolean).join(" ");

/** A field for a number as people write it: with comma or point, with a unit if they like.
 * @param {Record<string, any>} props
 * @param {{ unit: () => string, take: (value: number) => void, step?: () => number }} how what is not a number is not
 *   taken: `take` gets NaN, and writes what holds
 */
export function numberField(props, { unit, take, step = () => 1 }) {
  const box = h("input", { type: "text", inputmode: "decimal", autocomplete: "off", class: "number", ...props });
  const read = () => readNumber(box.value, unit());
  box.addEventListener("change", () => take(read()));
  box.addEventListener("keydown", (event) => {
    const sign = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!sign || !Number.isFinite(read())) return;
    event.preventDefault();
    take(read() + sign * step());
  });
  return box;
}

/** @param {any} control */
const inches = (control) => control.unit === "mm" && state.settings.units === "in";
/** @param {string} name */
export function numberControl(name) {
  const control = state.controls[name],
    id = `c-${name}`;
  const unitNow = () => (inches(control) ? "in" : control.unit);
  const box = numberField(
    { id, "aria-describedby": `${id}-help` },
    { unit: unitNow, step: () => control.step / (inches(control) ? IN : 1), take: (value) => taken(value) },
  );
  const slider = h("input", {
    type: "range",
    "aria-label": titleOf(name),
    min: (control.usual ?? [control.low])[0],
    max: (control.usual ?? [0, control.high])[1],
    step: control.step,
  });
  const unit = h("span", { class: "unit" });
  /** @param {number} value */
  const send = (value) => {
    const whole = control.whole ? Math.round(value) : Math.round(value * 1000) / 1000;
    if (Number.isFinite(whole)) set({ [name]: clamp(whole, control.low, control.high) }, name);
  };
  slider.addEventListener("input", () => {
    write(Number(slider.value));
    send(Number(slider.value));
  });
  /** @param {number} shownValue */
  const taken = (shownValue) => {
    const value = shownValue * (inches(control) ? IN : 1);
    if (!Number.isFinite(value)) return write(state.settings[name]);
    send(value);
    write(clamp(value, control.low, control.high));
  };
  /** @param {number} value */
  const write = (value) => {
    const k = inches(control) ? IN : 1,
      digits = inches(control) ? (control.step < 1 ? 3 : 2) : control.step < 0.1 ? 2 : control.step < 1 ? 1 : 0;
    box.value = plainNumber(value / k, digits);
    unit.textContent = unitNow();
    slider.value = String(value);
  };
  shown.set(name, (/** @type {any} */ value) => {
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
    names = Object.fromEntries(words.map((/** @type {string} */ word) => [word, t(`${name}_${word}`)]));
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
/** @param {string} name */
export function colorControl(name) {
  const box = h("input", { type: "color", id: `c-${name}`, oninput: () => set({ [name]: box.value }, name) });
  shown.set(name, (/** @type {any} */ value) => {
    box.value = value;
  });
  return h(
    "div",
    { class: "control", "data-control": name },
    h("div", { class: "head" }, h("label", { for: `c-${name}` }, titleOf(name)), box),
    h("p", { class: "help" }, helpOf(name)),
  );
}
/**
 * @param {string} key
 * @param {boolean} open
 * @param {any[]} body
 */
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
