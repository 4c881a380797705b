// @ts-check
import { find, make } from '../elements.js';
import { codeIn, linesOf } from './message.js';

/** @typedef {import('./handset.js').Sms} Sms */

const clockFace = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

/**
 * The messages on the screen. It leaves old ones alone, so that the keyboard keeps its place.
 *
 * @param {(message: Sms, bubble: HTMLElement) => void} onTap
 */
export const createThread = (onTap) => {
  const screen = find('screen', HTMLElement);
  const list = find('messages', HTMLOListElement);
  /** @type {Map<string, HTMLLIElement>} */
  let shown = new Map();

  /** @param {Sms} message */
  const bubble = (message) => {
    const { text, at, attributes, channel } = message;
    const button = make('button', { type: 'button', class: 'bubble' }, ...linesOf(text).map(lineOf));
    button.addEventListener('click', () => onTap(message, button));
    const time = make('time', { datetime: at }, clockFace.format(new Date(at)));
    return make(
      'li',
      {},
      make('p', { class: 'sender' }, channel === 'voice' ? 'Call' : senderOf(attributes), ' · ', time),
      button,
    );
  };

  return {
    /** @param {readonly Sms[]} messages oldest first */
    show: (messages) => {
      const before = shown;
      shown = new Map(messages.map((message) => [message.messageId, before.get(message.messageId) ?? bubble(message)]));
      for (const [id, element] of before) if (!shown.has(id)) element.remove();
      const added = [...shown].filter(([id]) => !before.has(id));
      for (const [, element] of added) list.append(element);
      if (added.length > 0) screen.scrollTop = screen.scrollHeight;
    },
  };
};

const likelyLengths = [6, 8, 7, 5, 4];

/** @param {{ line: string, isForMachines: boolean }} line */
const lineOf = ({ line, isForMachines }) => {
  const codes = isForMachines ? [] : likelyLengths.map((length) => codeIn(line, length));
  // A call says the digits one by one: its code stands nowhere in the line.
  const code = codes.find((each) => each !== undefined && line.includes(each));
  const [before = '', after = ''] = code === undefined ? [line] : line.split(code);
  const parts = code === undefined ? [line] : [before, make('b', { class: 'digits' }, code), after];
  // Phones take the direction of a line from its first letter.
  return make('span', { class: isForMachines ? 'line machine' : 'line', dir: 'auto' }, ...parts);
};

/** @param {Sms['attributes']} attributes */
export const senderOf = (attributes) =>
  attributes['AWS.SNS.SMS.SenderID'] ?? attributes['AWS.MM.SMS.OriginationNumber'] ?? 'SMS';
