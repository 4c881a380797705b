// @ts-check
import { whileBusy } from '../busy.js';
import { find, write } from '../elements.js';
import { noServer } from './outages.js';

/** @type {Readonly<Record<string, { path: string, body: object, done: string }>>} */
const acts = {
  swapped: { path: 'sims', body: { sim: 'swapped', hoursAgo: 1 }, done: 'This SIM was swapped an hour ago' },
  unchanged: { path: 'sims', body: { sim: 'unchanged' }, done: 'This SIM was not swapped' },
  foreign: { path: 'sims', body: { sim: 'foreign' }, done: 'The carrier does not know this number' },
  slow: { path: 'sims/faults', body: { mode: 'slow' }, done: 'The carrier does not answer the next look-up' },
  down: { path: 'sims/faults', body: { mode: 'down' }, done: 'The carrier breaks the next look-up off' },
};

/**
 * What the carrier says of a SIM. A service whose settings ask no carrier has no such switch.
 *
 * @param {boolean} asksCarriers
 * @param {HTMLElement} status
 */
export const playSims = (asksCarriers, status) => {
  const form = find('sim-form', HTMLFormElement);
  form.hidden = !asksCarriers;
  const number = find('sim-number', HTMLInputElement);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = event.submitter;
    if (!(button instanceof HTMLButtonElement)) return;
    const act = acts[button.value];
    if (act === undefined) return;
    await whileBusy(button, async () => write(status, await told(act, number.value.replaceAll(/[\s()-]/g, ''))));
  });
};

/**
 * @param {{ path: string, body: object, done: string }} act
 * @param {string} phoneNumber
 */
const told = async ({ path, body, done }, phoneNumber) => {
  const answer = await fetch(`/_local/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(path === 'sims' ? { ...body, phoneNumber } : body),
  }).catch(() => undefined);
  if (answer === undefined) return noServer;
  if (answer.ok) return `${done}. Ten minutes long, the service remembers what it heard before.`;
  return (await answer.json().catch(() => ({}))).detail ?? noServer;
};
