/** The benefit and the cost of each part. */

import { chargeOf, priceList } from '../../../docs/generate/capacity/prices.ts';
import { everybody, type Played as PlayedGame, worstOf } from '../denial/table.ts';
import type { Score } from '../play/ledger.ts';
import { markdown, none, percent } from '../report/figures.ts';
import { type Summary, summaryOf } from '../report/summary.ts';
import { rows } from '../report/targets.ts';
import { parts } from './parts.ts';

export type Ablated = {
  readonly name: string;
  readonly score: Score;
  readonly denials: readonly PlayedGame[];
};

const shown = [
  'messages leaked, all families',
  'USD leaked, all families',
  'of the messages leaked: not on a daily curve, A21',
  'worst family except A21, share',
  'families that leak and are never noticed',
  'legitimate blocked, whole run, ppm',
  'legitimate blocked, clean days, ppm',
  'never served in outages, ppm',
  'never served in a new office, ppm',
];

/** The text without its interval, which a table of this width has no room for. */
const figureOf = (measure: string, summary: Summary): string =>
  (rows.find((row) => row.measure === measure)?.figure(summary)?.text ?? none).replace(/ \[.*\]$/, '');

const aims = ['number', 'office', 'gateway', 'range', 'prefix', 'country', 'launch day'] as const;

const refusedIn = (games: readonly PlayedGame[], aim: (typeof aims)[number]): string => {
  const cell = worstOf(games, aim, 100);
  if (cell === undefined) return none;
  const { total, refused } = everybody(cell);
  return total === 0 ? none : percent(refused / total);
};

/** Reads and writes of the detector, attacks included, in USD per million verifications. */
const priceOf = (scores: readonly Score[]): string => {
  const verifications = scores.reduce((sum, { sent }) => sum + sent, 0);
  const usd = scores
    .flatMap(({ units }) => Object.entries(units))
    .reduce((sum, [unit, count]) => sum + count * chargeOf(priceList[unit === 'reads' ? 'read' : 'write'], 1e6), 0);
  return `$${(usd / verifications).toFixed(2)}`;
};

/** A row for each part that is left out. */
export const ablationTable = (ablated: readonly Ablated[]): string =>
  markdown(
    ['left out', ...shown, ...aims.map((aim) => `${aim}: people refused`), 'detector, USD per million'],
    parts.flatMap(({ name }) => {
      const here = ablated.filter((each) => each.name === name);
      if (here.length === 0) return [];
      const summary = summaryOf(here.map(({ score }) => score));
      const games = here.flatMap(({ denials }) => denials);
      return [
        [
          name,
          ...shown.map((measure) => figureOf(measure, summary)),
          ...aims.map((aim) => refusedIn(games, aim)),
          priceOf(here.map(({ score }) => score)),
        ],
      ];
    }),
  );
