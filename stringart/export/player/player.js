// The winding of one plan, drawn as `stringart paint` draws it. WebGL does the work; where it is missing, the same sums
// are done without it. The exporter joins these modules to one script: a page opened from the disk has no others.

import { element, nameIt } from "./elements.js";
import { drawOverlay } from "./overlay.js";
import { WHOLE_S, advance, byHand, moveTo, setPlaying, toLayer } from "./steps.js";
import { listThreads, only, showThreads } from "./thread_list.js";
import { listenByHand, onHandKey, openByHand, resumeByHand } from "./wind.js";
import { ask, box, fitPieces, makePainter, onFrame, stage, state } from "./view.js";
import { $, TEXT, TEXTS, asked, count, language, plan, say, winding } from "./winding.js";
import { listenToPointers, showWhole, zoomBy } from "./zoom.js";

/** @param {string} id */
function toggle(id) {
  $(id).checked = !$(id).checked;
  ask();
}

/** @type {Record<string, (event: KeyboardEvent) => void>} */
const KEYS = {
  " ": () => setPlaying(!state.playing),
  ArrowLeft: (event) => byHand(state.step - (event.shiftKey ? 10 : 1)),
  ArrowRight: (event) => byHand(state.step + (event.shiftKey ? 10 : 1)),
  Home: () => byHand(0),
  End: () => byHand(winding.total),
  "[": () => toLayer(-1),
  "]": () => toLayer(1),
  "+": () => zoomBy(1.4),
  "=": () => zoomBy(1.4),
  "-": () => zoomBy(1 / 1.4),
  0: showWhole,
  p: () => toggle("show-pins"),
  n: () => toggle("show-numbers"),
  c: () => toggle("show-chord"),
  w: openByHand,
};

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (state.byHand) {
    if (onHandKey(event)) event.preventDefault();
    return;
  }
  const on = /** @type {HTMLElement} */ (event.target),
    typing = on.closest("select, input[type=number]"),
    own = event.key === " " && on.closest("button, input, summary");
  if (typing || own) return;
  const action = /^[1-9]$/.test(event.key)
    ? () => only(Number(event.key) - 1)
    : KEYS[event.key] || KEYS[event.key.toLowerCase()];
  if (!action) return;
  event.preventDefault();
  action(event);
}

function writeText() {
  document.querySelectorAll("[data-text]").forEach((/** @type {any} */ made) => {
    made.textContent = say(made.dataset.text);
  });
  document.querySelectorAll("[data-label]").forEach((/** @type {any} */ made) => {
    nameIt(made, say(made.dataset.label));
  });
  for (const [value, text] of Object.entries(TEXTS))
    $("language").append(element("option", { value, textContent: text.language, selected: value === language }));
  stage.removeAttribute("title");
  $("note").textContent = say("drawing");
  const chords = listThreads(),
    { width_mm, height_mm } = plan.board;
  const threads = plan.threads.length === 1 ? say("oneThread") : say("manyThreads", { n: plan.threads.length });
  $("title").textContent = plan.title;
  $("summary").textContent = say("summary", {
    chords: count(chords),
    threads,
    pins: plan.pins.length,
    size: [width_mm, height_mm].map((mm) => mm.toLocaleString(language)).join(" × ") + " mm",
  });
  TEXT.keyList.forEach((/** @type {[string, string]} */ [keys, words]) =>
    $("keys").append(element("dt", { textContent: keys }), element("dd", { textContent: words })),
  );
  const about = say("about", { software: plan.notes.Software, plan: plan.notes.Plan.slice(0, 12) });
  $("about").textContent = plan.notes.Comment ? `${about}, ${say("command")}: ${plan.notes.Comment}` : about;
  [[0, say("speedWhole", { s: WHOLE_S })], ...[1, 5, 25, 100, 500].map((n) => [n, say("speedSteps", { n })])].forEach(
    ([value, textContent]) => $("speed").append(element("option", { value, textContent })),
  );
  winding.layers.forEach((layer, number) => {
    const part = element("i", {});
    const steps = (winding.begins[number + 1] ?? winding.total) - winding.begins[number];
    Object.assign(part.style, { flex: `${steps} 0 0`, background: plan.threads[layer.thread].color });
    part.addEventListener("click", () => byHand(winding.begins[number]));
    $("strip").append(part);
  });
}

/** @param {string} theme */
function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  if (box) ask();
}

function listen() {
  /**
   * @param {string} id
   * @param {() => void} action
   */
  const click = (id, action) => $(id).addEventListener("click", action);
  $("language").addEventListener("change", () => {
    const hash = new URLSearchParams(location.hash.slice(1));
    hash.set("lang", $("language").value);
    location.hash = String(hash);
    location.reload();
  });
  click("play", () => setPlaying(!state.playing));
  click("first", () => byHand(0));
  click("last", () => byHand(winding.total));
  click("back", () => byHand(state.step - 1));
  click("next", () => byHand(state.step + 1));
  click("zoom-in", () => zoomBy(1.4));
  click("zoom-out", () => zoomBy(1 / 1.4));
  click("zoom-fit", showWhole);
  click("theme", () => setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
  $("scrub").addEventListener("input", () => byHand(Number($("scrub").value)));
  $("speed").addEventListener("change", () => {
    state.pace = Number($("speed").value);
    state.sub = 0;
  });
  $("jump").addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    byHand(Number($("jump-to").value) || 0);
  });
  for (const id of ["show-pins", "show-numbers", "show-chord"]) $(id).addEventListener("change", ask);
  document.addEventListener("keydown", onKey);
  listenToPointers();
  listenByHand();
  new ResizeObserver(fitPieces).observe(stage);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", () => setTheme(dark.matches ? "dark" : "light"));
  setTheme(dark.matches ? "dark" : "light");
}

function beginPlayer() {
  onFrame({ advance, overlay: drawOverlay });
  makePainter();
  $("piece").addEventListener("webglcontextlost", (/** @type {Event} */ event) => event.preventDefault());
  $("piece").addEventListener("webglcontextrestored", () => {
    makePainter();
    showThreads(state.shown);
    fitPieces();
  });
  writeText();
  $("scrub").max = $("jump-to").max = winding.total;
  showThreads(state.shown);
  fitPieces();
  listen();
  moveTo(Number(asked("step") ?? winding.total) || 0);
  state.moved_ms = -1e9;
  resumeByHand();
}

beginPlayer();
