// @ts-check
import { find, make, write } from '../elements.js';
import { counted, groupText, usd } from './words.js';

/**
 * @typedef {import('./api.js').Status} Status
 * @typedef {import('./api.js').Cap} Cap
 */

/** @type {Readonly<Record<string, string>>} */
const stateWords = { ok: 'Well', bad: 'Not well', unknown: 'Not known' };

/** Whether all is well: each check by a word and a sentence, and the counters. */
export const createStatus = () => {
  const state = find('desk-state', HTMLElement);
  const checks = find('checks', HTMLElement);
  const counters = find('counters', HTMLElement);
  return {
    /** @param {Status} status */
    show: (status) => {
      const bad = status.checks.filter((check) => check.state !== 'ok').length;
      state.dataset['state'] = status.state;
      write(
        state,
        bad === 0
          ? `All is well: ${counted(status.checks.length, 'check', 'checks')}`
          : `${counted(bad, 'check is', 'checks are')} not well, of ${status.checks.length}`,
      );
      status.checks.forEach((check, nth) => {
        const item = checks.children[nth] ?? checks.appendChild(checkItem());
        item.setAttribute('data-state', check.state);
        [stateWords[check.state] ?? check.state, wordsOf(check.name), check.says, check.todo ?? ''].forEach(
          (text, part) => {
            const element = item.children[part];
            if (element !== undefined) write(element, text);
          },
        );
      });
      while (checks.childElementCount > status.checks.length) checks.lastElementChild?.remove();
      showCounters(counters, status);
    },
  };
};

const checkItem = () =>
  make(
    'li',
    { class: 'check' },
    make('strong', { class: 'check-state' }),
    make('span', { class: 'check-name' }),
    make('p', { class: 'facts' }),
    make('p', { class: 'facts todo' }),
  );

/**
 * `keys-enabled` as `Keys enabled`.
 *
 * @param {string} name
 */
const wordsOf = (name) => (name.charAt(0).toUpperCase() + name.slice(1)).replaceAll('-', ' ');

/** @param {Cap} cap */
const capOf = ({ of, name }) => (of === 'total' ? 'Cap of all SMS' : `Cap of ${groupText({ [of]: name ?? '' })}`);

/** @param {Cap} cap */
const usesOf = ({ hour, day }) =>
  `${usd(hour.usedUsd)} of ${usd(hour.capUsd)} this hour, ${usd(day.usedUsd)} of ${usd(day.capUsd)} today`;

/**
 * @param {HTMLElement} counters
 * @param {Status} status
 */
const showCounters = (counters, { findings, blocks, restrictions, caps = [] }) => {
  const rows = [
    ...(findings === undefined
      ? []
      : [['Open findings', `${findings.open}, of them ${findings.critical} critical and ${findings.high} high`]]),
    ...(blocks === undefined
      ? []
      : [['Blocks', `${blocks}, and ${counted(restrictions ?? 0, 'restriction', 'restrictions')}`]]),
    ...caps.map((cap) => [capOf(cap), usesOf(cap)]),
  ];
  while (counters.childElementCount > rows.length) counters.lastElementChild?.remove();
  rows.forEach((texts, nth) => {
    const row =
      counters.children[nth] ?? counters.appendChild(make('div', {}, make('dt'), make('dd', { class: 'digits' })));
    texts.forEach((text, part) => {
      const element = row.children[part];
      if (element !== undefined) write(element, text);
    });
  });
};
