// The order in which the threads are wound.

import { numberControl, shown, titleOf } from "./controls.js";
import { h } from "./elements.js";
import { ICON } from "./icons.js";
import { fetchPlan } from "./plans.js";
import { ask, set } from "./server.js";
import { on, state } from "./state.js";
import { length, number, t } from "./words.js";

function draggable(list, move) {
  let from = -1;
  const rows = () => [...list.querySelectorAll("[data-row]")];
  const under = (y) => {
    const k = rows().findIndex((row) => y < row.getBoundingClientRect().bottom);
    return k < 0 ? rows().length - 1 : k;
  };
  const mark = (to) =>
    rows().forEach((row, k) => {
      row.classList.toggle("dragged", k === from);
      row.classList.toggle("over", from >= 0 && k === to && k !== from);
    });
  list.addEventListener("pointerdown", (event) => {
    const row = event.target.closest("[data-row]");
    if (
      !row ||
      event.button ||
      event.target.closest("button") ||
      (event.pointerType !== "mouse" && !event.target.closest(".grip"))
    )
      return;
    event.preventDefault();
    list.setPointerCapture(event.pointerId);
    from = rows().indexOf(row);
    mark(from);
  });
  list.addEventListener("pointermove", (event) => {
    if (from >= 0) mark(under(event.clientY));
  });
  list.addEventListener("pointerup", (event) => {
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

export function layersControl() {
  const list = h("ol", { class: "layers" });
  let layers = [],
    told = "";
  const move = (at, to) => {
    if (to < 0 || to >= layers.length || at === to) return;
    const order = layers.map((_, n) => n);
    order.splice(to, 0, ...order.splice(at, 1));
    ask("reorder", { order });
  };
  const put = async () => {
    const numbers = state.plan?.numbers;
    const plan = state.plan ? await fetchPlan("current", state.plan.rev) : null;
    const tells = JSON.stringify([state.plan?.rev, numbers?.layers]);
    if (tells === told) return; // a score that comes later takes no layer out of a hand
    told = tells;
    layers = plan?.layers ?? [];
    if (!plan || !layers.length) {
      list.replaceChildren(h("li", { class: "soft", style: "display:block;border:0;cursor:default" }, t("no_layers")));
      return;
    }
    list.replaceChildren(
      ...layers.map((layer, n) => {
        const thread = plan.threads[layer.thread];
        const item = h(
          "li",
          { "data-row": n, "aria-label": t("layer", { n: n + 1, name: thread.name }) },
          h("span", { class: "grip", "aria-hidden": "true" }, "⠿"),
          h("i", { class: "swatch", style: `background:${thread.color}` }),
          h("span", {}, `${n + 1} ${thread.name}`),
          h(
            "span",
            { class: "soft small num" },
            numbers?.layers?.[n]
              ? `${t("layer_chords", { n: number(numbers.layers[n].chords) })}, ${length(numbers.layers[n].mm)}`
              : "",
          ),
          h(
            "span",
            {},
            h("button", {
              type: "button",
              class: "icon",
              disabled: n === 0,
              "aria-label": t("layer_up", { n: n + 1 }),
              html: ICON.up,
              onclick: () => move(n, n - 1),
            }),
            h("button", {
              type: "button",
              class: "icon",
              disabled: n === layers.length - 1,
              "aria-label": t("layer_down", { n: n + 1 }),
              html: ICON.down,
              onclick: () => move(n, n + 1),
            }),
          ),
        );
        return item;
      }),
    );
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
  shown.set("layers", (value) => {
    if (document.activeElement !== text) text.value = value;
  });
  const order = h(
    "div",
    { class: "control", "data-control": "layers" },
    h("div", { class: "head" }, h("label", { for: "c-layers" }, titleOf("layers"))),
    text,
    h("p", { class: "help", id: "c-layers-help" }, state.controls.layers.help),
  );
  return [h("p", { class: "help soft small" }, t("layers_help")), list, numberControl("cycles"), order];
}
