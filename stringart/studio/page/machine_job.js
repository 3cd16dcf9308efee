// The fourth and the sixth card: a job is prepared and checked, then started, paused, led back, ended.

import { button, confirmed, h, segments } from "./elements.js";
import { active, begun, stepMeta } from "./machine_board.js";
import { missing, order, workCard } from "./machine_cards.js";
import { profileDialog } from "./machine_profile.js";
import { on, state } from "./state.js";
import { duration, length, number, problemOf, t, told } from "./words.js";

const CELLS = ["r_wrap", "r_pin", "r_layer", "r_height", "r_thread", "r_time", "r_x", "r_y", "r_z"];
const choice = { plan: "current", profile: "grbl" };

/** The plan and the profile that are chosen, as a request names them. */
export const chosenJob = () => ({ profile: choice.profile, id: choice.plan });

/** Wind a plan, from another view.
 * @param {string} id
 */
export function chooseForMachine(id) {
  choice.plan = id;
  const which = document.querySelector("#m-plan");
  if (which instanceof HTMLSelectElement) which.value = id;
}

export function jobChoice() {
  const which = h("select", { id: "m-plan", onchange: () => (choice.plan = which.value) });
  const profile = h("select", { id: "m-profile", onchange: () => (choice.profile = profile.value) });
  const put = () => {
    const current = state.plan ? [["current", t("current_plan")]] : [];
    const options = [...current, ...state.variants.map((v) => [v.id, v.name])];
    which.replaceChildren(...options.map(([id, name]) => h("option", { value: id }, name)));
    if (options.some(([id]) => id === choice.plan)) which.value = choice.plan;
    choice.plan = which.value || "current";
    profile.replaceChildren(...state.machine_profiles.map((name) => h("option", {}, name)));
    if (state.machine_profiles.includes(choice.profile)) profile.value = choice.profile;
  };
  on("plan variants machine_profiles", put);
  put();
  return [
    h(
      "div",
      { class: "fields", style: "grid-template-columns:auto minmax(0,1fr)" },
      h("label", { for: "m-plan" }, t("m_plan")),
      which,
      h("label", { for: "m-profile" }, t("m_profile")),
      profile,
    ),
    h(
      "div",
      { class: "row" },
      button(t("m_profile_change"), () => profileDialog(choice.profile, false), { id: "m-profile-change" }),
      button(t("m_profile_new"), () => profileDialog(choice.profile, true), { id: "m-profile-new" }),
    ),
  ];
}

/** @returns {import("./machine_cards.js").Card} */
export function preparing() {
  const prepare = button(t("m_prepare"), () => order("prepare", chosenJob()), { id: "m-prepare", class: "main" });
  const check = button(t("m_check"), () => order("check"), { id: "m-check" });
  const about = h("p", { class: "soft small", id: "m-about" });
  const needs = h("ul", { class: "needs small", id: "m-needs" });
  const card = workCard(4, h("h2", {}, t("m_c_prepare")), h("div", { class: "row" }, prepare, check), about, needs);
  const put = () => {
    const j = state.machine_job;
    about.textContent = j
      ? t("m_prepared", { wraps: number(j.wraps), time: duration(j.total_s), z: number(j.highest_mm, 1) })
      : "";
    needs.replaceChildren(...(j?.needs ? needed(j) : []));
    const none = !(state.plan || state.variants.length);
    prepare.disabled = active() || none || Boolean(state.machine_busy);
    check.disabled = !j || !state.machine.connected || active() || Boolean(state.machine_busy);
    card.tell(none ? t("no_plan") : "", Boolean(j));
  };
  on("machine machine_job machine_busy plan variants", put);
  return { box: card.box, put };
}
/** @param {any} given */
function needed({ needs, total_s }) {
  /** @param {{ name: string, color: string, mm: number }} given */
  const thread = ({ name, color, mm }) =>
    h("li", {}, h("i", { class: "swatch", style: `background:${color}` }), `${name}: ${length(mm)}`);
  return [
    h("li", {}, t("m_needs_tool", { tool: number(needs.tool_mm, 1), pin: number(needs.pin_mm, 1) })),
    needs.threads.map(thread),
    h("li", {}, t("m_needs_time", { time: duration(total_s) })),
  ].flat();
}

const CONFIRMED = { start: "m_confirm_start", back: "m_confirm_back", stop: "m_confirm_stop" };
/** @param {string} label
 * @param {"start" | "back" | "stop"} what
 * @param {() => Record<string, any>} values
 * @param {Record<string, any>} props
 */
const confirming = (label, what, values, props = {}) => {
  const made = button(
    t(label),
    async () => {
      if (await confirmed(t(CONFIRMED[what]), made.textContent ?? "")) order(what, values());
    },
    props,
  );
  return made;
};

/** @returns {import("./machine_cards.js").Card} */
export function running() {
  const thread = h(
    "select",
    { "aria-label": t("m_thread_where") },
    ["", "before", "between", "after"].map((w) => h("option", { value: w }, t(`m_thread_${w}`))),
  );
  const where = h("label", { class: "row small" }, t("m_thread_where"), thread);
  const parts = {
    start: confirming("m_start", "start", () => ({ again: false, thread: thread.value }), {
      class: "main",
      id: "m-start",
    }),
    again: confirming("m_again", "start", () => ({ again: true })),
    resume: button(t("m_resume"), () => order("resume"), { class: "main", id: "m-resume" }),
    pause: button(t("m_pause"), () => order("pause"), { id: "m-pause" }),
    hold: button(t("m_hold"), () => order("hold")),
    step: button(t("m_step"), () => order("step")),
    back: confirming("m_back", "back", () => ({ wraps: 1 })),
    stop: confirming("m_stop", "stop", () => ({}), { class: "bad" }),
  };
  const prompt = h("p", { class: "note", role: "alert", id: "m-prompt" }),
    problem = h("p", { class: "note bad", role: "alert", id: "m-problem" });
  const title = h("h2", { id: "m-job" }, t("m_job"));
  const bar = h("progress", { max: 1, value: 0, "aria-label": t("m_job") });
  const read = readout();
  const card = workCard(
    6,
    title,
    prompt,
    problem,
    where,
    h("div", { class: "run" }, Object.values(parts)),
    bar,
    read.box,
    overrides(),
  );
  const put = () => {
    const m = state.machine;
    title.textContent = `${t("m_job")}: ${t(`job_${m.job_state ?? "none"}`)}`;
    prompt.hidden = !m.prompt;
    prompt.textContent = m.prompt ? `${t("m_prompt")}: ${told(m.prompt)}` : "";
    problem.hidden = !m.problem;
    problem.textContent = m.problem ? problemOf({ error: m.problem, hint: m.hint }) : "";
    putButtons(parts, where);
    read.put();
    bar.max = m.step_count || 1;
    bar.value = m.job_state === "finished" ? bar.max : (m.next_step ?? 0);
    card.tell(active() ? "" : missing.job() || missing.position(), m.job_state === "finished");
  };
  on("machine machine_job machine_busy", put);
  return { box: card.box, put };
}
/**
 * @param {Record<string, any>} parts
 * @param {any} where
 */
function putButtons(parts, where) {
  const m = state.machine,
    j = state.machine_job,
    s = m.job_state ?? "none";
  const goOn = j && !active() && (s === "halted" || (s === "none" && j.done > 0)),
    at = s === "halted" ? m.next_step : (j?.done ?? 0);
  parts.start.disabled = !j || !m.connected || active() || Boolean(state.machine_busy);
  parts.start.textContent = goOn ? t("m_go_on", { n: number(at + 1) }) : t("m_start");
  parts.again.hidden = active() || !(goOn || j?.begun);
  where.hidden = !goOn;
  parts.start.hidden = active();
  parts.pause.hidden = parts.hold.hidden = parts.stop.hidden = !active();
  parts.resume.hidden = !(s === "paused" || m.held);
  parts.step.hidden = parts.back.hidden = s !== "paused";
  parts.pause.disabled = s !== "running";
}

function readout() {
  const cells = Object.fromEntries(CELLS.map((key) => [key, h("dd", { id: `m-${key}` }, "–")]));
  const box = h(
    "dl",
    { class: "readout" },
    CELLS.map((key) => h("div", {}, h("dt", {}, t(key)), cells[key])),
  );
  const put = () => {
    const m = state.machine,
      shown = begun();
    /** @type {Record<string, string>} */
    const values = {
      ...(shown && state.machine_job ? progress() : { r_time: total() }),
      ...places(m.work_position ?? []),
    };
    for (const key of CELLS) cells[key].textContent = values[key] ?? "–";
  };
  return { box, put };
}
const total = () => (state.machine_job ? duration(state.machine_job.total_s) : "–");
/** @param {any} p */
const places = (p) =>
  Object.fromEntries(["r_x", "r_y", "r_z"].map((key, n) => [key, p[n] === undefined ? "–" : number(p[n], 2)]));
function progress() {
  const j = state.machine_job,
    meta = stepMeta(),
    layer = meta.layer ?? 0;
  const left = j.total_s - Math.min(meta.after_s ?? 0, j.total_s);
  return {
    r_wrap: `${number(Math.min(meta.wrap ?? j.wraps, j.wraps))} / ${number(j.wraps)}`,
    r_pin: meta.pins?.[0] ?? "–",
    r_layer: `${layer + 1} / ${j.layer_mm.length}`,
    r_height: `${number(meta.height_mm ?? 0, 1)} mm`,
    r_thread: length(Math.max((j.layer_mm[layer] ?? 0) - threadUsed(meta), 0)),
    r_time: duration(state.machine.job_state === "finished" ? 0 : left),
  };
}
/** @param {any} meta */
function threadUsed(meta) {
  // thread is counted from the job's start; a layer's own begins where the one before ended
  const before = state.machine_job.layer_mm
    .slice(0, meta.layer ?? 0)
    .reduce((/** @type {number} */ a, /** @type {any} */ b) => a + b, 0);
  return Math.max((meta.thread_mm ?? 0) - before, 0);
}

function overrides() {
  const feed = h("input", {
    type: "range",
    min: 10,
    max: 200,
    step: 10,
    value: 100,
    "aria-label": t("m_feed"),
    onchange: () => order("override", { what: "feed", percent: Number(feed.value) }),
  });
  const percent = h("output", { class: "num" });
  const rapid = segments(
    t("m_rapid"),
    [25, 50, 100],
    100,
    (value) => order("override", { what: "rapid", percent: Number(value) }),
    { 25: "25 %", 50: "50 %", 100: "100 %" },
  );
  const put = () => {
    const m = state.machine;
    feed.disabled = !m.connected;
    for (const b of rapid.querySelectorAll("button")) b.disabled = !m.connected;
    percent.textContent = `${number(m.overrides?.[0] ?? 100)} %`;
    if (document.activeElement !== feed) feed.value = m.overrides?.[0] ?? 100;
    rapid.put(m.overrides?.[1] ?? 100);
  };
  on("machine", put);
  put();
  return h(
    "div",
    { class: "overrides" },
    h("label", { class: "row", style: "flex-wrap:nowrap" }, t("m_feed"), feed, percent),
    h("div", { class: "row" }, h("span", {}, t("m_rapid")), rapid),
  );
}
