// What comes out of an export, small: the piece itself where it is a picture, else a drawing of the sheet.

import { h, waitingImage } from "./elements.js";

const PAGE = '<rect x="14" y="4" width="36" height="48" rx="2"/>';
const RING = '<circle cx="32" cy="28" r="20" stroke-dasharray="1.5 3"/>';
/**
 * @param {number} x
 * @param {number} from
 * @param {number} width
 */
const LINES = (x, from, width) =>
  [0, 1, 2, 3, 4, 5].map((k) => `<path d="M${x} ${from + 6 * k}h${k % 3 === 2 ? width * 0.6 : width}"/>`).join("");
const ARCS =
  '<circle cx="32" cy="28" r="22"/><circle cx="32" cy="28" r="15"/><path d="M32 6v7M32 43v7M10 28h7M47 28h7"/>';
/** @param {string} body */
const draw = (body) => `<svg viewBox="0 0 64 56" aria-hidden="true">${body}</svg>`;
/** @type {Record<string, string>} */
const DRAWN = {
  ".book.pdf": draw(
    PAGE + [0, 1, 2, 3, 4, 5].map((k) => `<path d="M19 ${12 + 6 * k}h3M26 ${12 + 6 * k}h18"/>`).join(""),
  ),
  ".shopping.txt": draw(PAGE + '<path d="M20 14h4M20 23h4M20 32h4"/>' + LINES(28, 14, 16).slice(0, 120)),
  ".txt": draw(PAGE + LINES(20, 12, 24)),
  ".template.pdf": draw('<path d="M8 4h48v48H8zM24 4v48M40 4v48M8 28h48"/>' + RING),
  ".sheet.pdf": draw('<rect x="8" y="4" width="48" height="48"/>' + RING),
  ".template.svg": draw(RING + '<path d="M32 24v8M28 28h8"/>'),
  ".dxf": draw(RING + '<path d="M12 50h40M12 47v6M52 47v6"/>'),
  ".drill.gcode": draw(RING + '<path d="M32 8v14m-3-3 3 4 3-4"/>'),
  ".gcode": draw(RING + '<path d="M32 8 46 42 14 20h36L18 42Z"/>'),
  ".ring.3mf": draw(ARCS),
  ".ring.stl": draw(ARCS),
  ".ring.dxf": draw(ARCS),
  ".ring.svg": draw(ARCS),
  ".swatches.png": draw(PAGE + '<path d="M20 12h10v6H20zM34 15h10M20 24h10v6H20zM34 27h10M20 36h10v6H20zM34 39h10"/>'),
  ".shopping.csv": draw('<path d="M10 10h44v36H10zM10 19h44M10 28h44M10 37h44M24 10v36M40 10v36"/>'),
  ".plot.svg": draw('<path d="M10 46 44 12l6 6-34 34H10zM40 16l6 6"/>'),
  ".zip": draw('<path d="M10 16h44v34H10zM10 16l6-10h32l6 10M32 6v24m-4-4h8"/>'),
};
const DATA = draw('<path d="M22 10c-8 0-2 16-8 18 6 2 0 18 8 18M42 10c8 0 2 16 8 18-6 2 0 18-8 18"/>');
const PICTURES = new Set([".png", ".svg", ".gif", ".mp4", ".webp", ".apng", ".html", ".real.png"]);
const PLAYS = new Set([".gif", ".mp4", ".webp", ".apng", ".html"]);

/** @param {string} ending
 * @param {string} picture address of the piece's own small picture
 */
export function miniature(ending, picture) {
  if (!PICTURES.has(ending)) return h("span", { class: "miniature", html: DRAWN[ending] ?? DATA });
  const image = waitingImage({ src: picture, alt: "", loading: "lazy", width: "96", height: "96" });
  return h(
    "span",
    { class: `miniature ${PLAYS.has(ending) ? "plays" : ""} ${ending === ".real.png" ? "hangs" : ""}` },
    image,
  );
}
