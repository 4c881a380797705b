// @ts-check
import { everyTick } from '../countdown.js';
import { find, make, write } from '../elements.js';
import { poll } from '../poll.js';
import { flyCode } from './flight.js';
import { codeIn, isMasked } from './message.js';
import { createScreens } from './screens.js';
import { createThread } from './thread.js';

/**
 * @typedef {object} Sms
 * @property {string} to
 * @property {string} text
 * @property {string} at
 * @property {string} messageId
 * @property {Readonly<Record<string, string>>} attributes
 * @property {'sms' | 'voice'} [channel] without it, an SMS
 *
 * @typedef {{ masked: string, codeLength: number }} Expected
 */

// After a load test the inbox holds thousands.
const maxMessages = 200;

/**
 * The phone. It shows the SMS of one number as they arrive: first as a notification, then in the order of a chat. A tap on
 * a message fills its code into the app.
 *
 * @param {object} world
 * @param {import('../clock.js').ServerClock} world.clock
 * @param {() => Expected | undefined} world.expected
 * @param {(code: string) => void} world.fill
 */
export const createHandset = ({ clock, expected, fill }) => {
  const status = find('handset-status', HTMLElement);
  showTime(clock);
  const inbox = createInbox({ expected, onTap: (message, bubble) => offer(message, bubble) });

  /** @type {(message: Sms, bubble: HTMLElement) => Promise<void>} */
  const offer = async ({ text }, bubble) => {
    const wanted = expected();
    if (wanted === undefined) return write(status, 'The app waits for no code now.');
    const code = codeIn(text, wanted.codeLength);
    if (code === undefined) return write(status, `There is no code of ${wanted.codeLength} digits in this message.`);
    write(status, 'The code is filled in.');
    await flyCode(code, bubble, find('form', HTMLElement));
    fill(code);
  };

  const { lookNow } = poll({
    look: async () => {
      const [messages] = await Promise.all([readInbox(), clock.look()]);
      inbox.receive(messages);
      if (status.dataset['offline'] !== undefined) write(status, '');
      delete status.dataset['offline'];
    },
    onFailure: () => {
      status.dataset['offline'] = '';
      write(status, 'No network: the server cannot be reached. Is npm start still running?');
    },
    maxPauseMs: 3000,
  });
  return {
    lookNow,
    dismiss: inbox.dismiss,
    /** Turns to the number that the app waits for, as soon as it has an SMS. */
    turn: () => {
      write(status, '');
      inbox.turn();
      return lookNow();
    },
  };
};

const clockFace = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });

/**
 * Hours and minutes. A phone shows no AM or PM either.
 *
 * @param {number} now
 */
const timeOfDay = (now) =>
  clockFace
    .formatToParts(now)
    .map(({ type, value }) => (type === 'dayPeriod' ? '' : value))
    .join('')
    .trim();

/** @param {import('../clock.js').ServerClock} clock */
const showTime = (clock) => {
  const dateFace = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
  everyTick(() => {
    write(find('handset-time', HTMLElement), timeOfDay(clock.now()));
    write(find('lock-time', HTMLElement), timeOfDay(clock.now()));
    write(find('lock-date', HTMLElement), dateFace.format(clock.now()));
  });
};

/**
 * @param {object} world
 * @param {() => Expected | undefined} world.expected
 * @param {(message: Sms, bubble: HTMLElement) => void} world.onTap
 */
const createInbox = ({ expected, onTap }) => {
  const announcement = find('handset-announcement', HTMLElement);
  const select = find('number', HTMLSelectElement);
  const screens = createScreens(onTap);
  const thread = createThread(onTap);
  /** @type {readonly Sms[]} newest first */
  let inbox = [];
  let isFirstLook = true;
  let isTurning = false;

  const showThread = () => thread.show(inbox.filter(({ to }) => to === select.value).reverse());
  select.addEventListener('change', showThread);

  /** @param {Sms | undefined} arrived */
  const tell = (arrived) => {
    if (isFirstLook && inbox.length > 0) screens.openMessages();
    if (arrived === undefined || isFirstLook) return;
    write(announcement, `New SMS: ${arrived.text}`);
    screens.notify(arrived);
  };

  return {
    dismiss: screens.dismiss,
    turn: () => {
      isTurning = true;
    },
    /** @param {readonly Sms[]} looked */
    receive: (looked) => {
      const known = new Set(inbox.map(({ messageId }) => messageId));
      const fresh = looked.filter(({ messageId }) => !known.has(messageId));
      const hasChanged = fresh.length > 0 || looked.length !== inbox.length;
      inbox = looked;
      if (!hasChanged && !isFirstLook && !isTurning) return;
      const wanted = expected();
      const waitedFor = wanted && inbox.find(({ to }) => isMasked(to, wanted.masked))?.to;
      showNumbers(select, inbox, isTurning ? waitedFor : undefined);
      if (waitedFor !== undefined) isTurning = false;
      showThread();
      tell(fresh.find(({ to }) => to === select.value));
      isFirstLook = false;
      if (inbox.length === 0) screens.lock();
    },
  };
};

/** @returns {Promise<readonly Sms[]>} */
const readInbox = async () => {
  const response = await fetch(`/_local/messages?limit=${maxMessages}`);
  if (!response.ok) throw new Error(`The inbox answered ${response.status}.`);
  return response.json();
};

/**
 * Lists the numbers that got SMS, and keeps the choice unless the app waits for another number.
 *
 * @param {HTMLSelectElement} select
 * @param {readonly Sms[]} inbox
 * @param {string | undefined} waitedFor
 */
const showNumbers = (select, inbox, waitedFor) => {
  const chosen = waitedFor ?? (select.disabled ? undefined : select.value);
  const numbers = [...new Set(inbox.map(({ to }) => to))];
  if (numbers.length === 0) {
    select.replaceChildren(make('option', { value: '' }, 'no number yet'));
    select.disabled = true;
    return;
  }
  select.replaceChildren(...numbers.map((number) => make('option', { value: number }, number)));
  select.disabled = false;
  if (chosen !== undefined && numbers.includes(chosen)) select.value = chosen;
};
