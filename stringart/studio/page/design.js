// The design page: the photo, every control with its unit, range and explanation, the numbers beside the picture.

import {
  $,
  ICON,
  ask,
  button,
  clamp,
  duration,
  h,
  length,
  number,
  on,
  openDialog,
  segments,
  set,
  state,
  t,
  toast,
  upload,
} from "./core.js";
import {
  again,
  clearBrush,
  makeStage,
  onStage,
  play,
  repaint,
  seek,
  setMode,
  stage,
  wholeCrop,
  zoomBy,
} from "./stage.js";

const PRESETS = {
  "Black on white": ["#ffffff", [["black", "#000000"]]],
  "White on black": ["#101010", [["white", "#f4f4f0"]]],
  "Two tones on grey": [
    "#8c8c8c",
    [
      ["white", "#f4f4f0"],
      ["black", "#000000"],
    ],
  ],
  "Indigo on linen": ["#efe6d3", [["indigo", "#1f2a5a"]]],
  "CMYK on white": [
    "#ffffff",
    [
      ["cyan", "#00aeef"],
      ["magenta", "#ec008c"],
      ["yellow", "#fff200"],
      ["black", "#000000"],
    ],
  ],
  "RGB and white on black": [
    "#000000",
    [
      ["red", "#ff0000"],
      ["green", "#00ff00"],
      ["blue", "#0000ff"],
      ["white", "#ffffff"],
    ],
  ],
};
const IN = 25.4;
const shown = new Map(); // control -> put(value)

// ---------------------------------------------------------------- controls

const inches = (control) => control.unit === "mm" && state.settings.units === "in";
function numberControl(name) {
  const control = state.controls[name],
    id = `c-${name}`;
  const box = h("input", { type: "number", id, inputmode: "decimal", "aria-describedby": `${id}-help` });
  const slider = h("input", {
    type: "range",
    "aria-label": t(name),
    min: control.low,
    max: control.high,
    step: control.step,
  });
  const unit = h("span", { class: "unit" });
  const fromBox = () => Number(box.value) * (inches(control) ? IN : 1);
  const send = (value) => {
    const whole = control.whole ? Math.round(value) : Math.round(value * 1000) / 1000;
    if (Number.isFinite(whole)) set({ [name]: clamp(whole, control.low, control.high) }, name);
  };
  slider.addEventListener("input", () => {
    write(Number(slider.value));
    send(Number(slider.value));
  });
  box.addEventListener("change", () => {
    send(fromBox());
    write(clamp(fromBox(), control.low, control.high));
  });
  const write = (value) => {
    const k = inches(control) ? IN : 1,
      digits = inches(control) ? (control.step < 1 ? 3 : 2) : control.step < 0.1 ? 2 : control.step < 1 ? 1 : 0;
    Object.assign(box, {
      min: (control.low / k).toFixed(digits),
      max: (control.high / k).toFixed(digits),
      step: "any",
    });
    box.value = String(Number((value / k).toFixed(digits)));
    unit.textContent = inches(control) ? "in" : control.unit;
    slider.value = value;
  };
  shown.set(name, (value) => {
    if (document.activeElement !== box) write(value);
  });
  return h(
    "div",
    { class: "control", "data-control": name },
    h("div", { class: "head" }, h("label", { for: id }, t(name)), h("span", { class: "value" }, box, unit)),
    slider,
    h("p", { class: "help", id: `${id}-help` }, t(`${name}_help`)),
  );
}
function choiceControl(name, pick = (word) => set({ [name]: word })) {
  const words = state.controls[name].words,
    names = Object.fromEntries(words.map((word) => [word, t(`${name}_${word}`)]));
  const box = segments(t(name), words, state.settings[name], pick, names);
  shown.set(name, box.put);
  return h(
    "div",
    { class: "control", "data-control": name },
    h("div", { class: "head" }, h("span", { class: "label" }, t(name))),
    box,
    h("p", { class: "help" }, t(`${name}_help`)),
  );
}
function colorControl(name) {
  const box = h("input", { type: "color", id: `c-${name}`, oninput: () => set({ [name]: box.value }, name) });
  shown.set(name, (value) => {
    box.value = value;
  });
  return h(
    "div",
    { class: "control", "data-control": name },
    h("div", { class: "head" }, h("label", { for: `c-${name}` }, t(name)), box),
    h("p", { class: "help" }, t(`${name}_help`)),
  );
}
function group(key, open, ...body) {
  const now = h("span", { class: "now" });
  const box = h(
    "details",
    { class: "group card", open, id: key },
    h("summary", {}, t(key), now),
    h("div", { class: "group-body" }, body),
  );
  return Object.assign(box, { now });
}

// ---------------------------------------------------------------- photo

const isOutline = (file) => /\.(svg|csv)$/i.test(file.name);
async function takeOutline(file) {
  if (file) await upload("/outline", file, file.name);
}

export async function takeFile(file) {
  if (!file) return;
  if (isOutline(file)) {
    location.hash = "design";
    return takeOutline(file);
  }
  if (file.name.toLowerCase().endsWith(".json") || file.type === "application/json") {
    location.hash = "design";
    await upload("/plan", file, file.name);
    return;
  }
  location.hash = "design";
  stage.dropped = performance.now();
  if (await upload("/photo", file, file.name || "photo")) setMode("piece");
}
function picker(accept, label, props = {}) {
  const input = h("input", {
    type: "file",
    accept,
    hidden: true,
    ...props,
    onchange: () => {
      takeFile(input.files[0]);
      input.value = "";
    },
  });
  return [input, button(label, () => input.click(), { class: props.main ? "main" : "" })];
}
async function camera() {
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { width: 1920, height: 1920, facingMode: "user" } });
  } catch (error) {
    return toast(t("camera_fails", { why: error.message ?? error.name ?? "" }), { bad: true });
  }
  const video = h("video", { autoplay: true, playsinline: true, muted: true, style: "width:100%;border-radius:9px" });
  video.srcObject = stream;
  const dialog = h(
    "dialog",
    { "aria-label": t("take_photo") },
    h(
      "div",
      { class: "dialog" },
      video,
      h(
        "div",
        { class: "row" },
        button(
          t("take"),
          () => {
            const canvas = h("canvas", { width: video.videoWidth, height: video.videoHeight });
            canvas.getContext("2d").drawImage(video, 0, 0);
            canvas.toBlob(
              (blob) => takeFile(new File([blob], "camera.jpg", { type: "image/jpeg" })),
              "image/jpeg",
              0.95,
            );
            dialog.close();
          },
          { class: "main" },
        ),
        button(t("cancel"), () => dialog.close()),
      ),
    ),
  );
  dialog.addEventListener("close", () => stream.getTracks().forEach((track) => track.stop()));
  openDialog(dialog);
}
const photoButtons = (main) => [
  picker("image/*,.heic,.tif,.tiff", t(main ? "choose_photo" : "another_photo"), { main }),
  button(t("take_photo"), camera),
  picker(".json,application/json", t("open_plan")),
];
const examples = () =>
  h(
    "div",
    { class: "examples" },
    state.examples.map((name) =>
      h(
        "button",
        { type: "button", "aria-label": t("example", { name }), onclick: () => ask("example", { name }) },
        h("img", { src: `/example/${name}`, alt: "", loading: "lazy" }),
      ),
    ),
  );

function welcome() {
  return h(
    "div",
    { class: "welcome", id: "welcome" },
    h(
      "div",
      {},
      h("h1", {}, t("welcome_title")),
      h("p", { class: "soft" }, t("welcome_text")),
      h("div", { class: "row", style: "justify-content:center" }, photoButtons(true)),
      h("p", { class: "soft small" }, t("photo_formats")),
      h("p", { class: "soft" }, t("welcome_examples")),
      examples(),
    ),
  );
}

// ---------------------------------------------------------------- the board

function shapeControl() {
  const input = h("input", {
    type: "file",
    accept: ".svg,.csv",
    hidden: true,
    id: "outline-file",
    onchange: () => {
      takeOutline(input.files[0]);
      input.value = "";
    },
  });
  const name = h("span", { class: "soft small", style: "overflow-wrap:anywhere" });
  const row = h(
    "div",
    { class: "row apart" },
    name,
    button(t("outline_choose"), () => input.click()),
  );
  shown.set("outline", (outline) => {
    row.hidden = state.settings.shape !== "file";
    name.textContent = outline ? outline.name : "";
  });
  const control = choiceControl("shape", (word) =>
    word === "file" && !state.settings.outline ? input.click() : set({ shape: word }),
  );
  control.append(input, row);
  return control;
}

// ---------------------------------------------------------------- threads and layers

function threadsControl() {
  const list = h("ul", { class: "threads" });
  const put = (threads) => {
    if (
      list.contains(document.activeElement) &&
      document.activeElement.type !== "button" &&
      list.children.length === threads.length
    )
      return;
    const unit = state.settings.units === "in" ? "in" : "mm",
      k = unit === "in" ? IN : 1;
    const change = (at, patch, drag = "") =>
      set({ threads: state.settings.threads.map((thread, n) => (n === at ? { ...thread, ...patch } : thread)) }, drag);
    list.replaceChildren(
      ...threads.map((thread, n) =>
        h(
          "li",
          {},
          h("input", {
            type: "color",
            value: thread.color,
            "aria-label": t("thread_color", { n: n + 1 }),
            oninput: (e) => change(n, { color: e.target.value }, `color${n}`),
          }),
          h("input", {
            type: "text",
            value: thread.name,
            maxlength: "60",
            "aria-label": t("thread_name", { n: n + 1 }),
            onchange: (e) => change(n, { name: e.target.value || thread.color }),
          }),
          h("input", {
            type: "number",
            value: String(Number((thread.diameter_mm / k).toFixed(4))),
            step: "any",
            min: String(0.05 / k),
            max: String(2 / k),
            "aria-label": t("thread_width", { n: n + 1, unit }),
            onchange: (e) => change(n, { diameter_mm: clamp(Number(e.target.value) * k, 0.05, 2) }),
          }),
          h("span", { class: "unit" }, unit),
          h("button", {
            type: "button",
            class: "icon",
            disabled: threads.length === 1,
            "aria-label": t("thread_remove", { n: n + 1 }),
            html: ICON.close,
            onclick: () => set({ threads: state.settings.threads.filter((_, m) => m !== n) }),
          }),
        ),
      ),
    );
  };
  shown.set("threads", put);
  const add = () =>
    set({
      threads: [
        ...state.settings.threads,
        {
          name: `thread ${state.settings.threads.length + 1}`,
          color: "#c8501e",
          diameter_mm: state.settings.threads.at(-1).diameter_mm,
        },
      ],
    });
  const presets = h(
    "div",
    { class: "presets", role: "group", "aria-label": t("presets") },
    Object.entries(PRESETS).map(([name, [board, threads]]) =>
      h(
        "button",
        {
          type: "button",
          onclick: () =>
            set({
              board_color: board,
              threads: threads.map(([word, color]) => ({
                name: word,
                color,
                diameter_mm: state.settings.threads[0].diameter_mm,
              })),
            }),
        },
        h(
          "span",
          { class: "dots" },
          [board, ...threads.map(([, color]) => color)].map((color) =>
            h("i", { class: "swatch", style: `background:${color}` }),
          ),
        ),
        name,
      ),
    ),
  );
  return h(
    "div",
    { class: "control", "data-control": "threads" },
    h("div", { class: "head" }, h("span", { class: "label" }, t("threads")), button(t("thread_add"), add)),
    presets,
    list,
    h("p", { class: "help" }, t("threads_help")),
  );
}

function chooser() {
  const go = button(t("choose_threads"), () => ask("choose_threads"), { id: "choose-threads" });
  const put = () => {
    go.disabled = !state.photo || Boolean(state.choosing);
    go.textContent = t(state.choosing ? "choosing" : "choose_threads");
  };
  on("photo choosing", put);
  put();
  return [numberControl("auto_threads"), choiceControl("auto_source"), h("div", {}, go)];
}

// Rows that are put in order with the mouse anywhere on them, with a finger at their grip.
function draggable(list, move) {
  let from = -1;
  const rows = () => [...list.querySelectorAll("[data-row]")];
  const under = (y) => {
    const k = rows().findIndex((row) => y < row.getBoundingClientRect().bottom);
    return k < 0 ? rows().length - 1 : k;
  };
  const mark = (to) =>
    rows().forEach((row, k) => {
      row.classList.toggle("dragged", k === from);
      row.classList.toggle("over", from >= 0 && k === to && k !== from);
    });
  list.addEventListener("pointerdown", (event) => {
    const row = event.target.closest("[data-row]");
    if (
      !row ||
      event.button ||
      event.target.closest("button") ||
      (event.pointerType !== "mouse" && !event.target.closest(".grip"))
    )
      return;
    event.preventDefault();
    list.setPointerCapture(event.pointerId);
    from = rows().indexOf(row);
    mark(from);
  });
  list.addEventListener("pointermove", (event) => {
    if (from >= 0) mark(under(event.clientY));
  });
  list.addEventListener("pointerup", (event) => {
    const was = from;
    from = -1;
    mark(-1);
    if (was >= 0 && rows().length) move(was, under(event.clientY));
  });
  list.addEventListener("pointercancel", () => {
    from = -1;
    mark(-1);
  });
}

function layersControl() {
  const list = h("ol", { class: "layers" });
  let layers = [],
    told = "";
  const move = (at, to) => {
    if (to < 0 || to >= layers.length || at === to) return;
    const order = layers.map((_, n) => n);
    order.splice(to, 0, ...order.splice(at, 1));
    ask("reorder", { order });
  };
  const put = async () => {
    const numbers = state.plan?.numbers;
    const { fetchPlan } = await import("./core.js");
    const plan = state.plan ? await fetchPlan("current", state.plan.rev) : null;
    const tells = JSON.stringify([state.plan?.rev, numbers?.layers]);
    if (tells === told) return; // a score that comes later takes no layer out of a hand
    told = tells;
    layers = plan?.layers ?? [];
    if (!layers.length) {
      list.replaceChildren(h("li", { class: "soft", style: "display:block;border:0;cursor:default" }, t("no_layers")));
      return;
    }
    list.replaceChildren(
      ...layers.map((layer, n) => {
        const thread = plan.threads[layer.thread];
        const item = h(
          "li",
          { "data-row": n, "aria-label": t("layer", { n: n + 1, name: thread.name }) },
          h("span", { class: "grip", "aria-hidden": "true" }, "⠿"),
          h("i", { class: "swatch", style: `background:${thread.color}` }),
          h("span", {}, `${n + 1} ${thread.name}`),
          h(
            "span",
            { class: "soft small num" },
            numbers?.layers?.[n]
              ? `${t("layer_chords", { n: number(numbers.layers[n].chords) })}, ${length(numbers.layers[n].mm)}`
              : "",
          ),
          h(
            "span",
            {},
            h("button", {
              type: "button",
              class: "icon",
              disabled: n === 0,
              "aria-label": t("layer_up", { n: n + 1 }),
              html: ICON.up,
              onclick: () => move(n, n - 1),
            }),
            h("button", {
              type: "button",
              class: "icon",
              disabled: n === layers.length - 1,
              "aria-label": t("layer_down", { n: n + 1 }),
              html: ICON.down,
              onclick: () => move(n, n + 1),
            }),
          ),
        );
        return item;
      }),
    );
  };
  draggable(list, move);
  on("plan", put);
  put();
  const text = h("input", {
    type: "text",
    id: "c-layers",
    maxlength: "300",
    placeholder: "white; white,black:30% x3",
    "aria-describedby": "c-layers-help",
    style: "width:100%",
    onchange: () => set({ layers: text.value }),
  });
  shown.set("layers", (value) => {
    if (document.activeElement !== text) text.value = value;
  });
  const order = h(
    "div",
    { class: "control", "data-control": "layers" },
    h("div", { class: "head" }, h("label", { for: "c-layers" }, t("layers"))),
    text,
    h("p", { class: "help", id: "c-layers-help" }, t("layers_order_help")),
  );
  return [h("p", { class: "help soft small" }, t("layers_help")), list, numberControl("cycles"), order];
}

// ---------------------------------------------------------------- numbers

function numbersBox() {
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
      ["n_machine", n ? duration(n.machine_s) : none, n?.about.machine],
      ["n_score", score, t("n_score_title")],
      [
        "n_cost",
        n ? `${number(spools * s.spool_price, 2)}` : none,
        t("n_cost_title", { spool: number(s.spool_m), price: number(s.spool_price, 2) }),
      ],
    ];
    box.replaceChildren(
      ...cells.map(([key, value, title]) =>
        h("div", { title: title ?? "" }, h("dt", {}, t(key)), h("dd", { id: key }, value)),
      ),
    );
  };
  on("plan settings", put);
  put();
  return box;
}
function threadUse() {
  const box = h("div", { class: "row small soft", id: "thread-use" });
  const put = async () => {
    const n = state.plan?.numbers;
    const { fetchPlan } = await import("./core.js");
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

// ---------------------------------------------------------------- the page

function viewTools() {
  const split = h("input", {
    type: "range",
    min: 0,
    max: 100,
    value: 100,
    id: "split",
    oninput: () => {
      stage.split = split.value / 100;
      repaint();
    },
  });
  const far = h("output", {}, t("beside_screen"));
  const distance = h("input", {
    type: "range",
    min: 0,
    max: 5,
    step: 0.25,
    value: 0,
    id: "distance",
    oninput: () => {
      stage.distance_m = Number(distance.value) < 0.5 ? 0 : Number(distance.value);
      far.textContent = stage.distance_m ? `${number(stage.distance_m, 2)} m` : t("beside_screen");
      repaint();
    },
  });
  const zoom = h("input", {
    type: "range",
    min: 0,
    max: Math.log(60),
    step: 0.01,
    value: 0,
    id: "zoom",
    oninput: () => zoomBy(Math.exp(Number(zoom.value)) / stage.zoom),
  });
  const times = h("output", {}, "1×");
  onStage(() => {
    if (document.activeElement !== zoom) zoom.value = Math.log(stage.zoom);
    times.textContent = `${number(stage.zoom, stage.zoom < 10 ? 1 : 0)}×`;
  });
  return h(
    "div",
    { class: "view-tools" },
    h("label", {}, t("split"), split),
    h("label", {}, t("distance"), distance, far),
    h("label", {}, t("zoom"), zoom, times),
  );
}
function seekBar() {
  const toggle = h("button", {
    type: "button",
    class: "icon",
    id: "play",
    "aria-label": t("play"),
    html: ICON.play,
    onclick: play,
  });
  const range = h("input", {
    type: "range",
    id: "seek",
    min: 0,
    max: 1,
    step: 1,
    value: 1,
    "aria-label": t("seek"),
    oninput: () => {
      stage.playing = false;
      seek(Number(range.value));
    },
  });
  const text = h("output", { class: "num small", for: "seek" });
  let icon = "";
  const put = () => {
    range.max = stage.total || 1;
    range.value = stage.upto ?? range.max;
    range.disabled = toggle.disabled = !stage.total || Boolean(state.search.busy);
    text.textContent = stage.total ? t("step_of", { n: number(Number(range.value)), total: number(stage.total) }) : "";
    const wanted = stage.playing ? "pause" : "play";
    if (icon !== wanted) {
      icon = wanted;
      toggle.innerHTML = ICON[wanted];
      toggle.setAttribute("aria-label", t(wanted));
    }
  };
  onStage(put);
  on("plan search", put);
  put();
  return h("div", { class: "seek" }, toggle, range, text);
}
function searchGroup() {
  const notes = h("div", { class: "small soft", id: "notes" }),
    command = h("code", {});
  const stop = button(t("stop_search"), () => ask("stop")),
    redo = button(t("search_again"), again);
  const put = async () => {
    const { fetchPlan } = await import("./core.js");
    const lines = [...(state.photo?.notes ?? []), ...(state.plan?.notes ?? [])];
    notes.replaceChildren(...lines.map((line) => h("p", {}, line)));
    stop.disabled = !state.search.busy;
    redo.disabled = !state.photo;
    const plan = state.plan ? await fetchPlan("current", state.plan.rev) : null;
    command.textContent = plan?.provenance?.command ?? "";
  };
  on("plan photo search", put);
  put();
  return group(
    "g_search",
    false,
    choiceControl("quality"),
    numberControl("seed"),
    h("div", { class: "row" }, redo, stop),
    notes,
    h("details", {}, h("summary", {}, t("command")), h("p", { class: "small soft" }, t("command_help")), command),
  );
}
function photoGroup() {
  const turned = (by) => set({ turn_deg: ((state.settings.turn_deg + by + 540) % 360) - 180 });
  return group(
    "g_photo",
    true,
    h("div", { class: "row" }, photoButtons(false)),
    examples(),
    numberControl("turn_deg"),
    h(
      "div",
      { class: "row" },
      h("button", {
        type: "button",
        class: "icon",
        "aria-label": t("turn_left"),
        html: ICON.ccw,
        onclick: () => turned(-90),
      }),
      h("button", {
        type: "button",
        class: "icon",
        "aria-label": t("turn_right"),
        html: ICON.cw,
        onclick: () => turned(90),
      }),
      button(t("crop_reset"), () => set({ crop: null, turn_deg: 0 })),
    ),
    cropZoom(),
  );
}
function cropZoom() {
  const slider = h("input", {
    type: "range",
    id: "c-crop",
    min: -2.3,
    max: 2.3,
    step: 0.01,
    value: 0,
    oninput: () => {
      if (!state.photo) return;
      const whole = wholeCrop(),
        now = state.settings.crop ?? whole;
      set({ crop: [now[0], now[1], whole[2] * Math.exp(-Number(slider.value))] }, "crop");
    },
  });
  const value = h("span", { class: "value num" });
  const put = () => {
    const ratio = state.photo && state.settings.crop ? wholeCrop()[2] / state.settings.crop[2] : 1;
    if (document.activeElement !== slider) slider.value = Math.log(ratio);
    value.textContent = `${Math.round(ratio * 100)} %`;
  };
  on("settings photo", put);
  put();
  return h(
    "div",
    { class: "control" },
    h("div", { class: "head" }, h("label", { for: "c-crop" }, t("crop_zoom")), value),
    slider,
    h("p", { class: "help" }, t("crop_zoom_help")),
  );
}
function toneGroup() {
  const size = h("input", {
    type: "range",
    min: 0.01,
    max: 0.6,
    step: 0.01,
    value: stage.brush,
    "aria-label": t("brush_size"),
    oninput: () => {
      stage.brush = Number(size.value);
    },
  });
  onStage(() => {
    if (document.activeElement !== size) size.value = stage.brush;
  });
  const way = segments(
    t("importance"),
    ["more", "less"],
    "more",
    (word) => {
      stage.brushMore = word === "more";
      way.put(word);
      setMode("weigh");
    },
    { more: t("brush_more"), less: t("brush_less") },
  );
  const brush = h(
    "div",
    { class: "control" },
    h(
      "div",
      { class: "head" },
      h("span", { class: "label" }, t("brush_size")),
      button(t("paint_it"), () => {
        setMode("weigh");
        $("stage").focus();
      }),
    ),
    way,
    size,
    h("p", { class: "help" }, t("brush_size_help")),
    h("div", { class: "row" }, button(t("brush_clear"), clearBrush)),
  );
  const choice = choiceControl("importance");
  choice.querySelector('[value="painted"]').addEventListener("click", () => setMode("weigh"));
  return group("g_tone", false, numberControl("exposure_ev"), numberControl("contrast"), choice, brush);
}

export function makeDesign(root) {
  const canvas = makeStage(),
    hello = welcome(),
    busy = h("div", { class: "busy", "aria-hidden": "true" }, h("i", {}));
  const word = h("div", { class: "stage-state", role: "status" });
  const mode = segments(t("mode_label"), ["piece", "place", "weigh"], "piece", setMode, {
    piece: t("mode_piece"),
    place: t("mode_place"),
    weigh: t("mode_weigh"),
  });
  const keep = button(
    t("keep"),
    () => {
      ask("keep");
      toast(t("kept"));
    },
    { class: "main", id: "keep" },
  );
  const board = group(
    "g_board",
    false,
    shapeControl(),
    numberControl("width_mm"),
    numberControl("height_mm"),
    numberControl("pins"),
    numberControl("pin_diameter_mm"),
    colorControl("board_color"),
    choiceControl("units"),
  );
  const thread = group(
    "g_thread",
    true,
    threadsControl(),
    chooser(),
    choiceControl("budget"),
    numberControl("lines"),
    numberControl("thread_m"),
    numberControl("spool_m"),
    numberControl("spool_price"),
  );
  root.append(
    h(
      "div",
      { class: "stage-box" },
      h("div", { class: "row apart" }, mode, keep),
      h("div", { class: "stage" }, canvas, hello, busy, word),
      seekBar(),
      viewTools(),
      numbersBox(),
      threadUse(),
    ),
    h(
      "div",
      { class: "panel" },
      h("div", {}, photoGroup(), thread),
      h("div", {}, board, toneGroup(), group("g_layers", false, layersControl()), searchGroup()),
    ),
  );
  const put = () => {
    const s = state.settings;
    for (const [name, write] of shown) write(s[name]);
    root.querySelector('[data-control="height_mm"]').hidden = s.shape === "circle";
    root.querySelector('[data-control="pins"]').hidden = s.shape === "file" && s.outline?.pins > 0;
    for (const name of ["cycles", "layers"])
      root.querySelector(`[data-control="${name}"]`).hidden = s.threads.length < 2 || (name === "cycles" && s.layers);
    root.querySelector('[data-control="lines"]').hidden = s.budget !== "chords";
    root.querySelector('[data-control="thread_m"]').hidden = s.budget !== "length";
    board.now.textContent = `${length(s.width_mm)}${s.shape === "circle" ? "" : ` × ${length(s.height_mm)}`}, ${number((s.shape === "file" && s.outline?.pins) || s.pins)} ${t("pins").toLowerCase()}`;
    thread.now.textContent =
      s.budget === "chords" ? `${number(s.lines)} ${t("lines").toLowerCase()}` : length(s.thread_m * 1000);
    root.querySelector("#g_photo").now.textContent = state.photo?.name ?? "";
  };
  const word_put = () => {
    const s = state.search;
    hello.hidden = Boolean(state.photo || state.plan);
    canvas.style.visibility = hello.hidden ? "" : "hidden";
    for (const b of mode.children) b.disabled = !state.photo;
    mode.put(stage.mode);
    keep.disabled = !state.plan || Boolean(s.busy);
    const done = stage.found ? number(stage.found) : "";
    word.textContent = s.error
      ? [s.error, s.hint].filter(Boolean).join(" — ")
      : !s.busy
        ? ""
        : !s.stage
          ? t("state_begin")
          : t({ search: "state_search", refine: "state_refine" }[s.stage] ?? "state_other", {
              n: done,
              stage: s.stage,
            });
    busy.firstChild.style.width = s.busy && stage.todo ? `${(100 * stage.done) / stage.todo}%` : "0";
  };
  on("settings photo", put);
  on("search photo plan", word_put);
  onStage(word_put);
  put();
  word_put();
}
