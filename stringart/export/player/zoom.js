// Zoom and pan, by wheel, finger and key.

import { MOST_ZOOM, box, fitPieces, middle_mm, stage, state } from "./view.js";
import { clamp, plan } from "./winding.js";

/** @param {number} factor
 * @param {number} [x] where, on the window; else the middle
 * @param {number} [y]
 */
export function zoomBy(factor, x, y) {
  const around = stage.getBoundingClientRect();
  const [dx, dy] =
    x === undefined || y === undefined
      ? [0, 0]
      : [x - around.left - around.width / 2, y - around.top - around.height / 2];
  const before = box.scale / box.ratio,
    zoom = clamp(state.zoom * factor, 1, MOST_ZOOM),
    after = (before * zoom) / state.zoom;
  state.x_mm += dx / before - dx / after;
  state.y_mm += dy / before - dy / after;
  state.zoom = zoom;
  settle();
}

function settle() {
  state.moved_ms = performance.now();
  const { width_mm, height_mm } = plan.board;
  const free_x = Math.max(width_mm / 2 - width_mm / (2 * state.zoom), 0),
    free_y = Math.max(height_mm / 2 - height_mm / (2 * state.zoom), 0);
  state.x_mm = clamp(state.x_mm, middle_mm[0] - free_x, middle_mm[0] + free_x);
  state.y_mm = clamp(state.y_mm, middle_mm[1] - free_y, middle_mm[1] + free_y);
  fitPieces();
}

/**
 * @param {number} dx
 * @param {number} dy
 */
export function panBy(dx, dy) {
  state.x_mm -= (dx * box.ratio) / box.scale;
  state.y_mm -= (dy * box.ratio) / box.scale;
  settle();
}

export function showWhole() {
  state.zoom = 1;
  [state.x_mm, state.y_mm] = middle_mm;
  fitPieces();
}

export function listenToPointers() {
  const held = new Map();
  stage.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      zoomBy(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0016)), event.clientX, event.clientY);
    },
    { passive: false },
  );
  stage.addEventListener("pointerdown", (event) => {
    if (event.target instanceof Element && event.target.closest("button")) return;
    stage.setPointerCapture(event.pointerId);
    held.set(event.pointerId, [event.clientX, event.clientY]);
    stage.classList.add("dragged");
  });
  stage.addEventListener("pointermove", (event) => {
    if (!held.has(event.pointerId)) return;
    const [x, y] = held.get(event.pointerId),
      others = [...held].filter(([id]) => id !== event.pointerId);
    if (others.length === 1) {
      const [ox, oy] = others[0][1];
      const factor = Math.hypot(event.clientX - ox, event.clientY - oy) / (Math.hypot(x - ox, y - oy) || 1);
      zoomBy(factor, (event.clientX + ox) / 2, (event.clientY + oy) / 2);
    }
    panBy((event.clientX - x) / held.size, (event.clientY - y) / held.size);
    held.set(event.pointerId, [event.clientX, event.clientY]);
  });
  /** @param {PointerEvent} event */
  const release = (event) => {
    held.delete(event.pointerId);
    stage.classList.toggle("dragged", held.size > 0);
  };
  stage.addEventListener("pointerup", release);
  stage.addEventListener("pointercancel", release);
}
