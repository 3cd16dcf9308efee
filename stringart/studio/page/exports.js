// Exports: every format of the command line, with its progress.

import { button, h } from "./elements.js";
import { ICON } from "./icons.js";
import { chosenFor, optionsBox } from "./export_options.js";
import { miniature } from "./miniatures.js";
import { thumbOf } from "./plans.js";
import { ask } from "./server.js";
import { on, state } from "./state.js";
import { bytes, number, problemOf, t, told } from "./words.js";

const GROUPS = {
  f_pictures: [".png", ".real.png", ".svg", ".gif", ".mp4", ".webp", ".apng", ".html", ".swatches.png"],
  f_sheets: [".book.pdf", ".txt", ".shopping.txt", ".shopping.csv"],
  f_templates: [
    ".template.pdf",
    ".sheet.pdf",
    ".template.svg",
    ".dxf",
    ".drill.gcode",
    ".ring.3mf",
    ".ring.stl",
    ".ring.dxf",
    ".ring.svg",
  ],
  f_machine: [".gcode", ".pins.txt", ".lines.txt", ".card.bin", ".h", ".plot.svg"],
  f_data: [".json", ".csv", ".jsonl", ".pins.csv", ".pins", ".nails.json"],
};
const KNOWN = Object.values(GROUPS).flat();
/** @param {string} ending */
const aboutOf = (ending) => state.exporters.find((one) => one.ending === ending)?.about ?? "";

const plans = () => [["current", t("current_plan")], ...state.variants.map((v) => [v.id, v.name])];
let plan = "current";
const BUNDLE = ".zip";

/** Export this plan, from another view.
 * @param {string} id
 */
export function chooseForExport(id) {
  plan = id;
  const which = document.querySelector("#export-plan");
  if (which instanceof HTMLSelectElement) {
    which.value = id;
    which.dispatchEvent(new Event("change"));
  }
}

/** @param {string} ending */
function begin(ending) {
  const base =
    plan === "current"
      ? (state.photo?.name ?? "piece").replace(/\.[^.]*$/, "")
      : (state.variants.find((v) => v.id === plan)?.name ?? "piece");
  ask("export", { ending, id: plan, name: base, options: chosenFor(ending) });
}

/** @param {any} job */
function jobLine(job) {
  const end =
    job.state === "done"
      ? h(
          "a",
          { class: "button main", href: job.url, download: job.name },
          h("span", { html: ICON.export, style: "display:grid" }),
          t("e_save"),
        )
      : ["waits", "works"].includes(job.state)
        ? button(t("e_stop"), () => ask("cancel_export", { number: job.number }))
        : null;
  const word =
    job.state === "done"
      ? t("e_done", { size: bytes(job.bytes), time: `${number(job.took_s, 1)} s` })
      : t(`e_${job.state}`);
  const bar =
    job.state === "works"
      ? h("progress", {
          "aria-label": t("e_progress", { name: job.name }),
          ...(job.total ? { max: job.total, value: job.done } : {}),
        })
      : null;
  return h(
    "li",
    { "data-state": job.state, "data-name": job.name },
    h("div", { class: "row apart" }, h("b", { style: "overflow-wrap:anywhere" }, job.name), end),
    h(
      "span",
      { class: "small soft num" },
      word,
      job.state === "works" && job.total ? ` ${Math.round((100 * job.done) / job.total)} %` : "",
    ),
    bar,
    job.error ? h("p", { class: "note bad" }, problemOf(job)) : null,
    job.state === "done"
      ? h("details", { class: "small soft" }, h("summary", {}, t("command")), h("code", {}, job.command))
      : null,
  );
}

/** @param {any} root */
export function makeExports(root) {
  const which = h("select", {
    id: "export-plan",
    onchange: () => {
      plan = which.value;
      putPictures();
    },
  });
  const more = h("div", { class: "tiles" }),
    others = h("section", { hidden: true }, h("h2", {}, t("f_others")), more);
  const jobs = h("ul", { class: "jobs", id: "jobs" }),
    none = h("p", { class: "soft" }, t("files_empty")),
    warning = h("p", { class: "note warn", id: "no-plan" }, t("no_plan"));
  /** @param {string} ending */
  const tile = (ending) =>
    h(
      "div",
      { class: "tile-box card", "data-box": ending },
      h(
        "button",
        { type: "button", class: "tile", "data-ending": ending, onclick: () => begin(ending) },
        miniature(ending, ""),
        h("b", {}, KNOWN.includes(ending) ? t(`x_${ending}`) : ending.slice(1).toUpperCase()),
        h("span", { class: "ext" }, ending),
        h("span", {}, KNOWN.includes(ending) ? t(`xh_${ending}`) : told(aboutOf(ending))),
      ),
    );
  const putOptions = () => {
    for (const box of root.querySelectorAll(".tile-box")) {
      box.querySelector(".tile-options")?.remove();
      box.append(optionsBox(box.dataset.box ?? "") ?? "");
    }
  };
  root.append(
    h(
      "div",
      { class: "page-head" },
      h("div", {}, h("h1", {}, t("export_title")), h("p", {}, t("export_text"))),
      h("label", { class: "row" }, t("export_of"), which),
    ),
    warning,
    h(
      "div",
      { class: "export-grid" },
      h(
        "div",
        { class: "formats" },
        h(
          "button",
          { type: "button", class: "tile card all", "data-ending": BUNDLE, onclick: () => begin(BUNDLE) },
          miniature(BUNDLE, ""),
          h("b", {}, t("x_.zip")),
          h("span", {}, t("xh_.zip")),
        ),
        Object.entries(GROUPS).map(([key, endings]) =>
          h("section", {}, h("h2", {}, t(key)), h("div", { class: "tiles" }, endings.map(tile))),
        ),
        others,
      ),
      h("div", { class: "side" }, h("section", { class: "card" }, h("h2", {}, t("files")), none, jobs)),
    ),
  );
  const putPictures = () => {
    const some = state.plan || plan !== "current";
    for (const image of root.querySelectorAll(".miniature img")) {
      image.hidden = !some;
      if (some && image.getAttribute("src") !== thumbOf(plan)) image.src = thumbOf(plan);
    }
  };
  const putPlans = () => {
    which.replaceChildren(...plans().map(([id, name]) => h("option", { value: id }, name)));
    which.value = plans().some(([id]) => id === plan) ? plan : "current";
    plan = which.value;
    warning.hidden = Boolean(state.plan || state.variants.length);
    for (const b of root.querySelectorAll(".tile")) b.disabled = !warning.hidden;
    putPictures();
  };
  const putJobs = () => {
    jobs.replaceChildren(...state.exports.map(jobLine));
    none.hidden = state.exports.length > 0;
  };
  const putExporters = () => {
    const known = KNOWN.map(aboutOf);
    const rest = state.exporters.map((one) => one.ending).filter((ending) => !known.includes(aboutOf(ending)));
    others.hidden = !rest.length;
    more.replaceChildren(...rest.map(tile));
    putOptions();
    putPlans();
  };
  on("variants plan", putPlans);
  on("exports", putJobs);
  on("exporters", putExporters);
  putExporters();
  putJobs();
}
