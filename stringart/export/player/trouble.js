// When it goes wrong while one winds: what to do, what to unwind in order, which steps fit a place that was lost.

import { element } from "./elements.js";
import { wayText } from "./steps.js";
import { $, TEXT, clamp, count, isRim, plan, say, winding } from "./winding.js";

const MOST_LISTED = 12,
  MOST_FITS = 9;

/** What the panel may do to the winding.
 * @typedef {object} Doing
 * @property {() => number} done steps on the board
 * @property {(step: number, tied: boolean) => void} jump step to wind next, from 0
 * @property {() => boolean} undo back to where the last jump came from
 * @property {() => void} leave back to the step
 */

/** @type {Doing} */
let doing;

/** @param {string} text */
const paragraph = (text) => element("p", { textContent: text });

/** @param {string} text
 * @param {() => void} action
 */
function choice(text, action) {
  const made = element("button", { type: "button", textContent: text });
  made.addEventListener("click", action);
  return made;
}

/** Fields for whole numbers, and a button that takes them; an empty one is NaN.
 * @param {string[]} names
 * @param {string} word
 * @param {(values: number[]) => void} then
 */
function troubleForm(names, word, then) {
  const fields = names.map((name) => element("input", { type: "number", min: "0", step: "1", ariaLabel: name }));
  const labels = names.map((name, k) => element("label", { className: "speed" }, element("span", {}, name), fields[k]));
  const form = element("form", { className: "hand-line" }, ...labels, element("button", { textContent: word }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    then(fields.map((field) => (field.value === "" ? NaN : Number(field.value))));
  });
  return form;
}

/** @param {number} step */
const toldStep = (step) => `${winding.from[step]} → ${winding.to[step]} ${wayText(step)}`;

/** @param {...Node} parts */
function showTrouble(...parts) {
  $("trouble").replaceChildren(...parts, element("div", { className: "hand-line" }, ...troubleKeys()));
  $("trouble").querySelector("input, button")?.focus();
}

function troubleKeys() {
  return [
    choice(say("troubleAll"), openTrouble),
    choice(say("troubleUndo"), undoJump),
    choice(say("troubleLeave"), leaveTrouble),
  ];
}

function leaveTrouble() {
  closeTrouble();
  doing.leave();
}

function undoJump() {
  if (doing.undo()) leaveTrouble();
  else showTrouble(paragraph(say("troubleNoJump")));
}

/** Opens the list of accidents. */
export function openTrouble() {
  $("trouble").hidden = false;
  const rows = TEXT.accidents.map((/** @type {any} */ one) =>
    choice(`${one.key}  ${one.title}`, () => chooseTrouble(one.key)),
  );
  const jump = troubleForm([say("jump")], say("go"), ([number]) => goToStep(number));
  showTrouble(element("h2", { textContent: say("troubleTitle") }), ...rows, jump);
}

/** Closes it; false if it was not open. */
export function closeTrouble() {
  const wasOpen = !$("trouble").hidden;
  $("trouble").hidden = true;
  return wasOpen;
}

/** Shows one accident; the key of none does nothing.
 * @param {string} key
 */
export function chooseTrouble(key) {
  const one = TEXT.accidents.find((/** @type {any} */ trouble) => trouble.key === key);
  if (!one || $("trouble").hidden) return;
  const more = { 2: () => [unwindQuestion()], 3: jumpQuestion, 4: jumpQuestion, 7: () => [lostQuestion()] }[key];
  showTrouble(element("h2", { textContent: one.title }), ...one.advice.map(paragraph), ...(more ? more() : []));
}

const unwindQuestion = () =>
  troubleForm([say("troubleUnwindTo")], say("troubleList"), ([number]) => listUnwinding(number));
const lostQuestion = () =>
  troubleForm([say("troubleAt"), say("troubleFrom")], say("troubleList"), ([at, from]) => listFits(at, from));

function jumpQuestion() {
  const last = doing.done() - 1;
  const where = last >= 0 ? [paragraph(say("troubleLast", { n: count(last + 1), step: toldStep(last) }))] : [];
  return [...where, troubleForm([say("jump")], say("go"), ([number]) => goToStep(number))];
}

/** @param {number} number from 1 */
function goToStep(number) {
  if (!(number >= 1 && number <= winding.total)) {
    showTrouble(paragraph(say("troubleNoStep", { n: count(number || 0), total: count(winding.total) })));
    return;
  }
  doing.jump(number - 1, false);
  leaveTrouble();
}

/** What to take off the board until a step is to be wound again, the last one first.
 * @param {number} number from 1
 */
function listUnwinding(number) {
  const done = doing.done();
  if (!(number >= 1 && number <= done)) {
    showTrouble(paragraph(say("troubleNotOn", { n: count(number || 0), done: count(done) })), unwindQuestion());
    return;
  }
  const steps = Array.from({ length: done - number + 1 }, (_, k) => done - 1 - k);
  /** @param {number} step */
  const off = (step) =>
    say(isRim(step) ? "troubleOffRim" : "troubleOff", {
      n: count(step + 1),
      to: winding.to[step],
      from: winding.from[step],
      k: Math.abs(winding.walk[step]),
    });
  const more = steps.length - MOST_LISTED;
  showTrouble(
    paragraph(say("troubleUnwind", { n: count(steps.length), pin: winding.to[done - 1] })),
    element("ol", {}, ...steps.slice(0, MOST_LISTED).map((step) => element("li", { textContent: off(step) }))),
    ...(more > 0 ? [paragraph(say("troubleMore", { n: count(more) }))] : []),
    paragraph(say("troubleThen", { pin: winding.from[number - 1], n: count(number) })),
    choice(say("troubleUnwound"), () => {
      doing.jump(number - 1, winding.layer[number - 1] === winding.layer[clamp(done, 0, winding.total - 1)]);
      leaveTrouble();
    }),
  );
}

/** True if a step ends at a pin, or passes it on its walk along the rim.
 * @param {number} step
 * @param {number} pin
 */
function endsAt(step, pin) {
  const walk = winding.walk[step],
    pins = plan.pins.length;
  if (!walk) return winding.to[step] === pin;
  const gone = ((((pin - winding.from[step]) * Math.sign(walk)) % pins) + pins) % pins;
  return gone > 0 && gone <= Math.abs(walk);
}

/** Steps that end where the thread is, the nearest first, to choose from.
 * @param {number} at
 * @param {number} from
 */
function listFits(at, from) {
  const done = doing.done();
  const fits = Array.from({ length: winding.total }, (_, step) => step)
    .filter((step) => endsAt(step, at) && (Number.isNaN(from) || winding.from[step] === from))
    .sort((one, other) => Math.abs(one + 1 - done) - Math.abs(other + 1 - done) || one - other)
    .slice(0, MOST_FITS);
  const rows = fits.map((step) =>
    choice(say("troubleFit", { n: count(step + 1), step: toldStep(step), layer: winding.layer[step] + 1 }), () =>
      goToStep(Math.min(step + 2, winding.total)),
    ),
  );
  showTrouble(
    paragraph(say(fits.length ? "troubleFits" : "troubleNoFit", { n: count(done) })),
    ...rows,
    lostQuestion(),
  );
}

/** Makes the panel work; once.
 * @param {Doing} given
 */
export function listenToTrouble(given) {
  doing = given;
  $("hand-trouble").addEventListener("click", () => ($("trouble").hidden ? openTrouble() : leaveTrouble()));
}
