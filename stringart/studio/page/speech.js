// The voice of a winding, and the rhythm in which it goes on by itself.

import { button, h, openDialog } from "./elements.js";
import { t } from "./words.js";

/**
 * @param {string} key
 * @param {any} [value]
 */
const store = (key, value) =>
  value === undefined
    ? JSON.parse(localStorage.getItem(`wind-${key}`) ?? "null")
    : localStorage.setItem(`wind-${key}`, JSON.stringify(value));

/** @type {Record<string, any>} */
export const speech = {
  on: store("say") ?? false,
  voice: store("voice") ?? "",
  lang: store("lang") ?? "",
  rate: store("rate") ?? 1,
  every: store("every") ?? 8,
  auto: false,
};

const voices = () => globalThis.speechSynthesis?.getVoices() ?? [];
export const silence = () => globalThis.speechSynthesis?.cancel();

/** @param {string} text */
export function say(text) {
  if (speech.on) speak(text);
}

/** @param {string} text */
function speak(text) {
  if (!globalThis.speechSynthesis) return;
  silence();
  const words = new SpeechSynthesisUtterance(text);
  const voice = voices().find((v) => v.voiceURI === speech.voice);
  if (voice) {
    words.voice = voice;
    words.lang = voice.lang;
  } else words.lang = speech.lang || document.documentElement.lang;
  words.rate = speech.rate;
  speechSynthesis.speak(words);
}

/**
 * @param {string} key
 * @param {any} value
 */
function change(key, value) {
  speech[key] = value;
  store(key, value);
}

function voiceChoice() {
  const list = h("select", { id: "s-voice", onchange: () => change("voice", list.value) });
  const langs = h("select", { id: "s-lang" });
  const fill = () => {
    const known = [...new Set(voices().map((v) => v.lang))].sort();
    const shown = known.map((lang) => h("option", { value: lang }, lang));
    langs.replaceChildren(h("option", { value: "" }, t("s_all")), ...shown);
    langs.value = known.includes(speech.lang) ? speech.lang : "";
    const some = voices().filter((v) => !langs.value || v.lang === langs.value);
    const options = some.map((v) => h("option", { value: v.voiceURI }, `${v.name} (${v.lang})`));
    list.replaceChildren(...(options.length ? options : [h("option", { value: "" }, t("s_none"))]));
    list.value = speech.voice;
  };
  langs.addEventListener("change", () => {
    change("lang", langs.value);
    fill();
  });
  if (globalThis.speechSynthesis) speechSynthesis.onvoiceschanged = fill;
  fill();
  return [h("label", { for: "s-lang" }, t("s_lang")), langs, h("label", { for: "s-voice" }, t("s_voice")), list];
}

/** @param {() => string} spoken what would be said now
 * @param {() => void} rhythm called when the rhythm changes
 */
export function voiceDialog(spoken, rhythm) {
  const rate = h("input", { id: "s-rate", type: "range", min: 0.5, max: 2.5, step: 0.1, value: speech.rate });
  rate.addEventListener("input", () => change("rate", Number(rate.value)));
  const every = h("input", {
    id: "s-every",
    type: "number",
    min: "1",
    max: "120",
    step: "0.5",
    value: `${speech.every}`,
  });
  every.addEventListener("change", () => {
    change("every", Math.min(Math.max(Number(every.value) || 8, 1), 120));
    rhythm();
  });
  const speaks = h("input", { type: "checkbox", checked: speech.on });
  speaks.addEventListener("change", () => {
    speech.on = speaks.checked;
    store("say", speech.on);
    if (speech.on) say(spoken());
    else silence();
  });
  const auto = h("input", { type: "checkbox", checked: speech.auto });
  auto.addEventListener("change", () => {
    speech.auto = auto.checked;
    rhythm();
  });
  const pace = [h("label", { for: "s-rate" }, t("s_rate")), rate, h("label", { for: "s-every" }, t("s_every")), every];
  const listen = button(t("s_test"), () => speak(spoken()));
  const close = button(t("close"), () => dialog.close(), { class: "main" });
  const body = [
    h("h2", {}, t("w_voice")),
    h("label", { class: "row" }, speaks, t("s_on")),
    h("div", { class: "fields" }, voiceChoice(), pace),
    h("label", { class: "row" }, auto, t("s_auto")),
    h("p", { class: "small soft" }, t("s_auto_help")),
    h("p", { class: "small soft" }, t("s_keys")),
    h("div", { class: "row" }, listen, close),
  ];
  const dialog = h("dialog", { "aria-label": t("w_voice") }, h("div", { class: "dialog" }, body));
  openDialog(dialog);
}
