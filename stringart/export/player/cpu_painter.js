// Drawing where there is no WebGL, a moment at a time.

import { Light, isGray, linearColor } from "./light.js";
import { fineness, plan } from "./winding.js";

const MOST_FINE_CPU = 9e6;
const MOST_FINE_CPU_DRAFT = 1.5e6;
const CPU_SLICE_MS = 25;

export class CpuPainter {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false }));
    this.done = -1;
    this.slow = true;
    this.draft = false;
    this.ground = linearColor(plan.board.color);
    this.colors = plan.threads.map((thread) => linearColor(thread.color));
    this.channels = [this.ground, ...this.colors].every(isGray) ? 1 : 3;
    this.light = new Light(1, 1, 1, 1);
    this.image = new ImageData(1, 1);
    this.shown_ms = 0;
    this.steps = /** @type {import("./types").Steps} */ (/** @type {unknown} */ (null));
    this.view = /** @type {import("./types").View} */ (/** @type {unknown} */ (null));
  }

  /** @param {import("./types").Steps} steps */
  select(steps) {
    this.steps = steps;
    this.done = -1;
  }

  /** @param {import("./types").View} view
   * @param {boolean} draft
   */
  look(view, draft) {
    this.view = view;
    this.done = -1;
    this.draft = draft;
  }

  clear() {
    const { width, height } = this.view;
    const n = fineness(this.view, this.draft ? MOST_FINE_CPU_DRAFT : MOST_FINE_CPU);
    if (!this.light.fits(width, height, n, this.channels)) this.light = new Light(width, height, n, this.channels);
    this.light.clear(this.ground);
    this.done = 0;
    this.shown_ms = performance.now();
  }

  /** Lays threads for a moment; returns whether the step is reached. Called again until it is.
   * @param {number} step
   */
  show(step) {
    const wanted = this.steps.upto[step];
    const until = performance.now() + CPU_SLICE_MS;
    if (this.done < 0 || this.done > wanted) this.clear();
    while (this.done < wanted && performance.now() < until) {
      for (const stop = Math.min(this.done + 50, wanted); this.done < stop; this.done++) this.lay(this.done);
    }
    const now = performance.now();
    if (this.done === wanted || now - this.shown_ms > 150) {
      this.present();
      this.shown_ms = now;
    }
    return this.done === wanted;
  }

  /** @param {number} step */
  lay(step) {
    const { ends, half, thread } = this.steps;
    const { left_mm, top_mm } = this.view;
    const scale = this.view.scale * this.light.n;
    const [c0, r0] = [(ends[4 * step] - left_mm) * scale, (ends[4 * step + 1] - top_mm) * scale];
    const [c1, r1] = [(ends[4 * step + 2] - left_mm) * scale, (ends[4 * step + 3] - top_mm) * scale];
    this.light.lay(c0, r0, c1, r1, half[step] * scale, this.colors[thread[step]]);
  }

  present() {
    const { width, height } = this.view;
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    if (this.image.width !== width || this.image.height !== height) this.image = new ImageData(width, height);
    this.light.write(this.image.data);
    this.context.putImageData(this.image, 0, 0);
  }
}
