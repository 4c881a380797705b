// @ts-check
import { copyOnClick } from '../copy.js';
import { find, make } from '../elements.js';
import { curlOf } from './curl.js';
import { readReason } from './refusals.js';

/**
 * @typedef {import('./record.js').Call} Call
 * @typedef {import('./record.js').Answer} Answer
 * @typedef {{ readonly call: Call, readonly element: HTMLElement, readonly details: HTMLDetailsElement }} Entry
 */

const maxShown = 12;

/**
 * The last calls to the API as they happen, oldest first. The newest that changes something is unfolded.
 *
 * @param {import('../facts.js').Facts} facts
 */
export const createCalls = (facts) => {
  const panel = find('console', HTMLElement);
  const list = find('calls', HTMLOListElement);
  const empty = find('no-calls', HTMLElement);
  /** @param {Entry} entry */
  const showFromTop = ({ element }) => {
    panel.scrollTop = element.offsetTop - 8;
  };
  return {
    /**
     * @param {Call} call
     * @returns {Entry}
     */
    add: (call) => {
      empty.hidden = true;
      const entry = entryOf(call, facts.basePath);
      if (entry.details.open) for (const other of list.querySelectorAll('details')) other.open = false;
      list.append(entry.element);
      while (list.children.length > maxShown) list.firstElementChild?.remove();
      if (entry.details.open) showFromTop(entry);
      return entry;
    },
    /**
     * @param {Entry} entry
     * @param {Answer} answer
     */
    answer: (entry, answer) => {
      showAnswer(entry, answer);
      if (entry.details.open) showFromTop(entry);
      if (answer.status < 400) return;
      void readReason(answer.headers['x-request-id']).then((reason) => {
        if (reason === undefined) return;
        entry.details.querySelector('.request')?.before(reasonOf(reason));
      });
    },
    clear: () => {
      list.replaceChildren();
      empty.hidden = false;
    },
  };
};

/**
 * @param {Call} call
 * @param {string} basePath
 * @returns {Entry}
 */
const entryOf = (call, basePath) => {
  const { method, path, headers, body } = call;
  const summary = make(
    'summary',
    {},
    make('b', { class: `method ${method.toLowerCase()}` }, method),
    ' ',
    make('span', { class: 'path', title: path }, shortPath(path.slice(basePath.length))),
    make('span', { class: 'answer waiting' }, '…'),
  );
  const copy = make('button', { type: 'button', class: 'copy' }, 'Copy as curl');
  copyOnClick(copy, () => curlOf(call, location.origin));
  const sent = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const details = make(
    'details',
    method === 'GET' ? {} : { open: '' },
    summary,
    make('div', { class: 'request' }, copy, block(sent, body)),
  );
  return { call, details, element: make('li', {}, details) };
};

/**
 * An id is long, and says nothing to a reader.
 *
 * @param {string} path
 */
const shortPath = (path) => path.replace(/(\/v1\/verifications\/.{4})[^/]+/, '$1…');

const shownHeaders = ['x-request-id', 'retry-after'];

/**
 * @param {Entry} entry
 * @param {Answer} answer
 */
const showAnswer = ({ details }, { status, ms, headers, body }) => {
  const problem = problemIn(body);
  const isGood = status >= 200 && status < 400;
  const words = status === 0 ? 'no answer' : `${status}${problem === undefined ? '' : ` ${problem.code}`}`;
  details
    .querySelector('.answer')
    ?.replaceWith(
      make('span', { class: isGood ? 'answer good' : 'answer bad' }, words),
      make('span', { class: 'ms digits' }, `${ms} ms`),
    );
  const got = shownHeaders.flatMap((name) => (headers[name] === undefined ? [] : [`${name}: ${headers[name]}`]));
  details.append(make('div', { class: 'response' }, block(got, body === '' ? undefined : body)));
  if (problem !== undefined)
    details.querySelector('.request')?.before(make('p', { class: 'explained' }, problem.detail));
};

/** @param {import('./refusals.js').Reason} reason */
const reasonOf = ({ why, until, lift }) => {
  const lines = [make('p', {}, make('b', {}, 'Why: '), why)];
  if (until !== undefined) lines.push(make('p', {}, make('b', {}, 'Until: '), timeOf(until)));
  if (lift !== undefined) lines.push(make('p', {}, make('b', {}, 'To lift it: '), lift));
  return make('div', { class: 'reason' }, ...lines);
};

/** @param {string} until */
const timeOf = (until) => {
  const at = new Date(until);
  return Number.isNaN(at.getTime())
    ? until
    : at.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
};

/**
 * Headers and a body, one line each. Strings have the color of what the service says.
 *
 * @param {readonly string[]} headers
 * @param {string | undefined} body
 */
const block = (headers, body) => {
  if (headers.length === 0 && body === undefined) return '';
  const lines = headers.map((header) => make('span', { class: 'header' }, `${header}\n`));
  return make(
    'pre',
    { tabindex: '0', 'aria-label': 'Headers and body' },
    ...lines,
    ...(body === undefined ? [] : colored(pretty(body))),
  );
};

/** @param {string} body */
const pretty = (body) => {
  try {
    return JSON.stringify(JSON.parse(body), undefined, 2);
  } catch {
    return body;
  }
};

/**
 * JSON with its names apart from its values.
 *
 * @param {string} text
 * @returns {(Node | string)[]}
 */
const colored = (text) =>
  text.split(/("(?:[^"\\]|\\.)*"(?=:))/).map((part, index) => (index % 2 === 1 ? make('i', {}, part) : part));

/**
 * @param {string} body
 * @returns {{ code: string, detail: string } | undefined}
 */
const problemIn = (body) => {
  try {
    const { code, detail, status } = JSON.parse(body);
    return typeof status === 'number' && typeof code === 'string' ? { code, detail: String(detail ?? '') } : undefined;
  } catch {
    return undefined;
  }
};
