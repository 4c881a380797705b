// @ts-check
import { find, write } from '../elements.js';
import { senderOf } from './thread.js';

const notificationMs = 1700;
const overlayMs = 12_000;
// As in handset.css.
const isNarrow = () => matchMedia('(max-width: 45.9rem)').matches;

/**
 * The screens of the phone: locked, and the messages. A message arrives on the locked screen as a notification. If the page
 * is narrow, its notification is at the top of the page, and a tap fills the code in.
 *
 * @param {(message: import('./handset.js').Sms, notification: HTMLElement) => void} onTap
 */
export const createScreens = (onTap) => {
  const device = find('device', HTMLElement);
  const notification = find('notification', HTMLButtonElement);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {import('./handset.js').Sms | undefined} */
  let newest;

  /** @param {View} view */
  const show = (view) => {
    clearTimeout(timer);
    notification.hidden = true;
    turnTo(device, view);
  };
  const openMessages = () => show('messages');
  const openByHand = () => {
    openMessages();
    focusNewest();
  };
  notification.addEventListener('click', () => {
    if (!isNarrow() || newest === undefined) return openByHand();
    onTap(newest, notification);
    notification.hidden = true;
  });
  find('open-messages', HTMLElement).addEventListener('click', openByHand);
  find('home', HTMLElement).addEventListener('click', () => {
    show('lock');
    find('open-messages', HTMLElement).focus();
  });
  show('lock');

  /** @param {number} ms */
  const showNotification = (ms) => {
    notification.hidden = false;
    timer = setTimeout(() => (document.activeElement === notification ? openByHand() : openMessages()), ms);
  };
  return {
    openMessages,
    lock: () => show('lock'),
    /** @param {import('./handset.js').Sms} message */
    notify: (message) => {
      newest = message;
      writeNotification(message);
      if (isNarrow()) {
        openMessages();
        return showNotification(overlayMs);
      }
      if (device.dataset['view'] === 'messages') return;
      if (matchMedia('(prefers-reduced-motion: reduce)').matches) return openMessages();
      clearTimeout(timer);
      showNotification(notificationMs);
    },
    /** The code is used, or no longer waited for. */
    dismiss: () => {
      if (isNarrow()) notification.hidden = true;
    },
  };
};

/** @typedef {'lock' | 'messages'} View */

/**
 * Nothing of the other screen can be reached.
 *
 * @param {HTMLElement} device
 * @param {View} view
 */
const turnTo = (device, view) => {
  device.dataset['view'] = view;
  find('lock', HTMLElement).inert = view !== 'lock';
  find('messages-app', HTMLElement).inert = view !== 'messages';
  find('home', HTMLElement).hidden = view === 'lock';
};

/** @param {import('./handset.js').Sms} message */
const writeNotification = ({ attributes, text }) => {
  write(find('notification-from', HTMLElement), senderOf(attributes));
  write(find('notification-text', HTMLElement), text.split('\n')[0] ?? '');
};

const focusNewest = () => {
  const newest = find('messages', HTMLElement).lastElementChild?.querySelector('button');
  (newest ?? find('screen', HTMLElement)).focus();
};
