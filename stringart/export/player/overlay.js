// Pins, their numbers and the current chord, over the picture.

import { box, overlay, pen, rem, state } from "./view.js";
import { $, clamp, plan, winding } from "./winding.js";

const onStage = (pin) => [
  (box.left + plan.pins[pin][0] * box.scale) / box.ratio,
  (box.top + plan.pins[pin][1] * box.scale) / box.ratio,
];

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
  if ($("show-numbers").checked) drawNumbers(ink, ground);
  if ($("show-chord").checked && state.step > 0) drawChord(accent, ground);
}

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

function outward(pin) {
  // away from the board, at right angles to the line between the pin's neighbours
  const n = plan.pins.length,
    a = plan.pins[(pin + n - 1) % n],
    b = plan.pins[(pin + 1) % n];
  const [x, y] = [b[1] - a[1], a[0] - b[0]],
    long = Math.hypot(x, y) || 1;
  return [x / long, y / long];
}

function labelEvery() {
  const [a, b] = [onStage(0), onStage(1)],
    pitch = Math.hypot(a[0] - b[0], a[1] - b[1]);
  return [1, 2, 5, 10, 20, 50, 100].find((every) => every * pitch >= 2.2 * rem()) || 100;
}

function label(pin, text, ink, ground, weight, size) {
  const [x, y] = onStage(pin),
    [u, v] = outward(pin),
    radius = ((plan.pin_diameter_mm / 2) * box.scale) / box.ratio;
  pen.font = `${weight} ${size}px system-ui, sans-serif`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  const wide = pen.measureText(text).width,
    away = clamp(radius, 1.2, 40) + 4 + size / 2 + (Math.abs(u) * wide) / 3;
  let at_x = x + u * away;
  if (x > 0 && x < box.stageWidth) at_x = clamp(at_x, wide / 2 + 2, box.stageWidth - wide / 2 - 2); // whole, at the edge too
  pen.strokeStyle = ground;
  pen.lineWidth = 3;
  pen.strokeText(text, at_x, y + v * away);
  pen.fillStyle = ink;
  pen.fillText(text, at_x, y + v * away);
}

function drawNumbers(ink, ground) {
  const every = labelEvery(),
    n = plan.pins.length,
    size = 0.74 * rem();
  const chord =
    $("show-chord").checked && state.step > 0 ? [winding.from[state.step - 1], winding.to[state.step - 1]] : [];
  for (let pin = 0; pin < n; pin += every) {
    const crowded = chord.some((end) => Math.min(Math.abs(end - pin), n - Math.abs(end - pin)) < every);
    if (crowded || (n - pin < every && pin)) continue; // no room beside a larger label or before pin 0
    label(pin, String(pin), ink, ground, pin % 10 ? 400 : 700, size);
  }
}

function drawChord(accent, ground) {
  const from = winding.from[state.step - 1],
    to = winding.to[state.step - 1];
  const [a, b] = [onStage(from), onStage(to)];
  const strokes = { "#000": 6, "#fff": 4.5, [accent]: 2 }; // seen on any thread
  for (const [color, width] of Object.entries(strokes)) {
    pen.strokeStyle = color;
    pen.lineWidth = width;
    pen.beginPath();
    pen.moveTo(a[0], a[1]);
    pen.lineTo(b[0], b[1]);
    pen.stroke();
  }
  for (const point of [a, b]) {
    pen.beginPath();
    pen.arc(point[0], point[1], 5.5, 0, 7);
    pen.fillStyle = point === b ? accent : ground;
    pen.fill();
    pen.strokeStyle = accent;
    pen.lineWidth = 2.5;
    pen.stroke();
  }
  for (const pin of [from, to]) label(pin, String(pin), accent, ground, 700, rem());
}
