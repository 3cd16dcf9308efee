// What matters in the photo, painted by hand: it begins from the faces that were found, and is kept by the server.

import { upload } from "./server.js";
import { state } from "./state.js";

const LONGEST_PX = 512;
const NEUTRAL = 128; // matters as much as the rest; white more, black less
const MORE = [255, 120, 0]; // the colours in which the painting is shown
const LESS = [30, 100, 230];
const ACROSS = 0.75; // half axes of what counts as a face, of its box: the box leaves out hair and chin
const DOWN = 0.95;

/** @typedef {{ x: number, y: number, radius: number }} Place in pixels of the photo's preview */

export class Brush {
  /** Dabs before the picture is there (photo, map or faces are on the way) wait, so that no stroke is lost.
   * @type {[number, number, boolean][]}
   */
  early = [];
  /** @param {{ changed: () => void, held: () => boolean, where: (px: number, py: number) => Place }} stage
   */
  constructor(stage) {
    this.stage = stage;
    this.photo = "";
    this.image = /** @type {ImageBitmap?} */ (null);
    this.forget();
    this.keeping = false;
  }

  /** Nothing is painted on the photo that comes. */
  forget() {
    this.picture = /** @type {OffscreenCanvas?} */ (null);
    this.shown = /** @type {OffscreenCanvas?} */ (null); // the same in its colours; made when it is looked at
    this.key = "";
    this.dirty = false;
    this.early = [];
  }

  /** Be ready to paint on a photo.
   * @param {string} photo
   * @param {ImageBitmap?} image
   */
  async ready(photo, image) {
    const { map } = state.settings;
    const wanted = `${photo}/${map ?? state.settings.importance}`;
    if (!image || this.key === wanted || this.dirty || this.keeping || (this.picture && this.stage.held())) return;
    Object.assign(this, { key: wanted, photo, image, picture: null });
    const scale = LONGEST_PX / Math.max(image.width, image.height);
    const fresh = new OffscreenCanvas(Math.round(image.width * scale), Math.round(image.height * scale));
    const ink = /** @type {OffscreenCanvasRenderingContext2D} */ (fresh.getContext("2d", { willReadFrequently: true }));
    ink.fillStyle = `rgb(${NEUTRAL},${NEUTRAL},${NEUTRAL})`;
    ink.fillRect(0, 0, fresh.width, fresh.height);
    if (map) await drawMap(ink, map);
    else if (state.settings.importance !== "none") await drawFaces(ink, photo);
    if (this.key !== wanted) return;
    this.picture = fresh;
    this.shown = null;
    for (const dab of this.early.splice(0)) this.dab(...dab);
    if (!this.stage.held()) this.keep();
    this.stage.changed();
  }

  /** @param {number} px on the canvas
   * @param {number} py
   * @param {boolean} more
   */
  dab(px, py, more) {
    if (!this.picture || !this.image) return void this.early.push([px, py, more]);
    const place = this.stage.where(px, py),
      k = this.picture.width / this.image.width,
      ink = /** @type {OffscreenCanvasRenderingContext2D} */ (this.picture.getContext("2d"));
    const [x, y, radius] = [place.x * k, place.y * k, place.radius * k];
    const tint = more ? "255,255,255" : "0,0,0",
      soft = ink.createRadialGradient(x, y, 0, x, y, radius);
    soft.addColorStop(0, `rgba(${tint},.35)`);
    soft.addColorStop(0.6, `rgba(${tint},.22)`);
    soft.addColorStop(1, `rgba(${tint},0)`);
    ink.fillStyle = soft;
    ink.fillRect(x - radius, y - radius, 2 * radius, 2 * radius);
    this.dirty = true;
    this.shown = null;
    this.stage.changed();
  }

  /** Send what was painted to the server; what is painted meanwhile goes with the next. */
  async keep() {
    if (!this.dirty || this.keeping || !this.picture) return;
    const { photo, image } = this;
    this.dirty = false;
    this.keeping = true;
    const kept = await upload("/map", await this.picture.convertToBlob({ type: "image/png" }), "map.png");
    this.keeping = false;
    if (kept && photo === this.photo) this.key = `${photo}/${kept.sha256}`;
    if (!kept) this.dirty = true;
    else if (this.dirty && !this.stage.held()) this.keep();
    else this.ready(photo, image);
  }

  /** The painting in colours that show on any photo; transparent where nothing matters more or less. */
  colors() {
    const { picture } = this;
    if (!picture || this.shown) return this.shown;
    const ink = /** @type {OffscreenCanvasRenderingContext2D} */ (picture.getContext("2d"));
    const seen = ink.getImageData(0, 0, picture.width, picture.height);
    for (let k = 0; k < seen.data.length; k += 4) {
      const off = (seen.data[k] - NEUTRAL) / 127;
      seen.data.set(off > 0 ? MORE : LESS, k);
      seen.data[k + 3] = Math.min(Math.abs(off) * 190, 165);
    }
    const shown = new OffscreenCanvas(picture.width, picture.height);
    shown.getContext("2d")?.putImageData(seen, 0, 0);
    this.shown = shown;
    return shown;
  }
}

/**
 * @param {OffscreenCanvasRenderingContext2D} ink
 * @param {string} map
 */
async function drawMap(ink, map) {
  const kept = await fetch(`/map/${map}`)
    .then((r) => r.blob())
    .then(createImageBitmap)
    .catch(() => null);
  if (kept) ink.drawImage(kept, 0, 0, ink.canvas.width, ink.canvas.height);
}
/**
 * @param {OffscreenCanvasRenderingContext2D} ink
 * @param {string} photo
 */
async function drawFaces(ink, photo) {
  const faces = await fetch(`/faces/${photo}`)
    .then((r) => (r.ok ? r.json() : []))
    .catch(() => []);
  const { width, height } = ink.canvas;
  for (const [left, top, right, bottom] of faces) {
    ink.save();
    ink.translate(((left + right) / 2) * width, ((top + bottom) / 2) * height);
    ink.scale((right - left) * width * ACROSS, (bottom - top) * height * DOWN);
    const soft = ink.createRadialGradient(0, 0, 0, 0, 0, 1.5);
    soft.addColorStop(0, "rgba(255,255,255,1)");
    soft.addColorStop(1 / 3, "rgba(255,255,255,1)");
    soft.addColorStop(2 / 3, "rgba(255,255,255,.5)");
    soft.addColorStop(1, "rgba(255,255,255,0)");
    ink.fillStyle = soft;
    ink.fillRect(-1.5, -1.5, 3, 3);
    ink.restore();
  }
}
