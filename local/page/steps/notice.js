// @ts-check
import { everyTick, secondsUntil, spellSeconds } from '../countdown.js';
import { find, make, write } from '../elements.js';

/**
 * @typedef {import('../api.js').Refused} Refused
 *
 * @typedef {object} Notice
 * @property {(refused: Refused) => void} show
 * @property {() => void} clear
 */

/**
 * A place for a refusal of the API: its words, its code and the wait. A screen reader announces the words. It does not
 * announce the countdown, or it would speak every second.
 *
 * @param {string} id
 * @param {import('../clock.js').ServerClock} clock
 * @returns {Notice}
 */
export const createNotice = (id, clock) => {
  const words = make('p', { class: 'notice-line error', role: 'alert', id: `${id}-words` });
  const again = make('p', { class: 'notice-again digits', role: 'timer', 'aria-label': 'Time until the next try' });
  again.hidden = true;
  find(id, HTMLElement).append(words, again);
  /** @type {number | undefined} */
  let againMs;
  everyTick(() => {
    again.hidden = againMs === undefined;
    if (againMs === undefined) return;
    const seconds = secondsUntil(againMs, clock.now());
    write(again, seconds === 0 ? 'You can try again now.' : `Again in ${spellSeconds(seconds)}`);
  });
  return {
    show: ({ problem, retryAfterSeconds }) => {
      words.replaceChildren(make('span', {}, problem.detail), ' ', make('code', {}, problem.code));
      againMs = retryAfterSeconds === undefined ? undefined : clock.now() + retryAfterSeconds * 1000;
    },
    clear: () => {
      words.replaceChildren();
      againMs = undefined;
      again.hidden = true;
    },
  };
};
