// @ts-check
import { onSubmit, whileBusy } from '../busy.js';
import { everyTick, spellSeconds } from '../countdown.js';
import { find, write } from '../elements.js';
import { noServer, playOutages } from './outages.js';
import { playSims } from './sims.js';

/**
 * The switches of local mode: the service's clock, the SMS network, and a start anew.
 *
 * @param {object} world
 * @param {import('../facts.js').Facts} world.facts
 * @param {import('../clock.js').ServerClock} world.clock
 * @param {() => void} world.onMoved the clock was moved forward
 * @param {() => Promise<void>} world.onAnew all state is gone
 */
export const createControls = ({ facts, clock, onMoved, onAnew }) => {
  const status = find('controls-status', HTMLElement);
  playClock(clock, status, onMoved);
  playOutages(status);
  playSims(facts.asksCarriers, status);
  playAnew(status, onAnew);
  // The button of the form sends the fields.
  find('request-options', HTMLFormElement).addEventListener('submit', (event) => event.preventDefault());
};

const clockFace = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/**
 * @param {import('../clock.js').ServerClock} clock
 * @param {HTMLElement} status
 * @param {() => void} onMoved
 */
const playClock = (clock, status, onMoved) => {
  const now = find('clock-now', HTMLTimeElement);
  const ahead = find('clock-ahead', HTMLElement);
  everyTick(() => {
    write(now, clockFace.format(clock.now()));
    const seconds = Math.round(clock.offsetMs() / 1000);
    write(ahead, seconds > 0 ? `, ${spellSeconds(seconds)} ahead of yours` : '');
  });
  find('clock-form', HTMLFormElement).addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = event.submitter;
    if (!(button instanceof HTMLButtonElement)) return;
    await whileBusy(button, async () => {
      const isMoved = await clock.advance(Number(button.value)).then(
        () => true,
        () => false,
      );
      write(status, isMoved ? `The clock was moved forward: ${button.textContent}.` : noServer);
      if (isMoved) onMoved();
    });
  });
};

/**
 * @param {HTMLElement} status
 * @param {() => Promise<void>} onAnew
 */
const playAnew = (status, onAnew) =>
  onSubmit(find('anew-form', HTMLFormElement), find('anew', HTMLButtonElement), async () => {
    const answer = await fetch('/_local/state', {
      method: 'DELETE',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    }).catch(() => undefined);
    if (answer === undefined) return write(status, noServer);
    if (!answer.ok) return write(status, 'This service cannot start anew. Stop it with Ctrl-C, and start it again.');
    await onAnew();
    write(status, 'All state is deleted.');
  });
