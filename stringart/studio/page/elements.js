// Elements, and what is made of them: buttons, notices, dialogs.

import { t } from "./words.js";

/** An element that the page is known to have.
 * @param {string} id
 * @returns {any}
 */
export const $ = (id) => document.getElementById(id);

/** @param {number} value
 * @param {number} low
 * @param {number} high
 */
export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/** An element. A property that starts with "on" listens; one of null, undefined or false is left out.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, any>} props
 * @param {any[]} children nodes and texts, in lists too; null and false are left out
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, props = {}, ...children) {
  const element = /** @type {any} */ (document.createElement(tag));
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") element.style.cssText = value;
    else if (name === "html") element.innerHTML = value;
    else if (name in element && name !== "list" && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}
/** @param {any} label
 * @param {((event: Event) => void)?} onclick
 * @param {Record<string, any>} props
 * @returns {HTMLButtonElement}
 */
export const button = (label, onclick, props = {}) =>
  h("button", { type: "button", ...props, class: `button ${props.class ?? ""}`, onclick }, label);
/** Buttons of which one is pressed; `put` presses another.
 * @param {string} label
 * @param {any[]} options
 * @param {any} now
 * @param {(option: any) => void} pick
 * @param {Record<string, string>} names
 */
export function segments(label, options, now, pick, names = {}) {
  const box = h("div", { class: "segments", role: "group", "aria-label": label });
  /** @param {any} value */
  const put = (value) => {
    for (const b of /** @type {any} */ (box.children))
      b.setAttribute("aria-pressed", String(b.value === String(value)));
  };
  for (const option of options)
    box.append(
      h(
        "button",
        { type: "button", value: String(option), onclick: () => pick(option) },
        names[option] ?? String(option),
      ),
    );
  put(now);
  return Object.assign(box, { put });
}

/** A notice that goes by itself.
 * @param {string} text
 * @param {{ bad?: boolean, action?: { label: string, run: () => void }? }} how
 */
export function toast(text, { bad = false, action = null } = {}) {
  const box = h("div", { class: `toast ${bad ? "bad" : ""}`, role: bad ? "alert" : "status" }, h("span", {}, text));
  const gone = () => box.remove();
  if (action)
    box.append(
      h(
        "button",
        {
          type: "button",
          onclick: () => {
            action.run();
            gone();
          },
        },
        action.label,
      ),
    );
  else box.append(h("button", { type: "button", onclick: gone, "aria-label": t("dismiss") }, "×"));
  const shown = [...$("toasts").children];
  if (shown.length > 3) shown[0].remove();
  $("toasts").append(box);
  setTimeout(gone, bad ? 12000 : 6000);
}

/** A picture that the server has to paint first: until it is there, one sees that it comes.
 * @param {Record<string, any>} props
 */
export function waitingImage(props) {
  const image = h("img", { ...props, "data-state": "waits" });
  for (const end of ["load", "error"]) image.addEventListener(end, () => delete image.dataset.state);
  return image;
}

/** What stands where no piece is, and the way to one.
 * @param {string} text
 */
export const emptyBox = (text) =>
  h("div", { class: "empty" }, h("p", {}, text), h("a", { class: "button main", href: "#design" }, t("tab_design")));

/** A stop button of its own, for what covers the page's; `main.js` listens to all of them. */
export const stopButton = () => h("button", { type: "button", class: "estop", title: t("estop_title") }, t("estop"));
/** A dialog makes the rest of the page inert: it carries a stop button of its own.
 * @param {HTMLDialogElement} dialog
 */
export function openDialog(dialog) {
  dialog.append(h("div", { class: "dialog-stop" }, stopButton()));
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
}

/** @param {string} question
 * @param {string} go
 * @returns {Promise<boolean>}
 */
export function confirmed(question, go) {
  const dialog = h(
    "dialog",
    { "aria-label": question },
    h(
      "form",
      { method: "dialog", class: "dialog" },
      h("p", {}, question),
      h(
        "div",
        { class: "row" },
        h("button", { class: "button main", value: "yes" }, go),
        h("button", { class: "button", value: "no" }, t("cancel")),
      ),
    ),
  );
  openDialog(dialog);
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes")));
}
