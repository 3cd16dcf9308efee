// Puts the page together: the texts, the views, the keys that work everywhere, dropping and pasting.

import { $, h, toast } from "./elements.js";
import { ICON } from "./icons.js";
import { ask, connect, connectStop, emergencyStop, hear } from "./server.js";
import { on, state } from "./state.js";
import { LANGUAGE, LANGUAGES, speak, t } from "./words.js";
import { makeDesign } from "./design.js";
import { takeFile } from "./photo.js";
import { makeExports } from "./exports.js";
import { makeMachine } from "./machine.js";
import { makeShelf } from "./shelf.js";
import { draw } from "./stage.js";
import { makeWind } from "./wind.js";
import { windingOpen } from "./winding.js";

const VIEWS = ["design", "variants", "export", "wind", "machine"];

for (const element of /** @type {any} */ (document).querySelectorAll("[data-t]"))
  element.textContent = t(element.dataset.t);
for (const element of /** @type {any} */ (document).querySelectorAll("[data-label]"))
  element.setAttribute("aria-label", t(element.dataset.label));
for (const element of /** @type {any} */ (document).querySelectorAll("[data-title]"))
  element.title = t(element.dataset.title);
$("tabs").append(...VIEWS.map((name) => h("a", { href: `#${name}`, html: `${ICON[name]}<span></span>` })));
[...$("tabs").children].forEach((tab, k) => {
  tab.lastChild.textContent = t(`tab_${VIEWS[k]}`);
});

function route() {
  const now = VIEWS.includes(location.hash.slice(1)) ? location.hash.slice(1) : "design";
  for (const name of VIEWS) $(`v-${name}`).hidden = name !== now;
  [...$("tabs").children].forEach((tab, k) =>
    VIEWS[k] === now ? tab.setAttribute("aria-current", "page") : tab.removeAttribute("aria-current"),
  );
  document.title = `${t(`tab_${now}`)} – stringart studio`;
  if (state.undo) putUndo();
}
addEventListener("hashchange", () => {
  route();
  scrollTo(0, 0);
});

$("lang").append(
  ...Object.entries(LANGUAGES).map(([code, own]) => h("option", { value: code, selected: code === LANGUAGE }, own)),
);
$("lang").onchange = () => speak($("lang").value);

$("theme").onclick = () => {
  const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = theme;
  localStorage.setItem("theme", theme);
  draw();
};
addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest(".estop")) emergencyStop();
});
// Undo takes back what is on this view: a choice of the design, or a variant that was deleted.
const shownView = () => VIEWS.find((name) => !$(`v-${name}`).hidden);
function undo() {
  if (shownView() === "design" && state.undo.undo) ask("undo");
  else if (shownView() === "variants" && state.deleted) ask("undelete");
}
function redo() {
  if (shownView() === "design" && state.undo.redo) ask("redo");
}
function putUndo() {
  const view = shownView();
  $("undo").disabled = !(view === "design" ? state.undo.undo : view === "variants" && state.deleted);
  $("redo").disabled = !(view === "design" && state.undo.redo);
}
$("undo").onclick = undo;
$("redo").onclick = redo;

// The stop comes first, whatever has the focus.
addEventListener(
  "keydown",
  (event) => {
    if (event.key === "Escape" && event.shiftKey) {
      event.preventDefault();
      event.stopImmediatePropagation();
      emergencyStop();
    }
  },
  true,
);
addEventListener("keydown", (event) => {
  if (
    windingOpen() ||
    !(event.ctrlKey || event.metaKey) ||
    /** @type {any} */ (event.target).closest?.('input[type="text"], textarea')
  )
    return;
  if (event.key.toLowerCase() === "z") {
    event.preventDefault();
    if (event.shiftKey) redo();
    else undo();
  }
  if (event.key.toLowerCase() === "y") {
    event.preventDefault();
    redo();
  }
});

let over = 0;
/** @param {DragEvent} event */
const carriesFile = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
addEventListener("dragenter", (event) => {
  if (carriesFile(event)) {
    over++;
    $("drop").hidden = false;
  }
});
addEventListener("dragleave", (event) => {
  if (carriesFile(event) && --over <= 0) {
    over = 0;
    $("drop").hidden = true;
  }
});
addEventListener("dragover", (event) => {
  if (carriesFile(event)) event.preventDefault();
});
addEventListener("drop", (event) => {
  over = 0;
  $("drop").hidden = true;
  if (event.dataTransfer?.files.length) {
    event.preventDefault();
    takeFile(event.dataTransfer.files[0]);
  }
});
addEventListener("paste", (event) => {
  const file = [...(event.clipboardData?.files ?? [])][0];
  if (file) {
    event.preventDefault();
    takeFile(file);
  }
});

hear("done", ({ about }) => {
  if (about === "keep")
    toast(t("kept"), { action: { label: t("tab_variants"), run: () => (location.hash = "variants") } });
});

let begun = false;
on("controls", () => {
  if (begun) return;
  begun = true;
  makeDesign($("v-design"));
  makeShelf($("v-variants"));
  makeExports($("v-export"));
  makeWind($("v-wind"));
  makeMachine($("v-machine"));
  on("undo deleted", putUndo);
  route();
  document.body.dataset.ready = "yes";
});
connect();
connectStop();
