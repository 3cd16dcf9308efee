// The first two cards of the work: a port is opened, and the machine is told where it is.

import { button, confirmed, h, segments } from "./elements.js";
import { missing, order, workCard } from "./machine_cards.js";
import { on, state } from "./state.js";
import { plainNumber, t } from "./words.js";

const SIMULATORS = ["grbl", "grblhal", "fluidnc", "marlin"];
/** @param {string} name */
const simulator = (name) => `sim://${name}?homing=1`; // it has switches, so that homing can be tried
const HOLD_MS = 350; // a press that lasts longer moves as long as it lasts
const HOLD_EVERY_MS = 300;
const HOLD_MM = 7.5; // so much in that time, at the feed of a jog: a line that breaks ends the move within it
let distance = 10;

/** @returns {import("./machine_cards.js").Card} */
export function connection() {
  const port = h("select", { id: "m-port" });
  const go = button(t("m_connect"), () => order("connect", { port: port.value }), { class: "main", id: "m-connect" });
  const end = button(t("m_disconnect"), () => order("disconnect")),
    look = button(t("m_look"), () => order("ports")),
    again = button(t("m_reconnect"), () => order("reconnect"));
  const word = h("span", { class: "state-word", id: "m-state", role: "status" }),
    about = h("span", { class: "soft small" });
  const card = workCard(
    1,
    h("h2", {}, t("m_c_connect")),
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
  );
  const put = () => {
    const m = state.machine;
    putPorts(port);
    port.disabled = go.disabled = Boolean(m.port);
    go.hidden = look.hidden = Boolean(m.port);
    end.hidden = !m.port;
    again.hidden = !(m.port && !m.connected);
    const busy = state.machine_busy;
    word.textContent = busy ? t(`m_busy_${busy}`) : m.port ? m.raw_state || m.machine_state : t("m_not");
    word.classList.toggle("alarm", ["alarm", "dead"].includes(m.machine_state));
    about.textContent = m.port ? `${m.firmware} ${m.version} · ${m.port}` : "";
    card.tell(m.connected || m.port ? "" : t("m_need_port"), Boolean(m.connected));
    document.body.classList.toggle("has-machine", Boolean(m.port));
  };
  on("machine machine_ports machine_busy", put);
  return { box: card.box, put };
}
/** @param {HTMLSelectElement} port */
function putPorts(port) {
  const m = state.machine,
    was = port.value;
  const ports = [
    ...state.machine_ports.map((p) => [p.address, `${p.address} ${p.text === p.address ? "" : p.text}`]),
    ...SIMULATORS.map((name) => [simulator(name), t("m_sim", { name })]),
  ];
  if (m.connected && m.port && !ports.some(([a]) => a === m.port)) ports.unshift([m.port, m.port]);
  const key = JSON.stringify(ports);
  if (port.dataset.key === key) return;
  port.dataset.key = key;
  port.replaceChildren(...ports.map(([a, text]) => h("option", { value: a }, text)));
  if (ports.some(([a]) => a === was)) port.value = was;
}

/** @returns {import("./machine_cards.js").Card} */
export function whereItIs() {
  const how = segments(
    t("m_distance"),
    [0.1, 1, 10, 100],
    distance,
    (mm) => {
      distance = Number(mm);
      how.put(mm);
    },
    { 0.1: plainNumber(0.1, 1), 1: "1", 10: "10", 100: "100 mm" },
  );
  const home = button(
    t("m_home"),
    async () => {
      if (await confirmed(t("m_confirm_home"), t("m_home"))) order("home");
    },
    { id: "m-home", class: "main" },
  );
  const unlock = button(t("m_unlock"), () => order("unlock")),
    cancel = button(t("m_cancel_jog"), () => order("cancel_jog")),
    zero = button(t("m_zero"), () => order("work_zero", { axes: { x: 0, y: 0 } })),
    zeroZ = button(t("m_zero_z"), () => order("work_zero", { axes: { z: 0 } }));
  const kept = h("p", { class: "note warn" }, t("m_kept"));
  const card = workCard(
    2,
    h("h2", {}, t("m_c_home")),
    kept,
    h("div", { class: "row" }, home, unlock, zero, zeroZ),
    h("details", { open: true }, h("summary", {}, t("m_move")), h("div", { class: "jog-box" }, how, jogPad(), cancel)),
    h("p", { class: "small soft" }, t("m_jog_help")),
  );
  card.box.addEventListener("keydown", jogKeys);
  const put = () => {
    const m = state.machine;
    const off = !m.connected || m.busy;
    for (const b of card.box.querySelectorAll("button")) if (!how.contains(b)) b.disabled = off;
    kept.hidden = !m.connected || m.position_known;
    card.tell(missing.connection() || (m.position_known ? "" : t("m_need_home")), Boolean(m.position_known));
  };
  on("machine", put);
  return { box: card.box, put };
}

function jogPad() {
  const gap = () => h("span", {});
  const rows = [
    [gap(), jogButton("y", 1), gap(), gap(), jogButton("z", 1)],
    [jogButton("x", -1), gap(), jogButton("x", 1), gap(), gap()],
    [gap(), jogButton("y", -1), gap(), gap(), jogButton("z", -1)],
  ];
  return h("div", { class: "jog" }, rows);
}
/** A tap moves by the distance that is chosen; held, the tool moves as long as it is held.
 * @param {string} axis
 * @param {number} sign
 */
function jogButton(axis, sign) {
  let wait = 0;
  let every = 0;
  let held = false;
  /** @param {number} mm */
  const move = (mm) => order("jog", { axes: { [axis]: sign * mm } });
  const begin = () => {
    held = true;
    move(HOLD_MM);
    every = setInterval(() => move(HOLD_MM), HOLD_EVERY_MS);
  };
  const end = () => {
    clearTimeout(wait);
    clearInterval(every);
    wait = every = 0;
    if (held) order("cancel_jog");
  };
  const made = button(`${axis.toUpperCase()}${sign > 0 ? "+" : "−"}`, null, {
    "aria-label": t("m_jog", { axis: axis.toUpperCase(), way: sign > 0 ? "+" : "−" }),
    "data-jog": `${axis}${sign}`,
  });
  made.addEventListener("pointerdown", (event) => {
    held = false;
    if (!event.button) wait = setTimeout(begin, HOLD_MS);
  });
  for (const way of ["pointerup", "pointercancel", "pointerleave", "blur"]) made.addEventListener(way, end);
  made.addEventListener("contextmenu", (event) => event.preventDefault());
  made.addEventListener("click", () => {
    if (!held) move(distance);
    held = false;
  });
  return made;
}
/** @param {KeyboardEvent} event */
function jogKeys(event) {
  const moves = { ArrowLeft: ["x", -1], ArrowRight: ["x", 1], ArrowUp: ["y", 1], ArrowDown: ["y", -1] };
  const [axis, sign] = { ...moves, PageUp: ["z", 1], PageDown: ["z", -1] }[event.key] ?? [];
  if (!axis || !(/** @type {HTMLElement} */ (event.target).dataset.jog)) return;
  event.preventDefault();
  if (!event.repeat) order("jog", { axes: { [axis]: Number(sign) * distance } });
}
