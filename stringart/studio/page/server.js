// The server: its state comes through a WebSocket, requests go back through it. It beats once a second; a page that
// hears no beat is offline, says so, and takes nothing that would move a machine.

import { $, toast } from "./elements.js";
import { changed } from "./state.js";
import { clock, problemOf, t } from "./words.js";

const SILENT_MS = 4000;
const WAITS_NOT = new Set(["machine", "wind", "wind_open", "wind_close"]); // never kept and sent later
let /** @type {WebSocket?} */ socket = null;
let /** @type {WebSocket?} */ stopSocket = null;
let wait_ms = 300;
let beat = 0;
let stops = 0; // emergency stops, ours at once: what was asked for before one is not carried out after it
let heard_ms = performance.now();
let heard_at = new Date();
const /** @type {string[]} */ waiting = [];
/** @param {string} path */
const address = (path) => `ws://${location.host}${path}`;

export const online = () => document.body.dataset.online === "yes";

/** @param {boolean} now */
function setOnline(now) {
  const before = document.body.dataset.online;
  document.body.dataset.online = now ? "yes" : "no";
  $("offline").hidden = now || before === undefined;
  $("offline").textContent = t("offline", { time: clock(heard_at) });
  if (!now) emit("offline", null);
}

export function connect() {
  const fresh = (socket = new WebSocket(address("/ws")));
  fresh.binaryType = "arraybuffer";
  fresh.onopen = () => {
    wait_ms = 300;
    heard_ms = performance.now();
  };
  fresh.onmessage = ({ data }) => socket === fresh && take(data);
  fresh.onclose = () => {
    if (socket === fresh) gone();
  };
}

function gone() {
  socket = null;
  setOnline(false);
  setTimeout(connect, wait_ms);
  wait_ms = Math.min(wait_ms * 1.6, 4000);
}

// A radio that fails says nothing: what is silent for longer than some beats is given up.
setInterval(() => {
  if (!socket || performance.now() - heard_ms < SILENT_MS || socket.readyState === WebSocket.CONNECTING) return;
  giveUp();
}, 500);

function giveUp() {
  const given = socket;
  gone();
  given?.close();
}

// The emergency stop has a connection of its own, which carries nothing else.
export function connectStop() {
  stopSocket = new WebSocket(address("/ws/stop"));
  stopSocket.onclose = () => setTimeout(connectStop, 500);
}
export function emergencyStop() {
  stops += 1;
  if (stopSocket?.readyState === WebSocket.OPEN) stopSocket.send("stop");
  else fetch("/stop", { method: "POST", keepalive: true }).catch(() => {});
  toast(t("estop_sent"), { bad: true });
}

/** @param {any} data */
function take(data) {
  heard_ms = performance.now();
  heard_at = new Date();
  if (data instanceof ArrayBuffer) return takeChords(data);
  const message = JSON.parse(data);
  beat = message.beat ?? beat;
  if (message.whole) setOnline(true);
  else if (message.type === "beat" && !online()) return giveUp(); // the state was lost on its way: ask for it again
  stops = message.state?.machine_stops ?? stops;
  if (message.type === "state") changed(message.state);
  else if (message.type === "error") toast(problemOf(message), { bad: true });
  if (message.whole) arrived();
  emit(message.type, message);
}

/** The whole state is here: go on. */
function arrived() {
  for (const message of waiting.splice(0)) socket?.send(message);
  emit("connected", null);
}

/** @param {ArrayBuffer} data */
function takeChords(data) {
  const [, run, done, total, parts] = new Uint32Array(data, 0, 5);
  const counts = new Uint32Array(data, 20, 2 * parts);
  const rows = new Int16Array(data, 20 + 8 * parts);
  let at = 0;
  /** @param {number} count */
  const next = (count) => Array.from({ length: count }, () => [...rows.subarray(at, (at += 5))]);
  const changes = Array.from({ length: parts }, (_, k) => ({
    removed: next(counts[2 * k]),
    added: next(counts[2 * k + 1]),
  }));
  emit("chords", { run, done, total, changes });
}

const heard = new Map();
/** Listen to a kind of message: prepared, chords, error, done, connected, offline.
 * @param {string} kind
 * @param {(message: any) => void} listener
 */
export const hear = (kind, listener) => heard.set(kind, [...(heard.get(kind) ?? []), listener]);
/**
 * @param {string} kind
 * @param {any} value
 */
const emit = (kind, value) =>
  (heard.get(kind) ?? []).forEach((/** @type {(value: any) => void} */ listener) => listener(value));

/** Ask the server for something; whether it went out. While offline, what moves a machine is refused, not kept.
 * @param {string} what
 * @param {Record<string, any>} values
 */
export function ask(what, values = {}) {
  const message = JSON.stringify({ do: what, beat, stops, ...values });
  const goes = online() && socket?.readyState === WebSocket.OPEN;
  if (goes) socket?.send(message);
  else if (!WAITS_NOT.has(what)) waiting.push(JSON.stringify({ do: what, ...values }));
  else if (what === "machine") toast(t("not_sent"), { bad: true });
  return goes;
}
/** @param {Record<string, any>} patch */
export const set = (patch, group = "") => ask("set", { patch, group });

/** @param {string} path
 * @param {Blob} blob
 * @param {string} name
 */
export async function upload(path, blob, name) {
  let answer;
  try {
    const headers = { "x-name": encodeURIComponent(name), "content-type": "application/octet-stream" };
    answer = await fetch(path, { method: "POST", body: blob, headers });
  } catch {
    toast(t("not_uploaded", { name }), { bad: true });
    return null;
  }
  if (answer.ok) return answer.json();
  toast(problemOf(await answer.json().catch(() => ({ message: answer.statusText }))), { bad: true });
  return null;
}
