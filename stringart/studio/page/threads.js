// The threads: their colours, names and widths, and how many there are.

import { IN, choiceControl, numberControl, numberField, shown } from "./controls.js";
import { button, clamp, h } from "./elements.js";
import { ICON } from "./icons.js";
import { ask, set } from "./server.js";
import { on, state } from "./state.js";
import { plainNumber, t, translated } from "./words.js";

const MOST_THREADS = 12;
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
  /** @param {import("./types").Thread[]} threads */
  const put = (threads) => {
    if (
      list.contains(document.activeElement) &&
      /** @type {any} */ (document.activeElement).type !== "button" &&
      list.children.length === threads.length
    )
      return;
    const unit = state.settings.units === "in" ? "in" : "mm",
      k = unit === "in" ? IN : 1;
    /**
     * @param {number} at
     * @param {Record<string, any>} patch
     */
    const change = (at, patch, drag = "") =>
      set({ threads: state.settings.threads.map((thread, n) => (n === at ? { ...thread, ...patch } : thread)) }, drag);
    list.replaceChildren(
      ...threads.map((/** @type {import("./types").Thread} */ thread, /** @type {number} */ n) =>
        h(
          "li",
          {},
          h("input", {
            type: "color",
            value: thread.color,
            "aria-label": t("thread_color", { n: n + 1 }),
            oninput: (/** @type {any} */ e) => change(n, { color: e.target.value }, `color${n}`),
            onchange: () => ask("name_thread", { number: n, before: thread.color }),
          }),
          h("input", {
            type: "text",
            value: thread.name,
            maxlength: "60",
            "aria-label": t("thread_name", { n: n + 1 }),
            onchange: (/** @type {any} */ e) => change(n, { name: e.target.value || thread.color }),
          }),
          numberField(
            { value: plainNumber(thread.diameter_mm / k, 4), "aria-label": t("thread_width", { n: n + 1, unit }) },
            {
              unit: () => unit,
              step: () => 0.01 / k,
              take: (width) =>
                Number.isFinite(width) ? change(n, { diameter_mm: clamp(width * k, 0.05, 2) }) : put(threads),
            },
          ),
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
    state.presets.map(({ name, title, board_color, threads }) =>
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
        translated(`preset.${name}`) ?? title,
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

/** The threads that one has: the list that the command line knows as "mine". */
export function ownThreads() {
  const list = h("ul", { class: "own" });
  const none = h("p", { class: "help" }, t("own_empty"));
  const keep = button(t("own_keep"), () => ask("keep_threads", { threads: state.settings.threads }), {
    id: "own-keep",
  });
  /** @param {import("./types").Thread} thread */
  const use = (thread) => {
    const others = state.settings.threads.filter(({ name }) => name !== thread.name);
    set({ threads: [...others, thread].slice(-MOST_THREADS) });
  };
  /** @param {import("./types").Thread} thread */
  const row = (thread) =>
    h(
      "li",
      {},
      h("i", { class: "swatch", style: `background:${thread.color}` }),
      h("span", { class: "name" }, thread.name),
      h("span", { class: "soft small num" }, `${plainNumber(thread.diameter_mm, 2)} mm`),
      button(t("own_use"), () => use(thread), { "aria-label": `${t("own_use")}: ${thread.name}` }),
      h("button", {
        type: "button",
        class: "icon",
        "aria-label": t("own_forget", { name: thread.name }),
        html: ICON.bin,
        onclick: () => ask("forget_thread", { name: thread.name }),
      }),
    );
  const put = () => {
    const known = state.own_threads ?? [];
    list.replaceChildren(...known.map(row));
    none.textContent = state.own_threads_problem || t("own_empty");
    none.hidden = known.length > 0;
  };
  on("own_threads", put);
  put();
  return h(
    "details",
    { class: "own-box", id: "own-threads" },
    h("summary", {}, t("own_title")),
    h("div", { class: "expert" }, list, none, h("div", { class: "row" }, keep)),
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
