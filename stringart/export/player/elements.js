// Making and naming elements of the page.

/** @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {object} values its properties
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function element(tag, values, ...children) {
  const made = Object.assign(document.createElement(tag), values);
  made.append(...children);
  return made;
}

/** @param {Element} made
 * @param {string} words
 */
export function nameIt(made, words) {
  made.setAttribute("aria-label", words);
  if (made instanceof HTMLElement) made.title = words;
}
