// Winding by hand: one huge pin at a time, by key, tap, pedal or voice; the server keeps every step.

import { button, h, openDialog, stopButton } from "./elements.js";
import { ICON } from "./icons.js";
import { Painter, fetchPlan } from "./plans.js";
import { ask } from "./server.js";
import { on, state } from "./state.js";
import { duration, length, number, t } from "./words.js";

const WALK_MS = 200; // in a rhythm, a walk along the rim has so much longer for every pin that it passes
const store = (key, value) =>
  value === undefined
    ? JSON.parse(localStorage.getItem(`wind-${key}`) ?? "null")
    : localStorage.setItem(`wind-${key}`, JSON.stringify(value));
const speech = {
  on: store("say") ?? false,
  voice: store("voice") ?? "",
  lang: store("lang") ?? "",
  rate: store("rate") ?? 1,
  every: store("every") ?? 8,
  auto: false,
};
let /** @type {any} */ box = null;
let /** @type {any} */ painter = null;
let /** @type {any} */ plan = null;
let /** @type {any} */ view = null;
let /** @type {any} */ lock = null;
let /** @type {any} */ sleepless = null;
let timer = 0;
let /** @type {any} */ picture = null;
let /** @type {any} */ parts = {};
let wanted = false;

// ---------------------------------------------------------------- speech and the screen

const voices = () => globalThis.speechSynthesis?.getVoices() ?? [];
function say(text) {
  if (!speech.on || !globalThis.speechSynthesis) return;
  speechSynthesis.cancel();
  const words = new SpeechSynthesisUtterance(text);
  const voice = voices().find((v) => v.voiceURI === speech.voice);
  if (voice) {
    words.voice = voice;
    words.lang = voice.lang;
  } else if (speech.lang) words.lang = speech.lang;
  words.rate = speech.rate;
  speechSynthesis.speak(words);
}
const spoken = (v) =>
  v.phase === "done"
    ? t("s_say_done")
    : v.phase === "tie"
      ? t("s_say_tie", { name: v.thread.name, n: v.step.from_pin })
      : v.step.sentence;

async function stayAwake() {
  try {
    lock = await navigator.wakeLock.request("screen");
    return parts.awake.replaceChildren(t("s_awake"));
  } catch {
    /* not allowed here: try the film */
  }
  try {
    // a page of another computer may not ask; a film that plays keeps the screen on as well
    const canvas = h("canvas", { width: 2, height: 2 });
    canvas.getContext("2d")?.fillRect(0, 0, 2, 2);
    sleepless = h("video", {
      muted: true,
      playsinline: true,
      style: "position:fixed;width:1px;height:1px;opacity:.01",
    });
    sleepless.srcObject = canvas.captureStream(1);
    document.body.append(sleepless);
    await sleepless.play();
    parts.awake.replaceChildren(t("s_awake"));
  } catch {
    parts.awake.replaceChildren(t("s_asleep"));
  }
}
function maySleep() {
  lock?.release().catch(() => {});
  lock = null;
  sleepless?.remove();
  sleepless = null;
}
document.addEventListener("visibilitychange", () => {
  if (box && !lock && document.visibilityState === "visible") stayAwake();
});

// ---------------------------------------------------------------- moving

const go = (move, to = 0) => ask("wind", { move, number: to });
function rhythm() {
  // begun anew with every pin: each stays as long as was asked, however late the one before came
  clearTimeout(timer);
  if (speech.auto && box && view?.phase !== "done")
    timer = setTimeout(
      () => {
        if (view.phase === "wind" && !view.paused) go("next");
        rhythm();
      },
      speech.every * 1000 + WALK_MS * Math.abs(view.step?.walk ?? 0),
    );
  parts.auto?.setAttribute("aria-pressed", String(speech.auto));
}
function manual(move) {
  // a hand on the keys ends the rhythm for now
  if (speech.auto) {
    speech.auto = false;
    rhythm();
  }
  go(move);
}
const KEYS = {
  " ": "next",
  Enter: "next",
  ArrowRight: "next",
  ArrowDown: "next",
  PageDown: "next",
  ArrowLeft: "back",
  ArrowUp: "back",
  Backspace: "back",
  PageUp: "back",
  b: "back",
};
function keys(event) {
  if (!box || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape" && !event.shiftKey) return leave();
  if (
    event.target.closest?.("input, select") ||
    (event.target.closest?.("button") && [" ", "Enter"].includes(event.key))
  )
    return;
  if (event.key === "p") manual(view.paused ? "resume" : "pause");
  else if (KEYS[event.key] && !event.repeat) manual(KEYS[event.key]);
  else return;
  event.preventDefault();
}

export function leave() {
  if (!box) return;
  wanted = false;
  speech.auto = false;
  clearTimeout(timer);
  globalThis.speechSynthesis?.cancel();
  maySleep();
  painter.end();
  box.remove();
  box = painter = plan = picture = null;
  document.removeEventListener("keydown", keys);
  if (document.fullscreenElement) document.exitFullscreen();
  ask("wind_close");
}

// ---------------------------------------------------------------- the picture so far

function drawPicture() {
  const canvas = parts.canvas;
  if (!canvas?.width || !plan) return;
  const ink = canvas.getContext("2d"),
    { width_mm: w, height_mm: high } = plan.board;
  const scale = 0.94 * Math.min(canvas.width / w, canvas.height / high),
    x = canvas.width / 2,
    y = canvas.height / 2;
  const at = (pin) => [x + plan.pins.xy_mm[pin][0] * scale, y - plan.pins.xy_mm[pin][1] * scale];
  ink.clearRect(0, 0, canvas.width, canvas.height);
  ink.save();
  ink.beginPath();
  plan.pins.xy_mm.forEach((_, k) => ink.lineTo(...at(k)));
  ink.closePath();
  ink.fillStyle = plan.board.color;
  ink.fill();
  ink.clip();
  if (picture) ink.drawImage(picture, x - (w * scale) / 2, y - (high * scale) / 2, w * scale, high * scale);
  ink.restore();
  ink.fillStyle = "#8a8274";
  plan.pins.xy_mm.forEach((_, k) => {
    const [px, py] = at(k);
    ink.fillRect(px - 1, py - 1, 2, 2);
  });
  if (!view?.step) return;
  const [px, py, qx, qy] = plan.ends.subarray(4 * view.done, 4 * view.done + 4);
  const from = [x + px * scale, y - py * scale],
    to = [x + qx * scale, y - qy * scale];
  for (const [color, width] of Object.entries({ "#ffffff": 7, "#c4161c": 4 })) {
    ink.strokeStyle = color;
    ink.lineWidth = width * devicePixelRatio;
    ink.beginPath();
    ink.moveTo(...from);
    ink.lineTo(...to);
    ink.stroke();
  }
  for (const point of [from, to]) {
    ink.beginPath();
    ink.arc(...point, (point === to ? 9 : 5) * devicePixelRatio, 0, 7);
    ink.fillStyle = "#c4161c";
    ink.fill();
    ink.strokeStyle = "#fff";
    ink.lineWidth = 2 * devicePixelRatio;
    ink.stroke();
  }
}
function paintSoFar() {
  const canvas = parts.canvas;
  if (!canvas?.width || !plan) return;
  const scale = 0.94 * Math.min(canvas.width / plan.board.width_mm, canvas.height / plan.board.height_mm);
  painter.show({
    view: {
      x: 0,
      y: 0,
      scale,
      width: Math.round(plan.board.width_mm * scale),
      height: Math.round(plan.board.height_mm * scale),
    },
    upto: view.done,
  });
  drawPicture();
}

// ---------------------------------------------------------------- the screen

function put() {
  view = state.wind;
  if (!view) {
    if (box && !wanted) leave();
    return;
  }
  if (!box) return;
  const v = view,
    p = parts;
  p.pin.textContent = v.phase === "wind" ? v.step.to_pin : "";
  p.from.textContent = v.phase === "wind" ? t("w_from", { n: v.step.from_pin }) : "";
  p.ask.textContent =
    v.phase === "done" ? t("w_done") : v.phase === "tie" ? t("w_tie", { name: v.thread.name, n: v.step.from_pin }) : "";
  p.way.innerHTML = v.phase === "wind" && v.step.way ? `${ICON[v.step.way > 0 ? "cw" : "ccw"]}` : "";
  if (v.phase === "wind")
    p.way.append(
      v.step.is_rim
        ? t("w_rim", { n: Math.abs(v.step.walk) })
        : v.step.way > 0
          ? t("w_cw")
          : v.step.way < 0
            ? t("w_ccw")
            : t("w_tied"),
    );
  p.next.textContent = v.paused
    ? t("w_paused")
    : v.phase === "wind" && v.upcoming.length
      ? t("w_then", {
          list: v.upcoming
            .slice(0, 4)
            .map((s) => s.to_pin)
            .join("  ·  "),
        })
      : "";
  p.swatch.style.background = v.thread.color;
  p.facts.replaceChildren(
    ...[
      [t("w_step", { n: number(Math.min(v.done + 1, v.total)), total: number(v.total) })],
      [t("w_percent", { n: number(v.percent, 1) })],
      [t("w_layer", { n: v.layer + 1, total: v.layers })],
      [v.thread.name],
      [t("w_thread", { m: length(v.layer_left_mm) })],
      v.spool_left_mm !== null ? [t("w_spool", { m: length(v.spool_left_mm) })] : null,
      [t("w_left", { time: duration(v.left_s) })],
      [t("w_pace", { s: number(v.pace_s, 1) }) + (v.pace_measured ? "" : ` (${t("w_guess")})`)],
    ]
      .filter((cell) => cell !== null)
      .map(([text], k) => h(k ? "span" : "b", {}, text)),
  );
  p.bar.max = v.total;
  p.bar.value = v.done;
  p.pause.textContent = v.paused ? t("w_resume") : t("w_pause");
  p.pause.onclick = () => manual(view.paused ? "resume" : "pause");
  p.spool.hidden = v.spool_left_mm === null;
  const key = `${v.done} ${v.phase}`;
  if (p.said !== key && !v.paused) {
    p.said = key;
    say(spoken(v));
    rhythm();
  }
  paintSoFar();
}

function jump() {
  const field = h("input", {
    type: "number",
    min: "1",
    max: String(view.total),
    value: String(view.done + 1),
    "aria-label": t("w_jump"),
  });
  const dialog = h(
    "dialog",
    { "aria-label": t("w_jump") },
    h(
      "form",
      { method: "dialog", class: "dialog" },
      h("h2", {}, t("w_jump")),
      field,
      h(
        "div",
        { class: "row" },
        h("button", { class: "button main", value: "go" }, t("ok")),
        h("button", { class: "button", value: "", formnovalidate: true }, t("cancel")),
      ),
    ),
  );
  dialog.addEventListener("close", () => {
    if (dialog.returnValue === "go") go("jump", Math.round(Number(field.value)));
  });
  openDialog(dialog);
  field.select();
}

function voiceDialog() {
  const list = h("select", {
    id: "s-voice",
    onchange: () => {
      speech.voice = list.value;
      store("voice", speech.voice);
    },
  });
  const langs = h("select", {
    id: "s-lang",
    onchange: () => {
      speech.lang = langs.value;
      store("lang", speech.lang);
      fill();
    },
  });
  const fill = () => {
    const known = [...new Set(voices().map((v) => v.lang))].sort();
    langs.replaceChildren(
      h("option", { value: "" }, t("s_all")),
      ...known.map((lang) => h("option", { value: lang }, lang)),
    );
    langs.value = known.includes(speech.lang) ? speech.lang : "";
    const some = voices().filter((v) => !langs.value || v.lang === langs.value);
    list.replaceChildren(
      ...(some.length
        ? some.map((v) => h("option", { value: v.voiceURI }, `${v.name} (${v.lang})`))
        : [h("option", { value: "" }, t("s_none"))]),
    );
    list.value = speech.voice;
  };
  if (globalThis.speechSynthesis) speechSynthesis.onvoiceschanged = fill;
  fill();
  const rate = h("input", {
    id: "s-rate",
    type: "range",
    min: 0.5,
    max: 2.5,
    step: 0.1,
    value: speech.rate,
    oninput: () => {
      speech.rate = Number(rate.value);
      store("rate", speech.rate);
    },
  });
  const every = h("input", {
    id: "s-every",
    type: "number",
    min: "1",
    max: "120",
    step: "0.5",
    value: String(speech.every),
    onchange: () => {
      speech.every = Math.min(Math.max(Number(every.value) || 8, 1), 120);
      store("every", speech.every);
      rhythm();
    },
  });
  const speak = h("input", {
    type: "checkbox",
    checked: speech.on,
    onchange: () => {
      speech.on = speak.checked;
      store("say", speech.on);
      if (speech.on) say(spoken(view));
      else globalThis.speechSynthesis?.cancel();
    },
  });
  const auto = h("input", {
    type: "checkbox",
    checked: speech.auto,
    onchange: () => {
      speech.auto = auto.checked;
      rhythm();
    },
  });
  const dialog = h(
    "dialog",
    { "aria-label": t("w_voice") },
    h(
      "div",
      { class: "dialog" },
      h("h2", {}, t("w_voice")),
      h("label", { class: "row" }, speak, t("s_on")),
      h(
        "div",
        { class: "fields" },
        h("label", { for: "s-lang" }, t("s_lang")),
        langs,
        h("label", { for: "s-voice" }, t("s_voice")),
        list,
        h("label", { for: "s-rate" }, t("s_rate")),
        rate,
        h("label", { for: "s-every" }, t("s_every")),
        every,
      ),
      h("label", { class: "row" }, auto, t("s_auto")),
      h("p", { class: "small soft" }, t("s_auto_help")),
      h("p", { class: "small soft" }, t("s_keys")),
      h(
        "div",
        { class: "row" },
        button(t("s_test"), () => {
          const was = speech.on;
          speech.on = true;
          say(spoken(view));
          speech.on = was;
        }),
        button(t("close"), () => dialog.close(), { class: "main" }),
      ),
    ),
  );
  openDialog(dialog);
}

async function begin(id, spool_m) {
  wanted = true;
  ask("wind_open", { id, spool_m });
  await new Promise((/** @type {(none?: unknown) => void} */ resolve) => {
    const wait = () => (state.wind ? resolve() : wanted ? setTimeout(wait, 30) : null);
    wait();
  });
  open();
}
async function open() {
  if (box) return;
  const /** @type {any} */ p = (parts = {});
  const opened = /** @type {import("./types").WindView} */ (state.wind);
  p.pin = h("div", { class: "pin", id: "w-pin" });
  p.from = h("div", { class: "from" });
  p.way = h("div", { class: "way", id: "w-way" });
  p.ask = h("div", { class: "ask", id: "w-ask" });
  p.next = h("div", { class: "next" });
  p.facts = h("div", { class: "facts" });
  p.bar = h("progress", { max: 1, value: 0, "aria-label": t("seek") });
  p.awake = h("span", { class: "small soft" });
  p.swatch = h("i", { class: "swatch" });
  p.canvas = h("canvas", { role: "img", "aria-label": t("stage_label") });
  p.pause = button(t("w_pause"), null);
  p.spool = button(t("w_new_spool"), () => go("spool"));
  p.auto = button(
    t("s_auto"),
    () => {
      speech.auto = !speech.auto;
      rhythm();
    },
    { "aria-pressed": "false" },
  );
  const full = button(t("w_full"), () =>
    document.fullscreenElement ? document.exitFullscreen() : box.requestFullscreen?.(),
  );
  box = h(
    "div",
    { class: "winding", role: "dialog", "aria-modal": "true", "aria-label": t("wind_title") },
    h(
      "div",
      { class: "top" },
      h("div", { class: "row" }, p.swatch, h("b", {}, opened.title), p.awake),
      h(
        "div",
        { class: "row" },
        button(t("w_voice"), voiceDialog),
        p.auto,
        p.pause,
        p.spool,
        button(t("w_jump"), jump),
        full,
        button(t("w_leave"), leave, { id: "w-leave" }),
        stopButton(),
      ),
    ),
    h(
      "div",
      { class: "middle" },
      h(
        "div",
        {
          class: "step",
          role: "button",
          tabindex: "0",
          "aria-label": t("w_next"),
          onclick: () => manual("next"),
          id: "w-step",
        },
        p.from,
        p.pin,
        p.ask,
        p.way,
        p.next,
      ),
      h("div", { class: "picture" }, p.canvas),
    ),
    h(
      "div",
      { class: "bottom" },
      p.bar,
      p.facts,
      h(
        "div",
        { class: "keys" },
        button(t("w_back"), () => manual("back"), { id: "w-back" }),
        button(t("w_next"), () => manual("next"), { class: "main", id: "w-next" }),
        button(t("w_voice"), voiceDialog),
      ),
    ),
  );
  const live = h("div", { class: "hidden-text", "aria-live": "assertive" });
  box.append(live);
  document.body.append(box);
  document.addEventListener("keydown", keys);
  painter = new Painter();
  painter.onpicture = ({ bitmap }) => {
    picture?.close();
    picture = bitmap;
    drawPicture();
  };
  plan = await fetchPlan(opened.plan_id, opened.plan_id);
  painter.begin(plan);
  new ResizeObserver(() => {
    const r = p.canvas.getBoundingClientRect();
    p.canvas.width = Math.round(r.width * Math.min(devicePixelRatio, 2));
    p.canvas.height = Math.round(r.height * Math.min(devicePixelRatio, 2));
    paintSoFar();
  }).observe(p.canvas);
  parts.pin.closest(".step").focus();
  stayAwake();
  put();
}

export function makeWind(root) {
  const which = h("select", { id: "wind-plan" }),
    spool = h("input", { id: "wind-spool", type: "number", min: "1", placeholder: "500" });
  const start = button(t("wind_begin"), () => begin(which.value, spool.value ? Number(spool.value) : null), {
    class: "main",
    id: "wind-begin",
  });
  const none = h("p", { class: "note warn" }, t("no_plan"));
  const phone = h(
    "section",
    { class: "card", style: "padding:1rem;display:grid;gap:.8rem;justify-items:start" },
    h("h2", {}, t("lan_title")),
    h("p", { class: "soft" }, state.lan ? t("lan_on") : t("lan_off")),
    state.lan
      ? [
          h("img", {
            src: "/lan.svg",
            alt: "",
            width: "180",
            height: "180",
            style: "background:#fff;border-radius:8px",
          }),
          h("code", {}, state.lan),
        ]
      : null,
  );
  root.append(
    h(
      "div",
      { class: "chooser" },
      h("div", {}, h("h1", {}, t("wind_title")), h("p", { class: "soft" }, t("wind_text"))),
      none,
      h(
        "section",
        { class: "card", style: "padding:1rem;display:grid;gap:1rem" },
        h(
          "div",
          { class: "fields", style: "justify-content:start;grid-template-columns:minmax(0,1fr) minmax(0,14rem)" },
          h("label", { for: "wind-plan" }, t("wind_which")),
          which,
          h("label", { for: "wind-spool" }, t("wind_spool")),
          spool,
        ),
        h("div", {}, start),
      ),
      h("p", { class: "small soft" }, t("s_keys")),
      phone,
    ),
  );
  which.style.width = spool.style.width = "100%";
  const choose = () => {
    const was = which.value;
    const options = [
      ...(state.plan ? [["current", t("current_plan")]] : []),
      ...state.variants.map((v) => [v.id, v.name]),
    ];
    which.replaceChildren(...options.map(([id, name]) => h("option", { value: id }, name)));
    if (options.some(([id]) => id === was)) which.value = was;
    none.hidden = options.length > 0;
    start.disabled = !options.length;
  };
  on("plan variants", choose);
  on("wind", put);
  choose();
}
export const windingOpen = () => Boolean(box);
export function resumeWinding() {
  if (state.wind && !box) {
    wanted = true;
    open();
  }
}
