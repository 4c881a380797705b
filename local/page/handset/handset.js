// @ts-check
import { everyTick } from '../countdown.js';
import { find, make, write } from '../elements.js';
import { codeIn, isMasked, linesOf } from './message.js';

/**
 * @typedef {object} Sms
 * @property {string} to
 * @property {string} text
 * @property {string} at
 * @property {string} messageId
 * @property {Readonly<Record<string, string>>} attributes
 */

const pollMs = 1000;
const offlinePollMs = 3000;
// After a load test the inbox holds thousands.
const maxMessages = 200;

/**
 * The phone. It shows the SMS of one number as they arrive, in the order of a chat. A tap on a message fills its code
 * into the app.
 *
 * @param {object} world
 * @param {import('../clock.js').ServerClock} world.clock
 * @param {() => { masked: string, codeLength: number } | undefined} world.expected
 * @param {(code: string) => void} world.fill
 */
export const createHandset = ({ clock, expected, fill }) => {
  const status = find('handset-status', HTMLElement);
  const announcement = find('handset-announcement', HTMLElement);
  const select = find('number', HTMLSelectElement);
  const thread = createThread((message) => offer(message));
  /** @type {readonly Sms[]} newest first */
  let inbox = [];
  let isFirstLook = true;
  let isTurning = false;

  /** @param {Sms} message */
  const offer = ({ text }) => {
    const wanted = expected();
    if (wanted === undefined) return write(status, 'The app waits for no code now.');
    const code = codeIn(text, wanted.codeLength);
    if (code === undefined) return write(status, `There is no code of ${wanted.codeLength} digits in this message.`);
    fill(code);
    write(status, 'The code is filled in. Check it in the app.');
  };

  const showThread = () => {
    const messages = inbox.filter(({ to }) => to === select.value).reverse();
    return thread.show(messages);
  };
  select.addEventListener('change', showThread);

  /** @param {readonly Sms[]} looked */
  const receive = (looked) => {
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
    const arrived = fresh.find(({ to }) => to === select.value);
    if (arrived !== undefined && !isFirstLook) write(announcement, `New SMS: ${arrived.text}`);
    isFirstLook = false;
  };

  everyTick(() => write(find('handset-time', HTMLElement), clockFace.format(clock.now())));

  const { lookNow } = poll(
    async () => {
      const [messages] = await Promise.all([readInbox(), clock.look()]);
      receive(messages);
      if (status.dataset['offline'] !== undefined) write(status, '');
      delete status.dataset['offline'];
    },
    () => {
      status.dataset['offline'] = '';
      write(status, 'No network: the server cannot be reached. Is npm start still running?');
    },
  );
  return {
    lookNow,
    /** Turns to the number that the app waits for, as soon as it has an SMS. */
    turn: () => {
      isTurning = true;
      return lookNow();
    },
  };
};

const clockFace = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

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

/**
 * The messages on the screen. It leaves old ones alone, so that the keyboard keeps its place.
 *
 * @param {(message: Sms) => void} onTap
 */
const createThread = (onTap) => {
  const screen = find('screen', HTMLElement);
  const list = find('messages', HTMLOListElement);
  const empty = find('no-messages', HTMLElement);
  /** @type {Map<string, HTMLLIElement>} */
  let shown = new Map();

  /** @param {Sms} message */
  const bubble = (message) => {
    const { text, at, attributes } = message;
    const button = make('button', { type: 'button', class: 'bubble' }, ...linesOf(text).map(lineOf));
    button.addEventListener('click', () => onTap(message));
    const time = make('time', { datetime: at }, clockFace.format(new Date(at)));
    return make('li', {}, make('p', { class: 'sender' }, senderOf(attributes), ' · ', time), button);
  };

  return {
    /** @param {readonly Sms[]} messages oldest first */
    show: (messages) => {
      const before = shown;
      shown = new Map(messages.map((message) => [message.messageId, before.get(message.messageId) ?? bubble(message)]));
      for (const [id, element] of before) if (!shown.has(id)) element.remove();
      const added = [...shown].filter(([id]) => !before.has(id));
      for (const [, element] of added) list.append(element);
      empty.hidden = shown.size > 0;
      if (added.length > 0) screen.scrollTop = screen.scrollHeight;
    },
  };
};

/** @param {{ line: string, isForMachines: boolean }} line */
const lineOf = ({ line, isForMachines }) => make('span', { class: isForMachines ? 'line machine' : 'line' }, line);

/** @param {Sms['attributes']} attributes */
const senderOf = (attributes) =>
  attributes['AWS.SNS.SMS.SenderID'] ?? attributes['AWS.MM.SMS.OriginationNumber'] ?? 'SMS';

/**
 * Looks about once a second, less often while the server is down, and not at all while the page is hidden.
 *
 * @param {() => Promise<void>} look
 * @param {() => void} onOffline
 */
const poll = (look, onOffline) => {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let isLooking = false;
  let isAskedAgain = false;

  const lookNow = async () => {
    clearTimeout(timer);
    isAskedAgain = isLooking;
    if (isLooking || document.hidden) return;
    isLooking = true;
    const isOnline = await look().then(
      () => true,
      () => false,
    );
    isLooking = false;
    if (!isOnline) onOffline();
    if (isAskedAgain) return lookNow();
    timer = setTimeout(lookNow, isOnline ? pollMs : offlinePollMs);
  };
  document.addEventListener('visibilitychange', lookNow);
  void lookNow();
  return { lookNow };
};
