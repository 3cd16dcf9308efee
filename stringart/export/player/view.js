// What is shown of the board, and the frames in which it is drawn.

import { CpuPainter } from "./cpu_painter.js";
import { GpuPainter } from "./gpu_painter.js";
import { $, asked, plan, winding } from "./winding.js";

export const state = {
  step: winding.total,
  playing: false,
  byHand: false,
  shown: new Set(plan.threads.keys()),
  zoom: 1,
  x_mm: 0,
  y_mm: 0,
  pace: 0,
  sub: 0,
  settled: false,
  stale: true,
  moved_ms: -1e9,
};
/** The step that is shown: the last one laid, or while one winds by hand the one to wind; -1 for none. */
export const shownStep = () => (state.byHand && state.step < winding.total ? state.step : state.step - 1);
/** @type {HTMLElement} */
export const stage = $("stage");
/** @type {HTMLCanvasElement} */
export const overlay = $("overlay");
export const pen = /** @type {CanvasRenderingContext2D} */ (overlay.getContext("2d"));
export const middle_mm = [plan.board.width_mm / 2, plan.board.height_mm / 2];
const MARGIN_REM = 2.4;
export const MOST_ZOOM = 40;
[state.x_mm, state.y_mm] = middle_mm;
/** @type {GpuPainter | CpuPainter} */
export let painter;
/** @type {import("./types").StageBox} */
export let box;
let frameAsked = false;
/** What else is done in a frame: by `onFrame`, so that this module knows of none above it. */
const frame = { advance: (/** @type {number} */ _passed_s) => {}, overlay: () => {} };
/** @param {Partial<typeof frame>} parts */
export const onFrame = (parts) => Object.assign(frame, parts);
export const rem = () => parseFloat(getComputedStyle(document.documentElement).fontSize);

/** A new painter, where the graphics chip is there or not. */
export function makePainter() {
  painter = bestPainter();
}

function bestPainter() {
  try {
    if (asked("draw") === "plain") throw new Error("WebGL is not wanted");
    return new GpuPainter($("piece"));
  } catch {
    // a canvas that has given a WebGL context gives no other: take a fresh one
    const fresh = /** @type {HTMLCanvasElement} */ ($("piece").cloneNode());
    $("piece").replaceWith(fresh);
    return new CpuPainter(fresh);
  }
}

export function fitPieces() {
  const around = stage.getBoundingClientRect(),
    margin = Math.min(MARGIN_REM * rem(), around.width / 11);
  const ratio = window.devicePixelRatio || 1;
  const { width_mm, height_mm } = plan.board;
  const fit = Math.min((around.width - 2 * margin) / width_mm, (around.height - 2 * margin) / height_mm);
  // device pixels: the board's picture is never resampled
  const whole = Math.max(Math.floor(width_mm * fit * ratio), 8);
  const scale = (whole / width_mm) * state.zoom;
  const left = (around.width * ratio) / 2 - state.x_mm * scale,
    top = (around.height * ratio) / 2 - state.y_mm * scale;
  const first = [Math.max(Math.round(left), 0), Math.max(Math.round(top), 0)];
  const stop = [
    Math.min(Math.round(left + width_mm * scale), Math.round(around.width * ratio)),
    Math.min(Math.round(top + height_mm * scale), Math.round(around.height * ratio)),
  ];
  const exact = [Math.round(left), Math.round(top)];
  const before = JSON.stringify(box);
  box = {
    ratio,
    scale,
    width: Math.max(stop[0] - first[0], 1),
    height: Math.max(stop[1] - first[1], 1),
    first: [first[0], first[1]],
    left_mm: (first[0] - exact[0]) / scale,
    top_mm: (first[1] - exact[1]) / scale,
    left: exact[0],
    top: exact[1],
    stageWidth: around.width,
    stageHeight: around.height,
  };
  Object.assign($("piece").style, {
    left: `${first[0] / ratio}px`,
    top: `${first[1] / ratio}px`,
    width: `${box.width / ratio}px`,
    height: `${box.height / ratio}px`,
    clipPath: edge(),
  });
  if (JSON.stringify(box) !== before) painter.look(box, moving());
  ask();
}

// A round board is shown round; its picture keeps the corners, as every other picture of it does.
function edge() {
  if (!["circle", "ellipse"].includes(plan.board.shape)) return "none";
  const css = (/** @type {number} */ mm) => (mm * box.scale) / box.ratio,
    [x, y] = middle_mm;
  return `ellipse(${css(x) + 1}px ${css(y) + 1}px at ${css(x - box.left_mm)}px ${css(y - box.top_mm)}px)`;
}

export function ask() {
  state.settled = false;
  state.stale = true;
  if (!frameAsked) {
    frameAsked = true;
    requestAnimationFrame(draw);
  }
}

// While things move, a slow painter shows drafts; when they rest, the picture is laid again as fine as `paint`'s.
const moving = () => painter.slow && (state.playing || performance.now() - state.moved_ms < 250);

let last_ms = 0;
/** Playing goes on from now, not from when it paused. */
export const restartClock = () => {
  last_ms = performance.now();
};

/** @param {number} now_ms */
function draw(now_ms) {
  frameAsked = false;
  if (painter.draft !== moving()) painter.look(box, moving());
  const passed_s = Math.min((now_ms - last_ms) / 1000, 0.25);
  last_ms = now_ms;
  if (state.playing) frame.advance(passed_s);
  const reached = painter.show(state.step);
  if (state.stale) frame.overlay();
  state.stale = false;
  state.settled = reached && !state.playing && !painter.draft;
  $("note").hidden = state.settled || state.playing;
  if (!state.settled) {
    frameAsked = true;
    requestAnimationFrame(draw);
  }
}
