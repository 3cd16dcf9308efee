// The variants: kept plans side by side.

import { button, emptyBox, h, toast, waitingImage } from "./elements.js";
import { ICON } from "./icons.js";
import { titleOf } from "./controls.js";
import { compareIn } from "./compare.js";
import { chooseForExport } from "./exports.js";
import { chooseForMachine } from "./machine_job.js";
import { pick } from "./moves.js";
import { thumbOf } from "./plans.js";
import { ask } from "./server.js";
import { on, state } from "./state.js";
import { duration, length, number, t } from "./words.js";

const SEEN_PX = 240; // scrolled so far, what stands at the top is out of sight

const picked = new Set();

/** @param {import("./types").Variant} v */
function card(v) {
  const n = v.numbers;
  const star = h("button", {
    type: "button",
    class: "icon star",
    "aria-pressed": String(v.starred),
    "aria-label": t("v_star", { name: v.name }),
    html: ICON.star,
    onclick: () => ask("star", { id: v.id, starred: !v.starred }),
  });
  const bin = h("button", {
    type: "button",
    class: "icon",
    "aria-label": `${t("v_delete")}: ${v.name}`,
    html: ICON.bin,
    onclick: () => {
      picked.delete(v.id);
      ask("delete", { id: v.id });
      toast(t("v_deleted", { name: v.name }), { action: { label: t("undo_it"), run: () => ask("undelete") } });
    },
  });
  const name = h("input", {
    type: "text",
    value: v.name,
    maxlength: "120",
    "aria-label": t("v_name"),
    onchange: (/** @type {any} */ e) => ask("rename", { id: v.id, name: e.target.value || v.id }),
  });
  const tick = h("input", {
    type: "checkbox",
    checked: picked.has(v.id),
    "aria-label": t("v_compare_pick", { name: v.name }),
    onchange: (/** @type {any} */ e) => {
      if (e.target.checked) picked.add(v.id);
      else picked.delete(v.id);
      compare();
      pointUp();
    },
  });
  const open = () => {
    ask("open", { id: v.id });
    location.hash = "design";
  };
  const about = n
    ? `${number(n.chords)} ${t("n_chords").toLowerCase()} · ${length(n.thread_mm)} · ${duration(n.hand_s)}`
    : "";
  return h(
    "article",
    { class: "variant card", "data-id": v.id },
    h(
      "button",
      { type: "button", class: "picture", "aria-label": t("v_picture", { name: v.name }), onclick: open },
      waitingImage({ src: thumbOf(v.id), alt: "", loading: "lazy", width: "480", height: "480" }),
    ),
    h(
      "div",
      { class: "about" },
      h("div", { class: "title" }, name, star, bin),
      h("p", { class: "small soft num" }, about),
      h("div", { class: "row ways" }, ways(v)),
      h(
        "div",
        { class: "row apart" },
        h("label", { class: "row small" }, tick, t("v_compare")),
        h("div", { class: "row" }, button(t("v_open"), open)),
      ),
    ),
  );
}

let /** @type {any} */ pairBox = null;
function compare() {
  compareIn(
    pairBox,
    state.variants.filter((v) => picked.has(v.id)),
    (key) => (key === "pins" ? titleOf("pins") : t(key)),
  );
}

/** Say where those that are chosen stand side by side, where that is out of sight. */
function pointUp() {
  const chosen = state.variants.filter((v) => picked.has(v.id));
  if (chosen.length < 2 || scrollY < pairBox.parentElement.offsetTop + SEEN_PX) return;
  const run = () => pairBox.scrollIntoView({ block: "center" });
  toast(chosen.map((v) => v.name).join(" · "), { action: { label: t("c_title"), run } });
}

/** What one does with a variant: wind it, export it, send it to the machine.
 * @param {import("./types").Variant} v
 */
function ways(v) {
  /**
   * @param {string} label
   * @param {string} view
   * @param {(event: Event) => void} run
   */
  const go = (label, view, run) =>
    h("a", {
      class: "button",
      href: `#${view}`,
      "aria-label": `${label}: ${v.name}`,
      title: label,
      html: ICON[view],
      onclick: run,
    });
  /** @param {Event} event */
  const wind = (event) => {
    event.preventDefault();
    const spool = localStorage.getItem("wind-spool-m");
    pick(v.id, spool ? Number(spool) : null);
  };
  return [
    go(t("wind_it"), "wind", wind),
    go(t("tab_export"), "export", () => chooseForExport(v.id)),
    go(t("send_it"), "machine", () => chooseForMachine(v.id)),
  ];
}

/** @param {HTMLElement} root */
export function makeShelf(root) {
  const cards = h("div", { class: "cards" });
  const none = emptyBox(t("variants_empty"));
  pairBox = h("section", { class: "compare card", hidden: true, "aria-label": t("c_title") });
  root.append(
    h(
      "div",
      { class: "page-head" },
      h("div", {}, h("h1", {}, t("variants_title")), h("p", {}, t("variants_text"))),
      h("p", { class: "small soft" }, t("folder", { folder: state.folder })),
    ),
    pairBox,
    cards,
    none,
  );
  const put = () => {
    if (cards.contains(document.activeElement) && /** @type {any} */ (document.activeElement).type === "text")
      /** @type {any} */ (document.activeElement).blur();
    const sorted = [...state.variants].sort((a, b) => Number(b.starred) - Number(a.starred));
    const kept = new Map(/** @type {HTMLElement[]} */ ([...cards.children]).map((c) => [c.dataset.key, c]));
    cards.replaceChildren(
      ...sorted.map((v) => {
        const key = JSON.stringify([v, state.settings.units]);
        const made = kept.get(key) ?? card(v);
        made.dataset.key = key;
        return made;
      }),
    );
    none.hidden = sorted.length > 0;
    compare();
  };
  on("variants", put);
  put();
}
