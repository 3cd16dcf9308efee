// Variants side by side, large: one zoom and one distance for all, the photo beside them.

import { clamp, h } from "./elements.js";
import { Painter, fetchPlan } from "./plans.js";
import { pxPerMm } from "./stage.js";
import { state } from "./state.js";
import { duration, length, number, t } from "./words.js";

const ARM_M = 0.6; // from which one looks at a screen
const EYE_MM_PER_M = 0.29; // what one arc minute covers from a metre away
const MOST_ZOOM = 40;
const ROOM = 0.94;

/** What all pictures show: the zoom, the middle as shares of the board, the distance in metres (0: the screen). */
const look = { zoom: 1, x: 0.5, y: 0.5, distance_m: 0 };
let /** @type {Picture[]} */ pictures = [];
const redraw = () => pictures.forEach((picture) => picture.show());

/** A plan, or the photo, on a canvas of its own. */
class Picture {
  /** @param {string} label
   * @param {import("./types").Plan?} plan
   * @param {ImageBitmap?} photo
   */
  constructor(label, plan, photo) {
    this.canvas = h("canvas", { role: "img", "aria-label": label, tabindex: "0" });
    this.plan = plan;
    this.photo = photo;
    this.bitmap = /** @type {ImageBitmap?} */ (null);
    this.at = /** @type {import("./types").View?} */ (null);
    this.painter = plan ? new Painter() : null;
    if (this.painter && plan) {
      this.painter.begin(plan);
      this.painter.onpicture = ({ bitmap, view }) => {
        this.bitmap?.close();
        this.bitmap = bitmap;
        this.at = view;
        this.draw();
      };
    }
    listen(this.canvas);
    this.watch = new ResizeObserver(() => this.fit());
    this.watch.observe(this.canvas);
  }
  end() {
    this.watch.disconnect();
    this.painter?.end();
    this.bitmap?.close();
  }
  get size() {
    const { plan, photo } = this;
    return plan ? [plan.board.width_mm, plan.board.height_mm] : [photo?.width ?? 1, photo?.height ?? 1];
  }
  fit() {
    const r = this.canvas.getBoundingClientRect(),
      k = Math.min(devicePixelRatio, 2);
    this.canvas.width = Math.round(r.width * k);
    this.canvas.height = Math.round(r.height * k);
    this.show();
  }
  get scale() {
    const [w, high] = this.size,
      fits = ROOM * Math.min(this.canvas.width / w, this.canvas.height / high);
    if (!look.distance_m || !this.plan) return fits * look.zoom;
    const screen = (pxPerMm() * this.canvas.width) / Math.max(this.canvas.clientWidth, 1);
    return screen * (ARM_M / look.distance_m) * look.zoom;
  }
  corner() {
    const [w, high] = this.size,
      { scale } = this;
    return [this.canvas.width / 2 - look.x * w * scale, this.canvas.height / 2 - look.y * high * scale];
  }
  show() {
    if (!this.canvas.width) return;
    const { scale, painter } = this,
      [w, high] = this.size,
      [left, top] = this.corner();
    const x = Math.max(-left / scale, 0),
      y = Math.max(-top / scale, 0);
    const width = Math.round((Math.min((this.canvas.width - left) / scale, w) - x) * scale),
      height = Math.round((Math.min((this.canvas.height - top) / scale, high) - y) * scale);
    const blur = look.distance_m ? EYE_MM_PER_M * look.distance_m * scale : 0;
    if (painter && width > 0 && height > 0) painter.show({ view: { x, y, scale, width, height }, blur });
    this.draw();
  }
  draw() {
    const ink = this.canvas.getContext("2d");
    if (!ink) return;
    const { scale, plan } = this,
      [w, high] = this.size,
      [left, top] = this.corner();
    ink.clearRect(0, 0, this.canvas.width, this.canvas.height);
    if (this.photo) return void ink.drawImage(this.photo, left, top, w * scale, high * scale);
    if (!plan) return;
    ink.save();
    ink.beginPath();
    for (const [px, py] of plan.pins.xy_mm) ink.lineTo(left + (w / 2 + px) * scale, top + (high / 2 - py) * scale);
    ink.closePath();
    ink.fillStyle = plan.board.color;
    ink.fill();
    ink.clip();
    if (this.bitmap && this.at) {
      const k = scale / this.at.scale;
      const [x, y] = [left + this.at.x * scale, top + this.at.y * scale];
      ink.drawImage(this.bitmap, x, y, this.at.width * k, this.at.height * k);
    }
    ink.restore();
  }
}

function limit() {
  const free = 0.5 / look.zoom;
  look.x = clamp(look.x, Math.min(free, 0.5), Math.max(1 - free, 0.5));
  look.y = clamp(look.y, Math.min(free, 0.5), Math.max(1 - free, 0.5));
}
/** @param {number} factor */
function zoomBy(factor) {
  look.zoom = clamp(look.zoom * factor, 1, MOST_ZOOM);
  limit();
  redraw();
  tools.put();
}
/** @param {HTMLCanvasElement} canvas */
function listen(canvas) {
  let /** @type {[number, number]?} */ held = null;
  canvas.addEventListener("wheel", (/** @type {WheelEvent} */ event) => {
    event.preventDefault();
    zoomBy(1.0015 ** -event.deltaY);
  });
  canvas.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
    canvas.setPointerCapture(event.pointerId);
    held = [event.clientX, event.clientY];
  });
  canvas.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
    if (!held) return;
    const side = Math.min(canvas.clientWidth, canvas.clientHeight) * look.zoom;
    look.x -= (event.clientX - held[0]) / side;
    look.y -= (event.clientY - held[1]) / side;
    held = [event.clientX, event.clientY];
    limit();
    redraw();
  });
  for (const way of ["pointerup", "pointercancel"]) canvas.addEventListener(way, () => (held = null));
  canvas.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (moves) {
      look.x += (moves[0] * 0.05) / look.zoom;
      look.y += (moves[1] * 0.05) / look.zoom;
      limit();
      redraw();
    } else if (event.key === "+" || event.key === "=") zoomBy(1.25);
    else if (event.key === "-") zoomBy(0.8);
    else return;
    event.preventDefault();
  });
}

const tools = { put: () => {} };
function viewTools() {
  const zoom = h("input", {
    type: "range",
    min: 0,
    max: Math.log(MOST_ZOOM),
    step: 0.01,
    value: 0,
    id: "compare-zoom",
  });
  zoom.addEventListener("input", () => zoomBy(Math.exp(Number(zoom.value)) / look.zoom));
  const far = h("input", { type: "range", min: 0, max: 5, step: 0.25, value: look.distance_m, id: "compare-distance" });
  const said = h("output", { class: "num" });
  const times = h("output", { class: "num" });
  far.addEventListener("input", () => {
    look.distance_m = Number(far.value) < 0.5 ? 0 : Number(far.value);
    tools.put();
    redraw();
  });
  tools.put = () => {
    said.textContent = look.distance_m ? `${number(look.distance_m, 2)} m` : t("beside_screen");
    times.textContent = `${number(look.zoom, look.zoom < 10 ? 1 : 0)}×`;
    if (document.activeElement !== zoom) zoom.value = String(Math.log(look.zoom));
  };
  tools.put();
  return h(
    "div",
    { class: "view-tools" },
    h("label", {}, t("zoom"), zoom, times),
    h("label", {}, t("distance"), far, said),
  );
}

/** @param {import("./types").Variant} v */
const score = (v) => (v.numbers?.score ? `${Math.round(v.numbers.score[1] * 100)} %` : "–");
const ROWS = /** @type {[string, (v: import("./types").Variant) => any][]} */ ([
  ["n_chords", (v) => number(v.numbers.chords)],
  ["n_thread", (v) => length(v.numbers.thread_mm)],
  ["n_hand", (v) => duration(v.numbers.hand_s)],
  ["n_machine", (v) => duration(v.numbers.machine_s)],
  ["n_score", score],
  ["pins", (v) => (v.settings ? number(v.settings.pins) : "–")],
  ["threads", (v) => v.settings?.threads.map((x) => x.name).join(", ") ?? "–"],
]);
/**
 * @param {import("./types").Variant[]} chosen
 * @param {(id: string) => string} nameOf
 */
function table(chosen, nameOf) {
  const head = h(
    "tr",
    {},
    h("th", { scope: "col" }, t("v_name")),
    chosen.map((/** @type {import("./types").Variant} */ v) => h("th", { scope: "col" }, v.name)),
  );
  /** @param {[string, (v: import("./types").Variant) => any]} given */
  const row = ([key, value]) =>
    h(
      "tr",
      {},
      h("th", { scope: "row", class: "soft" }, nameOf(key)),
      chosen.map((/** @type {import("./types").Variant} */ v) => h("td", {}, v.numbers ? value(v) : "–")),
    );
  return h(
    "div",
    { class: "scroll", tabindex: "0" },
    h("table", {}, h("thead", {}, head), h("tbody", {}, ROWS.map(row))),
  );
}

let shown = "";
/** Show some variants in a box, large.
 * @param {HTMLElement} box
 * @param {import("./types").Variant[]} chosen
 * @param {(key: string) => string} nameOf
 */
export async function compareIn(box, chosen, nameOf) {
  box.hidden = chosen.length < 2;
  const key = JSON.stringify([chosen, state.settings.units]);
  if (key === shown && !box.hidden) return;
  shown = key;
  pictures.forEach((picture) => picture.end());
  pictures = [];
  if (box.hidden) return box.replaceChildren();
  const plans = await Promise.all(chosen.map((v) => fetchPlan(v.id, v.id)));
  const photo = await photoOf(chosen);
  if (key !== shown) return;
  const figures = chosen.map((v, k) => figure(new Picture(v.name, plans[k], null), v.name, caption(v)));
  if (photo) figures.push(figure(new Picture(t("c_photo"), null, photo), t("c_photo"), ""));
  const pair = h("div", { class: "pair" }, figures);
  box.replaceChildren(
    h("div", { class: "row apart" }, h("h2", {}, t("c_title")), viewTools()),
    pair,
    table(chosen, nameOf),
  );
}
/** @param {import("./types").Variant} v */
const caption = (v) =>
  v.numbers ? `${number(v.numbers.chords)} ${t("n_chords")} · ${duration(v.numbers.hand_s)} · ${score(v)}` : "";
/**
 * @param {Picture} picture
 * @param {string} name
 * @param {string} text
 */
function figure(picture, name, text) {
  pictures.push(picture);
  const words = h("figcaption", {}, h("b", {}, name), h("span", { class: "small soft num" }, text));
  return h("figure", {}, picture.canvas, words);
}
/** The photo that they were made of, where it is the same.
 * @param {import("./types").Variant[]} chosen
 */
async function photoOf(chosen) {
  const [first, ...others] = chosen.map((/** @type {import("./types").Variant} */ v) => v.photo?.sha256 ?? "");
  if (!first || others.some((/** @type {string} */ other) => other !== first)) return null;
  return fetch(`/photo/${first}`)
    .then((r) => r.blob())
    .then(createImageBitmap)
    .catch(() => null);
}
