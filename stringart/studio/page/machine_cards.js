// What the cards of the machine have in common: their number, what is missing, and how a request is sent.

import { h } from "./elements.js";
import { ask } from "./server.js";
import { state } from "./state.js";
import { t } from "./words.js";

/** @typedef {{ box: HTMLElement, put: () => void }} Card */

/** @param {string} what
 * @param {Record<string, any>} values
 */
export const order = (what, values = {}) => ask("machine", { what, arguments: values });

/** What keeps a step of the work from being done, in words; empty where nothing does. */
export const missing = {
  connection: () => (state.machine.connected ? "" : t("m_need_connect")),
  position: () => missing.connection() || (state.machine.position_known ? "" : t("m_need_home")),
  job: () => (state.machine_job ? "" : t("m_need_job")),
};

/** A card of the work, with its number and what it lacks.
 * @param {number} number
 * @param {HTMLElement} title
 * @param {any[]} body
 */
export function workCard(number, title, ...body) {
  const lacks = h("p", { class: "lacks small", role: "status" });
  const sign = h("span", { class: "step-sign", "aria-hidden": "true" }, String(number));
  const box = h("section", { class: "card work" }, h("header", {}, sign, title, lacks), body);
  /** @param {string} text what is missing
   * @param {boolean} done
   */
  const tell = (text, done) => {
    lacks.textContent = text || (done ? t("m_done") : "");
    box.dataset.state = text ? "lacks" : done ? "done" : "ready";
    sign.textContent = !text && done ? "✓" : String(number);
  };
  return { box, tell };
}
