// What one does with a piece that is designed: save its picture, share it, wind it, send it to the machine.

import { button, h, openDialog, toast } from "./elements.js";
import { pick } from "./moves.js";
import { on, state } from "./state.js";
import { t } from "./words.js";

const picture = () => `/picture/current.png?rev=${state.plan?.rev ?? 0}`;
const nameOf = () => `${(state.photo?.name ?? "piece").replace(/\.[^.]*$/, "")}.png`;

async function share() {
  try {
    const file = new File([await (await fetch(picture())).blob()], nameOf(), { type: "image/png" });
    await navigator.share({ files: [file], title: nameOf() });
  } catch (caught) {
    const error = /** @type {Error} */ (caught);
    if (error.name !== "AbortError") toast(error.message, { bad: true });
  }
}
const canShare = () => Boolean(navigator.canShare?.({ files: [new File([""], "piece.png", { type: "image/png" })] }));

/** The piece on its wall, as large as the window. */
function hangs() {
  const word = h("p", { class: "soft", role: "status" }, t("real_comes"));
  const image = h("img", { alt: t("x_.real.png"), src: `/real/current.png?rev=${state.plan?.rev ?? 0}` });
  image.addEventListener("load", () => word.remove());
  image.addEventListener("error", () => (word.textContent = t("real_fails")));
  const close = button(t("close"), () => dialog.close(), { class: "main" });
  const dialog = h(
    "dialog",
    { class: "hanging", "aria-label": t("x_.real.png") },
    h("div", { class: "dialog" }, word, image, h("div", { class: "row" }, close)),
  );
  openDialog(dialog);
}

export function actions() {
  const save = h("a", { class: "button", id: "save-picture" }, t("save_picture"));
  const sharing = canShare() ? button(t("share"), share) : null;
  const winding = button(t("wind_it"), () => {
    const spool = localStorage.getItem("wind-spool-m");
    pick("current", spool ? Number(spool) : null);
  });
  const sending = h("a", { class: "button", href: "#machine" }, t("send_it"));
  const hanging = button(t("x_.real.png"), hangs, { id: "as-it-hangs" });
  const row = h(
    "div",
    { class: "row actions", role: "group", "aria-label": t("actions") },
    save,
    hanging,
    sharing,
    winding,
    sending,
  );
  const put = () => {
    row.hidden = !state.plan || Boolean(state.search.busy);
    save.href = picture();
    save.download = nameOf();
  };
  on("plan photo search", put);
  put();
  return row;
}
