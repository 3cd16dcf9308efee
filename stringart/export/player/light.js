// The one painter of threads for the player and the studio's page: the same sums as the kernel `lay_threads`. Opaque
// threads of their real width are laid in order, in linear light, on n x n fine pixels of every pixel.

/** Numbers of a text that holds little-endian 32-bit floats in base64, whatever order the computer has.
 * @param {string} base64
 */
export function floatsOf(base64) {
  const bytes = new DataView(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)).buffer);
  return Float32Array.from({ length: bytes.byteLength / 4 }, (_, k) => bytes.getFloat32(4 * k, true));
}

const TOP = 65535; // linear light 1.0
/** @param {number} v sRGB, 0 to 1 */
const toLinear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
/** @param {number} v linear light, 0 to 1 */
const toSrgb = (v) => (v <= 0.0031308 ? v * 12.92 : 1.055 * v ** (1 / 2.4) - 0.055);

/** Linear light of a colour as "#rrggbb": three numbers, 0 to 1.
 * @param {string} code
 */
export const linearColor = (code) => [1, 3, 5].map((k) => toLinear(parseInt(code.slice(k, k + 2), 16) / 255));

/** Whether a linear colour needs one channel only.
 * @param {number[]} color
 */
export const isGray = (color) => color[0] === color[1] && color[1] === color[2];

let /** @type {Uint8ClampedArray?} */ shown = null; // a level of linear light as sRGB
const shownLevels = () => (shown ??= Uint8ClampedArray.from({ length: TOP + 1 }, (_, k) => toSrgb(k / TOP) * 255));

/** @param {Uint16Array | Uint32Array} values
 * @param {number[]} pattern
 */
function flood(values, pattern) {
  values.set(pattern);
  for (let done = pattern.length; done < values.length; done *= 2) {
    values.copyWithin(done, 0, Math.min(done, values.length - done));
  }
}

/** The light of a view of `width` x `height` pixels. */
export class Light {
  /** @param {number} width
   * @param {number} height
   * @param {number} n fine pixels along a pixel's side
   * @param {number} channels 1 where all is grey, else 3
   */
  constructor(width, height, n, channels) {
    this.width = width;
    this.height = height;
    this.n = n;
    this.channels = channels;
    this.fine = new Uint16Array(width * height * n * n * channels);
    this.sum = n > 1 ? new Uint32Array(width * height * channels) : null; // over the fine pixels of a pixel
    this.pixel = Int32Array.from({ length: Math.max(width, height) * n }, (_, k) => Math.floor(k / n));
  }

  /** Whether a light of these measures can be this one again.
   * @param {number} width
   * @param {number} height
   * @param {number} n
   * @param {number} channels
   */
  fits(width, height, n, channels) {
    return this.width === width && this.height === height && this.n === n && this.channels === channels;
  }

  /** The bare board.
   * @param {number[]} color linear
   */
  clear(color) {
    const ground = color.slice(0, this.channels).map((v) => Math.round(v * TOP));
    flood(this.fine, ground);
    if (this.sum) {
      const whole = ground.map((v) => v * this.n ** 2);
      flood(this.sum, whole);
    }
  }

  /** A copy of what is laid, for `restore`. */
  keep() {
    return { fine: this.fine.slice(), sum: this.sum?.slice() ?? null };
  }

  /** @param {{ fine: Uint16Array, sum: Uint32Array? }} kept */
  restore(kept) {
    this.fine.set(kept.fine);
    if (kept.sum) this.sum?.set(kept.sum);
  }

  get bytes() {
    return this.fine.byteLength + (this.sum?.byteLength ?? 0);
  }

  /** One thread from (c0, r0) to (c1, r1), in fine pixels from the upper left corner.
   * @param {number} c0
   * @param {number} r0
   * @param {number} c1
   * @param {number} r1
   * @param {number} half half its width, in fine pixels
   * @param {number[]} color linear, 0 to 1
   */
  lay(c0, r0, c1, r1, half, color) {
    const { fine, sum, pixel, channels, width } = this;
    const cols = width * this.n;
    const dc = c1 - c0;
    const dr = r1 - r0;
    const long = Math.sqrt(dc * dc + dr * dr);
    if (long === 0) return;
    const [uc, ur, steep] = [dc / long, dr / long, Math.abs(dr) > Math.abs(dc)];
    const along = steep ? ur : uc;
    const across = steep ? uc : ur;
    const slope = across / along;
    const reach = (half + 0.5) / Math.abs(along);
    const [begin, side] = steep ? [r0, c0] : [c0, r0];
    const minors = steep ? cols : this.height * this.n;
    const [low, high] = this.majors(begin, begin + (steep ? dr : dc), side, slope, reach, steep);
    const most = Math.min(1, 2 * half);
    const whole = half + 0.5;
    for (let major = low; major < high; major++) {
      const middle = side + (major + 0.5 - begin) * slope;
      const near = Math.max(Math.floor(middle - reach), 0);
      const far = Math.min(Math.ceil(middle + reach) + 1, minors);
      const shift = (major + 0.5 - begin) * across;
      for (let minor = near; minor < far; minor++) {
        const alpha = Math.min(whole - Math.abs((minor + 0.5 - side) * along - shift), most);
        if (alpha <= 0) continue;
        const row = steep ? major : minor;
        const col = steep ? minor : major;
        const at = channels * (row * cols + col);
        const mean = sum ? channels * (pixel[row] * width + pixel[col]) : 0;
        for (let k = 0; k < channels; k++) {
          const old = fine[at + k];
          const now = (old + alpha * (color[k] * TOP - old) + 0.5) | 0;
          fine[at + k] = now;
          if (sum) sum[mean + k] += now - old;
        }
      }
    }
  }

  /** The rows (or columns) that a thread can touch in the view.
   * @param {number} begin
   * @param {number} end
   * @param {number} side
   * @param {number} slope
   * @param {number} reach
   * @param {boolean} steep
   */
  majors(begin, end, side, slope, reach, steep) {
    const rows = this.height * this.n;
    const cols = this.width * this.n;
    const minors = steep ? cols : rows;
    let low = Math.max(Math.floor(Math.min(begin, end)), 0);
    let high = Math.min(Math.ceil(Math.max(begin, end)), steep ? rows : cols);
    if (slope !== 0) {
      const one = begin + (-reach - 1 - side) / slope;
      const two = begin + (minors + reach + 1 - side) / slope;
      low = Math.max(low, Math.floor(Math.min(one, two)));
      high = Math.min(high, Math.ceil(Math.max(one, two)) + 1);
    }
    return [low, high];
  }

  /** Mean light of every pixel, 0 to 65535, in `channels` numbers a pixel. */
  mean() {
    const share = 1 / this.n ** 2;
    return this.sum ? Float32Array.from(this.sum, (v) => v * share) : Float32Array.from(this.fine);
  }

  /** Write the picture as sRGB and opaque.
   * @param {Uint8ClampedArray} out 4 bytes a pixel
   * @param {ArrayLike<number>} light as `mean` gives it, or what was made of it
   */
  write(out, light = this.sum ?? this.fine) {
    const table = shownLevels();
    const share = light === this.sum ? 1 / this.n ** 2 : 1;
    const { channels } = this;
    const [green, blue] = channels === 1 ? [0, 0] : [1, 2];
    for (let at = 0, from = 0; at < out.length; at += 4, from += channels) {
      out[at] = table[(light[from] * share + 0.5) | 0];
      out[at + 1] = table[(light[from + green] * share + 0.5) | 0];
      out[at + 2] = table[(light[from + blue] * share + 0.5) | 0];
      out[at + 3] = 255;
    }
  }
}
