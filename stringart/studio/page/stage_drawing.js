// Draws the picture of the design page: the piece, or the photo as it lies under the ring with what was painted on it.

import { clamp } from "./elements.js";
import { Painter } from "./plans.js";
import { brush } from "./stage_brush.js";
import { blurPx, box, edgePoints, photoMatrix, pieceView, ringPath } from "./stage_geometry.js";
import { currentPlan, scene, stage } from "./stage_state.js";
import { state } from "./state.js";

const FINE_PX = 9e6; // what is painted finer than the screen when it rests

export const painter = new Painter();
let frame = 0;

export function draw() {
  if (!frame)
    frame = requestAnimationFrame(() => {
      frame = 0;
      drawNow();
    });
}

export function drawNow() {
  if (!scene.canvas || !scene.canvas.width) return;
  const b = box(),
    style = getComputedStyle(document.documentElement);
  scene.context.setTransform(1, 0, 0, 1, 0, 0);
  scene.context.clearRect(0, 0, scene.canvas.width, scene.canvas.height);
  if (stage.mode === "piece") drawPiece(b, style);
  else drawPhoto(b, style);
}

/** @param {import("./stage_state.js").Box} b */
function paintPhoto(b, alpha = 1) {
  if (!scene.image) return;
  scene.context.save();
  const s = state.settings,
    gain = 2 ** (s.exposure_ev / 2.2),
    more = s.contrast > 0 ? 1 + s.contrast / 50 : 1 + s.contrast / 100;
  scene.context.globalAlpha = alpha;
  if (s.exposure_ev || s.contrast) scene.context.filter = `brightness(${gain}) contrast(${more})`;
  scene.context.setTransform(photoMatrix(b));
  scene.context.imageSmoothingQuality = "high";
  scene.context.drawImage(scene.image, 0, 0);
  scene.context.restore();
}

/**
 * @param {import("./stage_state.js").Box} b
 * @param {CSSStyleDeclaration} style
 */
function drawPhoto(b, style) {
  if (!scene.image) return;
  const ring = ringPath(b);
  scene.context.fillStyle = state.settings.board_color;
  scene.context.fill(ring);
  paintPhoto(b, 0.28);
  scene.context.save();
  scene.context.clip(ring);
  scene.context.fillStyle = state.settings.board_color;
  scene.context.fillRect(b.x, b.y, b.w, b.h);
  paintPhoto(b);
  const painted = stage.mode === "weigh" ? brush.colors() : null;
  if (painted) {
    scene.context.setTransform(photoMatrix(b));
    scene.context.drawImage(painted, 0, 0, scene.image.width, scene.image.height);
    scene.context.setTransform(1, 0, 0, 1, 0, 0);
  }
  scene.context.restore();
  scene.context.strokeStyle = style.getPropertyValue("--accent");
  scene.context.lineWidth = 2 * devicePixelRatio;
  scene.context.stroke(ring);
  drawPins(b, Number(state.settings.pins), state.settings.shape);
  if (stage.mode === "weigh" && stage.pointer) {
    scene.context.beginPath();
    scene.context.arc(...stage.pointer, (stage.brush * b.w) / 2, 0, 7);
    scene.context.strokeStyle = "#fff";
    scene.context.lineWidth = 3 * devicePixelRatio;
    scene.context.stroke();
    scene.context.strokeStyle = "#000";
    scene.context.lineWidth = devicePixelRatio;
    scene.context.stroke();
  }
}

/**
 * @param {import("./stage_state.js").Box} b
 * @param {number} count
 * @param {string} shape
 */
function drawPins(b, count, shape) {
  if (shape !== "file" && shape !== "circle" && shape !== "ellipse") return;
  scene.context.fillStyle = "#7a7264";
  if (shape === "file") {
    if (state.settings.outline?.pins) for (const [x, y] of edgePoints(b)) scene.context.fillRect(x - 1, y - 1, 2, 2);
    return;
  }
  for (let k = 0; k < count; k++) {
    const a = (k * 2 * Math.PI) / count;
    scene.context.fillRect(b.x + (b.w / 2) * (1 + Math.sin(a)) - 1, b.y + (b.h / 2) * (1 - Math.cos(a)) - 1, 2, 2);
  }
}

/**
 * @param {import("./stage_state.js").Box} b
 * @param {CSSStyleDeclaration} style
 */
function drawPiece(b, style) {
  const ring = ringPath(b),
    plan = currentPlan();
  scene.context.drawImage(
    layer("board", b, (/** @type {OffscreenCanvasRenderingContext2D} */ ink) => {
      ink.shadowColor = "#0005";
      ink.shadowBlur = 22 * devicePixelRatio;
      ink.shadowOffsetY = 5 * devicePixelRatio;
      ink.fillStyle = plan?.board.color ?? state.settings.board_color;
      ink.fill(ring);
    }),
    0,
    0,
  );
  scene.context.save();
  scene.context.clip(ring);
  if (stage.previews)
    paintPhoto(b, 1); // a picture of the piece before may still arrive
  else if (scene.piece) {
    const v = scene.piece.view; // the picture may be of the view before: put it where it belongs meanwhile
    const k = b.scale / v.scale;
    scene.context.drawImage(scene.piece.bitmap, b.x + v.x * b.scale, b.y + v.y * b.scale, v.width * k, v.height * k);
  } else if (scene.image && !plan) paintPhoto(b, 0.5);
  if (stage.split < 1 && scene.image && matchesPhoto()) {
    const edge = b.x + b.w * (1 - stage.split);
    scene.context.save();
    scene.context.beginPath();
    scene.context.rect(b.x, b.y, edge - b.x, b.h);
    scene.context.clip();
    if (stage.distance_m) scene.context.filter = `blur(${blurPx(b.scale)}px)`;
    paintPhoto(b);
    scene.context.restore();
    if (stage.split > 0) {
      scene.context.fillStyle = style.getPropertyValue("--accent");
      scene.context.fillRect(edge - devicePixelRatio, b.y, 2 * devicePixelRatio, b.h);
    }
  }
  scene.context.restore();
  if (plan)
    scene.context.drawImage(
      layer("pins", b, (/** @type {OffscreenCanvasRenderingContext2D} */ ink) => {
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
/**
 * @param {string} name
 * @param {import("./stage_state.js").Box} b
 * @param {(ink: OffscreenCanvasRenderingContext2D) => void} drawIt
 */
function layer(name, b, drawIt) {
  const key = [
    scene.canvas.width,
    scene.canvas.height,
    b.x,
    b.y,
    b.w,
    b.h,
    currentPlan()?.board.color ?? state.settings.board_color,
    state.settings.shape,
    scene.outlineKey,
    Boolean(scene.outline),
  ].join();
  const kept = layers.get(name);
  if (kept && kept.key === key && kept.plan === currentPlan()) return kept.picture;
  const picture = kept?.picture ?? new OffscreenCanvas(1, 1);
  picture.width = scene.canvas.width;
  picture.height = scene.canvas.height; // empties it
  drawIt(picture.getContext("2d"));
  layers.set(name, { key, plan: currentPlan(), picture });
  return picture;
}
const matchesPhoto = () => Boolean(scene.image);

let settleTimer = 0;
export function repaint(fine = 1) {
  // quick while something moves, finer when it rests
  if (!scene.canvas?.width || !currentPlan()) return draw();
  const view = pieceView();
  clearTimeout(settleTimer);
  settleTimer = 0;
  scene.canvas.setAttribute("aria-busy", String(Boolean(view)));
  const finer = view ? clamp(Math.floor(Math.sqrt(FINE_PX / (view.width * view.height))), 1, 4) : 1;
  if (fine === 1 && finer > 1 && !scene.live && !stage.playing)
    settleTimer = setTimeout(() => {
      settleTimer = 0;
      repaint(finer);
    }, 250);
  if (view)
    painter.show({
      view,
      fine,
      upto: scene.live ? undefined : (stage.upto ?? undefined),
      blur: stage.distance_m ? blurPx(view.scale) : 0,
      id: stage.liveRun,
    });
  draw();
}

painter.onpicture = (picture) => {
  scene.piece?.bitmap.close();
  scene.piece = { bitmap: picture.bitmap, view: picture.view };
  stage.pictures = (stage.pictures ?? 0) + 1;
  if (picture.id === stage.liveRun) stage.laid = picture.laid;
  if (!settleTimer && !painter.next && !scene.live && !stage.playing) scene.canvas.setAttribute("aria-busy", "false");
  drawNow();
};
