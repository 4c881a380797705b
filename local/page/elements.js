// @ts-check

/**
 * The element of the page with this id.
 *
 * @template {Element} T
 * @param {string} id
 * @param {new () => T} Kind what it must be
 * @returns {T}
 */
export const find = (id, Kind) => {
  const element = document.getElementById(id);
  if (!(element instanceof Kind)) throw new Error(`The page has no ${Kind.name} with the id ${id}.`);
  return element;
};

/**
 * A new element. Its children are text or other elements, never HTML, because an SMS may hold anything.
 *
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Readonly<Record<string, string>>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export const make = (name, attributes = {}, ...children) => {
  const element = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  element.append(...children);
  return element;
};

/**
 * Writes a text only if it differs, so that a screen reader does not announce it again.
 *
 * @param {Element} element
 * @param {string} text
 */
export const write = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};
