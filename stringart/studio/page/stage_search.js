// What is shown on the design page as it comes: a dropped photo, the chords of a search, the plan that was found.

import { fetchPlan } from "./plans.js";
import { hear } from "./server.js";
import { brush, readyBrush } from "./stage_brush.js";
import { draw, drawNow, painter, repaint } from "./stage_drawing.js";
import { scene, stage, tell } from "./stage_state.js";
import { state } from "./state.js";

hear("prepared", ({ run, plan }) => {
  stage.previews = false;
  scene.outdated = undefined;
  scene.live = { run, plan };
  stage.liveRun = run;
  stage.found = stage.laid = 0;
  stage.upto = null;
  stage.playing = false;
  scene.piece = null;
  arrived.length = 0;
  painter.begin(plan, true);
  repaint();
  tell();
});
hear("chords", ({ run, done, total, changes: found }) => {
  if (scene.live?.run !== run) return;
  arrived.push(...found);
  for (const { removed, added } of found) stage.found += added.length - removed.length;
  stage.done = done;
  stage.todo = total;
  stage.updates = (stage.updates ?? 0) + 1;
  layArrived();
  tell();
});

// Chords come some hundred at a time; they are laid a few at a time, so that the thread is seen to run.
/** @type {{ removed: number[][], added: number[][] }[]} */
const arrived = [];
let layTimer = 0;
function layArrived() {
  if (layTimer || !scene.live) return;
  const waits = arrived.reduce((sum, { added }) => sum + added.length, 0);
  let room = Math.max(Math.ceil(waits / 4), 12);
  const now = [];
  while (arrived.length && room > 0) {
    const { removed, added } = arrived[0];
    now.push({ removed, added: added.slice(0, room) });
    room -= Math.max(added.length, 1);
    if (room < 0) arrived[0] = { removed: [], added: added.slice(now[now.length - 1].added.length) };
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

export async function showPlan() {
  const rev = state.plan?.rev;
  if (!rev) {
    scene.shownPlan = null;
    scene.live = null;
    scene.piece = null;
    draw();
    return;
  }
  const plan = await fetchPlan("current", rev);
  if (!plan || state.plan?.rev !== rev || rev === scene.outdated || (scene.live && state.search.busy)) return;
  // only its numbers or its score are new: the step that was sought stays
  if (plan === scene.shownPlan && !scene.live) return;
  scene.live = null;
  arrived.length = 0;
  scene.shownPlan = plan;
  stage.total = painter.begin(plan);
  stage.upto = null;
  stage.playing = false;
  repaint();
  tell();
}

/** Tell while something, a photo, is on its way to the server; a second one may be before the first is there.
 * @template T
 * @param {Promise<T>} upload
 */
export async function sending(upload) {
  stage.sends += 1;
  tell();
  try {
    return await upload;
  } finally {
    stage.sends -= 1;
    tell();
  }
}

/** A photo is seen as soon as it is dropped, whatever the server does; `false` takes it away again.
 * @param {Blob | false} file
 */
export async function previewPhoto(file) {
  // what only the server reads waits for it
  const found = file ? await createImageBitmap(file).catch(() => null) : null;
  if (!found && !stage.previews) return;
  stage.previews = Boolean(found);
  scene.outdated = found ? state.plan?.rev : undefined;
  scene.image = found;
  scene.imageKey = "";
  scene.piece = scene.live = scene.shownPlan = null;
  if (!found) {
    showPhoto();
    showPlan();
  }
  drawNow();
  tell();
}

export async function showPhoto() {
  const key = state.photo?.sha256 ?? "";
  if (key === scene.imageKey) return;
  stage.previews = false;
  scene.imageKey = key;
  scene.image = null;
  brush.forget();
  const found = key
    ? await fetch(`/photo/${key}`)
        .then((r) => r.blob())
        .then(createImageBitmap)
        .catch(() => null)
    : null;
  if (key !== scene.imageKey) return;
  scene.image = found;
  if (stage.mode === "weigh") readyBrush();
  draw();
  tell();
}

const PLAIN = ["circle", "ellipse", "rectangle"]; // of the others the server tells the corners
export async function showOutline() {
  const { shape, outline: chosen } = state.settings,
    wanted = shape === "file" ? (chosen?.file ?? "") : PLAIN.includes(shape) ? "" : shape;
  if (wanted === scene.outlineKey) return;
  scene.outlineKey = wanted;
  scene.outline = null;
  const found = wanted
    ? await fetch(`/outline/${wanted}`)
        .then((r) => (r.ok ? r.json() : null))
        .catch(() => null)
    : null;
  if (wanted === scene.outlineKey) {
    scene.outline = found;
    repaint();
  }
}
