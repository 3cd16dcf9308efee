// The design page: the picture, and every control beside it.

import { actions } from "./actions.js";
import { choiceControl, colorControl, group, numberControl, shown, titleOf } from "./controls.js";
import { $, button, h, segments } from "./elements.js";
import { layersControl } from "./layers.js";
import { firstChoices } from "./looks.js";
import { numbersBox, threadUse } from "./numbers.js";
import { photoGroup, takeOutline, welcome } from "./photo.js";
import { fetchPlan } from "./plans.js";
import { ask, set } from "./server.js";
import { again, clearBrush, makeStage, onStage, setMode, stage } from "./stage.js";
import { on, state } from "./state.js";
import { chooser, ownThreads, threadsControl } from "./threads.js";
import { seekBar, viewTools } from "./view_tools.js";
import { length, number, problemOf, t, told } from "./words.js";

function shapeControl() {
  const input = h("input", {
    type: "file",
    accept: ".svg,.csv",
    hidden: true,
    id: "outline-file",
    onchange: () => {
      takeOutline(input.files?.[0]);
      input.value = "";
    },
  });
  const name = h("span", { class: "soft small", style: "overflow-wrap:anywhere" });
  const row = h(
    "div",
    { class: "row apart" },
    name,
    button(t("outline_choose"), () => input.click()),
  );
  shown.set("outline", (/** @type {any} */ outline) => {
    row.hidden = state.settings.shape !== "file";
    name.textContent = outline ? outline.name : "";
  });
  const control = choiceControl("shape", (word) => {
    if (word === "file" && !state.settings.outline) input.click();
    else set({ shape: word });
  });
  control.append(input, row);
  return control;
}

function searchGroup() {
  const notes = h("div", { class: "small soft", id: "notes" }),
    command = h("code", {});
  const stop = button(t("stop_search"), () => ask("stop")),
    redo = button(t("search_again"), again);
  const put = async () => {
    const lines = [...(state.photo?.notes ?? []), ...(state.plan?.notes ?? [])];
    notes.replaceChildren(...lines.map((line) => h("p", {}, told(line))));
    stop.disabled = !state.search.busy;
    redo.disabled = !state.photo;
    const plan = state.plan ? await fetchPlan("current", state.plan.rev) : null;
    command.textContent = plan?.provenance?.command ?? "";
  };
  on("plan photo search", put);
  put();
  return group(
    "g_search",
    false,
    choiceControl("quality"),
    numberControl("seed"),
    h("div", { class: "row" }, redo, stop),
    notes,
    h("details", {}, h("summary", {}, t("command")), h("p", { class: "small soft" }, t("command_help")), command),
  );
}

function toneGroup() {
  const size = h("input", {
    type: "range",
    min: 0.01,
    max: 0.6,
    step: 0.01,
    value: stage.brush,
    "aria-label": t("brush_size"),
    oninput: () => {
      stage.brush = Number(size.value);
    },
  });
  onStage(() => {
    if (document.activeElement !== size) size.value = String(stage.brush);
  });
  const way = segments(
    t("importance"),
    ["more", "less"],
    "more",
    (word) => {
      stage.brushMore = word === "more";
      way.put(word);
      setMode("weigh");
    },
    { more: t("brush_more"), less: t("brush_less") },
  );
  const brush = h(
    "div",
    { class: "control" },
    h(
      "div",
      { class: "head" },
      h("span", { class: "label" }, t("brush_size")),
      button(t("paint_it"), () => {
        setMode("weigh");
        $("stage").focus();
      }),
    ),
    way,
    size,
    h("p", { class: "help" }, t("brush_size_help")),
    h("div", { class: "row" }, button(t("brush_clear"), clearBrush)),
  );
  const choice = choiceControl("importance");
  choice.querySelector('[value="painted"]')?.addEventListener("click", () => setMode("weigh"));
  const tones = [numberControl("exposure_ev"), numberControl("contrast")];
  return group("g_tone", false, ...tones, choice, brush, choiceControl("backdrop"));
}

/** The rest of the choices is for those who ask for it; the browser keeps whether one did.
 * @param {HTMLElement[]} rest
 */
function moreButton(rest) {
  const toggle = button("", () => put(Boolean(rest[0].hidden)), { id: "more", "aria-controls": "g_thread" });
  /** @param {boolean} all */
  const put = (all) => {
    for (const part of rest) part.hidden = !all;
    toggle.textContent = t(all ? "fewer_choices" : "more_choices");
    toggle.setAttribute("aria-expanded", String(all));
    localStorage.setItem("more", all ? "yes" : "no");
  };
  put(localStorage.getItem("more") === "yes");
  return toggle;
}

/** What the search does, in words.
 * @param {string} now its stage
 * @param {string} n
 */
function busyWord(now, n) {
  if (!now) return state.warm ? t("state_begin") : readying();
  return t({ search: "state_search", refine: "state_refine" }[now] ?? "state_other", { n, stage: now });
}

const idle = () => (state.warm ? "" : readying());

/** What the program still makes ready, in words. */
function readying() {
  const { done, total } = state.warming ?? { done: 0, total: 0 };
  return done ? t("warming", { n: number(done), total: number(Math.max(total, done)) }) : t("warming_begins");
}

/** @param {any} root */
export function makeDesign(root) {
  const canvas = makeStage(),
    hello = welcome(),
    bar = h("i", {}),
    busy = h("div", { class: "busy", "aria-hidden": "true" }, bar);
  const word = h("div", { class: "stage-state", role: "status" });
  const mode = segments(t("mode_label"), ["piece", "place", "weigh"], "piece", setMode, {
    piece: t("mode_piece"),
    place: t("mode_place"),
    weigh: t("mode_weigh"),
  });
  const keep = button(t("keep"), () => ask("keep"), { class: "main", id: "keep" });
  const board = group(
    "g_board",
    false,
    shapeControl(),
    numberControl("width_mm"),
    numberControl("height_mm"),
    numberControl("pins"),
    numberControl("pin_diameter_mm"),
    colorControl("board_color"),
    choiceControl("units"),
  );
  const thread = group(
    "g_thread",
    true,
    threadsControl(),
    ownThreads(),
    chooser(),
    choiceControl("budget"),
    numberControl("lines"),
    numberControl("thread_m"),
    numberControl("spool_m"),
    numberControl("spool_price"),
  );
  const rest = [
    h("div", {}, thread, photoGroup()),
    h("div", {}, board, toneGroup(), group("g_layers", false, layersControl()), searchGroup()),
  ];
  const panel = h("div", { class: "panel" }, h("div", {}, firstChoices(), moreButton(rest)), ...rest);
  root.append(
    h("h1", { class: "hidden-text" }, t("tab_design")),
    h(
      "div",
      { class: "stage-box" },
      h("div", { class: "row apart" }, mode, keep),
      h("div", { class: "stage" }, canvas, hello, busy, word),
      seekBar(),
      viewTools(),
      actions(),
      numbersBox(),
      threadUse(),
    ),
    panel,
  );
  const put = () => {
    const s = state.settings;
    for (const [name, write] of shown) write(s[name]);
    root.querySelector('[data-control="height_mm"]').hidden = s.shape === "circle";
    root.querySelector('[data-control="pins"]').hidden = s.shape === "file" && Boolean(s.outline?.pins);
    for (const name of ["cycles", "layers", "unmix"])
      root.querySelector(`[data-control="${name}"]`).hidden = s.threads.length < 2 || (name === "cycles" && s.layers);
    root.querySelector('[data-control="lines"]').hidden = s.budget !== "chords";
    root.querySelector('[data-control="thread_m"]').hidden = s.budget !== "length";
    const size = s.shape === "circle" ? length(s.width_mm) : `${length(s.width_mm)} × ${length(s.height_mm)}`;
    const pins = number((s.shape === "file" && s.outline?.pins) || s.pins);
    board.now.textContent = `${size}, ${pins} ${titleOf("pins").toLowerCase()}`;
    thread.now.textContent =
      s.budget === "chords" ? `${number(s.lines)} ${titleOf("lines").toLowerCase()}` : length(s.thread_m * 1000);
    root.querySelector("#g_photo").now.textContent = state.photo?.name ?? "";
  };
  const word_put = () => {
    const s = state.search;
    hello.hidden = Boolean(state.photo || state.plan || stage.previews || stage.sends);
    panel.hidden = !hello.hidden;
    root.classList.toggle("begins", !hello.hidden);
    canvas.style.visibility = hello.hidden ? "" : "hidden";
    for (const b of mode.querySelectorAll("button")) b.disabled = !state.photo;
    mode.put(stage.mode);
    keep.disabled = !state.plan || Boolean(s.busy);
    const done = stage.found ? number(stage.found) : "";
    word.textContent = s.error ? problemOf(s) : s.busy || stage.sends ? busyWord(s.busy ? s.stage : "", done) : idle();
    const waits = !state.warm && state.warming?.done ? state.warming.done / state.warming.total : 0;
    const share = s.busy && s.stage && stage.todo ? stage.done / stage.todo : s.busy ? Math.min(waits, 1) : 0;
    bar.style.width = `${100 * share}%`;
  };
  on("settings photo", put);
  on("search photo plan warm warming", word_put);
  onStage(word_put);
  put();
  word_put();
}
