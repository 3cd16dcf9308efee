// The order in which the threads are wound.

import { choiceControl, helpOf, numberControl, shown, titleOf } from "./controls.js";
import { h, segments } from "./elements.js";
import { ICON } from "./icons.js";
import { fetchPlan } from "./plans.js";
import { ask, set } from "./server.js";
import { on, state } from "./state.js";
import { length, number, t } from "./words.js";

/**
 * @param {HTMLElement} list
 * @param {(at: number, to: number) => void} move
 */
function draggable(list, move) {
  let from = -1;
  let begun = 0;
  const rows = () => /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[data-row]")]);
  /** @param {number} y */
  const under = (y) => {
    const k = rows().findIndex((row) => y < row.getBoundingClientRect().bottom);
    return k < 0 ? rows().length - 1 : k;
  };
  /** @param {number} to */
  const mark = (to) =>
    rows().forEach((row, k) => {
      if (k !== from) row.style.translate = "";
      row.classList.toggle("dragged", k === from);
      row.classList.toggle("over", from >= 0 && k === to && k !== from);
    });
  list.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
    const underHand = /** @type {HTMLElement} */ (event.target),
      row = /** @type {HTMLElement | null} */ (underHand.closest("[data-row]"));
    if (
      !row ||
      event.button ||
      underHand.closest("button") ||
      (event.pointerType !== "mouse" && !underHand.closest(".grip"))
    )
      return;
    event.preventDefault();
    list.setPointerCapture(event.pointerId);
    from = rows().indexOf(row);
    begun = event.clientY;
    mark(from);
  });
  list.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
    if (from < 0) return;
    mark(under(event.clientY));
    rows()[from].style.translate = `0 ${event.clientY - begun}px`; // it goes with the hand, in its colour
  });
  list.addEventListener("pointerup", (/** @type {PointerEvent} */ event) => {
    const was = from;
    from = -1;
    mark(-1);
    if (was >= 0 && rows().length) move(was, under(event.clientY));
  });
  list.addEventListener("pointercancel", () => {
    from = -1;
    mark(-1);
  });
}

/** The layers one by one, or as many as a thread has together.
 * @param {import("./types").Plan} plan
 * @param {boolean} together
 * @returns {{ thread: number, layers: number[] }[]}
 */
function grouped(plan, together) {
  const groups = /** @type {{ thread: number, layers: number[] }[]} */ ([]);
  plan.layers.forEach(({ thread }, n) => {
    const known = together ? groups.find((group) => group.thread === thread) : null;
    if (known) known.layers.push(n);
    else groups.push({ thread, layers: [n] });
  });
  return groups;
}

/**
 * @param {import("./types").Plan} plan
 * @param {{ thread: number, layers: number[] }} group
 * @param {number} n
 * @param {number} count
 * @param {(at: number, to: number) => void} move
 */
function layerRow(plan, group, n, count, move) {
  const numbers = state.plan?.numbers?.layers ?? [];
  const thread = plan.threads[group.thread];
  const one = group.layers.length === 1 ? group.layers[0] + 1 : null;
  /** @param {"chords" | "mm"} what */
  const sum = (what) =>
    group.layers.reduce((/** @type {number} */ total, /** @type {number} */ k) => total + (numbers[k]?.[what] ?? 0), 0);
  const many = one ? "" : `${t("layers_of", { n: number(group.layers.length) })}, `;
  const facts = numbers.length ? `${many}${t("layer_chords", { n: number(sum("chords")) })}, ${length(sum("mm"))}` : "";
  /**
   * @param {number} by
   * @param {string} icon
   * @param {string} key
   * @param {string} ofAll
   */
  const step = (by, icon, key, ofAll) =>
    h("button", {
      type: "button",
      class: "icon",
      disabled: n + by < 0 || n + by >= count,
      "aria-label": one ? t(key, { n: one }) : t(ofAll, { name: thread.name }),
      html: icon,
      onclick: () => move(n, n + by),
    });
  return h(
    "li",
    { "data-row": n, "aria-label": one ? t("layer", { n: one, name: thread.name }) : thread.name },
    h("span", { class: "grip", "aria-hidden": "true" }, "⠿"),
    h("i", { class: "swatch", style: `background:${thread.color}` }),
    h("span", { class: "name" }, one ? `${one} ${thread.name}` : thread.name),
    h("span", { class: "soft small num" }, facts),
    h(
      "span",
      { style: "white-space:nowrap" },
      step(-1, ICON.up, "layer_up", "layer_up_thread"),
      step(1, ICON.down, "layer_down", "layer_down_thread"),
    ),
  );
}

export function layersControl() {
  const list = h("ol", { class: "layers" });
  const how = segments(
    t("layers_how"),
    ["one", "thread"],
    "one",
    (way) => {
      together = way === "thread";
      how.put(way);
      told = "";
      put();
    },
    { one: t("layers_one"), thread: t("layers_thread") },
  );
  let together = false,
    groups = /** @type {{ thread: number, layers: number[] }[]} */ ([]),
    told = "";
  /**
   * @param {number} at
   * @param {number} to
   */
  const move = (at, to) => {
    if (to < 0 || to >= groups.length || at === to) return;
    const order = [...groups];
    order.splice(to, 0, ...order.splice(at, 1));
    ask("reorder", { order: order.flatMap((group) => group.layers) });
  };
  const put = async () => {
    const plan = state.plan ? await fetchPlan("current", state.plan.rev) : null;
    const tells = JSON.stringify([state.plan?.rev, state.plan?.numbers?.layers, together]);
    if (tells === told) return; // a score that comes later takes no layer out of a hand
    told = tells;
    groups = plan ? grouped(plan, together) : [];
    how.hidden = !plan || plan.layers.length <= plan.threads.length;
    if (!plan || !groups.length) {
      list.replaceChildren(h("li", { class: "soft", style: "display:block;border:0;cursor:default" }, t("no_layers")));
      return;
    }
    list.replaceChildren(...groups.map((group, n) => layerRow(plan, group, n, groups.length, move)));
  };
  draggable(list, move);
  on("plan", put);
  put();
  const text = h("input", {
    type: "text",
    id: "c-layers",
    maxlength: "300",
    placeholder: "white; white,black:30% x3",
    "aria-describedby": "c-layers-help",
    style: "width:100%",
    onchange: () => set({ layers: text.value }),
  });
  shown.set("layers", (/** @type {any} */ value) => {
    if (document.activeElement !== text) text.value = value;
  });
  const order = h(
    "div",
    { class: "control", "data-control": "layers" },
    h("div", { class: "head" }, h("label", { for: "c-layers" }, titleOf("layers"))),
    text,
    h("p", { class: "help", id: "c-layers-help" }, helpOf("layers")),
  );
  const help = h("p", { class: "help soft small" }, t("layers_help"));
  return [help, how, list, numberControl("cycles"), order, choiceControl("unmix")];
}
