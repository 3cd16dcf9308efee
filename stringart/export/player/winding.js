// The winding of one plan as flat arrays, its texts, and the words for its numbers.

import { floatsOf, linearColor } from "./light.js";

/** An element that the page is known to have.
 * @param {string} id
 * @returns {any}
 */
export const $ = (id) => document.getElementById(id);
/** @type {import("./types").PlayedPlan} */
export const plan = JSON.parse($("plan-data").textContent);
/** @param {string} key */
export const asked = (key) => new URLSearchParams(location.hash.slice(1)).get(key); // page.html#step=120&draw=plain
/** @type {Record<string, Record<string, any>>} */
export const TEXTS = JSON.parse($("text-data").textContent);
const wishes = [asked("lang"), new URLSearchParams(location.search).get("lang"), ...navigator.languages];
const known = /** @type {string[]} */ (wishes.map((wish) => wish?.slice(0, 2)).filter((wish) => wish && TEXTS[wish]));
/** The language of the page: asked for in its address, chosen on it, or one that the browser would like. */
export const language = known[0] ?? "en";
export const TEXT = TEXTS[language];
document.documentElement.lang = language;
/** @param {string} key
 * @param {Record<string, any>} values
 */
export const say = (key, values = {}) =>
  TEXT[key].replace(/\{(\w+)\}/g, (/** @type {string} */ _, /** @type {string} */ key_) => values[key_]);
/** @param {number} n
 * @param {number} digits
 */
export const count = (n, digits = 0) =>
  n.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
/** @param {number} mm */
export const length = (mm) => (mm >= 1e6 ? `${count(mm / 1e6, 2)} km` : `${count(mm / 1e3, mm < 1e4 ? 2 : 0)} m`);
/** @param {number} value
 * @param {number} low
 * @param {number} high
 */
export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

// Steps are those of a person: a chord, or a whole walk along the rim, whose straight pieces the painter lays.
function readWinding() {
  const layers = plan.layers.filter((layer) => layer.pins.length > 1);
  const { stops, ways, walks } = plan.steps,
    total = stops.length;
  const flat = {
    total,
    layers,
    begins: /** @type {number[]} */ ([]),
    stop: Int32Array.from([0, ...stops]), // straight pieces that are laid after so many steps
    way: Int8Array.from(ways), // round the pin where a step ends: 1 clockwise, -1 counter-clockwise, 0 tied
    walk: Int32Array.from(walks), // pins along the rim, + clockwise
    from: new Int32Array(total),
    to: new Int32Array(total),
    layer: new Int32Array(total),
    thread: new Int32Array(total),
    laid_mm: new Float64Array(total + 1),
    pieces: /** @type {[number, number][]} */ ([]),
    ends: floatsOf(plan.ends), // where each step lies, on the tangents of its pins: x, y, x, y in millimetres
  };
  let step = 0;
  layers.forEach((layer, number) => {
    flat.begins.push(step);
    for (let k = 1; k < layer.pins.length; k++) flat.pieces.push([layer.pins[k - 1], layer.pins[k]]);
    for (; step < total && flat.stop[step + 1] <= flat.pieces.length; step++) {
      flat.from[step] = flat.pieces[flat.stop[step]][0];
      flat.to[step] = flat.pieces[flat.stop[step + 1] - 1][1];
      flat.layer[step] = number;
      flat.thread[step] = layer.thread;
      flat.laid_mm[step + 1] = flat.laid_mm[step] + linesIn(flat, step).reduce((sum, line) => sum + lengthOf(line), 0);
    }
  });
  return flat;
}

/** Straight pieces of a step as they lie: x, y, x, y in millimetres.
 * @param {{ stop: Int32Array, ends: Float32Array }} flat
 * @param {number} step
 */
const linesIn = (flat, step) =>
  Array.from({ length: flat.stop[step + 1] - flat.stop[step] }, (_, k) => {
    const at = 4 * (flat.stop[step] + k);
    return flat.ends.subarray(at, at + 4);
  });
/** @param {Float32Array} line */
const lengthOf = ([px, py, qx, qy]) => Math.hypot(px - qx, py - qy);

export const winding = readWinding();
/** Straight pieces of a step as they lie.
 * @param {number} step
 */
export const linesOf = (step) => linesIn(winding, step);
/** @param {number} step */
export const isRim = (step) => winding.walk[step] !== 0;
/** @param {number} step */
export const signOf = (step) =>
  [winding.walk[step] || winding.way[step]].map((way) => (way > 0 ? "↻" : way < 0 ? "↺" : ""))[0];
/** Steps of the threads that are shown.
 * @param {Set<number>} shown
 * @returns {import("./types").Steps}
 */
export function selectSteps(shown) {
  const upto = new Int32Array(winding.total + 1);
  const [ends, half, color, threads] = [[], [], [], []].map((none) => /** @type {number[]} */ (none));
  const colors = plan.threads.map((thread) => linearColor(thread.color));
  for (let step = 0; step < winding.total; step++) {
    const thread = winding.thread[step];
    upto[step + 1] = upto[step];
    if (!shown.has(thread)) continue;
    for (const line of linesOf(step)) {
      upto[step + 1]++;
      ends.push(...line);
      half.push(plan.threads[thread].diameter_mm / 2);
      threads.push(thread);
      color.push(...colors[thread]);
    }
  }
  const [thread, flat] = [Int32Array.from(threads), { ends: Float32Array.from(ends), half: Float32Array.from(half) }];
  return { upto, ...flat, thread, color: Float32Array.from(color) };
}

/** Fine pixels along a pixel's side: as `paint` chooses, and no more than the memory at hand allows.
 * @param {import("./types").View} view
 * @param {number} mostFine
 */
export function fineness(view, mostFine) {
  const thinnest = Math.min(...plan.threads.map((thread) => thread.diameter_mm));
  const wanted = clamp(Math.ceil(1 / view.scale / (0.6 * thinnest)), 2, 8);
  return Math.max(Math.min(wanted, Math.floor(Math.sqrt(mostFine / (view.width * view.height)))), 1);
}
