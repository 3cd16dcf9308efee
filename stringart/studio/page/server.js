// The server: its state comes through a WebSocket, requests go back through it.

import { $, toast } from "./elements.js";
import { changed } from "./state.js";
import { t } from "./words.js";

let /** @type {WebSocket?} */ socket = null;
let /** @type {WebSocket?} */ stopSocket = null;
let wait_ms = 300;
const /** @type {string[]} */ waiting = [];
const address = (path) => `ws://${location.host}${path}`;

export function connect() {
  const fresh = (socket = new WebSocket(address("/ws")));
  fresh.binaryType = "arraybuffer";
  fresh.onopen = () => {
    wait_ms = 300;
    $("offline").hidden = true;
    for (const message of waiting.splice(0)) fresh.send(message);
  };
  fresh.onmessage = ({ data }) => take(data);
  fresh.onclose = () => {
    $("offline").hidden = false;
    setTimeout(connect, wait_ms);
    wait_ms = Math.min(wait_ms * 1.6, 4000);
  };
}

// The emergency stop has a connection of its own, which carries nothing else.
export function connectStop() {
  stopSocket = new WebSocket(address("/ws/stop"));
  stopSocket.onclose = () => setTimeout(connectStop, 500);
}
export function emergencyStop() {
  if (stopSocket?.readyState === WebSocket.OPEN) stopSocket.send("stop");
  else fetch("/stop", { method: "POST", keepalive: true }).catch(() => {});
  toast(t("estop_sent"), { bad: true });
}

function take(data) {
  if (data instanceof ArrayBuffer) return takeChords(data);
  const message = JSON.parse(data);
  if (message.type === "state") changed(message.state);
  else if (message.type === "prepared") emit("prepared", message);
  else if (message.type === "error") toast([message.message, message.hint].filter(Boolean).join(" — "), { bad: true });
}

function takeChords(data) {
  const [, run, done, total, parts] = new Uint32Array(data, 0, 5);
  const counts = new Uint32Array(data, 20, 2 * parts),
    rows = new Int16Array(data, 20 + 8 * parts);
  let at = 0;
  const next = (count) => Array.from({ length: count }, () => [rows[at++], rows[at++], rows[at++]]);
  const changes = Array.from({ length: parts }, (_, k) => ({
    removed: next(counts[2 * k]),
    added: next(counts[2 * k + 1]),
  }));
  emit("chords", { run, done, total, changes });
}

const heard = new Map();
export const hear = (kind, listener) => heard.set(kind, [...(heard.get(kind) ?? []), listener]);
const emit = (kind, value) => (heard.get(kind) ?? []).forEach((listener) => listener(value));

export function ask(what, values = {}) {
  const message = JSON.stringify({ do: what, ...values });
  if (socket?.readyState === WebSocket.OPEN) socket.send(message);
  else waiting.push(message);
}
export const set = (patch, group = "") => ask("set", { patch, group });

export async function upload(path, blob, name) {
  let answer;
  try {
    answer = await fetch(path, {
      method: "POST",
      body: blob,
      headers: { "x-name": encodeURIComponent(name), "content-type": "application/octet-stream" },
    });
  } catch {
    return toast(t("offline"), { bad: true });
  }
  if (answer.ok) return answer.json();
  const problem = await answer.json().catch(() => ({ message: answer.statusText }));
  toast([problem.message, problem.hint].filter(Boolean).join(" — "), { bad: true });
  return null;
}
