// The view from which a piece is taken up: which one, how much thread a spool has, the address for a phone.

import { button, emptyBox, h, waitingImage } from "./elements.js";
import { pick, piecePicked } from "./moves.js";
import { thumbOf } from "./plans.js";
import { hear } from "./server.js";
import { on, state } from "./state.js";
import { openWinding } from "./winding.js";
import { t } from "./words.js";

function phoneCard() {
  const code = () => h("img", { src: "/lan.svg", alt: "", width: "180", height: "180", class: "code" });
  const body = state.lan ? [h("p", { class: "soft" }, t("lan_on")), code(), h("code", {}, state.lan)] : t("lan_off");
  return h("section", { class: "card pad" }, h("h2", {}, t("lan_title")), body);
}

/** @param {HTMLElement} root */
export function makeWind(root) {
  const which = h("select", { id: "wind-plan" });
  const spool = h("input", { id: "wind-spool", type: "number", min: "1", placeholder: "500" });
  spool.value = localStorage.getItem("wind-spool-m") ?? "";
  const start = button(t("wind_begin"), begin, { class: "main", id: "wind-begin" });
  const none = emptyBox(t("no_plan"));
  const fields = [
    h("label", { for: "wind-plan" }, t("wind_which")),
    which,
    h("label", { for: "wind-spool" }, t("wind_spool")),
    spool,
  ];
  const card = h("section", { class: "card pad" }, h("div", { class: "fields wide" }, fields), h("div", {}, start));
  const title = h("div", {}, h("h1", {}, t("wind_title")), h("p", { class: "soft" }, t("wind_text")));
  const piece = h("figure", { class: "piece", "aria-hidden": "true" });
  const words = h("div", {}, title, none, card, h("p", { class: "small soft" }, t("s_keys")), phoneCard());
  root.append(h("div", { class: "chooser" }, words, piece));

  function begin() {
    localStorage.setItem("wind-spool-m", spool.value);
    pick(which.value, spool.value ? Number(spool.value) : null);
  }
  const choose = () => {
    const was = which.value;
    const current = state.plan ? [["current", t("current_plan")]] : [];
    const options = [...current, ...state.variants.map((v) => [v.id, v.name])];
    which.replaceChildren(...options.map(([id, name]) => h("option", { value: id }, name)));
    if (options.some(([id]) => id === was)) which.value = was;
    none.hidden = options.length > 0;
    card.hidden = piece.hidden = !options.length;
    show();
  };
  const show = () => {
    const src = thumbOf(which.value || "current");
    if (piece.dataset.src === src || piece.hidden) return;
    piece.dataset.src = src;
    piece.replaceChildren(waitingImage({ src, alt: "", loading: "lazy" }));
  };
  which.addEventListener("change", show);
  on("plan variants", choose);
  choose();
}

// The screen opens as soon as the server has the piece that was picked on this browser: now, or before a reload.
on("wind", () => {
  if (state.wind && piecePicked()) openWinding();
});
hear("error", ({ about }) => {
  if (about === "wind_open") localStorage.removeItem("winding"); // it is wound elsewhere, or gone
});
