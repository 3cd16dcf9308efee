// What the server keeps, and who listens to its changes.

/** @type {import("./types").State} */
export const state = /** @type {any} */ ({});

/** @type {Map<string, ((parts: Partial<import("./types").State>) => void)[]>} */
const listeners = new Map();

/** Call when one of some parts of the state changes.
 * @param {string} keys separated by spaces
 * @param {(parts: Partial<import("./types").State>) => void} listener
 */
export function on(keys, listener) {
  for (const key of keys.split(" ")) listeners.set(key, [...(listeners.get(key) ?? []), listener]);
}

/** @param {Partial<import("./types").State>} parts */
export function changed(parts) {
  Object.assign(state, parts);
  const called = new Set(Object.keys(parts).flatMap((key) => listeners.get(key) ?? []));
  for (const listener of called) listener(parts);
}
