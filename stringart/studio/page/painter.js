// The painter of the page in a Web Worker: the page stays quick while 10,000 threads are laid. What is laid where is
// Light's, which the player uses too.

import { Light, isGray, linearColor } from "./light.js";

const CHECKPOINT_BYTES = 64e6;
const SLICE_MS = 15;

/** @typedef {{ width_mm: number, height_mm: number, color: string }} Board */
/** @typedef {{ width: number, height: number, x: number, y: number, scale: number }} View */
/** @typedef {[thread: number, from: number, to: number, side?: number, otherSide?: number]} Row */

let /** @type {Board?} */ board = null;
let /** @type {[number, number][]} */ pins = [];
let /** @type {{ color: number[], width: number }[]} */ threads = [];
let /** @type {(Row | null)[]} */ rows = []; // in the order in which they are laid
let /** @type {Float32Array?} */ ends = null; // where each row lies; while a search runs, by the row's own sides
let pinMm = 0;
let /** @type {Map<string, number[]>?} */ held = null; // live search: key -> indices in rows
let ground = [1, 1, 1];
let light = new Light(1, 1, 1, 1);
let /** @type {View} */ view = { width: 0, height: 0, x: 0, y: 0, scale: 1 };
let fine = 1;
let done = -1;
let /** @type {number[]?} */ only = null;
let /** @type {{ done: number, kept: ReturnType<Light["keep"]> }[]} */ checkpoints = [];
let asked = 0; // counts what makes a picture needless that is being painted

const heard = new MessageChannel();
const breathe = () =>
  new Promise((go) => {
    heard.port1.onmessage = go;
    heard.port2.postMessage(0); // lets a message in
  });

/** @param {any} message */
function begin(message) {
  const { color } = message.board;
  board = message.board;
  pins = message.pins;
  pinMm = message.pinMm ?? 0;
  threads = message.threads.map((/** @type {import("./types").Thread} */ t) => ({
    color: linearColor(t.color),
    width: t.diameter_mm,
  }));
  ground = linearColor(color);
  rows = message.rows ?? [];
  held = message.live ? new Map() : null;
  ends = (!message.live && message.ends) || null;
  forget();
}

/** Where the line of a row lies that passes its pins on given sides: 1 left, -1 right, as seen from the pin
 * towards the other; 0 through the centre.
 * @param {Row} row
 */
function lineOf([thread, from, to, side = 0, otherSide = 0]) {
  const [ax, ay] = pins[from];
  const [bx, by] = pins[to];
  const reach = (pinMm + threads[thread].width) / 2;
  const [left, leftThere] = [side * reach, -otherSide * reach];
  const length = Math.hypot(bx - ax, by - ay);
  const sine = (leftThere - left) / length;
  const cosine = Math.sqrt(Math.max(1 - sine * sine, 0));
  const [ux, uy] = [(bx - ax) / length, (by - ay) / length];
  const [nx, ny] = [-(ux * sine + uy * cosine), ux * cosine - uy * sine];
  return [ax + left * nx, ay + left * ny, bx + leftThere * nx, by + leftThere * ny];
}

function forget() {
  done = -1;
  checkpoints = [];
}

/** @param {Row} row */
const key = (row) => `${row[0]},${row[1]},${row[2]}`;

/** @param {Row} row
 * @param {number} at
 */
function hold(row, at) {
  const places = held?.get(key(row)) ?? [];
  places.push(at);
  held?.set(key(row), places);
}

/** @param {Row[]} removed
 * @param {Row[]} added
 */
function change(removed, added) {
  for (const row of removed) {
    const at = held?.get(key(row))?.pop();
    if (at !== undefined) rows[at] = null;
  }
  for (const row of added) {
    hold(row, rows.length);
    rows.push(row);
  }
  if (!removed.length) return;
  rows = rows.filter((row) => row !== null);
  held?.clear();
  rows.forEach((row, k) => row && hold(row, k));
  forget();
}

function clear() {
  const channels = [ground, ...threads.map((t) => t.color)].every(isGray) ? 1 : 3;
  if (!light.fits(view.width, view.height, fine, channels)) light = new Light(view.width, view.height, fine, channels);
  light.clear(ground);
  done = 0;
}

/** Lay rows up to one; false if the picture is not wanted any more. A search that is watched is painted in one go: its
 * pictures are quick.
 * @param {number} upto
 * @param {number} ask
 */
async function layUpto(upto, ask) {
  const { width_mm, height_mm } = /** @type {Board} */ (board);
  const [x0, y0, s] = [width_mm / 2 - view.x, height_mm / 2 - view.y, view.scale * fine];
  const most = Math.min(Math.floor(CHECKPOINT_BYTES / light.bytes), 24);
  const spacing = Math.max(Math.ceil(rows.length / (most + 1)), 200);
  let until = performance.now() + SLICE_MS;
  for (; done < upto; done++) {
    if (!held && done % 50 === 0 && performance.now() > until) {
      await breathe();
      if (ask !== asked) return false;
      until = performance.now() + SLICE_MS;
    }
    if (!held && most && done && done % spacing === 0 && !checkpoints.some((c) => c.done === done)) {
      checkpoints.push({ done, kept: light.keep() });
    }
    const row = rows[done];
    if (!row || (only && !only.includes(row[0]))) continue;
    const t = threads[row[0]];
    const [px, py, qx, qy] = ends ? ends.subarray(4 * done, 4 * done + 4) : lineOf(row);
    light.lay((px + x0) * s, (y0 - py) * s, (qx + x0) * s, (y0 - qy) * s, (t.width / 2) * s, t.color);
  }
  return true;
}

/** Back to what was laid earlier.
 * @param {number} upto
 */
function rewind(upto) {
  const last = checkpoints.filter((c) => c.done <= upto).sort((a, b) => b.done - a.done)[0];
  if (!last) return clear();
  light.restore(last.kept);
  done = last.done;
}

/** A box blur of `lines` lines of `count` values.
 * @param {Float32Array} source
 * @param {Float32Array} target
 * @param {number} radius
 * @param {{ step: number, count: number, lines: number, lineStep: number }} way
 */
function boxBlur(source, target, radius, { step, count, lines, lineStep }) {
  const width = 2 * radius + 1;
  for (let line = 0; line < lines; line++) {
    const base = line * lineStep;
    let sum = 0;
    for (let k = -radius; k <= radius; k++) sum += source[base + Math.min(Math.max(k, 0), count - 1) * step];
    for (let k = 0; k < count; k++) {
      target[base + k * step] = sum / width;
      sum += source[base + Math.min(k + radius + 1, count - 1) * step] - source[base + Math.max(k - radius, 0) * step];
    }
  }
}

/** The eye's blur, in light: three box blurs are near to a Gaussian.
 * @param {Float32Array} seen
 * @param {number} sigma in pixels
 */
function blurred(seen, sigma) {
  const { width, height } = view;
  const { channels } = light;
  const radius = Math.round(Math.sqrt(4 * sigma * sigma + 1) / 2 - 0.5);
  if (radius < 1) return seen;
  const out = new Float32Array(seen.length);
  const [plane, other] = [new Float32Array(width * height), new Float32Array(width * height)];
  for (let k = 0; k < channels; k++) {
    for (let i = 0; i < plane.length; i++) plane[i] = seen[i * channels + k];
    for (let pass = 0; pass < 3; pass++) {
      boxBlur(plane, other, radius, { step: 1, count: width, lines: height, lineStep: width });
      boxBlur(other, plane, radius, { step: width, count: height, lines: width, lineStep: 1 });
    }
    for (let i = 0; i < plane.length; i++) out[i * channels + k] = plane[i];
  }
  return out;
}

/** @param {View} wanted
 * @param {number} finer
 * @param {number[]?} chosen
 */
function look(wanted, finer, chosen) {
  const same = /** @type {(keyof View)[]} */ (["width", "height", "x", "y", "scale"]).every(
    (k) => view[k] === wanted[k],
  );
  if (same && finer === fine && String(only) === String(chosen)) return;
  view = wanted;
  fine = finer;
  only = chosen;
  forget();
}

/** @param {any} message */
async function show(message) {
  const ask = asked;
  const quit = () => postMessage({ quit: true });
  look(message.view, message.fine ?? 1, message.only ?? null);
  const upto = Math.min(message.upto ?? rows.length, rows.length);
  if (done < 0) clear();
  if (upto < done) rewind(upto);
  if (!(await layUpto(upto, ask))) return quit();
  const picture = new ImageData(view.width, view.height);
  if (message.blur > 0) light.write(picture.data, blurred(light.mean(), message.blur));
  else light.write(picture.data);
  const bitmap = await createImageBitmap(picture);
  if (ask !== asked) {
    bitmap.close();
    return quit();
  }
  const answer = { id: message.id, view: message.view, bitmap, laid: upto, total: rows.length };
  postMessage(answer, { transfer: [bitmap] });
}

onmessage = ({ data }) => {
  if (data.op === "begin") {
    asked++;
    begin(data);
  } else if (data.op === "quit") asked++;
  else if (data.op === "change") change(data.removed, data.added);
  else if (data.op === "show" && board) show(data);
};
