// Where things lie on the picture of the design page: the board, its ring, the photo under it, what the painter paints.

import { currentPlan, scene, stage } from "./stage_state.js";
import { state } from "./state.js";

const EYE_MM_PER_M = 0.29; // what one arc minute covers from a metre away
const ARM_M = 0.6; // from which one looks at a screen
const MARGIN = 0.05;

export const boardSize = () => {
  const plan = currentPlan();
  if (plan && stage.mode === "piece") return [plan.board.width_mm, plan.board.height_mm];
  const s = state.settings;
  if (scene.outline) {
    const k = Math.min(s.width_mm / scene.outline.width_mm, s.height_mm / scene.outline.height_mm);
    return [scene.outline.width_mm * k, scene.outline.height_mm * k];
  }
  return [s.width_mm, s.shape === "circle" ? s.width_mm : s.height_mm];
};

export function box() {
  // the board on the canvas, in its pixels
  const [w, high] = boardSize();
  const fit = Math.min((scene.canvas.width * (1 - 2 * MARGIN)) / w, (scene.canvas.height * (1 - 2 * MARGIN)) / high);
  const near = stage.distance_m ? screenScale() * (ARM_M / stage.distance_m) : fit;
  const scale = stage.mode === "piece" ? near * stage.zoom : fit;
  const [px, py] = stage.mode === "piece" ? stage.pan : [0, 0];
  return {
    scale,
    x: scene.canvas.width / 2 - (w / 2 + px) * scale,
    y: scene.canvas.height / 2 - (high / 2 + py) * scale,
    w: w * scale,
    h: high * scale,
  };
}

/** Canvas pixels to a millimetre of this screen; the browser's guess until it was adjusted. */
const screenScale = () => (pxPerMm() * scene.canvas.width) / Math.max(scene.canvas.clientWidth, 1);
export const pxPerMm = () => Number(localStorage.getItem("px-per-mm")) || 96 / 25.4;

export function wholeCrop() {
  // the largest centred part of the photo with the board's aspect
  const [w, high] = boardSize(),
    aspect = w / high,
    [cols, rows] =
      stage.previews || !state.photo ? [scene.image?.width ?? 1, scene.image?.height ?? 1] : state.photo.size_px;
  const width = cols > rows * aspect ? (rows * aspect) / cols : 1;
  return [0.5, rows / cols / 2, width];
}
export const cropNow = () =>
  stage.previews ? wholeCrop() : (scene.crop ?? state.settings.crop ?? state.placed ?? wholeCrop());
export const turnNow = () => (stage.previews ? 0 : state.settings.turn_deg + scene.turn);

/** @param {import("./stage_state.js").Box} b */
export function photoMatrix(b) {
  const width_px = scene.image?.width ?? 1;
  // photo pixels (of the preview) to canvas pixels
  const [cx, cy, width] = cropNow(),
    scale = b.w / (width * width_px),
    angle = (turnNow() * Math.PI) / 180;
  return new DOMMatrix()
    .translate(b.x + b.w / 2, b.y + b.h / 2)
    .rotate((angle * 180) / Math.PI)
    .scale(scale)
    .translate(-cx * width_px, -cy * width_px);
}

/** @param {import("./stage_state.js").Box} b */
export function ringPath(b) {
  const path = new Path2D(),
    shape = (stage.mode === "piece" ? currentPlan() : null)?.board.shape ?? state.settings.shape;
  if (shape === "rectangle") path.rect(b.x, b.y, b.w, b.h);
  else if (shape === "circle" || shape === "ellipse")
    path.ellipse(b.x + b.w / 2, b.y + b.h / 2, b.w / 2, b.h / 2, 0, 0, 2 * Math.PI);
  else {
    for (const point of edgePoints(b)) path.lineTo(point[0], point[1]);
    path.closePath();
  }
  return path;
}
/** @param {import("./stage_state.js").Box} b */
export function edgePoints(b) {
  // the corners of a board of another shape, on the canvas
  const plan = stage.mode === "piece" ? currentPlan() : null,
    points = plan?.pins.xy_mm ?? scene.outline?.points_mm ?? [];
  const k = plan || !scene.outline ? b.scale : b.w / scene.outline.width_mm;
  return points.map(([x, y]) => [b.x + b.w / 2 + x * k, b.y + b.h / 2 - y * k]);
}
/** @param {number} scale */
export const blurPx = (scale) => EYE_MM_PER_M * stage.distance_m * scale;

// What part of the board is on the canvas, for the painter.
export function pieceView() {
  const b = box(),
    w = boardSize();
  const x0 = Math.max(-b.x / b.scale, 0),
    y0 = Math.max(-b.y / b.scale, 0);
  const x1 = Math.min((scene.canvas.width - b.x) / b.scale, w[0]),
    y1 = Math.min((scene.canvas.height - b.y) / b.scale, w[1]);
  const width = Math.round((x1 - x0) * b.scale),
    height = Math.round((y1 - y0) * b.scale);
  return width > 0 && height > 0 ? { x: x0, y: y0, scale: b.scale, width, height } : null;
}
