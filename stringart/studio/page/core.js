// What every view uses: texts, the state that the server keeps, requests, small helpers.

export const TEXT = await (await fetch("/page/text.en.json")).json();
export const t = (key, values = {}) => (TEXT[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

export const state = {};
const listeners = new Map();
export function on(keys, listener) {
  for (const key of keys.split(" ")) listeners.set(key, [...(listeners.get(key) ?? []), listener]);
}
function changed(parts) {
  Object.assign(state, parts);
  const called = new Set();
  for (const key of Object.keys(parts)) for (const listener of listeners.get(key) ?? []) called.add(listener);
  for (const listener of called) listener(parts);
}

// ---------------------------------------------------------------- the server

let socket = null,
  stopSocket = null,
  wait_ms = 300;
const waiting = [];
const address = (path) => `ws://${location.host}${path}`;

export function connect() {
  socket = new WebSocket(address("/ws"));
  socket.binaryType = "arraybuffer";
  socket.onopen = () => {
    wait_ms = 300;
    document.getElementById("offline").hidden = true;
    for (const message of waiting.splice(0)) socket.send(message);
  };
  socket.onmessage = ({ data }) => take(data);
  socket.onclose = () => {
    document.getElementById("offline").hidden = false;
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

// ---------------------------------------------------------------- elements

export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") element.style.cssText = value;
    else if (name === "html") element.innerHTML = value;
    else if (name in element && name !== "list" && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}
export const $ = (id) => document.getElementById(id);
export const button = (label, onclick, props = {}) =>
  h("button", { type: "button", ...props, class: `button ${props.class ?? ""}`, onclick }, label);
export function segments(label, options, now, pick, names = {}) {
  const box = h("div", { class: "segments", role: "group", "aria-label": label });
  const put = (value) => {
    for (const b of box.children) b.setAttribute("aria-pressed", String(b.value === String(value)));
  };
  for (const option of options)
    box.append(
      h(
        "button",
        { type: "button", value: String(option), onclick: () => pick(option) },
        names[option] ?? String(option),
      ),
    );
  put(now);
  return Object.assign(box, { put });
}

export function toast(text, { bad = false, action = null } = {}) {
  const box = h("div", { class: `toast ${bad ? "bad" : ""}`, role: bad ? "alert" : "status" }, h("span", {}, text));
  const gone = () => box.remove();
  if (action)
    box.append(
      h(
        "button",
        {
          type: "button",
          onclick: () => {
            action.run();
            gone();
          },
        },
        action.label,
      ),
    );
  else box.append(h("button", { type: "button", onclick: gone, "aria-label": t("dismiss") }, "×"));
  const shown = [...$("toasts").children];
  if (shown.length > 3) shown[0].remove();
  $("toasts").append(box);
  setTimeout(gone, bad ? 12000 : 6000);
}

export const stopButton = () =>
  h("button", { type: "button", class: "estop", title: t("estop_title"), onclick: emergencyStop }, t("estop"));
// A dialog makes the rest of the page inert: it carries a stop button of its own.
export function openDialog(dialog) {
  dialog.append(h("div", { class: "dialog-stop" }, stopButton()));
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
}

export function confirmed(question, go) {
  const dialog = h(
    "dialog",
    { "aria-label": question },
    h(
      "form",
      { method: "dialog", class: "dialog" },
      h("p", {}, question),
      h(
        "div",
        { class: "row" },
        h("button", { class: "button main", value: "yes" }, go),
        h("button", { class: "button", value: "no" }, t("cancel")),
      ),
    ),
  );
  openDialog(dialog);
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes")));
}

// ---------------------------------------------------------------- words for numbers

const locale = document.documentElement.lang;
export const number = (value, digits = 0) =>
  value.toLocaleString(locale, { maximumFractionDigits: digits, minimumFractionDigits: digits });
export function length(mm) {
  if (state.settings?.units === "in")
    return mm >= 914.4 * 1000
      ? `${number(mm / 914.4)} yd`
      : mm >= 914.4
        ? `${number(mm / 914.4, mm < 91440 ? 1 : 0)} yd`
        : `${number(mm / 25.4, 1)} in`;
  return mm >= 1e6
    ? `${number(mm / 1e6, 2)} km`
    : mm >= 1000
      ? `${number(mm / 1000, mm < 1e4 ? 1 : 0)} m`
      : `${number(mm, 1)} mm`;
}
export function duration(s) {
  const minutes = Math.round(s / 60);
  return minutes >= 60
    ? `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`
    : minutes
      ? `${minutes} min`
      : `${Math.round(s)} s`;
}
export const bytes = (n) => (n >= 1e6 ? `${number(n / 1e6, 1)} MB` : n >= 1e3 ? `${number(n / 1e3)} kB` : `${n} B`);
export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

export const ICON = {
  design:
    '<svg viewBox="0 0 24 24"><circle cx="12" cy="12" r="9"/><path d="M12 3 6 19M12 3l6 16M3.5 9h17L5 18M20.500 9 19 18"/></svg>',
  variants:
    '<svg viewBox="0 0 24 24"><rect x="3" y="3" width="8" height="8" rx="2"/><rect x="13" y="3" width="8" height="8" rx="2"/><rect x="3" y="13" width="8" height="8" rx="2"/><rect x="13" y="13" width="8" height="8" rx="2"/></svg>',
  export: '<svg viewBox="0 0 24 24"><path d="M12 3v12m0 0 4-4m-4 4-4-4M4 17v3h16v-3"/></svg>',
  wind: '<svg viewBox="0 0 24 24"><path d="M8 13V5.500a1.500 1.500 0 0 1 3 0V12m0-1V4a1.500 1.500 0 0 1 3 0v7m0 0V5.500a1.500 1.500 0 0 1 3 0V14c0 4-2 7-6 7s-5-2-7-6l-1-2c-.6-1.500 1-2.500 2-1.500l3 2.500"/></svg>',
  machine: '<svg viewBox="0 0 24 24"><path d="M3 4v16M21 4v16M3 8h18M9 5h6v6H9zM12 11v5"/></svg>',
  star: '<svg viewBox="0 0 24 24"><path d="m12 3.500 2.600 5.300 5.900.9-4.250 4.100 1 5.800L12 16.900l-5.250 2.700 1-5.800L3.500 9.700l5.900-.9Z"/></svg>',
  bin: '<svg viewBox="0 0 24 24"><path d="M4 7h16M9 7V4h6v3M6.500 7l1 13h9l1-13M10 11v5M14 11v5"/></svg>',
  play: '<svg viewBox="0 0 24 24"><path class="fill" d="M7 4.500v15l12-7.500Z"/></svg>',
  pause: '<svg viewBox="0 0 24 24"><path class="fill" d="M6 4.500h4v15H6zM14 4.500h4v15h-4z"/></svg>',
  up: '<svg viewBox="0 0 24 24"><path d="m6 15 6-6 6 6"/></svg>',
  down: '<svg viewBox="0 0 24 24"><path d="m6 9 6 6 6-6"/></svg>',
  cw: '<svg viewBox="0 0 24 24"><path d="M20 12a8 8 0 1 1-2.500-5.800L20 8.500M20 4v4.500h-4.500"/></svg>',
  ccw: '<svg viewBox="0 0 24 24"><path d="M4 12a8 8 0 1 0 2.500-5.800L4 8.500M4 4v4.500h4.500"/></svg>',
  close: '<svg viewBox="0 0 24 24"><path d="m6 6 12 12M18 6 6 18"/></svg>',
};

// ---------------------------------------------------------------- a plan, and a painter for it

export class Painter {
  constructor() {
    this.worker = new Worker("/page/painter.js", { type: "module" });
    this.worker.onmessage = ({ data }) => {
      this.busy = false;
      if (!data.quit) this.onpicture?.(data);
      if (this.next) this.show(this.next);
    };
    this.next = null;
    this.busy = false;
    this.fine = 1;
  }
  begin(plan, live = false) {
    const rows = [];
    for (const layer of plan.layers)
      for (let k = 1; k < layer.pins.length; k++) rows.push([layer.thread, layer.pins[k - 1], layer.pins[k]]);
    this.worker.postMessage({
      op: "begin",
      board: plan.board,
      pins: plan.pins.xy_mm,
      threads: plan.threads,
      rows,
      live,
    });
    return rows.length;
  }
  change(changes) {
    for (const { removed, added } of changes) this.worker.postMessage({ op: "change", removed, added });
  }
  show(wanted) {
    // one picture at a time; only the latest wish waits, and not for a fine one
    if (this.busy) {
      this.next = wanted;
      if (this.fine > 1) this.worker.postMessage({ op: "quit" });
      return;
    }
    this.next = null;
    this.busy = true;
    this.fine = wanted.fine ?? 1;
    this.worker.postMessage({ op: "show", ...wanted });
  }
  end() {
    this.worker.terminate();
  }
}

const plans = new Map();
export async function fetchPlan(id, rev) {
  const key = `${id}?${rev}`;
  if (!plans.has(key)) {
    if (plans.size > 6) plans.delete(plans.keys().next().value);
    plans.set(
      key,
      fetch(`/plan/${id}.json?rev=${rev}`).then((r) => (r.ok ? r.json() : null)),
    );
  }
  return plans.get(key);
}
