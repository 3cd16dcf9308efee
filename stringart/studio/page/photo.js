// Choosing, taking, turning and placing the photo.

import { choiceControl, group, numberControl } from "./controls.js";
import { button, h, openDialog, toast } from "./elements.js";
import { ICON } from "./icons.js";
import { ask, set, upload } from "./server.js";
import { setMode, stage, wholeCrop, previewPhoto, sending } from "./stage.js";
import { on, state } from "./state.js";
import { beginTour } from "./tour.js";
import { t } from "./words.js";

/** @param {File} file */
const isOutline = (file) => /\.(svg|csv)$/i.test(file.name);
/** @param {File | undefined} file */
export async function takeOutline(file) {
  if (file) await upload("/outline", file, file.name);
}

/** @param {File | undefined} file */
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
  setMode("piece");
  previewPhoto(file);
  if (!(await sending(upload("/photo", file, file.name || "photo")))) previewPhoto(false);
}
/**
 * @param {string} accept
 * @param {string} label
 * @param {Record<string, any>} props
 */
function picker(accept, label, props = {}) {
  const input = h("input", {
    type: "file",
    accept,
    hidden: true,
    ...props,
    onchange: () => {
      takeFile(input.files?.[0]);
      input.value = "";
    },
  });
  return [input, button(label, () => input.click(), { class: props.main ? "main" : "" })];
}
async function camera() {
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { width: 1920, height: 1920, facingMode: "user" } });
  } catch (caught) {
    const error = /** @type {Error} */ (caught);
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
            canvas.getContext("2d")?.drawImage(video, 0, 0);
            canvas.toBlob(
              (blob) => blob && takeFile(new File([blob], "camera.jpg", { type: "image/jpeg" })),
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
/** @param {boolean} main */
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

export function welcome() {
  return h(
    "div",
    { class: "welcome", id: "welcome" },
    h(
      "div",
      {},
      h("h1", {}, t("welcome_title")),
      h("p", { class: "soft" }, t("welcome_text")),
      h("div", { class: "row", style: "justify-content:center" }, photoButtons(true)),
      button(t("tour"), beginTour, { id: "tour" }),
      h("p", { class: "soft small" }, t("photo_formats")),
      h("p", { class: "soft" }, t("welcome_examples")),
      examples(),
    ),
  );
}

export function photoGroup() {
  /** @param {number} by */
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
    choiceControl("placed", (word) => set({ placed: word, crop: null })),
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
        now = state.settings.crop ?? state.placed ?? whole;
      set({ crop: [now[0], now[1], whole[2] * Math.exp(-Number(slider.value))] }, "crop");
    },
  });
  const value = h("span", { class: "value num" });
  const put = () => {
    const ratio = state.photo && state.settings.crop ? wholeCrop()[2] / state.settings.crop[2] : 1;
    if (document.activeElement !== slider) slider.value = String(Math.log(ratio));
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
