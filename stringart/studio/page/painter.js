// Paints a piece as `stringart paint` does: opaque threads of their real width, in order, in linear light.
// A Web Worker: the page stays quick while 10,000 threads are laid.

const toLinear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
const LEVELS = 8191;
const SHOWN = Uint8ClampedArray.from({ length: LEVELS + 1 }, (_, k) => {
  const v = k / LEVELS;
  return Math.round(255 * (v <= 0.0031308 ? v * 12.92 : 1.055 * v ** (1 / 2.4) - 0.055));
});
const CHECKPOINT_BYTES = 64e6;
const colorOf = (code) => [1, 3, 5].map((k) => toLinear(parseInt(code.slice(k, k + 2), 16) / 255));

let board = null,
  pins = [],
  threads = [];
let rows = []; // [thread, pin, pin] in the order in which they are laid
let held = null; // live search: key -> indices in rows
let light = null,
  shape = { width: 0, height: 0, channels: 1 },
  view = null,
  fine = 1,
  done = -1,
  only = null;
let checkpoints = [];
let asked = 0; // counts what makes a picture needless that is being painted

const SLICE_MS = 15;
const heard = new MessageChannel();
const breathe = () =>
  new Promise((go) => {
    heard.port1.onmessage = go;
    heard.port2.postMessage(0);
  }); // lets a message in

function begin(message) {
  board = message.board;
  pins = message.pins;
  threads = message.threads.map((t) => ({ color: colorOf(t.color), width: t.diameter_mm }));
  board.light = colorOf(board.color);
  rows = message.rows ?? [];
  held = message.live ? new Map() : null;
  done = -1;
  checkpoints = [];
}

const key = (row) => `${row[0]},${row[1]},${row[2]}`;
function change(removed, added) {
  for (const row of removed) {
    const at = held.get(key(row));
    if (at?.length) rows[at.pop()] = null;
  }
  for (const row of added) {
    const at = held.get(key(row)) ?? [];
    at.push(rows.length);
    held.set(key(row), at);
    rows.push(row);
  }
  if (removed.length) {
    rows = rows.filter(Boolean);
    held.clear();
    rows.forEach((row, k) => {
      const at = held.get(key(row)) ?? [];
      at.push(k);
      held.set(key(row), at);
    });
    done = -1;
    checkpoints = [];
  }
}

function ground() {
  const gray = (c) => c[0] === c[1] && c[1] === c[2];
  const channels = gray(board.light) && threads.every((t) => gray(t.color)) ? 1 : 3;
  const width = view.width * fine,
    height = view.height * fine,
    size = width * height * channels;
  if (!light || light.length !== size) light = new Float32Array(size);
  shape = { width, height, channels };
  for (let k = 0; k < size; k++) light[k] = board.light[k % channels];
  done = 0;
}

// The same sums as the kernel `lay_threads`, at one pixel a pixel.
function lay(c0, r0, c1, r1, half, color) {
  const { width, height, channels } = shape;
  const dc = c1 - c0,
    dr = r1 - r0,
    length = Math.hypot(dc, dr);
  if (!length) return;
  const uc = dc / length,
    ur = dr / length,
    steep = Math.abs(dr) > Math.abs(dc);
  const reach = (half + 0.5) / Math.abs(steep ? ur : uc),
    slope = steep ? uc / ur : ur / uc;
  const a = steep ? r0 : c0,
    b = steep ? r1 : c1,
    size = steep ? height : width,
    across = steep ? width : height;
  const low = Math.max(Math.floor(Math.min(a, b)), 0),
    high = Math.min(Math.ceil(Math.max(a, b)), size);
  const most = Math.min(1, 2 * half);
  for (let major = low; major < high; major++) {
    const middle = steep ? c0 + (major + 0.5 - r0) * slope : r0 + (major + 0.5 - c0) * slope;
    const near = Math.max(Math.floor(middle - reach), 0),
      far = Math.min(Math.ceil(middle + reach) + 1, across);
    for (let minor = near; minor < far; minor++) {
      const row = steep ? major : minor,
        col = steep ? minor : major;
      const alpha = Math.min(half + 0.5 - Math.abs((col + 0.5 - c0) * ur - (row + 0.5 - r0) * uc), most);
      if (alpha <= 0) continue;
      const at = (row * width + col) * channels;
      for (let k = 0; k < channels; k++) light[at + k] += alpha * (color[k] - light[at + k]);
    }
  }
}

// False if the picture is not wanted any more. A search that is watched is painted in one go: its pictures are quick.
async function layUpto(upto, ask) {
  const x0 = board.width_mm / 2 - view.x,
    y0 = board.height_mm / 2 - view.y,
    s = view.scale * fine;
  const most = Math.min(Math.floor(CHECKPOINT_BYTES / (4 * light.length)), 24);
  const spacing = Math.max(Math.ceil(rows.length / (most + 1)), 200);
  let until = performance.now() + SLICE_MS;
  for (; done < upto; done++) {
    if (!held && done % 50 === 0 && performance.now() > until) {
      await breathe();
      if (ask !== asked) return false;
      until = performance.now() + SLICE_MS;
    }
    if (!held && most && done && done % spacing === 0 && !checkpoints.some((c) => c.done === done)) {
      checkpoints.push({ done, light: light.slice() });
    }
    const [thread, from, to] = rows[done];
    if (only && !only.includes(thread)) continue;
    const p = pins[from],
      q = pins[to],
      t = threads[thread];
    lay((p[0] + x0) * s, (y0 - p[1]) * s, (q[0] + x0) * s, (y0 - q[1]) * s, (t.width / 2) * s, t.color);
  }
  return true;
}

// The mean light of the fine pixels.
function averaged() {
  if (fine === 1) return light;
  const { width, channels } = shape,
    out = new Float32Array(view.width * view.height * channels),
    share = 1 / (fine * fine);
  for (let row = 0; row < view.height; row++)
    for (let col = 0; col < view.width; col++)
      for (let k = 0; k < channels; k++) {
        let sum = 0;
        for (let r = 0; r < fine; r++)
          for (let c = 0; c < fine; c++) sum += light[((row * fine + r) * width + col * fine + c) * channels + k];
        out[(row * view.width + col) * channels + k] = sum * share;
      }
  return out;
}

function rewind(upto) {
  const kept = checkpoints.filter((c) => c.done <= upto).sort((a, b) => b.done - a.done)[0];
  if (!kept) return ground();
  light.set(kept.light);
  done = kept.done;
}

function boxBlur(source, target, radius, step, count, lines, lineStep) {
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

// The eye's blur, in light: three box blurs are near to a Gaussian.
function blurred(light, sigma) {
  const { width, height } = view,
    { channels } = shape;
  const radius = Math.round(Math.sqrt(4 * sigma * sigma + 1) / 2 - 0.5);
  if (radius < 1) return light;
  const out = new Float32Array(light.length),
    plane = new Float32Array(width * height),
    other = new Float32Array(width * height);
  for (let k = 0; k < channels; k++) {
    for (let i = 0; i < plane.length; i++) plane[i] = light[i * channels + k];
    for (let pass = 0; pass < 3; pass++) {
      boxBlur(plane, other, radius, 1, width, height, width);
      boxBlur(other, plane, radius, width, height, width, 1);
    }
    for (let i = 0; i < plane.length; i++) out[i * channels + k] = plane[i];
  }
  return out;
}

async function show(message) {
  const ask = asked,
    quit = () => postMessage({ quit: true });
  const wanted = message.view,
    same = view && ["width", "height", "x", "y", "scale"].every((k) => view[k] === wanted[k]);
  const finer = message.fine ?? 1;
  if (!same || finer !== fine || String(only) !== String(message.only)) {
    view = wanted;
    fine = finer;
    only = message.only;
    done = -1;
    checkpoints = [];
  }
  const upto = Math.min(message.upto ?? rows.length, rows.length);
  if (done < 0) ground();
  if (upto < done) rewind(upto);
  if (!(await layUpto(upto, ask))) return quit();
  const even = averaged(),
    seen = message.blur > 0 ? blurred(even, message.blur) : even;
  const { width, height } = view,
    { channels } = shape,
    pixels = new Uint8ClampedArray(width * height * 4);
  for (let k = 0, at = 0; k < width * height; k++, at += 4) {
    for (let c = 0; c < 3; c++)
      pixels[at + c] = SHOWN[(seen[k * channels + (channels === 1 ? 0 : c)] * LEVELS + 0.5) | 0];
    pixels[at + 3] = 255;
  }
  const bitmap = await createImageBitmap(new ImageData(pixels, width, height));
  if (ask !== asked) {
    bitmap.close();
    return quit();
  }
  postMessage({ id: message.id, view: wanted, bitmap, laid: upto, total: rows.length }, [bitmap]);
}

onmessage = ({ data }) => {
  if (data.op === "begin") {
    asked++;
    begin(data);
  } else if (data.op === "quit") asked++;
  else if (data.op === "change") change(data.removed, data.added);
  else if (data.op === "show" && board) show(data);
};
