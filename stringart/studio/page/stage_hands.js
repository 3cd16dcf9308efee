// Hands on the picture of the design page: fingers, mouse, wheel and keys move it, place the photo, and paint.

import { clamp } from "./elements.js";
import { set } from "./server.js";
import { brush, dab, keepBrush, pointers, readyBrush } from "./stage_brush.js";
import { draw, repaint } from "./stage_drawing.js";
import { boardSize, box, cropNow, turnNow } from "./stage_geometry.js";
import { scene, stage, tell } from "./stage_state.js";
import { state } from "./state.js";

/** @param {MouseEvent} event
 * @returns {import("./stage_state.js").Point} on the canvas, in its pixels
 */
const at = (event) => {
  const r = scene.canvas.getBoundingClientRect();
  return [
    ((event.clientX - r.left) * scene.canvas.width) / r.width,
    ((event.clientY - r.top) * scene.canvas.height) / r.height,
  ];
};

/** @param {PointerEvent} event */
function down(event) {
  if (event.button) return;
  scene.canvas.setPointerCapture(event.pointerId);
  pointers.set(event.pointerId, at(event));
  if (stage.mode === "weigh" && pointers.size === 1) dab(...at(event));
}
/** @param {PointerEvent} event */
function move(event) {
  const now = at(event),
    before = pointers.get(event.pointerId);
  stage.pointer = now;
  if (!before) {
    if (stage.mode === "weigh") draw();
    return;
  }
  if (stage.mode === "weigh") dab(...now);
  else if (pointers.size === 2) pinch(event.pointerId, before, now);
  else drag(now[0] - before[0], now[1] - before[1]);
  pointers.set(event.pointerId, now);
}
/** @param {PointerEvent} event */
function up(event) {
  pointers.delete(event.pointerId);
  if (stage.mode === "weigh") {
    if (brush.dirty) keepBrush();
    else readyBrush();
  } else if (stage.mode === "place" && !pointers.size) keepPlace();
}
/**
 * @param {number} dx
 * @param {number} dy
 */
function drag(dx, dy) {
  const b = box();
  if (stage.mode === "piece") {
    stage.pan = [stage.pan[0] - dx / b.scale, stage.pan[1] - dy / b.scale];
    limitPan();
    return repaint();
  }
  const [cx, cy, width] = cropNow(),
    k = width / b.w,
    a = (-turnNow() * Math.PI) / 180;
  scene.crop = [cx - (dx * Math.cos(a) - dy * Math.sin(a)) * k, cy - (dx * Math.sin(a) + dy * Math.cos(a)) * k, width];
  draw();
}
/**
 * @param {number} id
 * @param {import("./stage_state.js").Point} before
 * @param {import("./stage_state.js").Point} now
 */
function pinch(id, before, now) {
  const other = [...pointers].find(([key]) => key !== id)?.[1] ?? before;
  const was = [before[0] - other[0], before[1] - other[1]],
    is = [now[0] - other[0], now[1] - other[1]];
  const factor = Math.hypot(...is) / Math.max(Math.hypot(...was), 1);
  if (stage.mode === "place") scene.turn += ((Math.atan2(is[1], is[0]) - Math.atan2(was[1], was[0])) * 180) / Math.PI;
  zoomBy(factor, [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2]);
  drag((now[0] - before[0]) / 2, (now[1] - before[1]) / 2);
}
/** @param {number} factor */
export function zoomBy(factor, center = [scene.canvas.width / 2, scene.canvas.height / 2]) {
  const b = box();
  if (stage.mode === "piece") {
    const zoom = clamp(stage.zoom * factor, 1, 60),
      k = zoom / stage.zoom;
    const [mx, my] = [(center[0] - scene.canvas.width / 2) / b.scale, (center[1] - scene.canvas.height / 2) / b.scale];
    stage.pan = [stage.pan[0] + mx * (1 - 1 / k), stage.pan[1] + my * (1 - 1 / k)];
    stage.zoom = zoom;
    limitPan();
    repaint();
    tell();
  } else {
    const [cx, cy, width] = cropNow();
    scene.crop = [cx, cy, clamp(width / factor, 0.03, 6)];
    draw();
  }
}
function limitPan() {
  const [w, high] = boardSize(),
    free = 1 - 1 / stage.zoom;
  stage.pan = [
    clamp(stage.pan[0], (-w / 2) * free, (w / 2) * free),
    clamp(stage.pan[1], (-high / 2) * free, (high / 2) * free),
  ];
}
let keepTimer = 0;
function keepPlace(after_ms = 0) {
  clearTimeout(keepTimer);
  keepTimer = setTimeout(() => {
    const patch = {};
    if (scene.crop) patch.crop = scene.crop.map((v) => Math.round(v * 1e5) / 1e5);
    if (scene.turn) patch.turn_deg = Math.round((((state.settings.turn_deg + scene.turn + 540) % 360) - 180) * 10) / 10;
    if (Object.keys(patch).length) set(patch, "place");
    Object.assign(state.settings, patch);
    scene.crop = null;
    scene.turn = 0;
  }, after_ms);
}
/** @param {WheelEvent} event */
function wheel(event) {
  if (stage.mode === "weigh") return;
  event.preventDefault();
  zoomBy(1.0015 ** -event.deltaY, at(event));
  if (stage.mode === "place") keepPlace(350);
}
/** @param {KeyboardEvent} event */
function keys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const step = (event.shiftKey ? 0.1 : 0.02) * box().w;
  if (stage.mode === "weigh") return brushKeys(event, step);
  /** @type {Record<string, import("./stage_state.js").Point>} */
  const moves = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
  const sign = stage.mode === "place" ? -1 : 1;
  if (moves[event.key]) drag(moves[event.key][0] * sign, moves[event.key][1] * sign);
  else if (event.key === "+" || event.key === "=") zoomBy(1.15);
  else if (event.key === "-") zoomBy(1 / 1.15);
  else if (event.key === "0") {
    stage.zoom = 1;
    stage.pan = [0, 0];
    repaint();
    tell();
  } else if ("[]".includes(event.key) && stage.mode === "place") {
    scene.turn += event.key === "[" ? -1 : 1;
    draw();
  } else return;
  event.preventDefault();
  if (stage.mode === "place") keepPlace(350);
}

// The brush by keys: the arrows carry it, space dabs.
/**
 * @param {KeyboardEvent} event
 * @param {number} step
 */
function brushKeys(event, step) {
  /** @type {Record<string, import("./stage_state.js").Point>} */
  const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] },
    by = moves[event.key];
  const [x, y] = stage.pointer ?? [scene.canvas.width / 2, scene.canvas.height / 2];
  if (by) stage.pointer = [clamp(x + by[0], 0, scene.canvas.width), clamp(y + by[1], 0, scene.canvas.height)];
  else if (event.key === " ") {
    stage.pointer = [x, y];
    dab(x, y);
    keepBrush();
  } else if ("[]".includes(event.key)) {
    stage.brush = clamp(stage.brush * (event.key === "[" ? 0.85 : 1.18), 0.01, 0.6);
    tell();
  } else return;
  event.preventDefault();
  draw();
}

/** Listen to hands.
 * @param {HTMLCanvasElement} canvas
 */
export function listenToHands(canvas) {
  canvas.addEventListener("pointerdown", down);
  canvas.addEventListener("pointermove", move);
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  canvas.addEventListener("pointerleave", () => {
    stage.pointer = null;
    draw();
  });
  canvas.addEventListener("wheel", wheel, { passive: false });
  canvas.addEventListener("keydown", keys);
  canvas.addEventListener("dblclick", () => {
    if (stage.mode === "piece") {
      stage.zoom = 1;
      stage.pan = [0, 0];
      repaint();
      tell();
    }
  });
}
