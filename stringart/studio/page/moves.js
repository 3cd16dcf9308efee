// The moves of a winding on their way to the server: kept in this tab until the server has made them, each made once.

import { ask, hear } from "./server.js";
import { on, state } from "./state.js";

/** @typedef {{ move: string, number: number, base?: string }} Move */

const KEPT = "winding-moves";
let /** @type {Move[]} */ queue = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");
let underway = false; // the first of the queue was sent and not yet answered
let /** @type {{ id: string, spool_m: number? }?} */ piece = JSON.parse(localStorage.getItem("winding") ?? "null");
let reopened = false;

function keep() {
  sessionStorage.setItem(KEPT, JSON.stringify(queue));
}
export const waitingMoves = () => queue;
export const piecePicked = () => piece;

/** Wind a piece on this browser, from now on and after a reload.
 * @param {string} id
 * @param {number?} spool_m
 */
export function pick(id, spool_m) {
  piece = { id, spool_m };
  queue = [];
  keep();
  reopened = true;
  ask("wind_open", { id, spool_m });
}

/** Put the piece away. */
export function putAway() {
  piece = null;
  queue = [];
  underway = false;
  keep();
  localStorage.removeItem("winding");
  ask("wind_close");
}

/** @param {string} what
 * @param {number} number
 */
export function move(what, number = 0) {
  queue.push({ move: what, number });
  keep();
  flush();
}

function flush() {
  const view = state.wind;
  if (underway || !queue.length || !view) return;
  queue[0].base ??= view.moment;
  keep();
  underway = Boolean(ask("wind", queue[0]));
}

on("wind", () => {
  const view = state.wind;
  if (!view || !piece) return;
  piece.id = view.plan_id; // the copy that stays, not the plan on the page
  localStorage.setItem("winding", JSON.stringify(piece));
  if (reopened) reopened = false;
  else if (underway) queue.shift();
  underway = false;
  keep();
  flush();
});
hear("connected", () => {
  underway = false;
  if (!piece) return;
  reopened = true; // what was sent last is sent again, with the moment that it was meant for: it is not made twice
  ask("wind_open", piece);
});

/** What is shown while moves wait: the server's last view, taken on by what it told of the next steps.
 * @param {import("./types").WindView} view
 * @returns {import("./types").WindView}
 */
export function ahead(view) {
  let shown = view;
  for (const { move: what } of queue) shown = stepped(shown, what) ?? shown;
  return shown;
}

/**
 * @param {import("./types").WindView} view
 * @param {string} what
 * @returns {import("./types").WindView | null}
 */
function stepped(view, what) {
  if (what === "pause" || what === "resume") return { ...view, paused: what === "pause" };
  if (what === "next" && view.paused) return { ...view, paused: false };
  if (what === "next" && view.phase === "tie") return { ...view, phase: "wind" };
  if (what === "next" && view.phase === "wind" && view.upcoming.length) {
    const [step, ...upcoming] = view.upcoming;
    return { ...view, step, upcoming, before: [...view.before, view.step], done: view.done + 1 };
  }
  if (what === "back" && view.phase === "wind" && view.before.length) {
    const step = view.before[view.before.length - 1];
    const upcoming = [view.step, ...view.upcoming];
    return { ...view, step, upcoming, before: view.before.slice(0, -1), done: view.done - 1 };
  }
  return null;
}
