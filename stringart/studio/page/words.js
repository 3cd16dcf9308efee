// Words and numbers as the page writes them.

import { state } from "./state.js";

/** @type {Record<string, string>} */
export const TEXT = await (await fetch("/page/text.en.json")).json();

/** A text with its places filled in.
 * @param {string} key
 * @param {Record<string, any>} values
 */
export const t = (key, values = {}) => (TEXT[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

const locale = document.documentElement.lang;
/** @param {number} value
 * @param {number} digits
 */
export const number = (value, digits = 0) =>
  value.toLocaleString(locale, { maximumFractionDigits: digits, minimumFractionDigits: digits });
/** A length in the units of the page, from millimetres.
 * @param {number} mm
 */
export function length(mm) {
  if (state.settings?.units === "in")
    return mm >= 914.4 * 1000
      ? `${number(mm / 914.4)} yd`
      : mm >= 914.4
        ? `${number(mm / 914.4, mm < 91440 ? 1 : 0)} yd`
        : `${number(mm / 25.4, 1)} in`;
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
