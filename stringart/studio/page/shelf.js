// The variants: kept plans side by side.

import { button, h, toast } from "./elements.js";
import { ICON } from "./icons.js";
import { ask } from "./server.js";
import { on, state } from "./state.js";
import { duration, length, number, t } from "./words.js";

const picked = new Set();

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
    onchange: (e) => ask("rename", { id: v.id, name: e.target.value || v.id }),
  });
  const pick = h("input", {
    type: "checkbox",
    checked: picked.has(v.id),
    "aria-label": t("v_compare_pick", { name: v.name }),
    onchange: (e) => {
      if (e.target.checked) picked.add(v.id);
      else picked.delete(v.id);
      compare();
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
      h("img", { src: `/thumb/${v.id}.png`, alt: "", loading: "lazy", width: "480", height: "480" }),
    ),
    h(
      "div",
      { class: "about" },
      h("div", { class: "title" }, name, star, bin),
      h("p", { class: "small soft num" }, about),
      h(
        "div",
        { class: "row apart" },
        h("label", { class: "row small" }, pick, t("v_compare")),
        h(
          "div",
          { class: "row" },
          button(t("v_open"), open),
          h("a", {
            class: "button",
            href: `/plan/${v.id}.json`,
            download: `${v.name}.json`,
            "aria-label": `${t("download")}: ${v.name}`,
            html: ICON.export,
          }),
        ),
      ),
    ),
  );
}

let /** @type {any} */ pairBox = null;
function compare() {
  const chosen = state.variants.filter((v) => picked.has(v.id));
  pairBox.hidden = chosen.length < 2;
  if (chosen.length < 2) return;
  const /** @type {[string, (v: import("./types").Variant) => any][]} */ rows = [
      ["n_chords", (v) => number(v.numbers.chords)],
      ["n_thread", (v) => length(v.numbers.thread_mm)],
      ["n_hand", (v) => duration(v.numbers.hand_s)],
      ["n_machine", (v) => duration(v.numbers.machine_s)],
      ["n_score", (v) => (v.numbers.score ? `${Math.round(v.numbers.score[1] * 100)} %` : "–")],
      ["pins", (v) => (v.settings ? number(v.settings.pins) : "–")],
      ["threads", (v) => v.settings?.threads.map((x) => x.name).join(", ") ?? "–"],
    ];
  pairBox.replaceChildren(
    h("h2", {}, t("c_title")),
    h(
      "div",
      { class: `pair ${chosen.length > 2 ? "more" : ""}` },
      chosen.map((v) => h("figure", { style: "margin:0" }, h("img", { src: `/thumb/${v.id}.png`, alt: v.name }))),
    ),
    h(
      "div",
      { class: "scroll" },
      h(
        "table",
        {},
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            h("td", {}),
            chosen.map((v) => h("th", { scope: "col" }, v.name)),
          ),
        ),
        h(
          "tbody",
          {},
          rows.map(([key, value]) =>
            h(
              "tr",
              {},
              h("th", { scope: "row", class: "soft" }, t(key)),
              chosen.map((v) => h("td", {}, v.numbers ? value(v) : "–")),
            ),
          ),
        ),
      ),
    ),
  );
}

export function makeShelf(root) {
  const cards = h("div", { class: "cards" });
  const none = h(
    "div",
    { class: "empty" },
    h("p", {}, t("variants_empty")),
    h("a", { class: "button main", href: "#design" }, t("tab_design")),
  );
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
