// The picture beside the step: what is wound, the pins with their numbers, the step that comes.

import { clamp, h } from "./elements.js";
import { Painter } from "./plans.js";
import { t } from "./words.js";

const ROOM = 0.085; // of the canvas, on each side of the board: its pins' numbers stand outside
const ROOM_PX = [26, 42]; // at least and at most

export class WindingPicture {
  constructor() {
    this.canvas = h("canvas", { role: "img", "aria-label": t("w_picture") });
    this.plan = /** @type {import("./types").Plan?} */ (null);
    this.view = /** @type {import("./types").WindView?} */ (null);
    this.sought = /** @type {number?} */ (null); // the pin that was asked for
    this.bitmap = /** @type {ImageBitmap?} */ (null);
    this.painted = -1;
    this.painter = new Painter();
    this.painter.onpicture = ({ bitmap }) => {
      this.bitmap?.close();
      this.bitmap = bitmap;
      this.draw();
    };
    new ResizeObserver(() => this.fit()).observe(this.canvas);
  }

  /** @param {import("./types").Plan} plan */
  begin(plan) {
    this.plan = plan;
    this.painter.begin(plan);
    this.fit();
  }

  end() {
    this.painter.end();
  }

  fit() {
    const r = this.canvas.getBoundingClientRect();
    const k = Math.min(devicePixelRatio, 2);
    this.canvas.width = Math.round(r.width * k);
    this.canvas.height = Math.round(r.height * k);
    this.painted = -1;
    this.show(this.view);
  }

  /** @param {import("./types").WindView?} view */
  show(view) {
    this.view = view;
    if (!this.canvas.width || !this.plan || !view) return;
    const laid = view.phase === "done" ? undefined : view.step.first;
    if (this.painted !== (laid ?? Infinity)) {
      this.painted = laid ?? Infinity;
      const { width_mm, height_mm } = this.plan.board;
      const [width, height] = [Math.round(width_mm * this.scale), Math.round(height_mm * this.scale)];
      if (width && height) this.painter.show({ view: { x: 0, y: 0, scale: this.scale, width, height }, upto: laid });
    }
    this.draw();
  }

  get scale() {
    const { width_mm, height_mm } = /** @type {import("./types").Plan} */ (this.plan).board;
    const k = Math.min(devicePixelRatio, 2);
    const least = Math.min(this.canvas.width, this.canvas.height) / k;
    const room = 2 * k * clamp(ROOM * least, ROOM_PX[0], ROOM_PX[1]);
    const [wide, high] = [this.canvas.width, this.canvas.height].map((px) => Math.max(px - room, px / 2));
    return Math.min(wide / width_mm, high / height_mm);
  }

  /** Where a pin is on the canvas.
   * @param {number} pin
   * @returns {[number, number]}
   */
  at(pin) {
    const [x, y] = /** @type {import("./types").Plan} */ (this.plan).pins.xy_mm[pin];
    return [this.canvas.width / 2 + x * this.scale, this.canvas.height / 2 - y * this.scale];
  }

  draw() {
    const ink = this.canvas.getContext("2d");
    if (!ink || !this.canvas.width || !this.plan) return;
    const { width_mm, height_mm, color } = this.plan.board;
    const [w, high] = [width_mm * this.scale, height_mm * this.scale];
    ink.clearRect(0, 0, this.canvas.width, this.canvas.height);
    ink.save();
    ink.beginPath();
    this.plan.pins.xy_mm.forEach((_, k) => ink.lineTo(...this.at(k)));
    ink.closePath();
    ink.fillStyle = color;
    ink.fill();
    ink.clip();
    if (this.bitmap) ink.drawImage(this.bitmap, (this.canvas.width - w) / 2, (this.canvas.height - high) / 2, w, high);
    ink.restore();
    this.drawPins(ink);
    if (this.view?.step && this.view.phase !== "done") this.drawStep(ink, this.view.step);
    if (this.sought !== null) this.drawSought(ink, this.sought);
  }

  /** @param {CanvasRenderingContext2D} ink */
  drawPins(ink) {
    const { length } = /** @type {import("./types").Plan} */ (this.plan).pins.xy_mm;
    const [a, b] = [this.at(0), this.at(1)];
    const room = 30 * devicePixelRatio;
    const every = [1, 2, 5, 10, 20, 50].find((n) => n * Math.hypot(a[0] - b[0], a[1] - b[1]) >= room) ?? 100;
    ink.fillStyle = getComputedStyle(this.canvas).color;
    for (let pin = 0; pin < length; pin++) {
      const [x, y] = this.at(pin);
      ink.globalAlpha = 0.55;
      ink.fillRect(x - 1, y - 1, 2, 2);
      const crowded = [this.view?.step?.to_pin, this.sought].some((other) => {
        const gap = Math.abs((other ?? Infinity) - pin);
        return Math.min(gap, length - gap) < every;
      });
      if (pin % every === 0 && !crowded && (pin === 0 || length - pin >= every)) this.label(ink, pin, 11, 500);
    }
    ink.globalAlpha = 1;
  }

  /**
   * @param {CanvasRenderingContext2D} ink
   * @param {number} pin
   * @param {number} size_px
   * @param {number} weight
   */
  label(ink, pin, size_px, weight) {
    const [x, y] = this.at(pin);
    const [cx, cy] = [x - this.canvas.width / 2, y - this.canvas.height / 2];
    const away = (1.35 * size_px * devicePixelRatio) / (Math.hypot(cx, cy) || 1);
    ink.font = `${weight} ${size_px * devicePixelRatio}px system-ui, sans-serif`;
    ink.textAlign = "center";
    ink.textBaseline = "middle";
    ink.globalAlpha = 1;
    const [wide, high] = [ink.measureText(String(pin)).width / 2, 0.6 * size_px * devicePixelRatio];
    const place = [
      clamp(x + cx * away, wide, this.canvas.width - wide),
      clamp(y + cy * away, high, this.canvas.height - high),
    ];
    ink.fillText(String(pin), place[0], place[1]); // whole, where the room beside the board is small
  }

  /**
   * @param {CanvasRenderingContext2D} ink
   * @param {import("./types").WindStep} step
   */
  drawStep(ink, step) {
    const [from, to] = [this.at(step.from_pin), this.at(step.to_pin)];
    for (const [color, width] of Object.entries({ "#ffffff": 7, "#c4161c": 4 })) {
      ink.strokeStyle = color;
      ink.lineWidth = width * devicePixelRatio;
      ink.beginPath();
      ink.moveTo(...from);
      ink.lineTo(...to);
      ink.stroke();
    }
    for (const point of [from, to]) this.dot(ink, point, point === to ? 9 : 5, "#c4161c");
    ink.fillStyle = getComputedStyle(this.canvas).color;
    this.label(ink, step.to_pin, 17, 700);
  }

  /**
   * @param {CanvasRenderingContext2D} ink
   * @param {number} pin
   */
  drawSought(ink, pin) {
    this.dot(ink, this.at(pin), 11, "#1a56c4");
    ink.fillStyle = getComputedStyle(this.canvas).color;
    this.label(ink, pin, 20, 800);
  }

  /**
   * @param {CanvasRenderingContext2D} ink
   * @param {[number, number]} point
   * @param {number} radius
   * @param {string} color
   */
  dot(ink, point, radius, color) {
    ink.beginPath();
    ink.arc(...point, radius * devicePixelRatio, 0, 7);
    ink.fillStyle = color;
    ink.fill();
    ink.strokeStyle = "#fff";
    ink.lineWidth = 2 * devicePixelRatio;
    ink.stroke();
  }
}
