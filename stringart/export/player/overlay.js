// Pins, their numbers and the current chord, over the picture.

import { box, overlay, pen, rem, shownStep } from "./view.js";
import { $, clamp, linesOf, plan, winding } from "./winding.js";

/**
 * @param {number} x_mm
 * @param {number} y_mm
 */
const pointOnStage = (x_mm, y_mm) => [
  (box.left + x_mm * box.scale) / box.ratio,
  (box.top + y_mm * box.scale) / box.ratio,
];
/** @param {number} pin */
const onStage = (pin) => pointOnStage(plan.pins[pin][0], plan.pins[pin][1]);

export function drawOverlay() {
  const { ratio, stageWidth, stageHeight } = box,
    style = getComputedStyle(document.documentElement);
  const width = Math.round(stageWidth * ratio),
    height = Math.round(stageHeight * ratio);
  if (overlay.width !== width || overlay.height !== height) Object.assign(overlay, { width, height });
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, stageWidth, stageHeight);
  const ink = style.getPropertyValue("--ink"),
    ground = style.getPropertyValue("--ground"),
    accent = style.getPropertyValue("--accent");
  if ($("show-pins").checked) drawPins(ink, ground);
  taken = [];
  if ($("show-chord").checked && shownStep() >= 0) drawChord(accent, ground);
  if ($("show-numbers").checked) drawNumbers(ink, ground);
}

/**
 * @param {string} ink
 * @param {string} ground
 */
function drawPins(ink, ground) {
  const radius = clamp(((plan.pin_diameter_mm / 2) * box.scale) / box.ratio, 1.2, 40);
  pen.fillStyle = ink;
  pen.strokeStyle = ground;
  pen.lineWidth = 1;
  for (let pin = 0; pin < plan.pins.length; pin++) {
    const [x, y] = onStage(pin);
    if (x < -50 || y < -50 || x > box.stageWidth + 50 || y > box.stageHeight + 50) continue;
    pen.beginPath();
    pen.arc(x, y, radius, 0, 7);
    pen.fill();
    if (radius > 2) pen.stroke();
  }
}

/** @param {number} pin */
function outward(pin) {
  // away from the board, at right angles to the line between the pin's neighbours
  const n = plan.pins.length,
    a = plan.pins[(pin + n - 1) % n],
    b = plan.pins[(pin + 1) % n];
  const [x, y] = [b[1] - a[1], a[0] - b[0]],
    long = Math.hypot(x, y) || 1;
  return [x / long, y / long];
}

/** @type {{ left: number; right: number; top: number; bottom: number }[]} rectangles of the labels so far */
let taken = [];

/** Writes a pin's number beside it, further out where another stands already; false if there is no room.
 * @param {number} pin
 * @param {string} ink
 * @param {string} ground
 * @param {number} weight
 * @param {number} size
 * @param {number} tries
 */
function label(pin, ink, ground, weight, size, tries = 1) {
  const [x, y] = onStage(pin),
    [u, v] = outward(pin),
    radius = ((plan.pin_diameter_mm / 2) * box.scale) / box.ratio;
  pen.font = `${weight} ${size}px system-ui, sans-serif`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  const text = String(pin),
    wide = pen.measureText(text).width;
  for (let further = 0; further < tries; further++) {
    const away = clamp(radius, 1.2, 40) + 4 + size / 2 + (Math.abs(u) * wide) / 3 + further * size * 1.15;
    let at_x = x + u * away,
      at_y = y + v * away;
    // whole at the edge
    if (x > 0 && x < box.stageWidth) at_x = clamp(at_x, wide / 2 + 2, box.stageWidth - wide / 2 - 2);
    if (y > 0 && y < box.stageHeight) at_y = clamp(at_y, size / 2 + 1, box.stageHeight - size / 2 - 1);
    const [half, gap] = [wide / 2 + 1.5, size / 2];
    const room = { left: at_x - half, right: at_x + half, top: at_y - gap, bottom: at_y + gap };
    const free = taken.every(
      (o) => room.right <= o.left || o.right <= room.left || room.bottom <= o.top || o.bottom <= room.top,
    );
    if (!free) continue;
    taken.push(room);
    pen.strokeStyle = ground;
    pen.lineWidth = 3;
    pen.strokeText(text, at_x, at_y);
    pen.fillStyle = ink;
    pen.fillText(text, at_x, at_y);
    return true;
  }
  return false;
}

/** The rectangles of all labels, for those who look whether any overlap. */
export const labelRooms = () => taken;

function labelEvery() {
  const [a, b] = [onStage(0), onStage(1)],
    pitch = Math.hypot(a[0] - b[0], a[1] - b[1]);
  return [1, 2, 5, 10, 20, 50, 100].find((every) => every * pitch >= 1.5 * rem()) || 100;
}

// Tens first, then fives, then the rest; a number that finds no room is left out.
/**
 * @param {string} ink
 * @param {string} ground
 */
function drawNumbers(ink, ground) {
  const size = 0.74 * rem(),
    every = labelEvery();
  const order = [...plan.pins.keys()].filter((pin) => pin % every === 0);
  order.sort((a, b) => Number(a % 10 > 0) - Number(b % 10 > 0) || Number(a % 5 > 0) - Number(b % 5 > 0) || a - b);
  for (const pin of order) label(pin, ink, ground, pin % 10 ? 400 : 700, size);
}

/**
 * @param {string} accent
 * @param {string} ground
 */
function drawChord(accent, ground) {
  const step = shownStep(),
    points = linesOf(step).flatMap(([px, py, qx, qy]) => [pointOnStage(px, py), pointOnStage(qx, qy)]);
  const ends = [winding.from[step], winding.to[step]];
  const strokes = { "#000": 6, "#fff": 4.5, [accent]: 2 }; // seen on any thread
  for (const [color, width] of Object.entries(strokes)) {
    pen.strokeStyle = color;
    pen.lineWidth = width;
    pen.beginPath();
    points.forEach(([x, y]) => pen.lineTo(x, y));
    pen.stroke();
  }
  for (const pin of ends) {
    const [x, y] = onStage(pin);
    pen.beginPath();
    pen.arc(x, y, 5.5, 0, 7);
    pen.fillStyle = pin === ends[1] ? accent : ground;
    pen.fill();
    pen.strokeStyle = accent;
    pen.lineWidth = 2.5;
    pen.stroke();
  }
  for (const pin of ends.reverse()) label(pin, accent, ground, 700, rem(), 4);
}
