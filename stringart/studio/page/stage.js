// The picture of the design page: the piece as it is found, or the photo under the ring; see the stage_ files.

import { h } from "./elements.js";
import { ask } from "./server.js";
import { readyBrush } from "./stage_brush.js";
import { draw, drawNow, repaint } from "./stage_drawing.js";
import { listenToHands } from "./stage_hands.js";
import { showOutline, showPhoto, showPlan } from "./stage_search.js";
import { scene, stage, tell } from "./stage_state.js";
import { on, state } from "./state.js";
import { t } from "./words.js";

export { clearBrush } from "./stage_brush.js";
export { draw, repaint } from "./stage_drawing.js";
export { pxPerMm, wholeCrop } from "./stage_geometry.js";
export { zoomBy } from "./stage_hands.js";
export { previewPhoto, sending } from "./stage_search.js";
export { onStage, stage } from "./stage_state.js";

/** @param {import("./stage_state.js").Mode} mode */
export function setMode(mode) {
  stage.mode = mode;
  scene.canvas.dataset.mode = mode;
  if (mode === "weigh") readyBrush();
  repaint();
  tell();
}

/** @param {number} step */
export function seek(step) {
  stage.upto = step >= stage.total ? null : step;
  repaint();
  tell();
}
export function play() {
  stage.playing = !stage.playing;
  if (!stage.playing) {
    repaint();
    return tell();
  }
  const from = stage.upto ?? 0,
    begun = performance.now(),
    speed = stage.total / 12;
  /** @param {number} now */
  const tick = (now) => {
    if (!stage.playing) return;
    const step = Math.round(from + ((now - begun) / 1000) * speed);
    seek(step);
    if (step >= stage.total) {
      stage.playing = false;
      repaint();
      return tell();
    }
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
  tell();
}

export function makeStage() {
  scene.canvas = h("canvas", {
    tabindex: "0",
    role: "img",
    "aria-label": t("stage_label"),
    "data-mode": "piece",
    id: "stage",
  });
  scene.context = /** @type {CanvasRenderingContext2D} */ (scene.canvas.getContext("2d"));
  listenToHands(scene.canvas);
  new ResizeObserver(() => {
    const r = scene.canvas.getBoundingClientRect(),
      k = Math.min(devicePixelRatio, 2600 / Math.max(r.width, r.height, 1));
    if (!r.width) return;
    scene.canvas.width = Math.round(r.width * k);
    scene.canvas.height = Math.round(r.height * k);
    drawNow();
    repaint();
  }).observe(scene.canvas);
  on("plan", showPlan);
  on("photo", showPhoto);
  on("search", () => {
    if (!state.search.busy && scene.live) {
      if (state.search.error || state.search.stopped) showPlan();
    }
    tell();
  });
  on("settings", () => {
    showOutline();
    if (stage.mode === "weigh") readyBrush();
    draw();
  });
  showPlan();
  showPhoto();
  showOutline();
  return scene.canvas;
}
export const again = () => ask("search");
