// The machine console: nothing moves by itself; whatever is shown comes from the server, so a reload loses nothing.

import { button, clamp, confirmed, h, segments } from "./elements.js";
import { ICON } from "./icons.js";
import { Painter, fetchPlan } from "./plans.js";
import { ask } from "./server.js";
import { on, state } from "./state.js";
import { duration, length, number, t } from "./words.js";

const BAD_TOUCH_MM = 1.5; // more than a jog by hand is off
const order = (what, values = {}) => ask("machine", { what, arguments: values });
const SIMULATORS = ["sim://grbl", "sim://grblhal", "sim://fluidnc", "sim://marlin"];
let /** @type {any} */ painter = null;
let /** @type {any} */ plan = null;
let planKey = "";
let /** @type {any} */ picture = null;
let /** @type {any} */ canvas = null;
let distance = 10;
let laid = -1;

const simulator = (address) => t("m_sim", { name: address.slice(6) });
const active = () => ["running", "pausing", "paused", "stopping"].includes(state.machine.job_state);
const stepMeta = () => state.machine.step_meta ?? {};

// ---------------------------------------------------------------- the board with the tool

function draw() {
  if (!canvas?.width) return;
  const ink = canvas.getContext("2d");
  ink.clearRect(0, 0, canvas.width, canvas.height);
  if (!plan) {
    ink.fillStyle = getComputedStyle(canvas).color;
    ink.globalAlpha = 0.7;
    ink.font = `${15 * devicePixelRatio}px sans-serif`;
    ink.textAlign = "center";
    ink.fillText(t("m_nothing"), canvas.width / 2, canvas.height / 2);
    ink.globalAlpha = 1;
    return;
  }
  const { width_mm: w, height_mm: high } = plan.board,
    scale = 0.84 * Math.min(canvas.width / w, canvas.height / high),
    x = canvas.width / 2,
    y = canvas.height / 2,
    k = devicePixelRatio;
  const at = ([px, py]) => [x + px * scale, y - py * scale];
  ink.save();
  ink.beginPath();
  plan.pins.xy_mm.forEach((pin) => ink.lineTo(...at(pin)));
  ink.closePath();
  ink.fillStyle = plan.board.color;
  ink.fill();
  ink.clip();
  if (picture) ink.drawImage(picture, x - (w * scale) / 2, y - (high * scale) / 2, w * scale, high * scale);
  ink.restore();
  ink.fillStyle = "#8a8274";
  ink.font = `${11 * k}px sans-serif`;
  ink.textAlign = "center";
  ink.textBaseline = "middle";
  const every = Math.max(Math.round(plan.pins.xy_mm.length / 24 / 4) * 4, 4);
  plan.pins.xy_mm.forEach((pin, n) => {
    const [px, py] = at(pin),
      r = n % 10 ? 1.2 * k : 2 * k;
    ink.beginPath();
    ink.arc(px, py, r, 0, 7);
    ink.fill();
    if (n % every === 0) {
      const d = Math.hypot(...pin) || 1;
      ink.fillText(n, px + (pin[0] / d) * 16 * k, py - (pin[1] / d) * 16 * k);
    }
  });
  const m = state.machine,
    pins = stepMeta().pins ?? [];
  for (const pin of pins.slice(0, 1)) {
    ink.beginPath();
    ink.arc(...at(plan.pins.xy_mm[pin] ?? [0, 0]), 7 * k, 0, 7);
    ink.strokeStyle = "#c4161c";
    ink.lineWidth = 2.5 * k;
    ink.stroke();
  }
  for (const pin of Object.keys(state.machine_fit?.touched ?? {})) {
    ink.beginPath();
    ink.arc(...at(plan.pins.xy_mm[pin]), 5 * k, 0, 7);
    ink.fillStyle = "#0d6262";
    ink.fill();
  }
  if (m.board_mm) {
    const [px, py] = at(m.board_mm).map((v, n) => clamp(v, 8 * k, (n ? canvas.height : canvas.width) - 8 * k));
    for (const [color, width] of Object.entries({ "#fff": 5, "#c4161c": 2.5 })) {
      ink.strokeStyle = color;
      ink.lineWidth = width * k;
      ink.beginPath();
      ink.arc(px, py, 9 * k, 0, 7);
      ink.moveTo(px - 15 * k, py);
      ink.lineTo(px + 15 * k, py);
      ink.moveTo(px, py - 15 * k);
      ink.lineTo(px, py + 15 * k);
      ink.stroke();
    }
  }
}
async function paintDone() {
  const key = state.machine_job?.plan ?? "";
  if (key !== planKey) {
    planKey = key;
    plan = key ? await fetchPlan(key, key) : null;
    picture = null;
    laid = -1;
    if (plan) painter.begin(plan);
  }
  if (!plan || !canvas.width) return draw();
  const wrap = active() || ["halted", "finished"].includes(state.machine.job_state) ? stepsOf(stepMeta().wrap) : 0;
  const done = state.machine.job_state === "finished" ? Infinity : wrap;
  if (done !== laid) {
    laid = done;
    const scale = 0.84 * Math.min(canvas.width / plan.board.width_mm, canvas.height / plan.board.height_mm);
    painter.show({
      view: {
        x: 0,
        y: 0,
        scale,
        width: Math.round(plan.board.width_mm * scale),
        height: Math.round(plan.board.height_mm * scale),
      },
      upto: done === Infinity ? undefined : done,
    });
  }
  draw();
}
function stepsOf(wrap) {
  // a layer of n pins has n wraps and n - 1 straight pieces
  let left = (wrap ?? 1) - 1,
    steps = 0;
  for (const layer of plan.layers) {
    if (left <= 0) break;
    const here = Math.min(left, layer.pins.length);
    steps += Math.max(here - 1, 0);
    left -= here;
  }
  return steps;
}

// ---------------------------------------------------------------- the cards

/** @returns {[HTMLElement, () => void]} */
function connection() {
  const port = h("select", { id: "m-port" });
  const go = button(t("m_connect"), () => order("connect", { port: port.value }), { class: "main", id: "m-connect" });
  const end = button(t("m_disconnect"), () => order("disconnect")),
    look = button(t("m_look"), () => order("ports")),
    again = button(t("m_reconnect"), () => order("reconnect"));
  const word = h("span", { class: "state-word", id: "m-state", role: "status" }),
    about = h("span", { class: "soft small" }),
    kept = h("p", { class: "note warn" }, t("m_kept"));
  const put = () => {
    const m = state.machine,
      was = port.value;
    const ports = [
      ...state.machine_ports.map((p) => [p.address, `${p.address} ${p.text === p.address ? "" : p.text}`]),
      ...SIMULATORS.map((a) => [a, simulator(a)]),
    ];
    if (m.connected && m.port && !ports.some(([a]) => a === m.port)) ports.unshift([m.port, m.port]);
    if (port.dataset.key !== JSON.stringify(ports)) {
      port.dataset.key = JSON.stringify(ports);
      port.replaceChildren(...ports.map(([a, text]) => h("option", { value: a }, text)));
      if (ports.some(([a]) => a === was)) port.value = was;
    }
    port.disabled = go.disabled = Boolean(m.port);
    go.hidden = look.hidden = Boolean(m.port);
    end.hidden = !m.port;
    again.hidden = !(m.port && !m.connected);
    word.textContent = state.machine_busy
      ? t(`m_busy_${state.machine_busy}`)
      : m.port
        ? m.raw_state || m.machine_state
        : t("m_not");
    word.classList.toggle("alarm", ["alarm", "dead"].includes(m.machine_state));
    about.textContent = m.port ? `${m.firmware} ${m.version} · ${m.port}` : "";
    kept.hidden = !m.connected || m.position_known;
    document.body.classList.toggle("has-machine", Boolean(m.port));
  };
  on("machine machine_ports machine_busy", put);
  return [
    h(
      "section",
      { class: "card" },
      h("div", { class: "row apart" }, word, about),
      h(
        "div",
        { class: "row" },
        h("label", { for: "m-port", class: "hidden-text" }, t("m_port")),
        port,
        go,
        look,
        again,
        end,
      ),
      kept,
    ),
    put,
  ];
}

/** @returns {[HTMLElement, () => void]} */
function job() {
  const which = h("select", { id: "m-plan" }),
    profile = h(
      "select",
      { id: "m-profile" },
      state.machine_profiles.map((name) => h("option", {}, name)),
    );
  const prepare = button(t("m_prepare"), () => order("prepare", { profile: profile.value, id: which.value }), {
    id: "m-prepare",
  });
  const about = h("p", { class: "soft small", id: "m-about" });
  profile.value = "grbl";
  const thread = h(
    "select",
    { "aria-label": t("m_thread_where") },
    ["", "before", "between", "after"].map((w) => h("option", { value: w }, t(`m_thread_${w}`))),
  );
  const where = h("label", { class: "row small" }, t("m_thread_where"), thread);
  const start = button(
    t("m_start"),
    async () => {
      if (await confirmed(t("m_confirm_start"), t("m_start"))) order("start", { again: false, thread: thread.value });
    },
    { class: "main", id: "m-start" },
  );
  const again = button(t("m_again"), async () => {
    if (await confirmed(t("m_confirm_start"), t("m_again"))) order("start", { again: true });
  });
  const check = button(t("m_check"), () => order("check"), { id: "m-check" });
  const pause = button(t("m_pause"), () => order("pause"), { id: "m-pause" }),
    hold = button(t("m_hold"), () => order("hold")),
    resume = button(t("m_resume"), () => order("resume"), { class: "main", id: "m-resume" }),
    step = button(t("m_step"), () => order("step"));
  const back = button(t("m_back"), async () => {
      if (await confirmed(t("m_confirm_back"), t("m_back"))) order("back", { wraps: 1 });
    }),
    stop = button(
      t("m_stop"),
      async () => {
        if (await confirmed(t("m_confirm_stop"), t("m_stop"))) order("stop");
      },
      { class: "bad" },
    );
  const prompt = h("p", { class: "note", role: "alert", id: "m-prompt" }),
    problem = h("p", { class: "note bad", role: "alert", id: "m-problem" });
  const bar = h("progress", { max: 1, value: 0, "aria-label": t("m_job") });
  const cells = Object.fromEntries(
    ["r_wrap", "r_pin", "r_layer", "r_height", "r_thread", "r_time", "r_x", "r_y", "r_z"].map((key) => [
      key,
      h("dd", { id: `m-${key}` }, "–"),
    ]),
  );
  const readout = h(
    "dl",
    { class: "readout" },
    Object.entries(cells).map(([key, cell]) => h("div", {}, h("dt", {}, t(key)), cell)),
  );
  const putPlans = () => {
    const was = which.value,
      options = [...(state.plan ? [["current", t("current_plan")]] : []), ...state.variants.map((v) => [v.id, v.name])];
    which.replaceChildren(...options.map(([id, name]) => h("option", { value: id }, name)));
    if (options.some(([id]) => id === was)) which.value = was;
    prepare.disabled = !options.length;
  };
  const put = () => {
    const m = state.machine,
      j = state.machine_job,
      s = m.job_state ?? "none",
      meta = stepMeta(),
      on_job = active();
    const goOn = j && !on_job && (s === "halted" || (s === "none" && j.done > 0)),
      at = s === "halted" ? m.next_step : (j?.done ?? 0);
    about.textContent = j
      ? t("m_prepared", { wraps: number(j.wraps), time: duration(j.total_s), z: number(j.highest_mm, 1) })
      : "";
    prepare.disabled = on_job || !which.value;
    check.disabled = start.disabled = !j || !m.connected || on_job || Boolean(state.machine_busy);
    start.textContent = goOn ? t("m_go_on", { n: number(at + 1) }) : t("m_start");
    again.hidden = on_job || !(goOn || j?.begun);
    where.hidden = !goOn;
    start.hidden = check.hidden = on_job;
    pause.hidden = hold.hidden = stop.hidden = !on_job;
    resume.hidden = !(s === "paused" || ["held", "holding", "door"].includes(m.machine_state));
    step.hidden = back.hidden = s !== "paused";
    pause.disabled = s !== "running";
    prompt.hidden = !m.prompt;
    prompt.textContent = m.prompt ? `${t("m_prompt")}: ${m.prompt}` : "";
    problem.hidden = !m.problem;
    problem.textContent = m.problem ? [m.problem, m.hint].filter(Boolean).join(" — ") : "";
    const total = j?.total_s ?? 0,
      after = Math.min(meta.after_s ?? 0, total),
      shown = on_job || s === "halted" || s === "finished";
    cells.r_wrap.textContent =
      shown && j ? `${number(Math.min(meta.wrap ?? j.wraps, j.wraps))} / ${number(j.wraps)}` : "–";
    cells.r_pin.textContent = shown ? (meta.pins?.[0] ?? "–") : "–";
    cells.r_layer.textContent = shown && j ? `${(meta.layer ?? 0) + 1} / ${j.layer_mm.length}` : "–";
    cells.r_height.textContent = shown ? `${number(meta.height_mm ?? 0, 1)} mm` : "–";
    cells.r_thread.textContent =
      shown && j ? length(Math.max((j.layer_mm[meta.layer ?? 0] ?? 0) - threadUsed(meta), 0)) : "–";
    cells.r_time.textContent = shown
      ? duration(s === "finished" ? 0 : Math.max(total - after, 0))
      : j
        ? duration(total)
        : "–";
    const p = m.work_position ?? [];
    ["r_x", "r_y", "r_z"].forEach((key, n) => {
      cells[key].textContent = p[n] === undefined ? "–" : number(p[n], 2);
    });
    bar.max = m.step_count || 1;
    bar.value = s === "finished" ? bar.max : (m.next_step ?? 0);
    title.textContent = `${t("m_job")}: ${t(`job_${s}`)}`;
  };
  const title = h("h2", { id: "m-job" }, t("m_job"));
  on("plan variants", putPlans);
  on("machine machine_job machine_busy", put);
  putPlans();
  return [
    h(
      "section",
      { class: "card" },
      title,
      prompt,
      problem,
      h(
        "div",
        { class: "fields", style: "grid-template-columns:auto minmax(0,1fr)" },
        h("label", { for: "m-plan" }, t("m_plan")),
        which,
        h("label", { for: "m-profile" }, t("m_profile")),
        profile,
      ),
      h("div", { class: "row" }, prepare, check),
      about,
      bar,
      readout,
      where,
      h("div", { class: "run" }, start, again, resume, pause, hold, step, back, stop),
    ),
    put,
  ];
}
let usedBefore = [0, 0];
function threadUsed(meta) {
  // thread is counted from the job's start; a layer's own begins where the one before ended
  if (usedBefore[0] !== meta.layer)
    usedBefore = [meta.layer, (state.machine_job?.layer_mm ?? []).slice(0, meta.layer ?? 0).reduce((a, b) => a + b, 0)];
  return Math.max((meta.thread_mm ?? 0) - usedBefore[1], 0);
}

/** @returns {[HTMLElement, () => void]} */
function moving() {
  const how = segments(
    t("m_distance"),
    [0.1, 1, 10, 100],
    distance,
    (mm) => {
      distance = Number(mm);
      how.put(mm);
    },
    { 0.1: "0.1", 1: "1", 10: "10", 100: "100 mm" },
  );
  const jog = (axis, sign) =>
    button(`${axis.toUpperCase()}${sign > 0 ? "+" : "−"}`, () => order("jog", { axes: { [axis]: sign * distance } }), {
      "aria-label": t("m_jog", { axis: axis.toUpperCase(), way: sign > 0 ? "+" : "−" }),
      "data-jog": `${axis}${sign}`,
    });
  const gap = () => h("span", {});
  const home = button(
      t("m_home"),
      async () => {
        if (await confirmed(t("m_confirm_home"), t("m_home"))) order("home");
      },
      { id: "m-home" },
    ),
    unlock = button(t("m_unlock"), () => order("unlock")),
    cancel = button(t("m_cancel_jog"), () => order("cancel_jog")),
    zero = button(t("m_zero"), () => order("work_zero", { axes: { x: 0, y: 0 } }));
  const feed = h("input", {
      type: "range",
      min: 10,
      max: 200,
      step: 10,
      value: 100,
      "aria-label": t("m_feed"),
      onchange: () => order("override", { what: "feed", percent: Number(feed.value) }),
    }),
    percent = h("output", { class: "num" });
  const box = h(
    "section",
    { class: "card" },
    h("h2", {}, t("m_move")),
    h("div", { class: "row" }, home, unlock, zero),
    how,
    h(
      "div",
      { class: "jog" },
      gap(),
      jog("y", 1),
      gap(),
      gap(),
      jog("z", 1),
      jog("x", -1),
      gap(),
      jog("x", 1),
      gap(),
      gap(),
      gap(),
      jog("y", -1),
      gap(),
      gap(),
      jog("z", -1),
    ),
    h("div", { class: "row" }, cancel),
    h("label", { class: "row", style: "flex-wrap:nowrap" }, t("m_feed"), feed, percent),
  );
  box.addEventListener("keydown", (e) => {
    const [axis, sign] =
      {
        ArrowLeft: ["x", -1],
        ArrowRight: ["x", 1],
        ArrowUp: ["y", 1],
        ArrowDown: ["y", -1],
        PageUp: ["z", 1],
        PageDown: ["z", -1],
      }[e.key] ?? [];
    if (axis && /** @type {any} */ (e.target).dataset.jog) {
      e.preventDefault();
      if (!e.repeat) order("jog", { axes: { [axis]: sign * distance } });
    }
  });
  const put = () => {
    const m = state.machine,
      off = !m.connected || ["running", "pausing", "stopping"].includes(m.job_state);
    for (const b of box.querySelectorAll("button")) if (!how.contains(b)) b.disabled = off;
    feed.disabled = !m.connected;
    percent.textContent = `${m.overrides?.[0] ?? 100} %`;
    if (document.activeElement !== feed) feed.value = m.overrides?.[0] ?? 100;
  };
  on("machine", put);
  return [box, put];
}
/** @returns {[HTMLElement, () => void]} */
function locating() {
  const pin = h("input", { id: "m-touch-pin", type: "number", min: "0", value: "0", style: "width:6rem" }),
    said = h("p", { class: "small", id: "m-fit" }),
    off = h("ul", { class: "touches small" });
  const touched = ([n, mm]) => {
    const label = t("m_untouch", { n });
    const back = { type: "button", class: "icon", "aria-label": label, title: label, html: ICON.close };
    const remove = h("button", { ...back, onclick: () => order("untouch", { pin: Number(n) }) });
    return h("li", { class: mm > BAD_TOUCH_MM ? "bad" : "" }, t("m_pin_off", { n, mm: number(mm, 2) }), remove);
  };
  const touch = button(t("m_touch"), () => order("touch", { pin: Number(pin.value) }), { id: "m-touch" }),
    keep = button(t("m_keep_place"), () => order("keep_place"), { class: "main" }),
    forget = button(t("m_forget"), () => order("forget_touches"));
  const put = () => {
    const f = state.machine_fit,
      ok =
        state.machine.connected &&
        state.machine_job &&
        !["running", "pausing", "stopping"].includes(state.machine.job_state);
    touch.disabled = !ok;
    keep.disabled = !ok || Object.keys(f?.touched ?? {}).length < 2;
    forget.disabled = !f;
    said.textContent = f
      ? t("m_fit", {
          x: number(f.center_mm[0], 2),
          y: number(f.center_mm[1], 2),
          deg: number(f.rotation_deg, 3),
          scale: number(f.scale, 5),
          rms: number(f.rms_mm, 2),
        })
      : "";
    off.replaceChildren(...(f ? Object.entries(f.touched).map(touched) : []));
  };
  on("machine machine_fit machine_job", put);
  return [
    h(
      "section",
      { class: "card" },
      h("h2", {}, t("m_locate")),
      h("p", { class: "small soft" }, t("m_locate_help")),
      h("div", { class: "row" }, h("label", { for: "m-touch-pin" }, t("m_touch_pin")), pin, touch),
      said,
      off,
      h("div", { class: "row" }, keep, forget),
    ),
    put,
  ];
}
/** @returns {[HTMLElement, () => void]} */
function log() {
  const list = h("ol", { class: "log", id: "m-log", tabindex: "0", "aria-label": t("m_log") });
  const put = () => {
    list.replaceChildren(
      ...(state.machine_log.length
        ? [...state.machine_log]
            .reverse()
            .map((entry) =>
              h(
                "li",
                { class: entry.kind },
                h("time", {}, new Date(entry.at_s * 1000).toLocaleTimeString()),
                entry.text,
              ),
            )
        : [h("li", { class: "soft" }, t("m_log_empty"))]),
    );
  };
  on("machine_log", put);
  return [h("section", { class: "card log-card" }, h("h2", {}, t("m_log")), list), put];
}

export function makeMachine(root) {
  painter = new Painter();
  painter.onpicture = ({ bitmap }) => {
    picture?.close();
    picture = bitmap;
    draw();
  };
  canvas = h("canvas", { role: "img", "aria-label": t("m_board") });
  const /** @type {[HTMLElement, () => void][]} */ parts = [connection(), job(), moving(), locating(), log()];
  root.append(
    h("div", { class: "page-head" }, h("div", {}, h("h1", {}, t("m_title")), h("p", {}, t("m_text")))),
    h(
      "div",
      { class: "machine-grid" },
      h("div", { class: "machine-side" }, parts[0][0], h("div", { class: "machine-board" }, canvas), parts[4][0]),
      h("div", { class: "machine-side" }, parts[1][0], parts[2][0], parts[3][0]),
    ),
  );
  for (const [, put] of parts) put();
  on("machine machine_job machine_fit", paintDone);
  new ResizeObserver(() => {
    const r = canvas.getBoundingClientRect(),
      k = Math.min(devicePixelRatio, 2);
    canvas.width = Math.round(r.width * k);
    canvas.height = Math.round(r.height * k);
    laid = -1;
    paintDone();
  }).observe(canvas);
  if (state.machine.port === undefined) order("ports");
}
