// Exports: every format of the command line, with its progress.

import { button, h } from "./elements.js";
import { ICON } from "./icons.js";
import { ask } from "./server.js";
import { on, state } from "./state.js";
import { bytes, number, t } from "./words.js";

const GROUPS = {
  f_pictures: [".png", ".svg", ".gif", ".mp4", ".webp", ".apng", ".html"],
  f_sheets: [".book.pdf", ".shopping.txt", ".txt"],
  f_templates: [".template.pdf", ".sheet.pdf", ".template.svg", ".dxf", ".drill.gcode"],
  f_machine: [".gcode"],
  f_data: [".json", ".csv", ".jsonl", ".pins.csv"],
};
const FILM = [".gif", ".webp", ".apng", ".mp4"],
  WIDE = [...FILM, ".png"];
const READS = {
  width_px: WIDE,
  frames: FILM,
  seconds: FILM,
  hold_s: FILM,
  paper: [".book.pdf", ".template.pdf"],
  machine: [".gcode"],
  edge_mm: [".template.pdf", ".sheet.pdf", ".template.svg", ".dxf"],
};
const chosen = { width_px: "", frames: "", seconds: "", hold_s: "", paper: "A4", machine: "grbl", edge_mm: "" };
const HINTS = { width_px: 1000, frames: 200, seconds: 12, hold_s: 3, edge_mm: 15 };

const plans = () => [["current", t("current_plan")], ...state.variants.map((v) => [v.id, v.name])];
let plan = "current";

function begin(ending) {
  const options = {};
  for (const [name, endings] of Object.entries(READS)) {
    if (!endings.includes(ending) || chosen[name] === "") continue;
    options[name] = name === "paper" || name === "machine" ? chosen[name] : Number(chosen[name]);
  }
  if (ending === ".shopping.txt") options.spool_m = state.settings.spool_m;
  const base =
    plan === "current"
      ? (state.photo?.name ?? "piece").replace(/\.[^.]*$/, "")
      : (state.variants.find((v) => v.id === plan)?.name ?? "piece");
  ask("export", { ending, id: plan, name: base, options });
}

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
    job.error ? h("p", { class: "note bad" }, [job.error, job.hint].filter(Boolean).join(" — ")) : null,
    job.state === "done"
      ? h("details", { class: "small soft" }, h("summary", {}, t("command")), h("code", {}, job.command))
      : null,
  );
}

export function makeExports(root) {
  const which = h("select", {
    id: "export-plan",
    onchange: () => {
      plan = which.value;
    },
  });
  const field = (name) => {
    const id = `o-${name}`;
    const input =
      name === "paper"
        ? h(
            "select",
            { id },
            ["A4", "Letter", "A3", "Legal"].map((word) => h("option", {}, word)),
          )
        : name === "machine"
          ? h(
              "select",
              { id },
              state.machine_profiles.map((word) => h("option", {}, word)),
            )
          : h("input", { id, type: "number", placeholder: String(HINTS[name]), min: "0" });
    input.value = chosen[name];
    input.addEventListener("change", () => {
      chosen[name] = input.value;
    });
    return [h("label", { for: id }, t(`o_${name}`)), input];
  };
  const jobs = h("ul", { class: "jobs", id: "jobs" }),
    none = h("p", { class: "soft" }, t("files_empty")),
    warning = h("p", { class: "note warn", id: "no-plan" }, t("no_plan"));
  const tile = (ending) =>
    h(
      "button",
      { type: "button", class: "tile card", "data-ending": ending, onclick: () => begin(ending) },
      h("b", {}, t(`x_${ending}`)),
      h("span", { class: "ext" }, ending),
      h("span", {}, t(`xh_${ending}`)),
    );
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
        Object.entries(GROUPS).map(([key, endings]) =>
          h("section", {}, h("h2", {}, t(key)), h("div", { class: "tiles" }, endings.map(tile))),
        ),
      ),
      h(
        "div",
        { class: "side" },
        h("section", { class: "card" }, h("h2", {}, t("files")), none, jobs),
        h(
          "section",
          { class: "card" },
          h("h2", {}, t("options")),
          h("div", { class: "fields" }, Object.keys(READS).map(field)),
        ),
      ),
    ),
  );
  const putPlans = () => {
    which.replaceChildren(...plans().map(([id, name]) => h("option", { value: id }, name)));
    which.value = plans().some(([id]) => id === plan) ? plan : "current";
    plan = which.value;
    warning.hidden = Boolean(state.plan || state.variants.length);
    for (const b of root.querySelectorAll(".tile")) b.disabled = !warning.hidden;
  };
  const putJobs = () => {
    jobs.replaceChildren(...state.exports.map(jobLine));
    none.hidden = state.exports.length > 0;
  };
  on("variants plan", putPlans);
  on("exports", putJobs);
  putPlans();
  putJobs();
}
