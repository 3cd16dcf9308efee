// The threads: their colours, names and widths, and how many there are.

import { IN, choiceControl, numberControl, shown } from "./controls.js";
import { button, clamp, h } from "./elements.js";
import { ICON } from "./icons.js";
import { ask, set } from "./server.js";
import { on, state } from "./state.js";
import { t } from "./words.js";

const NEW_COLORS = [
  "#c8501e",
  "#1f2a5a",
  "#f4c430",
  "#2e7d4f",
  "#8a1c3c",
  "#ffffff",
  "#000000",
  "#5aa0c8",
  "#7a4a2a",
  "#b0a8d0",
  "#e8b0a0",
  "#808080",
];

export function threadsControl() {
  const list = h("ul", { class: "threads" });
  const put = (threads) => {
    if (
      list.contains(document.activeElement) &&
      /** @type {any} */ (document.activeElement).type !== "button" &&
      list.children.length === threads.length
    )
      return;
    const unit = state.settings.units === "in" ? "in" : "mm",
      k = unit === "in" ? IN : 1;
    const change = (at, patch, drag = "") =>
      set({ threads: state.settings.threads.map((thread, n) => (n === at ? { ...thread, ...patch } : thread)) }, drag);
    list.replaceChildren(
      ...threads.map((thread, n) =>
        h(
          "li",
          {},
          h("input", {
            type: "color",
            value: thread.color,
            "aria-label": t("thread_color", { n: n + 1 }),
            oninput: (e) => change(n, { color: e.target.value }, `color${n}`),
          }),
          h("input", {
            type: "text",
            value: thread.name,
            maxlength: "60",
            "aria-label": t("thread_name", { n: n + 1 }),
            onchange: (e) => change(n, { name: e.target.value || thread.color }),
          }),
          h("input", {
            type: "number",
            value: String(Number((thread.diameter_mm / k).toFixed(4))),
            step: "any",
            min: String(0.05 / k),
            max: String(2 / k),
            "aria-label": t("thread_width", { n: n + 1, unit }),
            onchange: (e) => change(n, { diameter_mm: clamp(Number(e.target.value) * k, 0.05, 2) }),
          }),
          h("span", { class: "unit" }, unit),
          h("button", {
            type: "button",
            class: "icon",
            disabled: threads.length === 1,
            "aria-label": t("thread_remove", { n: n + 1 }),
            html: ICON.close,
            onclick: () => set({ threads: state.settings.threads.filter((_, m) => m !== n) }),
          }),
        ),
      ),
    );
  };
  shown.set("threads", put);
  const newColor = () =>
    NEW_COLORS.find((color) => state.settings.threads.every((thread) => thread.color !== color)) ?? NEW_COLORS[0];
  const add = () =>
    set({
      threads: [
        ...state.settings.threads,
        {
          name: `thread ${state.settings.threads.length + 1}`,
          color: newColor(),
          diameter_mm: state.settings.threads[0].diameter_mm,
        },
      ],
    });
  const presets = h(
    "div",
    { class: "presets", role: "group", "aria-label": t("presets") },
    state.presets.map(({ title, board_color, threads }) =>
      h(
        "button",
        {
          type: "button",
          onclick: () =>
            set({
              board_color,
              threads: threads.map((thread) => ({ ...thread, diameter_mm: state.settings.threads[0].diameter_mm })),
            }),
        },
        h(
          "span",
          { class: "dots" },
          [board_color, ...threads.map(({ color }) => color)].map((color) =>
            h("i", { class: "swatch", style: `background:${color}` }),
          ),
        ),
        title,
      ),
    ),
  );
  return h(
    "div",
    { class: "control", "data-control": "threads" },
    h("div", { class: "head" }, h("span", { class: "label" }, t("threads")), button(t("thread_add"), add)),
    presets,
    list,
    h("p", { class: "help" }, t("threads_help")),
  );
}

export function chooser() {
  const go = button(t("choose_threads"), () => ask("choose_threads"), { id: "choose-threads" });
  const put = () => {
    go.disabled = !state.photo || Boolean(state.choosing);
    go.textContent = t(state.choosing ? "choosing" : "choose_threads");
  };
  on("photo choosing", put);
  put();
  return [numberControl("auto_threads"), choiceControl("auto_source"), h("div", {}, go)];
}

// Rows that are put in order with the mouse anywhere on them, with a finger at their grip.
