// The machine console: nothing moves by itself; whatever is shown comes from the server, so a reload loses nothing. The
// cards stand in the order of the work.

import { h } from "./elements.js";
import { machineBoard } from "./machine_board.js";
import { order } from "./machine_cards.js";
import { connection, whereItIs } from "./machine_connect.js";
import { preparing, running } from "./machine_job.js";
import { machineLog } from "./machine_log.js";
import { dryTour, locating } from "./machine_place.js";
import { state } from "./state.js";
import { t } from "./words.js";

/** @param {HTMLElement} root */
export function makeMachine(root) {
  const cards = [connection(), whereItIs(), locating(), preparing(), dryTour(), running()];
  const log = machineLog();
  root.append(
    h("div", { class: "page-head" }, h("div", {}, h("h1", {}, t("m_title")), h("p", {}, t("m_text")))),
    h(
      "div",
      { class: "machine-grid" },
      h("div", { class: "machine-side machine-stay" }, machineBoard(), log.box),
      h(
        "div",
        { class: "machine-work" },
        cards.map(({ box }) => box),
      ),
    ),
  );
  for (const { put } of [...cards, log]) put();
  if (state.machine.port === undefined) order("ports");
}
