// A machine's profile: the questions of the wizard, for a new one and for one that is changed.

import { numberField } from "./controls.js";
import { button, h, openDialog } from "./elements.js";
import { order } from "./machine_cards.js";
import { on, state } from "./state.js";
import { plainNumber, readNumber, t } from "./words.js";

const LENGTHS = { tool_mm: "p_tool", pin_mm: "p_pin" };
const AXES = ["x_mm", "y_mm", "z_mm"];
let /** @type {((answers: any) => void)?} */ open = null;

on("machine_answers", () => {
  if (state.machine_answers) open?.(state.machine_answers);
  open = null;
});

/** Ask the wizard's questions, with the answers of a profile written in.
 * @param {string} profile
 * @param {boolean} fresh a new one, that inherits the rest from this one
 */
export function profileDialog(profile, fresh) {
  open = (answers) => show(answers, fresh);
  order("answers", { profile });
}

/**
 * @param {Record<string, any>} answers
 * @param {boolean} fresh
 */
function show(answers, fresh) {
  /**
   * @param {number} value
   * @param {string} label
   */
  const field = (value, label) =>
    numberField({ value: plainNumber(value, 2), "aria-label": label }, { unit: () => "mm", take: () => {} });
  const name = h("input", {
    type: "text",
    id: "p-name",
    maxlength: "40",
    value: fresh ? "" : answers.name,
    disabled: !fresh,
  });
  const ends = Object.fromEntries(
    AXES.map((axis) => [
      axis,
      answers[axis].map((/** @type {number} */ value, /** @type {number} */ k) =>
        field(value, `${axis[0].toUpperCase()} ${t(k ? "p_to" : "p_from")}`),
      ),
    ]),
  );
  const lengths = Object.fromEntries(
    Object.entries(LENGTHS).map(([key, label]) => [key, field(answers[key], t(label))]),
  );
  const rows = AXES.filter((axis) => axis !== "z_mm" || answers.lift !== "servo").map((axis) => [
    h("span", {}, t("p_axis", { axis: axis[0].toUpperCase() })),
    h("span", { class: "row" }, ends[axis][0], "–", ends[axis][1], h("span", { class: "soft" }, "mm")),
  ]);
  const more = Object.entries(LENGTHS).map(([key, label]) => [
    h("span", {}, t(label)),
    h("span", { class: "row" }, lengths[key], h("span", { class: "soft" }, "mm")),
  ]);
  const keep = () => {
    const read = Object.fromEntries(
      AXES.map((axis) => [axis, ends[axis].map((/** @type {any} */ one) => readNumber(one.value, "mm"))]),
    );
    const sizes = Object.fromEntries(Object.keys(LENGTHS).map((key) => [key, readNumber(lengths[key].value, "mm")]));
    order("keep_profile", { name: fresh ? name.value.trim() : answers.name, base: answers.name, ...read, ...sizes });
    dialog.close();
  };
  const title = t(fresh ? "m_profile_new" : "m_profile_change");
  const dialog = h(
    "dialog",
    { "aria-label": title, class: "profile" },
    h(
      "div",
      { class: "dialog" },
      h("h2", {}, title),
      h("p", { class: "small soft" }, t(fresh ? "p_new_help" : "p_change_help", { name: answers.name })),
      h("div", { class: "fields" }, h("label", { for: "p-name" }, t("p_name")), name, rows, more),
      h(
        "div",
        { class: "row" },
        button(t("p_keep"), keep, { class: "main", id: "p-keep" }),
        button(t("cancel"), () => dialog.close()),
      ),
    ),
  );
  openDialog(dialog);
}
