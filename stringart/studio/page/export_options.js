// What can be chosen for an export, beside its tile: fields made from what the exporter declares, kept for each format.

import { numberField } from "./controls.js";
import { h } from "./elements.js";
import { state } from "./state.js";
import { plainNumber, t, translated } from "./words.js";

/** @typedef {import("./types.js").ExportOption} ExportOption */

/**
 * What was chosen, by ending and option; nothing: as the exporter has it.
 * @type {Record<string, Record<string, any>>}
 */
const chosen = {};
const OF_THE_PIECE = "spool_mm"; // the spool is chosen with the threads
const MM = /_mm$/;

/** @param {string} ending
 * @returns {ExportOption[]}
 */
const optionsOf = (ending) => state.exporters.find((one) => one.ending === ending)?.options ?? [];

/** @param {ExportOption} option */
const titleOf = ({ name, title }) => translated(`export.${name}`) ?? title;

/** What is sent with the request of an export.
 * @param {string} ending
 */
export function chosenFor(ending) {
  const options = { ...chosen[ending] };
  if (optionsOf(ending).some(({ name }) => name === OF_THE_PIECE))
    options[OF_THE_PIECE] = state.settings.spool_m * 1000;
  return options;
}

/** The fields of a format under its tile, folded away; nothing where nothing can be chosen.
 * @param {string} ending
 */
export function optionsBox(ending) {
  const options = optionsOf(ending).filter(({ name }) => name !== OF_THE_PIECE);
  if (!options.length) return null;
  const fields = options.map((option) => {
    const title = translated(`export.${option.name}`) ? null : option.help;
    return h("label", { class: "row apart", title }, h("span", {}, titleOf(option)), fieldFor(ending, option));
  });
  return h("details", { class: "tile-options" }, h("summary", {}, t("options")), h("div", { class: "fields" }, fields));
}

/** @param {string} ending
 * @param {ExportOption} option
 */
function fieldFor(ending, option) {
  const { name, kind } = option;
  const words = name === "machine" ? state.machine_profiles : option.choices;
  /** @param {any} value */
  const keep = (value) => {
    const own = (chosen[ending] ??= {});
    if (value === undefined) delete own[name];
    else own[name] = value;
  };
  const now = chosen[ending]?.[name];
  if (kind === "number") return numberFor(option, now, keep);
  if (kind === "flag") {
    const box = h("input", { type: "checkbox", name, onchange: () => keep(box.checked) });
    box.checked = Boolean(now ?? option.default);
    return box;
  }
  const box = words.length
    ? h(
        "select",
        { name },
        words.map((word) => h("option", { value: word }, translated(`export.${name}.${word}`) ?? word)),
      )
    : h("input", { type: "text", name, placeholder: option.default, maxlength: "60" });
  box.value = now ?? (words.length ? option.default : "");
  box.addEventListener("change", () => keep(box.value && box.value !== option.default ? box.value : undefined));
  return box;
}

/** @param {ExportOption} option
 * @param {number | undefined} now
 * @param {(value: number | undefined) => void} keep
 */
function numberFor(option, now, keep) {
  const { name, low, high } = option;
  const unit = () => (MM.test(name) ? "mm" : "");
  /** @param {number} value */
  const take = (value) => {
    const fits = Number.isFinite(value) && value >= (low ?? 0) && value <= (high ?? Infinity);
    if (fits) keep(value === option.default ? undefined : value);
    if (fits) box.value = plainNumber(value, 3);
    else {
      keep(undefined);
      box.value = "";
    }
  };
  const box = numberField({ name, placeholder: plainNumber(Number(option.default), 3) }, { unit, take });
  if (now !== undefined) box.value = plainNumber(now, 3);
  return box;
}
