// @ts-check
import { find } from '../elements.js';

/** Purposes whose codes are never spoken. */
const unspoken = ['transaction', 'account-change'];

/**
 * How codes reach the person. Without calls in the settings there is no choice to see.
 *
 * @param {import('../facts.js').Facts['voice']} voice
 */
export const createChannel = (voice) => {
  const choice = find('channels', HTMLFieldSetElement);
  find('channels-hint', HTMLElement).textContent = `Calls go to: ${voice?.countries.join(', ')}.`;
  return {
    /** @param {string} purpose */
    offerFor: (purpose) => {
      choice.hidden = voice === undefined || unspoken.includes(purpose);
    },
    /** @returns {{ channel?: string }} of the next request or resend; empty if there is no choice */
    chosen: () => {
      const checked = choice.querySelector('input:checked');
      return choice.hidden || !(checked instanceof HTMLInputElement) ? {} : { channel: checked.value };
    },
  };
};
