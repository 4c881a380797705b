// @ts-check
import { find, write } from '../elements.js';
import { Refusal } from './api.js';
import { findingRow } from './finding.js';
import { createRows } from './rows.js';

/**
 * @typedef {import('./api.js').Finding} Finding
 */

/** A campaign may have hundreds. */
const maxShown = 8;
const maxClosed = 4;
/** So many are asked for anew at each look. */
const maxFollowed = 3;

/**
 * The findings: the newest first, with those that were closed lately.
 *
 * @param {import('./finding.js').Desk} desk
 */
export const createFindings = (desk) => {
  const rows = createRows({
    list: find('findings', HTMLElement),
    title: find('findings-title', HTMLElement),
    empty: find('no-findings', HTMLElement),
    keyOf: (/** @type {Finding} */ { id }) => id,
    make: (/** @type {Finding} */ finding) => findingRow(finding, desk),
  });
  const more = find('more-findings', HTMLElement);
  const announce = createAnnouncement();
  /** @type {Map<string, Finding>} */
  const known = new Map();
  let isFirstLook = true;

  /** @param {string} id */
  const follow = async (id) => {
    try {
      known.set(id, await desk.api.finding(id));
    } catch (error) {
      // Local mode was started anew.
      if (!(error instanceof Refusal) || error.status !== 404) throw error;
      known.delete(id);
    }
  };

  return {
    look: async () => {
      const { findings: open, cursor } = await desk.api.findings('open');
      if (isFirstLook) {
        const { findings: closed } = await desk.api.findings('closed');
        for (const finding of closed.slice(0, maxClosed)) known.set(finding.id, finding);
      }
      const shown = newest(open).slice(0, maxShown);
      const isOpen = new Set(open.map(({ id }) => id));
      const ended = [...known.values()].filter((finding) => finding.isOpen && !isOpen.has(finding.id));
      announce(isFirstLook ? [] : shown.filter(({ id }) => !known.has(id)));
      for (const finding of shown) known.set(finding.id, { ...known.get(finding.id), ...finding });
      for (const { id } of [...shown.slice(0, maxFollowed), ...ended]) await follow(id);
      const all = newest([...known.values()]);
      const kept = [
        ...all.filter((finding) => finding.isOpen).slice(0, maxShown),
        ...all.filter((finding) => !finding.isOpen).slice(0, maxClosed),
      ];
      for (const { id } of all) if (!kept.some((finding) => finding.id === id)) known.delete(id);
      rows.show(newest(kept));
      write(more, hasMore(open.length, cursor));
      isFirstLook = false;
    },
  };
};

/** @param {readonly Finding[]} findings */
const newest = (findings) =>
  findings.toSorted(
    (one, other) => Date.parse(other.startedAt) - Date.parse(one.startedAt) || (one.id < other.id ? -1 : 1),
  );

/**
 * @param {number} count
 * @param {string | undefined} cursor
 */
const hasMore = (count, cursor) =>
  count <= maxShown && cursor === undefined
    ? ''
    : `${cursor === undefined ? count : 'Many'} findings are open. The newest ${maxShown} are here; otp-desk findings lists all.`;

/** Tells a screen reader of each new finding, once. */
const createAnnouncement = () => {
  const element = find('desk-announcement', HTMLElement);
  return (/** @type {readonly Finding[]} */ fresh) => {
    const [first, ...others] = fresh;
    if (first === undefined) return;
    const also = others.length === 0 ? '' : ` And ${others.length} more.`;
    write(element, `New finding, ${first.severity}: ${first.headline}.${also}`);
  };
};
