// What happened, in words, the newest first; every line both ways and a line of one's own for those who ask.

import { button, h } from "./elements.js";
import { order } from "./machine_cards.js";
import { on, state } from "./state.js";
import { TEXT, clock, t, told } from "./words.js";

const MOST_SHOWN = 60;

/** @param {{ kind: string, text: string }} given */
function said({ kind, text }) {
  const word = TEXT[`ev_${kind}`];
  const plain = kind.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
  if (kind === "Said") return word ? `${word}: ${text}` : text; // the controller's own words
  if (!word) return told(text);
  return text.toLowerCase() === plain ? word : `${word}: ${told(text)}`;
}

/** @returns {import("./machine_cards.js").Card} */
export function machineLog() {
  const list = h("ol", { class: "log", id: "m-log", tabindex: "0", "aria-label": t("m_log") });
  const put = () => {
    const newest = [...state.machine_log].reverse().slice(0, MOST_SHOWN);
    const lines = newest.map((entry) =>
      h("li", { class: entry.kind }, h("time", {}, clock(new Date(entry.at_s * 1000))), said(entry)),
    );
    list.replaceChildren(...(lines.length ? lines : [h("li", { class: "soft" }, t("m_log_empty"))]));
  };
  on("machine_log", put);
  return { box: h("section", { class: "card log-card" }, h("h2", {}, t("m_log")), list, forThoseWhoAsk()), put };
}

function forThoseWhoAsk() {
  const line = h("input", { type: "text", id: "m-line", maxlength: "200", autocomplete: "off", spellcheck: false });
  const send = () => {
    if (line.value.trim()) order("command", { line: line.value });
    line.value = "";
  };
  line.addEventListener("keydown", (event) => {
    if (event.key === "Enter") send();
  });
  const raw = h("pre", { class: "raw", id: "m-raw", tabindex: "0", "aria-label": t("m_raw") });
  const shows = h("input", { type: "checkbox", onchange: () => order("raw", { on: shows.checked }) });
  const put = () => {
    raw.textContent = [...state.machine_raw].reverse().join("\n");
    raw.hidden = !state.machine_raw.length;
  };
  on("machine_raw", put);
  put();
  return h(
    "details",
    {},
    h("summary", {}, t("m_expert")),
    h(
      "div",
      { class: "expert" },
      h("div", { class: "row" }, h("label", { for: "m-line" }, t("m_line")), line, button(t("m_line_send"), send)),
      h("label", { class: "row" }, shows, t("m_raw")),
      raw,
    ),
  );
}
