// What the piece needs: chords, thread, hours, cost.

import { h } from "./elements.js";
import { fetchPlan } from "./plans.js";
import { on, state } from "./state.js";
import { duration, length, number, t } from "./words.js";

export function numbersBox() {
  const box = h("dl", { class: "numbers", "aria-live": "off" });
  const put = () => {
    const n = state.plan?.numbers,
      s = state.settings,
      none = "–";
    const spools = n
      ? n.threads.reduce((sum, use) => sum + (use.mm > 0 ? Math.ceil(use.mm / 1000 / s.spool_m) : 0), 0)
      : 0;
    const score = n?.score ? `${Math.round(n.score[1] * 100)} % (${Math.round(n.score[0] * 100)} %)` : none;
    const cells = [
      ["n_chords", n ? number(n.chords) : none, ""],
      ["n_thread", n ? length(n.thread_mm) : none, n?.about.thread],
      ["n_hand", n ? duration(n.hand_s) : none, n?.about.hand],
      ["n_nails", n?.nail_mm ? `${n.nail_mm.map((mm) => number(mm, 1)).join(" × ")} mm` : none, n?.about.nails],
      ["n_machine", n ? duration(n.machine_s) : none, n?.about.machine],
      ["n_score", score, t("n_score_title")],
      [
        "n_cost",
        // no price is made up: what is to be bought, until its user says what a spool costs
        n
          ? s.spool_price
            ? number(spools * s.spool_price, 2)
            : `${number(spools)} × ${length(1000 * s.spool_m)}`
          : none,
        s.spool_price ? t("n_cost_title", { spool: number(s.spool_m), price: number(s.spool_price, 2) }) : "",
      ],
    ];
    box.replaceChildren(
      ...cells.map(([key, value, title]) =>
        h("div", { title: title ?? "" }, h("dt", {}, t(String(key))), h("dd", { id: key }, value)),
      ),
    );
  };
  on("plan settings", put);
  put();
  return box;
}
export function threadUse() {
  const box = h("div", { class: "row small soft", id: "thread-use" });
  const put = async () => {
    const n = state.plan?.numbers;
    const plan = state.plan ? await fetchPlan("current", state.plan.rev) : null;
    if (!n || !plan) return box.replaceChildren();
    box.replaceChildren(
      ...plan.threads.map((thread, k) =>
        h(
          "span",
          { class: "row", style: "gap:.35rem" },
          h("i", { class: "swatch", style: `background:${thread.color}` }),
          `${thread.name} ${length(n.threads[k]?.mm ?? 0)}`,
        ),
      ),
    );
  };
  on("plan settings", put);
  put();
  return box;
}
