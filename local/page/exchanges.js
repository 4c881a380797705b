// @ts-check
import { copyOnClick } from './copy.js';
import { find, make } from './elements.js';

/** @typedef {import('./api.js').Exchange} Exchange */

const maxShown = 12;

/** The last calls of the API, newest first, each as a curl command to copy. */
export const createExchanges = () => {
  const list = find('exchanges', HTMLOListElement);
  const empty = find('no-exchanges', HTMLElement);
  return {
    /** @param {Exchange} exchange */
    add: (exchange) => {
      empty.hidden = true;
      list.prepend(entryOf(exchange));
      while (list.children.length > maxShown) list.lastElementChild?.remove();
    },
  };
};

/** @param {Exchange} exchange */
const entryOf = (exchange) => {
  const { method, path, status, problem } = exchange;
  const isGood = status >= 200 && status < 400;
  const answer = status === 0 ? 'no answer' : `${status}${problem === undefined ? '' : ` ${problem}`}`;
  const copy = make('button', { type: 'button', class: 'secondary outline' }, 'Copy as curl');
  copyOnClick(copy, () => curlOf(exchange, location.origin));
  return make(
    'li',
    {},
    make('span', { class: 'call' }, make('b', {}, method), ' ', path),
    make('span', { class: isGood ? 'answer good' : 'answer bad' }, answer),
    copy,
  );
};

/**
 * The call as a line for a POSIX shell.
 *
 * @param {Exchange} exchange
 * @param {string} origin
 */
export const curlOf = ({ method, path, headers, body }, origin) => {
  const parts = ['curl', '-i', ...(method === 'GET' ? [] : ['-X', method]), quoted(`${origin}${path}`)];
  for (const [name, value] of Object.entries(headers)) parts.push('-H', quoted(`${name}: ${value}`));
  if (body !== undefined) parts.push('-d', quoted(body));
  return parts.join(' ');
};

/** @param {string} text */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
