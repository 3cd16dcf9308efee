// The board with the tool on it: what is wound, the ghost of what will be, the pins that were touched.

import { clamp, h } from "./elements.js";
import { Painter, fetchPlan } from "./plans.js";
import { on, state } from "./state.js";
import { t } from "./words.js";

const ROOM = 0.84; // of the canvas that the board takes: its pins' numbers stand outside
const GHOST = 0.16;
let plan = /** @type {import("./types").Plan} */ (/** @type {unknown} */ (null)); // none before there is a job
let planKey = "";
let /** @type {ImageBitmap?} */ wound = null;
let /** @type {ImageBitmap?} */ ghost = null;
let /** @type {any} */ canvas = null;
let laid = -1;

export const active = () => Boolean(state.machine.under_way);
export const begun = () => (state.machine.job_state ?? "none") !== "none"; // also one that has ended
export const stepMeta = () => state.machine.step_meta ?? {};

const painters = { wound: /** @type {Painter?} */ (null), ghost: /** @type {Painter?} */ (null) };
const scaleNow = () => ROOM * Math.min(canvas.width / plan.board.width_mm, canvas.height / plan.board.height_mm);
/** @param {number[]} place
 * @returns {[number, number]}
 */
const at = ([x, y]) => [canvas.width / 2 + x * scaleNow(), canvas.height / 2 - y * scaleNow()];

function draw() {
  if (!canvas?.width) return;
  const ink = canvas.getContext("2d");
  ink.clearRect(0, 0, canvas.width, canvas.height);
  if (!plan) return sayNothing(ink);
  drawThreads(ink);
  drawPins(ink);
  const k = devicePixelRatio;
  for (const pin of (stepMeta().pins ?? []).slice(0, 1))
    ring(ink, at(plan.pins.xy_mm[pin] ?? [0, 0]), 7 * k, "#c4161c");
  for (const pin of Object.keys(state.machine_fit?.touched ?? {}))
    disc(ink, at(plan.pins.xy_mm[Number(pin)]), 5 * k, "#0d6262");
  if (state.machine.board_mm) drawTool(ink, at(state.machine.board_mm));
}
/** @param {CanvasRenderingContext2D} ink */
function sayNothing(ink) {
  ink.fillStyle = getComputedStyle(canvas).color;
  ink.globalAlpha = 0.7;
  ink.font = `${15 * devicePixelRatio}px sans-serif`;
  ink.textAlign = "center";
  const words = t("m_nothing").split(" ");
  const middle = words.length > 5 ? Math.ceil(words.length / 2) : words.length;
  [words.slice(0, middle), words.slice(middle)].forEach((line, k) =>
    ink.fillText(line.join(" "), canvas.width / 2, canvas.height / 2 + k * 22 * devicePixelRatio, canvas.width * 0.92),
  );
  ink.globalAlpha = 1;
}
/** @param {CanvasRenderingContext2D} ink */
function drawThreads(ink) {
  const [w, high] = [plan.board.width_mm * scaleNow(), plan.board.height_mm * scaleNow()];
  /** @type {[number, number, number, number]} */
  const box = [(canvas.width - w) / 2, (canvas.height - high) / 2, w, high];
  ink.save();
  ink.beginPath();
  plan.pins.xy_mm.forEach((pin) => ink.lineTo(...at(pin)));
  ink.closePath();
  ink.fillStyle = plan.board.color;
  ink.fill();
  ink.clip();
  if (wound) ink.drawImage(wound, ...box);
  ink.globalAlpha = GHOST;
  if (ghost && laid !== Infinity) ink.drawImage(ghost, ...box);
  ink.restore();
}
/** @param {CanvasRenderingContext2D} ink */
function drawPins(ink) {
  const k = devicePixelRatio;
  ink.fillStyle = "#8a8274";
  ink.font = `${11 * k}px sans-serif`;
  ink.textAlign = "center";
  ink.textBaseline = "middle";
  const every = Math.max(Math.round(plan.pins.xy_mm.length / 24 / 4) * 4, 4);
  plan.pins.xy_mm.forEach((pin, n) => {
    const [x, y] = at(pin);
    disc(ink, [x, y], n % 10 ? 1.2 * k : 2 * k, "#8a8274");
    const far = Math.hypot(...pin) || 1;
    if (n % every === 0) ink.fillText(String(n), x + (pin[0] / far) * 16 * k, y - (pin[1] / far) * 16 * k);
  });
}
/**
 * @param {CanvasRenderingContext2D} ink
 * @param {number[]} place
 */
function drawTool(ink, place) {
  const k = devicePixelRatio;
  const [x, y] = place.map((v, n) => clamp(v, 8 * k, (n ? canvas.height : canvas.width) - 8 * k));
  for (const [color, width] of Object.entries({ "#fff": 5, "#c4161c": 2.5 })) {
    ring(ink, [x, y], 9 * k, color, width * k);
    ink.beginPath();
    ink.moveTo(x - 15 * k, y);
    ink.lineTo(x + 15 * k, y);
    ink.moveTo(x, y - 15 * k);
    ink.lineTo(x, y + 15 * k);
    ink.stroke();
  }
}
/**
 * @param {CanvasRenderingContext2D} ink
 * @param {number[]} place
 * @param {number} radius
 * @param {string} color
 */
function ring(ink, place, radius, color, width = 2.5 * devicePixelRatio) {
  ink.beginPath();
  ink.arc(place[0], place[1], radius, 0, 7);
  ink.strokeStyle = color;
  ink.lineWidth = width;
  ink.stroke();
}
/**
 * @param {CanvasRenderingContext2D} ink
 * @param {number[]} place
 * @param {number} radius
 * @param {string} color
 */
function disc(ink, place, radius, color) {
  ink.beginPath();
  ink.arc(place[0], place[1], radius, 0, 7);
  ink.fillStyle = color;
  ink.fill();
}

async function put() {
  const key = state.machine_job?.plan ?? "";
  if (key !== planKey) {
    planKey = key;
    const found = key ? await fetchPlan(key, key) : null;
    if (key !== planKey) return;
    plan = /** @type {any} */ (found);
    wound = ghost = null;
    laid = -1;
    if (plan) for (const painter of Object.values(painters)) painter?.begin(plan);
    if (plan && canvas.width) paint("ghost");
  }
  if (!plan || !canvas.width) return draw();
  const done = state.machine.job_state === "finished" ? Infinity : begun() ? stepsOf(stepMeta().wrap) : 0;
  if (done !== laid) {
    laid = done;
    paint("wound", done === Infinity ? undefined : done);
  }
  draw();
}
/**
 * @param {"wound" | "ghost"} name
 * @param {number} [upto]
 */
function paint(name, upto) {
  const scale = scaleNow();
  const [width, height] = [plan.board.width_mm, plan.board.height_mm].map((mm) => Math.round(mm * scale));
  if (width && height) painters[name]?.show({ view: { x: 0, y: 0, scale, width, height }, upto });
}
/** @param {number} wrap */
function stepsOf(wrap) {
  // a layer of n pins has n wraps and n - 1 straight pieces
  let left = (wrap ?? 1) - 1,
    steps = 0;
  for (const layer of plan.layers) {
    if (left <= 0) break;
    const here = Math.min(left, layer.pins.length);
    steps += Math.max(here - 1, 0);
    left -= here;
  }
  return steps;
}

/** The canvas of the board. */
export function machineBoard() {
  canvas = h("canvas", { role: "img", "aria-label": t("m_board") });
  for (const name of /** @type {("wound" | "ghost")[]} */ (["wound", "ghost"])) {
    const painter = (painters[name] = new Painter());
    painter.onpicture = ({ bitmap }) => {
      if (name === "wound") {
        wound?.close();
        wound = bitmap;
      } else {
        ghost?.close();
        ghost = bitmap;
      }
      draw();
    };
  }
  on("machine machine_job machine_fit", put);
  new ResizeObserver(() => {
    const r = canvas.getBoundingClientRect(),
      k = Math.min(devicePixelRatio, 2);
    canvas.width = Math.round(r.width * k);
    canvas.height = Math.round(r.height * k);
    laid = -1;
    if (plan && canvas.width) paint("ghost");
    put();
  }).observe(canvas);
  return h("div", { class: "machine-board" }, canvas);
}
