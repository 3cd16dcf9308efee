// Winding by hand with this page: one instruction at a time, huge, spoken, in a rhythm; the place is kept on reload.

import { maySleep, stayAwake } from "./awake.js";
import { element, nameIt } from "./elements.js";
import { moveTo, setPlaying, wayText } from "./steps.js";
import { chooseTrouble, closeTrouble, listenToTrouble, openTrouble } from "./trouble.js";
import { ask, fitPieces, state } from "./view.js";
import { $, clamp, count, isRim, plan, say, signOf, winding } from "./winding.js";

const RHYTHMS_S = [5, 8, 10, 15, 20, 30, 45, 60],
  WALK_S = 0.2, // a walk along the rim has so much longer for every pin
  NEAR = 3,
  MOST_UNDO = 20;

/** What is to be done, in order: every layer is tied on, wound and tied off.
 * @type {{ kind: "on" | "step" | "off"; step: number }[]}
 */
const orders = winding.layers.flatMap((_, number) => {
  const first = winding.begins[number],
    stop = winding.begins[number + 1] ?? winding.total;
  const steps = Array.from({ length: stop - first }, (__, k) => ({
    kind: /** @type {const} */ ("step"),
    step: first + k,
  }));
  return [
    { kind: /** @type {const} */ ("on"), step: first },
    ...steps,
    { kind: /** @type {const} */ ("off"), step: stop - 1 },
  ];
});

const hand = {
  place: 0,
  jumps: /** @type {number[]} */ ([]), // the places that jumps came from
  speak: false,
  every_s: 0,
  timer: 0,
};
const KEY = `stringart-${plan.notes.Plan}`;

// ---------------------------------------------------------------- the place, kept

function keep() {
  try {
    const { place, jumps, speak, every_s } = hand;
    localStorage.setItem(KEY, JSON.stringify({ place, jumps, speak, every_s, open: state.byHand }));
    return true;
  } catch {
    return false;
  }
}

/** Goes on where this browser left the piece, or with nothing. */
export function resumeByHand() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "null");
    if (!kept) return;
    hand.place = clamp(Number(kept.place) || 0, 0, orders.length);
    hand.jumps = Array.isArray(kept.jumps)
      ? kept.jumps.filter((/** @type {any} */ place) => Number.isInteger(place))
      : [];
    hand.speak = kept.speak === true;
    hand.every_s = RHYTHMS_S.includes(kept.every_s) ? kept.every_s : 0;
    if (kept.open) openByHand();
  } catch {
    // a browser that keeps nothing, or something else under this name: begin at the first step
  }
}

// ---------------------------------------------------------------- what is shown and said

const order = () => orders[hand.place];
/** @param {number} step */
const threadOf = (step) => plan.threads[winding.thread[step]].name;
/** @param {number} step */
const brief = (step) => `${winding.to[step]} ${signOf(step)}${isRim(step) ? " rim" : ""}`.trim();
/** @param {number} step */
const plainWay = (step) => {
  const way = winding.walk[step] || winding.way[step];
  return way > 0 ? say("clockwise") : way < 0 ? say("counterClockwise") : "";
};

/** The sentence that is spoken. */
function sentence() {
  const now = order();
  if (!now) return say("windDone");
  if (now.kind === "on") return say("sayTieOn", { thread: threadOf(now.step), n: winding.from[now.step] });
  const n = winding.to[now.step];
  if (now.kind === "off") return say("sayTieOff", { n });
  const way = plainWay(now.step);
  if (isRim(now.step)) return say("sayRim", { way, n, k: Math.abs(winding.walk[now.step]) });
  return way ? say("sayChord", { n, way }) : say("sayTied", { n });
}

function show() {
  const now = order(),
    step = now ? now.step : winding.total - 1,
    winds = now?.kind === "step";
  $("hand-count").textContent = say("windStep", {
    a: count(Math.min(step + 1, winding.total)),
    b: count(winding.total),
  });
  $("hand-layer").textContent = say("windLayer", {
    a: winding.layer[step] + 1,
    b: winding.layers.length,
    thread: threadOf(step),
  });
  $("hand-swatch").style.background = plan.threads[winding.thread[step]].color;
  $("hand-from").textContent = winds ? say("windFrom", { n: winding.from[step] }) : "";
  $("hand-pin").textContent = now ? (now.kind === "on" ? winding.from[step] : winding.to[step]) : "✓";
  $("hand-way").textContent = winds
    ? wayText(step)
    : now
      ? say(now.kind === "on" ? "windTieOn" : "windTieOff", { thread: threadOf(step) })
      : say("windDone");
  /**
   * @param {number} first
   * @param {number} stop
   */
  const near = (first, stop) =>
    orders
      .slice(Math.max(first, 0), stop)
      .filter((o) => o.kind === "step")
      .map((o) => brief(o.step));
  const [before, then] = [near(hand.place - NEAR, hand.place), near(hand.place + 1, hand.place + 1 + NEAR)];
  $("hand-before").textContent = before.length ? say("windBefore", { list: before.join("  ·  ") }) : "";
  $("hand-then").textContent = then.length ? say("windThen", { list: then.join("  ·  ") }) : "";
  $("said").textContent = sentence();
}

function sayNow() {
  if (!hand.speak || !globalThis.speechSynthesis) return;
  speechSynthesis.cancel();
  speechSynthesis.speak(Object.assign(new SpeechSynthesisUtterance(sentence()), { lang: "en" }));
}

// ---------------------------------------------------------------- moving

/** @param {number} place */
function goTo(place) {
  hand.place = clamp(place, 0, orders.length);
  const now = order();
  moveTo(now ? now.step + (now.kind === "off" ? 1 : 0) : winding.total);
  const kept = keep();
  $("hand-kept").textContent = say(kept ? "windKept" : "windLost");
  show();
  sayNow();
  rhythm();
}

/**
 * @param {string} kind
 * @param {number} step
 */
const placeOf = (kind, step) => orders.findIndex((one) => one.kind === kind && one.step === step);

/** Steps on the board. */
const done = () => {
  const now = order();
  return now ? now.step + (now.kind === "off" ? 1 : 0) : winding.total;
};

/** Winds a step next, from 0; a layer's first one after its thread is tied on, unless it is.
 * @param {number} step
 * @param {boolean} tied
 */
function jump(step, tied) {
  const asked = winding.begins.includes(step) && !tied ? "on" : "step";
  hand.jumps = [...hand.jumps, hand.place].slice(-MOST_UNDO);
  goTo(placeOf(asked, step));
}

function undo() {
  const place = hand.jumps.pop();
  if (place === undefined) return false;
  goTo(place);
  return true;
}

/** Goes on by itself, never past a knot; begun anew with every step. */
function rhythm() {
  clearTimeout(hand.timer);
  const now = order();
  if (!state.byHand || !hand.every_s || now?.kind !== "step" || !$("trouble").hidden) return;
  const wait_s = hand.every_s + WALK_S * Math.abs(winding.walk[now.step]);
  hand.timer = window.setTimeout(() => goTo(hand.place + 1), wait_s * 1000);
}

export function openByHand() {
  if (!winding.total) return;
  setPlaying(false);
  state.byHand = true;
  document.body.classList.add("by-hand");
  $("hand").hidden = false;
  $("hand-speak").checked = hand.speak;
  $("hand-every").value = String(hand.every_s);
  fitPieces();
  goTo(hand.place);
  $("hand-next").focus();
  stayAwake().then((stays) => $("hand-awake").replaceChildren(say(stays ? "windAwake" : "windAsleep")));
}

function closeByHand() {
  state.byHand = false;
  closeTrouble();
  clearTimeout(hand.timer);
  globalThis.speechSynthesis?.cancel();
  maySleep();
  document.body.classList.remove("by-hand");
  $("hand").hidden = true;
  keep();
  fitPieces();
  ask();
  $("hand-open").focus();
}

// ---------------------------------------------------------------- keys and buttons

/** @type {Record<string, () => unknown>} */
const HAND_KEYS = {
  " ": () => goTo(hand.place + 1),
  Enter: () => goTo(hand.place + 1),
  ArrowRight: () => goTo(hand.place + 1),
  PageDown: () => goTo(hand.place + 1),
  ArrowLeft: () => goTo(hand.place - 1),
  Backspace: () => goTo(hand.place - 1),
  PageUp: () => goTo(hand.place - 1),
  b: () => goTo(hand.place - 1),
  s: () => $("hand-speak").click(),
  u: undo,
  "?": openTrouble,
  Escape: () => (closeTrouble() ? $("hand-next").focus() : closeByHand()),
};

/** A key while one winds; false if it is none of ours.
 * @param {KeyboardEvent} event
 */
export function onHandKey(event) {
  const on = event.target instanceof Element ? event.target : document.body;
  if (on.closest("select") && event.key !== "Escape") return false;
  if (!$("trouble").hidden && event.key !== "Escape") {
    if (on.closest("input") || !/^[1-9]$/.test(event.key)) return false;
    chooseTrouble(event.key);
    return true;
  }
  const own = on.closest("#hand input, #hand button:not(#hand-next):not(#hand-step)");
  if ([" ", "Enter"].includes(event.key) && own) return false;
  const action = event.repeat ? null : HAND_KEYS[event.key] || HAND_KEYS[event.key.toLowerCase()];
  if (!action) return false;
  action();
  return true;
}

/** Makes the buttons work; once. */
export function listenByHand() {
  /**
   * @param {string} id
   * @param {() => void} action
   */
  const click = (id, action) => $(id).addEventListener("click", action);
  click("hand-open", openByHand);
  click("hand-close", closeByHand);
  for (const id of ["hand-next", "hand-step"]) click(id, () => goTo(hand.place + 1));
  listenToTrouble({ done, jump, undo, leave: () => ($("hand-next").focus(), rhythm()) });
  click("hand-back", () => goTo(hand.place - 1));
  $("hand-every").append(element("option", { value: "0", textContent: say("windByHand") }));
  for (const s of RHYTHMS_S)
    $("hand-every").append(element("option", { value: String(s), textContent: say("windEvery", { s }) }));
  $("hand-every").addEventListener("change", () => {
    hand.every_s = Number($("hand-every").value);
    keep();
    rhythm();
    $("hand-next").focus(); // the arrows go on winding, they do not change the pace
  });
  $("hand-speak").addEventListener("change", () => {
    hand.speak = $("hand-speak").checked;
    keep();
    if (hand.speak) sayNow();
    else globalThis.speechSynthesis?.cancel();
  });
  nameIt($("hand-step"), say("windNext"));
}
