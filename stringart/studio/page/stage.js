// The picture of the design page: the piece as it is found, the photo under the ring, the brush, zoom and distance.

import { clamp, h } from "./elements.js";
import { Brush } from "./brush.js";
import { Painter, fetchPlan } from "./plans.js";
import { ask, hear, set } from "./server.js";
import { on, state } from "./state.js";
import { t } from "./words.js";

const EYE_MM_PER_M = 0.29; // what one arc minute covers from a metre away
const ARM_M = 0.6; // from which one looks at a screen
const MARGIN = 0.05;
const FINE_PX = 9e6; // what is painted finer than the screen when it rests

/** @type {Record<string, any>} */
export const stage = {
  previews: false,
  mode: "piece",
  zoom: 1,
  pan: [0, 0],
  split: 1,
  distance_m: 0,
  upto: null,
  total: 0,
  playing: false,
  brush: 0.09,
  brushMore: true,
  liveRun: 0,
  found: 0,
};
const painter = new Painter();
let /** @type {any} */ canvas;
let /** @type {any} */ context;
let /** @type {any} */ image = null;
let imageKey = "";
let /** @type {any} */ piece = null;
let frame = 0;
let /** @type {any} */ live = null;
let /** @type {any} */ shownPlan = null;
let /** @type {any} */ crop = null;
let turn = 0;
let /** @type {any} */ outline = null;
let outlineKey = "";
const changes = new Set();
export const onStage = (listener) => changes.add(listener);
const tell = () => changes.forEach((listener) => listener());

// ---------------------------------------------------------------- geometry

const boardSize = () => {
  const plan = currentPlan();
  if (plan && stage.mode === "piece") return [plan.board.width_mm, plan.board.height_mm];
  const s = state.settings;
  if (outline) {
    const k = Math.min(s.width_mm / outline.width_mm, s.height_mm / outline.height_mm);
    return [outline.width_mm * k, outline.height_mm * k];
  }
  return [s.width_mm, s.shape === "circle" ? s.width_mm : s.height_mm];
};
const currentPlan = () => live?.plan ?? shownPlan;

function box() {
  // the board on the canvas, in its pixels
  const [w, high] = boardSize();
  const fit = Math.min((canvas.width * (1 - 2 * MARGIN)) / w, (canvas.height * (1 - 2 * MARGIN)) / high);
  const near = stage.distance_m ? screenScale() * (ARM_M / stage.distance_m) : fit;
  const scale = stage.mode === "piece" ? near * stage.zoom : fit;
  const [px, py] = stage.mode === "piece" ? stage.pan : [0, 0];
  return {
    scale,
    x: canvas.width / 2 - (w / 2 + px) * scale,
    y: canvas.height / 2 - (high / 2 + py) * scale,
    w: w * scale,
    h: high * scale,
  };
}

/** Canvas pixels to a millimetre of this screen; the browser's guess until it was adjusted. */
const screenScale = () => (pxPerMm() * canvas.width) / Math.max(canvas.clientWidth, 1);
export const pxPerMm = () => Number(localStorage.getItem("px-per-mm")) || 96 / 25.4;

export function wholeCrop() {
  // the largest centred part of the photo with the board's aspect
  const [w, high] = boardSize(),
    aspect = w / high,
    [cols, rows] = stage.previews || !state.photo ? [image?.width ?? 1, image?.height ?? 1] : state.photo.size_px;
  const width = cols > rows * aspect ? (rows * aspect) / cols : 1;
  return [0.5, rows / cols / 2, width];
}
const cropNow = () => (stage.previews ? wholeCrop() : (crop ?? state.settings.crop ?? state.placed ?? wholeCrop()));
const turnNow = () => (stage.previews ? 0 : state.settings.turn_deg + turn);

function photoMatrix(b) {
  // photo pixels (of the preview) to canvas pixels
  const [cx, cy, width] = cropNow(),
    scale = b.w / (width * image.width),
    angle = (turnNow() * Math.PI) / 180;
  return new DOMMatrix()
    .translate(b.x + b.w / 2, b.y + b.h / 2)
    .rotate((angle * 180) / Math.PI)
    .scale(scale)
    .translate(-cx * image.width, -cy * image.width);
}

function ringPath(b) {
  const path = new Path2D(),
    shape = currentPlan() && stage.mode === "piece" ? currentPlan().board.shape : state.settings.shape;
  if (shape === "rectangle") path.rect(b.x, b.y, b.w, b.h);
  else if (shape === "circle" || shape === "ellipse")
    path.ellipse(b.x + b.w / 2, b.y + b.h / 2, b.w / 2, b.h / 2, 0, 0, 2 * Math.PI);
  else {
    for (const point of edgePoints(b)) path.lineTo(point[0], point[1]);
    path.closePath();
  }
  return path;
}
function edgePoints(b) {
  // the corners of a board of another shape, on the canvas
  const plan = stage.mode === "piece" ? currentPlan() : null,
    points = plan?.pins.xy_mm ?? outline?.points_mm ?? [];
  const k = plan || !outline ? b.scale : b.w / outline.width_mm;
  return points.map(([x, y]) => [b.x + b.w / 2 + x * k, b.y + b.h / 2 - y * k]);
}
const PLAIN = ["circle", "ellipse", "rectangle"]; // of the others the server tells the corners
async function showOutline() {
  const { shape, outline: chosen } = state.settings,
    wanted = shape === "file" ? (chosen?.file ?? "") : PLAIN.includes(shape) ? "" : shape;
  if (wanted === outlineKey) return;
  outlineKey = wanted;
  outline = null;
  const found = wanted
    ? await fetch(`/outline/${wanted}`)
        .then((r) => (r.ok ? r.json() : null))
        .catch(() => null)
    : null;
  if (wanted === outlineKey) {
    outline = found;
    repaint();
  }
}

// ---------------------------------------------------------------- drawing

export function draw() {
  if (!frame)
    frame = requestAnimationFrame(() => {
      frame = 0;
      drawNow();
    });
}

function drawNow() {
  if (!canvas || !canvas.width) return;
  const b = box(),
    style = getComputedStyle(document.documentElement);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  if (stage.mode === "piece") drawPiece(b, style);
  else drawPhoto(b, style);
}

function paintPhoto(b, alpha = 1) {
  context.save();
  const s = state.settings,
    gain = 2 ** (s.exposure_ev / 2.2),
    more = s.contrast > 0 ? 1 + s.contrast / 50 : 1 + s.contrast / 100;
  context.globalAlpha = alpha;
  if (s.exposure_ev || s.contrast) context.filter = `brightness(${gain}) contrast(${more})`;
  context.setTransform(photoMatrix(b));
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0);
  context.restore();
}

function drawPhoto(b, style) {
  if (!image) return;
  const ring = ringPath(b);
  context.fillStyle = state.settings.board_color;
  context.fill(ring);
  paintPhoto(b, 0.28);
  context.save();
  context.clip(ring);
  context.fillStyle = state.settings.board_color;
  context.fillRect(b.x, b.y, b.w, b.h);
  paintPhoto(b);
  const painted = stage.mode === "weigh" ? brush.colors() : null;
  if (painted) {
    context.setTransform(photoMatrix(b));
    context.drawImage(painted, 0, 0, image.width, image.height);
    context.setTransform(1, 0, 0, 1, 0, 0);
  }
  context.restore();
  context.strokeStyle = style.getPropertyValue("--accent");
  context.lineWidth = 2 * devicePixelRatio;
  context.stroke(ring);
  drawPins(b, Number(state.settings.pins), state.settings.shape);
  if (stage.mode === "weigh" && stage.pointer) {
    context.beginPath();
    context.arc(...stage.pointer, (stage.brush * b.w) / 2, 0, 7);
    context.strokeStyle = "#fff";
    context.lineWidth = 3 * devicePixelRatio;
    context.stroke();
    context.strokeStyle = "#000";
    context.lineWidth = devicePixelRatio;
    context.stroke();
  }
}

function drawPins(b, count, shape) {
  if (shape !== "file" && shape !== "circle" && shape !== "ellipse") return;
  context.fillStyle = "#7a7264";
  if (shape === "file") {
    if (state.settings.outline?.pins) for (const [x, y] of edgePoints(b)) context.fillRect(x - 1, y - 1, 2, 2);
    return;
  }
  for (let k = 0; k < count; k++) {
    const a = (k * 2 * Math.PI) / count;
    context.fillRect(b.x + (b.w / 2) * (1 + Math.sin(a)) - 1, b.y + (b.h / 2) * (1 - Math.cos(a)) - 1, 2, 2);
  }
}

function drawPiece(b, style) {
  const ring = ringPath(b),
    plan = currentPlan();
  context.drawImage(
    layer("board", b, (ink) => {
      ink.shadowColor = "#0005";
      ink.shadowBlur = 22 * devicePixelRatio;
      ink.shadowOffsetY = 5 * devicePixelRatio;
      ink.fillStyle = plan?.board.color ?? state.settings.board_color;
      ink.fill(ring);
    }),
    0,
    0,
  );
  context.save();
  context.clip(ring);
  if (stage.previews)
    paintPhoto(b, 1); // a picture of the piece before may still arrive
  else if (piece) {
    const v = piece.view; // the picture may be of the view before: put it where it belongs meanwhile
    const k = b.scale / v.scale;
    context.drawImage(piece.bitmap, b.x + v.x * b.scale, b.y + v.y * b.scale, v.width * k, v.height * k);
  } else if (image && !plan) paintPhoto(b, 0.5);
  if (stage.split < 1 && image && matchesPhoto()) {
    const edge = b.x + b.w * (1 - stage.split);
    context.save();
    context.beginPath();
    context.rect(b.x, b.y, edge - b.x, b.h);
    context.clip();
    if (stage.distance_m) context.filter = `blur(${blurPx(b.scale)}px)`;
    paintPhoto(b);
    context.restore();
    if (stage.split > 0) {
      context.fillStyle = style.getPropertyValue("--accent");
      context.fillRect(edge - devicePixelRatio, b.y, 2 * devicePixelRatio, b.h);
    }
  }
  context.restore();
  if (plan)
    context.drawImage(
      layer("pins", b, (ink) => {
        ink.fillStyle = "#8a8274";
        const r = Math.max((plan.pins.diameter_mm * b.scale) / 2, 0.8 * devicePixelRatio);
        for (const [x, y] of plan.pins.xy_mm) {
          ink.beginPath();
          ink.arc(b.x + b.w / 2 + x * b.scale, b.y + b.h / 2 - y * b.scale, r, 0, 7);
          ink.fill();
        }
      }),
      0,
      0,
    );
}
// What does not change from picture to picture is drawn once: the page stays quick for a hand, and for the stop.
const layers = new Map();
function layer(name, b, drawIt) {
  const key = [
    canvas.width,
    canvas.height,
    b.x,
    b.y,
    b.w,
    b.h,
    currentPlan()?.board.color ?? state.settings.board_color,
    state.settings.shape,
    outlineKey,
    Boolean(outline),
  ].join();
  const kept = layers.get(name);
  if (kept && kept.key === key && kept.plan === currentPlan()) return kept.picture;
  const picture = kept?.picture ?? new OffscreenCanvas(1, 1);
  picture.width = canvas.width;
  picture.height = canvas.height; // empties it
  drawIt(picture.getContext("2d"));
  layers.set(name, { key, plan: currentPlan(), picture });
  return picture;
}
const matchesPhoto = () => Boolean(image);
const blurPx = (scale) => EYE_MM_PER_M * stage.distance_m * scale;

// What part of the board is on the canvas, for the painter.
function pieceView() {
  const b = box(),
    w = boardSize();
  const x0 = Math.max(-b.x / b.scale, 0),
    y0 = Math.max(-b.y / b.scale, 0);
  const x1 = Math.min((canvas.width - b.x) / b.scale, w[0]),
    y1 = Math.min((canvas.height - b.y) / b.scale, w[1]);
  const width = Math.round((x1 - x0) * b.scale),
    height = Math.round((y1 - y0) * b.scale);
  return width > 0 && height > 0 ? { x: x0, y: y0, scale: b.scale, width, height } : null;
}

let settleTimer = 0;
export function repaint(fine = 1) {
  // quick while something moves, finer when it rests
  if (!canvas?.width || !currentPlan()) return draw();
  const view = pieceView();
  clearTimeout(settleTimer);
  settleTimer = 0;
  canvas.setAttribute("aria-busy", String(Boolean(view)));
  const finer = view ? clamp(Math.floor(Math.sqrt(FINE_PX / (view.width * view.height))), 1, 4) : 1;
  if (fine === 1 && finer > 1 && !live && !stage.playing)
    settleTimer = setTimeout(() => {
      settleTimer = 0;
      repaint(finer);
    }, 250);
  if (view)
    painter.show({
      view,
      fine,
      upto: live ? undefined : (stage.upto ?? undefined),
      blur: stage.distance_m ? blurPx(view.scale) : 0,
      id: stage.liveRun,
    });
  draw();
}
painter.onpicture = (picture) => {
  piece?.bitmap.close();
  piece = { bitmap: picture.bitmap, view: picture.view };
  stage.pictures = (stage.pictures ?? 0) + 1;
  if (picture.id === stage.liveRun) stage.laid = picture.laid;
  if (!settleTimer && !painter.next && !live && !stage.playing) canvas.setAttribute("aria-busy", "false");
  drawNow();
};

// ---------------------------------------------------------------- the search, chord by chord

hear("prepared", ({ run, plan }) => {
  stage.previews = false;
  live = { run, plan };
  stage.liveRun = run;
  stage.found = stage.laid = 0;
  stage.upto = null;
  stage.playing = false;
  piece = null;
  arrived.length = 0;
  painter.begin(plan, true);
  repaint();
  tell();
});
hear("chords", ({ run, done, total, changes: found }) => {
  if (live?.run !== run) return;
  arrived.push(...found);
  for (const { removed, added } of found) stage.found += added.length - removed.length;
  stage.done = done;
  stage.todo = total;
  stage.updates = (stage.updates ?? 0) + 1;
  layArrived();
  tell();
});

// Chords come some hundred at a time; they are laid a few at a time, so that the thread is seen to run.
const arrived = [];
let layTimer = 0;
function layArrived() {
  if (layTimer || !live) return;
  const waits = arrived.reduce((sum, { added }) => sum + added.length, 0);
  let room = Math.max(Math.ceil(waits / 4), 12);
  const now = [];
  while (arrived.length && room > 0) {
    const { removed, added } = arrived[0];
    now.push({ removed, added: added.slice(0, room) });
    room -= Math.max(added.length, 1);
    if (room < 0) arrived[0] = { removed: [], added: added.slice(now.at(-1).added.length) };
    else arrived.shift();
  }
  if (!now.length) return;
  painter.change(now);
  repaint();
  layTimer = setTimeout(() => {
    layTimer = 0;
    layArrived();
  }, 45);
}

async function showPlan() {
  const rev = state.plan?.rev;
  if (!rev) {
    shownPlan = null;
    live = null;
    piece = null;
    draw();
    return;
  }
  const plan = await fetchPlan("current", rev);
  if (!plan || state.plan?.rev !== rev || (live && state.search.busy)) return;
  if (plan === shownPlan && !live) return; // only its numbers or its score are new: the step that was sought stays
  live = null;
  arrived.length = 0;
  shownPlan = plan;
  stage.total = painter.begin(plan);
  stage.upto = null;
  stage.playing = false;
  repaint();
  tell();
}

/** A photo is seen as soon as it is dropped, whatever the server does; `false` takes it away again.
 * @param {Blob | false} file
 */
export async function previewPhoto(file) {
  // what only the server reads waits for it
  const found = file ? await createImageBitmap(file).catch(() => null) : null;
  if (!found && !stage.previews) return;
  stage.previews = Boolean(found);
  image = found;
  imageKey = "";
  piece = live = shownPlan = null;
  if (!found) {
    showPhoto();
    showPlan();
  }
  drawNow();
  tell();
}

async function showPhoto() {
  const key = state.photo?.sha256 ?? "";
  if (key === imageKey) return;
  stage.previews = false;
  imageKey = key;
  image = null;
  brush.forget();
  const found = key
    ? await fetch(`/photo/${key}`)
        .then((r) => r.blob())
        .then(createImageBitmap)
        .catch(() => null)
    : null;
  if (key !== imageKey) return;
  image = found;
  if (stage.mode === "weigh") readyBrush();
  draw();
  tell();
}

// ---------------------------------------------------------------- the brush

const brush = new Brush({
  changed: () => draw(),
  held: () => pointers.size > 0,
  where: (px, py) => {
    const at = photoMatrix(box()).inverse().transformPoint(new DOMPoint(px, py));
    return { x: at.x, y: at.y, radius: (stage.brush * cropNow()[2] * image.width) / 2 };
  },
});
const readyBrush = () => brush.ready(imageKey, image);
const dab = (px, py) => brush.dab(px, py, stage.brushMore);
const keepBrush = () => brush.keep();
export function clearBrush() {
  brush.forget();
  set({ map: null, importance: "faces" });
  if (!state.settings.map) readyBrush(); // else it follows the settings' answer
}

// ---------------------------------------------------------------- hands on the picture

const pointers = new Map();
const at = (event) => {
  const r = canvas.getBoundingClientRect();
  return [((event.clientX - r.left) * canvas.width) / r.width, ((event.clientY - r.top) * canvas.height) / r.height];
};

function down(event) {
  if (event.button) return;
  canvas.setPointerCapture(event.pointerId);
  pointers.set(event.pointerId, at(event));
  if (stage.mode === "weigh" && pointers.size === 1) dab(...at(event));
}
function move(event) {
  const now = at(event),
    before = pointers.get(event.pointerId);
  stage.pointer = now;
  if (!before) {
    if (stage.mode === "weigh") draw();
    return;
  }
  if (stage.mode === "weigh") dab(...now);
  else if (pointers.size === 2) pinch(event.pointerId, before, now);
  else drag(now[0] - before[0], now[1] - before[1]);
  pointers.set(event.pointerId, now);
}
function up(event) {
  pointers.delete(event.pointerId);
  if (stage.mode === "weigh") {
    if (brush.dirty) keepBrush();
    else readyBrush();
  } else if (stage.mode === "place" && !pointers.size) keepPlace();
}
function drag(dx, dy) {
  const b = box();
  if (stage.mode === "piece") {
    stage.pan = [stage.pan[0] - dx / b.scale, stage.pan[1] - dy / b.scale];
    limitPan();
    return repaint();
  }
  const [cx, cy, width] = cropNow(),
    k = width / b.w,
    a = (-turnNow() * Math.PI) / 180;
  crop = [cx - (dx * Math.cos(a) - dy * Math.sin(a)) * k, cy - (dx * Math.sin(a) + dy * Math.cos(a)) * k, width];
  draw();
}
function pinch(id, before, now) {
  const other = [...pointers].find(([key]) => key !== id)?.[1] ?? before;
  const was = [before[0] - other[0], before[1] - other[1]],
    is = [now[0] - other[0], now[1] - other[1]];
  const factor = Math.hypot(...is) / Math.max(Math.hypot(...was), 1);
  if (stage.mode === "place") turn += ((Math.atan2(is[1], is[0]) - Math.atan2(was[1], was[0])) * 180) / Math.PI;
  zoomBy(factor, [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2]);
  drag((now[0] - before[0]) / 2, (now[1] - before[1]) / 2);
}
export function zoomBy(factor, center = [canvas.width / 2, canvas.height / 2]) {
  const b = box();
  if (stage.mode === "piece") {
    const zoom = clamp(stage.zoom * factor, 1, 60),
      k = zoom / stage.zoom;
    const [mx, my] = [(center[0] - canvas.width / 2) / b.scale, (center[1] - canvas.height / 2) / b.scale];
    stage.pan = [stage.pan[0] + mx * (1 - 1 / k), stage.pan[1] + my * (1 - 1 / k)];
    stage.zoom = zoom;
    limitPan();
    repaint();
    tell();
  } else {
    const [cx, cy, width] = cropNow();
    crop = [cx, cy, clamp(width / factor, 0.03, 6)];
    draw();
  }
}
function limitPan() {
  const [w, high] = boardSize(),
    free = 1 - 1 / stage.zoom;
  stage.pan = [
    clamp(stage.pan[0], (-w / 2) * free, (w / 2) * free),
    clamp(stage.pan[1], (-high / 2) * free, (high / 2) * free),
  ];
}
let keepTimer = 0;
function keepPlace(after_ms = 0) {
  clearTimeout(keepTimer);
  keepTimer = setTimeout(() => {
    const patch = {};
    if (crop) patch.crop = crop.map((v) => Math.round(v * 1e5) / 1e5);
    if (turn) patch.turn_deg = Math.round((((state.settings.turn_deg + turn + 540) % 360) - 180) * 10) / 10;
    if (Object.keys(patch).length) set(patch, "place");
    Object.assign(state.settings, patch);
    crop = null;
    turn = 0;
  }, after_ms);
}
function wheel(event) {
  if (stage.mode === "weigh") return;
  event.preventDefault();
  zoomBy(1.0015 ** -event.deltaY, at(event));
  if (stage.mode === "place") keepPlace(350);
}
function keys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const step = (event.shiftKey ? 0.1 : 0.02) * box().w;
  if (stage.mode === "weigh") return brushKeys(event, step);
  const moves = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
  const sign = stage.mode === "place" ? -1 : 1;
  if (moves[event.key]) drag(...moves[event.key].map((v) => v * sign));
  else if (event.key === "+" || event.key === "=") zoomBy(1.15);
  else if (event.key === "-") zoomBy(1 / 1.15);
  else if (event.key === "0") {
    stage.zoom = 1;
    stage.pan = [0, 0];
    repaint();
    tell();
  } else if ("[]".includes(event.key) && stage.mode === "place") {
    turn += event.key === "[" ? -1 : 1;
    draw();
  } else return;
  event.preventDefault();
  if (stage.mode === "place") keepPlace(350);
}

// The brush by keys: the arrows carry it, space dabs.
function brushKeys(event, step) {
  const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] },
    by = moves[event.key];
  const [x, y] = stage.pointer ?? [canvas.width / 2, canvas.height / 2];
  if (by) stage.pointer = [clamp(x + by[0], 0, canvas.width), clamp(y + by[1], 0, canvas.height)];
  else if (event.key === " ") {
    stage.pointer = [x, y];
    dab(x, y);
    keepBrush();
  } else if ("[]".includes(event.key)) {
    stage.brush = clamp(stage.brush * (event.key === "[" ? 0.85 : 1.18), 0.01, 0.6);
    tell();
  } else return;
  event.preventDefault();
  draw();
}

export function setMode(mode) {
  stage.mode = mode;
  canvas.dataset.mode = mode;
  if (mode === "weigh") readyBrush();
  repaint();
  tell();
}

// ---------------------------------------------------------------- playing

export function seek(step) {
  stage.upto = step >= stage.total ? null : step;
  repaint();
  tell();
}
export function play() {
  stage.playing = !stage.playing;
  if (!stage.playing) {
    repaint();
    return tell();
  }
  const from = stage.upto ?? 0,
    begun = performance.now(),
    speed = stage.total / 12;
  const tick = (now) => {
    if (!stage.playing) return;
    const step = Math.round(from + ((now - begun) / 1000) * speed);
    seek(step);
    if (step >= stage.total) {
      stage.playing = false;
      repaint();
      return tell();
    }
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
  tell();
}

export function makeStage() {
  canvas = h("canvas", {
    tabindex: "0",
    role: "img",
    "aria-label": t("stage_label"),
    "data-mode": "piece",
    id: "stage",
  });
  context = canvas.getContext("2d");
  canvas.addEventListener("pointerdown", down);
  canvas.addEventListener("pointermove", move);
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  canvas.addEventListener("pointerleave", () => {
    stage.pointer = null;
    draw();
  });
  canvas.addEventListener("wheel", wheel, { passive: false });
  canvas.addEventListener("keydown", keys);
  canvas.addEventListener("dblclick", () => {
    if (stage.mode === "piece") {
      stage.zoom = 1;
      stage.pan = [0, 0];
      repaint();
      tell();
    }
  });
  new ResizeObserver(() => {
    const r = canvas.getBoundingClientRect(),
      k = Math.min(devicePixelRatio, 2600 / Math.max(r.width, r.height, 1));
    if (!r.width) return;
    canvas.width = Math.round(r.width * k);
    canvas.height = Math.round(r.height * k);
    drawNow();
    repaint();
  }).observe(canvas);
  on("plan", showPlan);
  on("photo", showPhoto);
  on("search", () => {
    if (!state.search.busy && live) {
      if (state.search.error || state.search.stopped) showPlan();
    }
    tell();
  });
  on("settings", () => {
    showOutline();
    if (stage.mode === "weigh") readyBrush();
    draw();
  });
  showPlan();
  showPhoto();
  showOutline();
  return canvas;
}
export const again = () => ask("search");
