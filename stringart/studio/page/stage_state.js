// What the parts of the design page's picture share: what is shown, how, and who listens to changes of it.

/** @typedef {import("./types").Plan} Plan */
/** @typedef {[number, number]} Point */
/**
 * The board on the canvas, in its pixels.
 * @typedef {{ scale: number, x: number, y: number, w: number, h: number }} Box
 */
/** @typedef {"piece" | "place" | "weigh"} Mode */

/** How the picture is looked at, and how far a search has come; read and set by the controls around it. */
export const stage = {
  previews: false,
  sends: 0,
  /** @type {Mode} */
  mode: "piece",
  zoom: 1,
  /** @type {Point} */
  pan: [0, 0],
  split: 1,
  distance_m: 0,
  /** @type {number | null} */
  upto: null,
  total: 0,
  playing: false,
  brush: 0.09,
  brushMore: true,
  /** @type {Point | null} */
  pointer: null,
  liveRun: 0,
  found: 0,
  laid: 0,
  done: 0,
  todo: 0,
  updates: 0,
  pictures: 0,
  dropped: 0,
};

/** What is on the canvas: the photo, the piece as it was painted last, the plan that is searched or shown. */
export const scene = {
  canvas: /** @type {HTMLCanvasElement} */ (/** @type {unknown} */ (null)),
  context: /** @type {CanvasRenderingContext2D} */ (/** @type {unknown} */ (null)),
  image: /** @type {ImageBitmap | null} */ (null),
  imageKey: "",
  piece: /** @type {{ bitmap: ImageBitmap, view: import("./types").View } | null} */ (null),
  live: /** @type {{ run: number, plan: Plan } | null} */ (null),
  shownPlan: /** @type {Plan | null} */ (null),
  /** While a hand moves the photo: its middle and width, and by how much it is turned. */
  crop: /** @type {[number, number, number] | null} */ (null),
  turn: 0,
  outline: /** @type {{ width_mm: number, height_mm: number, points_mm: Point[] } | null} */ (null),
  outlineKey: "",
  /** Of the photo before one that was dropped: that plan is not shown any more. */
  outdated: /** @type {number | undefined} */ (undefined),
};

/** @type {Set<() => void>} */
const changes = new Set();
/** @param {() => void} listener */
export const onStage = (listener) => changes.add(listener);
export const tell = () => changes.forEach((listener) => listener());

export const currentPlan = () => scene.live?.plan ?? scene.shownPlan;
