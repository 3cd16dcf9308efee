// Words, numbers and lengths as the page's language writes them, and numbers as people write them.

import { state } from "./state.js";

const wished = new URLSearchParams(location.search).get("lang") ?? localStorage.getItem("lang") ?? "";
/** @type {{ language: string, languages: Record<string, string>, text: Record<string, string>,
 *           options: Record<string, string>, told: Record<string, string> }} */
const words = await (await fetch(`/words.json?lang=${encodeURIComponent(wished)}`)).json();

export const TEXT = words.text;
export const LANGUAGES = words.languages;
export const LANGUAGE = words.language;
document.documentElement.lang = LANGUAGE;

/** The name of something that the program itself has a name for, in another language than its own.
 * @param {string} key
 * @returns {string | undefined}
 */
export const translated = (key) => words.options[key];

/** The page anew in another language.
 * @param {string} language
 */
export function speak(language) {
  localStorage.setItem("lang", language);
  const address = new URL(location.href);
  address.searchParams.delete("lang");
  history.replaceState(history.state, "", address);
  location.reload();
}

/** A text with its places filled in.
 * @param {string} key
 * @param {Record<string, any>} values
 */
export const t = (key, values = {}) => (TEXT[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

const PLACE = /\\\{\w+\\\}/g;
/** What the server says, by the English of it: where each text begins to differ stands a group. What is said most
 * exactly comes first. */
const TOLD = Object.entries(words.told)
  .map(([english, said]) => ({
    said,
    exact: english.replace(/\{\w+\}/g, "").length,
    names: [...english.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
    form: new RegExp(`^${english.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(PLACE, "(.*?)")}$`, "s"),
  }))
  .sort((a, b) => b.exact - a.exact);
const PARTED = [
  [": ", LANGUAGE === "fr" ? " : " : ": "],
  ["; ", LANGUAGE === "fr" ? " ; " : "; "],
];

/** What was told already, or found not to be in the table: the parts of a long text come again and again.
 * @type {Map<string, string>} */
const KNOWN = new Map();
const MOST_KNOWN = 5000;
const MOST_PARTS = 12; // nothing that the program says has more

/** A message, note or hint of the server in the page's language; as it is where the table does not have it.
 * @param {string} text
 * @returns {string}
 */
export function told(text) {
  const known = KNOWN.get(text);
  if (known !== undefined) return known;
  if (KNOWN.size >= MOST_KNOWN) KNOWN.clear();
  const said = toldAnew(text);
  KNOWN.set(text, said);
  return said;
}
/** @param {string} text */
function toldAnew(text) {
  for (const { form, names, said } of TOLD) {
    const match = form.exec(text);
    if (match) return said.replace(/\{(\w+)\}/g, (_, name) => filled(match[names.indexOf(name) + 1], name));
  }
  return toldInParts(text);
}
/** A sentence after the file or the place that it is about, or one of several.
 * @param {string} text
 */
function toldInParts(text) {
  if (text.split(/[:;] /).length > MOST_PARTS) return text;
  for (const [mark, written] of TOLD.length ? PARTED : [])
    for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) {
      const parts = [text.slice(0, at), text.slice(at + mark.length)];
      const said = parts.map(told);
      if (said.some((one, k) => one !== parts[k])) return said.join(written);
    }
  return text;
}
/** What stands in a place of a message: a number as the language writes it, a word that is told, or a name as it is.
 * @param {string} value
 * @param {string} name of the place
 */
function filled(value, name) {
  if (name === "version" || !/^-?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?$/.test(value)) return told(value);
  const digits = value.split(".")[1]?.length ?? 0;
  const write = value.includes(",") ? number : plainNumber;
  return write(Number(value.replace(/,/g, "")), digits);
}
/** @param {{ message?: string, error?: string, hint?: string }} problem */
export const problemOf = ({ message, error, hint }) =>
  [message ?? error, hint]
    .filter(Boolean)
    .map((text) => told(String(text)))
    .join(" — ");

/** @param {number} value
 * @param {number} digits
 */
export const number = (value, digits = 0) =>
  value.toLocaleString(LANGUAGE, { maximumFractionDigits: digits, minimumFractionDigits: digits });
/** A number as it stands in a field: without separators of thousands.
 * @param {number} value
 * @param {number} digits at most
 */
export const plainNumber = (value, digits) =>
  value.toLocaleString(LANGUAGE, { maximumFractionDigits: digits, useGrouping: false });

const IN_MM = 25.4;
/** @type {Record<string, number>} */
const MM = { mm: 1, cm: 10, m: 1e3, km: 1e6, in: IN_MM, '"': IN_MM, "″": IN_MM, ft: 12 * IN_MM, yd: 36 * IN_MM };
const POINT = plainNumber(0.5, 1)[1];

/** What a person wrote: "0,25mm", "1.200", "24 in", "2.5 km"; NaN where it is no number.
 *
 * Both the comma and the point are understood; what could be either is read as the language writes it.
 * @param {string} text
 * @param {string} unit of the result and of a number without one: "mm", "m", "in", or none
 */
export function readNumber(text, unit = "") {
  const match = /^\s*([-+−]?)([\d.,'’\s]*\d[.,]?)\s*([a-zA-Z"″%°]*)\s*$/.exec(text);
  if (!match) return NaN;
  const value = (match[1] === "-" || match[1] === "−" ? -1 : 1) * Number(decimal(match[2].replace(/['’\s]/g, "")));
  const [from, to] = [MM[match[3].toLowerCase()], MM[unit]];
  if (!match[3] || match[3] === unit) return value;
  return from && to ? (value * from) / to : NaN;
}
/** @param {string} digits */
function decimal(digits) {
  const last = Math.max(digits.lastIndexOf(","), digits.lastIndexOf("."));
  if (last < 0) return digits;
  const [mark, whole] = [digits[last], digits.slice(0, last)];
  const grouped = /^[1-9]\d{0,2}([.,]\d{3})+$/.test(digits) && new Set(digits.match(/[.,]/g)).size === 1;
  if (grouped && (mark !== POINT || whole.includes(mark))) return digits.replace(/[.,]/g, "");
  return `${whole.replace(/[.,]/g, "")}.${digits.slice(last + 1)}`;
}

/** A length in the units of the page, from millimetres.
 * @param {number} mm
 */
export function length(mm) {
  if (state.settings?.units === "in")
    return mm >= 914.4 ? `${number(mm / 914.4, mm < 91440 ? 1 : 0)} yd` : `${number(mm / IN_MM, 1)} in`;
  return mm >= 1e6
    ? `${number(mm / 1e6, 2)} km`
    : mm >= 1000
      ? `${number(mm / 1000, mm < 1e4 ? 1 : 0)} m`
      : `${number(mm, 1)} mm`;
}
/** @param {number} s */
export function duration(s) {
  const minutes = Math.round(s / 60);
  return minutes >= 60
    ? `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`
    : minutes
      ? `${minutes} min`
      : `${Math.round(s)} s`;
}
/** @param {number} n */
export const bytes = (n) => (n >= 1e6 ? `${number(n / 1e6, 1)} MB` : n >= 1e3 ? `${number(n / 1e3)} kB` : `${n} B`);
/** @param {Date} at */
export const clock = (at) => at.toLocaleTimeString(LANGUAGE);
