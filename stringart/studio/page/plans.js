// Plans, and the painter of one.

import { floatsOf } from "./light.js";
import { state } from "./state.js";

export class Painter {
  constructor() {
    this.worker = new Worker("/page/painter.js", { type: "module" });
    this.worker.onmessage = ({ data }) => {
      this.busy = false;
      if (!data.quit) this.onpicture?.(data);
      if (this.next) this.show(this.next);
    };
    this.next = /** @type {import("./types").Wanted?} */ (null);
    /** @type {((picture: import("./types").Picture) => void)?} */
    this.onpicture = null;
    this.busy = false;
    this.fine = 1;
  }
  /** @param {import("./types").Plan} plan
   * @param {boolean} live
   */
  begin(plan, live = false) {
    const rows = [];
    for (const layer of plan.layers)
      for (let k = 1; k < layer.pins.length; k++) rows.push([layer.thread, layer.pins[k - 1], layer.pins[k]]);
    this.worker.postMessage({
      op: "begin",
      board: plan.board,
      pins: plan.pins.xy_mm,
      pinMm: plan.pins.diameter_mm,
      threads: plan.threads,
      rows,
      live,
      ends: plan.ends,
    });
    return rows.length;
  }
  /** @param {any[]} changes */
  change(changes) {
    for (const { removed, added } of changes) this.worker.postMessage({ op: "change", removed, added });
  }
  /** @param {import("./types").Wanted} wanted */
  show(wanted) {
    // one picture at a time; only the latest wish waits, and not for a fine one
    if (this.busy) {
      this.next = wanted;
      if (this.fine > 1) this.worker.postMessage({ op: "quit" });
      return;
    }
    this.next = null;
    this.busy = true;
    this.fine = wanted.fine ?? 1;
    this.worker.postMessage({ op: "show", ...wanted });
  }
  end() {
    this.worker.terminate();
  }
}

/** Address of a plan's picture: that of a variant stays as it is, the plan on the page becomes another one.
 * @param {string} id
 */
export const thumbOf = (id) => `/thumb/${id}.png${id === "current" ? `?rev=${state.plan?.rev ?? 0}` : ""}`;

const plans = new Map();
/** @param {string} id
 * @param {number | string} rev
 * @returns {Promise<import("./types").Plan?>}
 */
export async function fetchPlan(id, rev) {
  const key = `${id}?${rev}`;
  if (!plans.has(key)) {
    if (plans.size > 6) plans.delete(plans.keys().next().value);
    plans.set(
      key,
      fetch(`/lines/${id}?rev=${rev}`)
        .then((r) => (r.ok ? r.json() : null))
        .then((found) => found && { ...found.plan, ends: floatsOf(found.ends) })
        .catch(() => {
          plans.delete(key); // the connection failed, or the page is left: asked for again when it is needed
          return null;
        }),
    );
  }
  return plans.get(key);
}
