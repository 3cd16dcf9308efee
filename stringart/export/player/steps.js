// Moving through the winding, by hand and by playing.

import { nameIt } from "./elements.js";
import { ask, restartClock, state } from "./view.js";
import { $, clamp, count, isRim, length, plan, say, signOf, winding } from "./winding.js";

export const WHOLE_S = 20;

/** @param {number} passed_s */
export function advance(passed_s) {
  state.sub += passed_s * (state.pace || winding.total / WHOLE_S);
  const steps = Math.floor(state.sub);
  state.sub -= steps;
  if (steps) moveTo(state.step + steps);
  if (state.step >= winding.total) setPlaying(false);
}

/** @param {number} step */
export function moveTo(step) {
  state.moved_ms = performance.now();
  state.step = clamp(Math.round(step), 0, winding.total);
  $("scrub").value = state.step;
  tell();
  ask();
}

function tell() {
  const { step } = state,
    at = Math.max(step - 1, 0),
    total = winding.total;
  const thread = total ? plan.threads[winding.thread[at]] : null;
  $("from").textContent = step ? winding.from[at] : "";
  $("to").textContent = total ? (step ? winding.to[at] : winding.from[0]) : "";
  $("from-label").hidden = !step;
  $("to").previousElementSibling.textContent = say(step ? "to" : "begin");
  $("swatch").style.background = thread ? thread.color : "none";
  $("way").textContent = step ? wayText(at) : "";
  $("thread-name").textContent = thread ? thread.name : "";
  $("layer").textContent = total ? say("layer", { a: winding.layer[at] + 1, b: winding.layers.length }) : "";
  $("step").textContent = say("of", { a: count(step), b: count(total) });
  $("laid").textContent = say("of", { a: length(winding.laid_mm[step]), b: length(winding.laid_mm[total]) });
  $("piece").setAttribute("aria-label", say("drawn", { step, total }));
  $("scrub").setAttribute("aria-valuetext", $("step").textContent);
  if (!state.playing) announce(at, thread);
}

/** How a step goes, in words.
 * @param {number} at
 */
export function wayText(at) {
  const way = winding.walk[at] || winding.way[at],
    words = say(way > 0 ? "clockwise" : way < 0 ? "counterClockwise" : "tied");
  const shown = `${signOf(at)} ${words}`.trim();
  return isRim(at) ? say("alongRim", { sign: signOf(at), way: words, n: Math.abs(winding.walk[at]) }) : shown;
}

/**
 * @param {number} at
 * @param {import("./types").Thread | null} thread
 */
function announce(at, thread) {
  const { step } = state;
  const values = {
    step,
    from: winding.from[at],
    to: step ? winding.to[at] : winding.from[0],
    thread: thread?.name,
    layer: winding.layer[at] + 1,
    way: step ? wayText(at) : "",
  };
  $("said").textContent = say(thread ? (step ? "saidStep" : "saidBegin") : "saidNothing", values);
}

/** @param {boolean} playing */
export function setPlaying(playing) {
  if (playing && state.step >= winding.total) moveTo(0);
  state.playing = playing && winding.total > 0;
  $("play").classList.toggle("playing", state.playing);
  nameIt($("play"), say(state.playing ? "pause" : "play"));
  if (!state.playing) tell();
  restartClock();
  ask();
}

/** @param {number} step */
export function byHand(step) {
  setPlaying(false);
  moveTo(step);
}

/** @param {number} by */
export function toLayer(by) {
  const starts = [...winding.begins, winding.total];
  const next = by > 0 ? starts.find((at) => at > state.step) : starts.findLast((at) => at < state.step);
  byHand(next ?? state.step);
}
