// @ts-check

/**
 * A row of a list that is shown again and again. Its element stays, so that neither the keyboard's place nor an open form
 * is lost.
 *
 * @template Value
 * @typedef {{ readonly element: HTMLElement, readonly update: (value: Value) => void }} Row
 */

/**
 * Shows values as rows of a list, each by its key. New ones come before the first row that stands behind them.
 *
 * @template Value
 * @param {object} world
 * @param {HTMLElement} world.list
 * @param {HTMLElement} world.title takes the keyboard's place of a row that goes
 * @param {HTMLElement} world.empty is shown without rows
 * @param {(value: Value) => string} world.keyOf
 * @param {(value: Value) => Row<Value>} world.make
 */
export const createRows = ({ list, title, empty, keyOf, make }) => {
  /** @type {Map<string, Row<Value>>} */
  const rows = new Map();

  /** @param {ReadonlySet<string>} kept */
  const remove = (kept) => {
    for (const [key, { element }] of rows) {
      if (kept.has(key)) continue;
      const hadFocus = element.contains(document.activeElement);
      element.remove();
      rows.delete(key);
      if (hadFocus) title.focus({ preventScroll: true });
    }
  };

  return {
    /** @param {readonly Value[]} values in an order that does not change for those that stay */
    show: (values) => {
      remove(new Set(values.map(keyOf)));
      /** @type {Element | null} */
      let next = list.firstElementChild;
      for (const value of values) {
        const row = rows.get(keyOf(value)) ?? make(value);
        if (!rows.has(keyOf(value))) list.insertBefore(row.element, next);
        rows.set(keyOf(value), row);
        row.update(value);
        next = row.element.nextElementSibling;
      }
      empty.hidden = values.length > 0;
    },
  };
};
