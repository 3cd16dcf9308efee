// The first choices: a row of looks, each a small piece that forms; how large it is; how long it takes by hand.

import { shown } from "./controls.js";
import { button, h, segments } from "./elements.js";
import { floatsOf } from "./light.js";
import { Painter } from "./plans.js";
import { ask, set } from "./server.js";
import { on, state } from "./state.js";
import { number, plainNumber, t, translated } from "./words.js";

const SIDE_PX = 132;
const FORMS_MS = 1100; // a miniature winds itself once, so that one sees that it is thread
const SIZES_MM = [300, 400, 600, 800, 1000];
const SIZES_IN = [12, 16, 24, 32, 40];
const HOURS = [3, 8, 16, 30];
const CHORD_S = 11; // by hand, until the piece on the page says it
const LOW_CONTRAST = 45; // of L*, between the dark and the light tenth
const IN_MM = 25.4;

/** @type {Map<string, ImageBitmap>} */
const kept = new Map();
/** @param {any} row */
const titleOf = (row) => translated(`look.${row.name}`) ?? row.title;
/** @param {any} row */
const keyOf = (row) => `${state.looks.of}/${row.name}`;

/** Paint a small plan in a row of pictures, one after the other on one painter. */
class Miniatures {
  constructor() {
    this.painter = new Painter();
    /** @type {{ row: any, canvas: HTMLCanvasElement }[]} */
    this.waiting = [];
    this.busy = false;
  }
  /**
   * @param {any} row
   * @param {HTMLCanvasElement} canvas
   */
  add(row, canvas) {
    if (this.waiting.some((one) => one.row.name === row.name)) return;
    this.waiting.push({ row, canvas });
    if (!this.busy) this.next();
  }
  async next() {
    const job = this.waiting[0];
    this.busy = Boolean(job);
    if (!job) return;
    const key = keyOf(job.row);
    const found = await fetch(`/look/${job.row.name}`)
      .then((r) => (r.ok ? r.json() : null))
      .catch(() => null);
    if (found && key === keyOf(job.row)) await this.form(job.canvas, found, key);
    this.waiting.shift();
    this.next();
  }
  /** @returns {Promise<void>}
   * @param {HTMLCanvasElement} canvas
   * @param {{ plan: any, ends: string }} given
   * @param {string} key
   */
  form(canvas, { plan, ends }, key) {
    const total = this.painter.begin({ ...plan, ends: floatsOf(ends) });
    const { width_mm, height_mm } = plan.board;
    const scale = canvas.width / Math.max(width_mm, height_mm);
    const [width, height] = [width_mm, height_mm].map((mm) => Math.round(mm * scale));
    const view = { x: 0, y: 0, scale, width, height };
    const begun = performance.now();
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const upto = () => (still ? total : Math.min(Math.ceil((total * (performance.now() - begun)) / FORMS_MS), total));
    return new Promise((resolve) => {
      this.painter.onpicture = ({ bitmap, laid }) => {
        drawOn(canvas, bitmap, plan);
        if (laid >= total) {
          kept.set(key, bitmap);
          return resolve();
        }
        bitmap.close();
        this.painter.show({ view, fine: 2, upto: upto() });
      };
      this.painter.show({ view, fine: 2, upto: still ? total : 1 });
    });
  }
}
/**
 * @param {HTMLCanvasElement} canvas
 * @param {ImageBitmap} bitmap
 * @param {import("./types").Plan} plan
 */
function drawOn(canvas, bitmap, plan) {
  const ink = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const [x, y] = [(canvas.width - bitmap.width) / 2, (canvas.height - bitmap.height) / 2];
  ink.clearRect(0, 0, canvas.width, canvas.height);
  ink.save();
  if (plan.board.shape === "circle" || plan.board.shape === "ellipse") {
    ink.beginPath();
    ink.ellipse(canvas.width / 2, canvas.height / 2, bitmap.width / 2, bitmap.height / 2, 0, 0, 7);
    ink.clip();
  }
  ink.drawImage(bitmap, x, y);
  ink.restore();
}

/** @param {any} row */
function takes(row) {
  const s = state.settings;
  const wanted = Object.entries(row.patch ?? {}).filter(([name]) => !["lines", "layers", "budget"].includes(name));
  return wanted.length && wanted.every(([name, value]) => JSON.stringify(s[name]) === JSON.stringify(value));
}

function looksRow() {
  const list = h("div", { class: "looks", role: "group", "aria-label": t("looks") });
  const note = h("p", { class: "small soft", role: "status" });
  const miniatures = new Miniatures();
  /** @type {Map<string, { box: HTMLButtonElement, canvas: HTMLCanvasElement, row: any }>} */
  const boxes = new Map();
  /** @param {any} row */
  const made = (row) => {
    const canvas = h("canvas", { width: 2 * SIDE_PX, height: 2 * SIDE_PX, "aria-hidden": "true" });
    const box = h(
      "button",
      {
        type: "button",
        class: "look",
        "data-look": row.name,
        onclick: () => set(boxes.get(row.name)?.row.patch ?? {}),
      },
      canvas,
      h("span", {}, titleOf(row)),
    );
    boxes.set(row.name, { box, canvas, row });
    return box;
  };
  let of = "";
  const put = () => {
    const { rows } = state.looks;
    if (of !== state.looks.of) {
      of = state.looks.of;
      boxes.clear();
      for (const bitmap of kept.values()) bitmap.close();
      kept.clear();
      list.replaceChildren(...rows.map(made));
    }
    const best = rows.filter((row) => row.state === "done").sort((a, b) => b.closeness - a.closeness)[0];
    for (const row of rows) {
      const one = boxes.get(row.name);
      if (!one) continue;
      const was = one.row.state;
      one.row = row;
      one.box.disabled = row.state !== "done";
      one.box.dataset.state = row.state;
      one.box.setAttribute("aria-pressed", String(Boolean(takes(row))));
      if (row.state === "done" && (was !== "done" || !kept.has(keyOf(row)))) miniatures.add(row, one.canvas);
    }
    const flat = (state.photo?.spread ?? 100) < LOW_CONTRAST && !state.settings.contrast;
    note.hidden = !(best && !state.looks.busy);
    note.textContent = best ? t("look_best", { title: titleOf(best) }) : "";
    contrast.hidden = !flat;
    more.hidden = !(best && flat);
  };
  const more = button(t("look_take_best"), () => {
    const best = state.looks.rows.filter((row) => row.patch).sort((a, b) => b.closeness - a.closeness)[0];
    if (best) set(best.patch);
  });
  const contrast = h(
    "div",
    { class: "note warn", id: "low-contrast", hidden: true },
    h("p", {}, t("low_contrast")),
    h(
      "div",
      { class: "row" },
      button(t("low_contrast_more"), () => set({ contrast: 40 })),
      more,
    ),
  );
  on("looks settings photo", put);
  put();
  return [list, note, contrast];
}

/** Ask for the looks once the picture stands: they take the computer's time.
 * @param {HTMLDetailsElement} box
 */
function askWhenQuiet(box) {
  let timer = 0;
  const look = () => {
    clearTimeout(timer);
    if (box.open && state.photo && state.plan?.numbers && !state.search.busy)
      timer = setTimeout(() => ask("looks"), 400);
  };
  box.addEventListener("toggle", () => {
    localStorage.setItem("looks", box.open ? "open" : "closed");
    look();
  });
  on("plan search photo", look);
  look();
}

function sizes() {
  const inches = state.settings.units === "in";
  const mm = inches ? SIZES_IN.map((size) => size * IN_MM) : SIZES_MM;
  /** @param {number} size */
  const name = (size) => (inches ? `${number(size / IN_MM)} in` : `${number(size / 10)} cm`);
  return mm.map((size) => [size, name(size)]);
}
function sizeChoice() {
  const box = h("div", {});
  let unit = "";
  let /** @type {any} */ row = null;
  const put = () => {
    const s = state.settings;
    if (unit !== s.units) {
      unit = s.units;
      const known = sizes();
      /** @param {number} size */
      const take = (size) => {
        const width = Number(size);
        set({ width_mm: width, height_mm: Math.round(((width * s0().height_mm) / s0().width_mm) * 10) / 10 });
      };
      const names = Object.fromEntries(known);
      row = segments(
        t("quick_size"),
        known.map(([size]) => size),
        "",
        take,
        names,
      );
      box.replaceChildren(row);
    }
    row.put(s.width_mm);
  };
  const s0 = () => state.settings;
  shown.set("quick_size", put);
  put();
  return choice("quick_size", box);
}
function hoursChoice() {
  const pace = () => {
    const n = state.plan?.numbers;
    return n?.hand_s && n.chords ? n.hand_s / n.chords : CHORD_S;
  };
  /** @param {number} hours */
  const linesFor = (hours) => Math.min(Math.max(Math.round((hours * 3600) / pace() / 50) * 50, 200), 20000);
  const names = Object.fromEntries(HOURS.map((hours) => [hours, `${plainNumber(hours, 0)} h`]));
  const row = segments(
    t("quick_hours"),
    HOURS,
    "",
    (hours) => set({ budget: "chords", lines: linesFor(hours) }),
    names,
  );
  const put = () => {
    const hours = (state.settings.lines * pace()) / 3600;
    row.put(HOURS.find((one) => Math.abs(one - hours) < 0.12 * one) ?? "");
  };
  on("plan settings", put);
  put();
  return choice("quick_hours", row);
}
/**
 * @param {string} key
 * @param {HTMLElement} row
 */
const choice = (key, row) =>
  h("div", { class: "control" }, h("div", { class: "head" }, h("span", { class: "label" }, t(key))), row);

/** The card of the first choices. */
export function firstChoices() {
  const open = localStorage.getItem("looks") !== "closed";
  const looks = h(
    "details",
    { class: "looks-box", open, id: "looks" },
    h("summary", {}, t("looks")),
    h("div", { class: "group-body" }, looksRow()),
  );
  askWhenQuiet(looks);
  return h("section", { class: "card first" }, looks, h("div", { class: "group-body" }, sizeChoice(), hoursChoice()));
}
