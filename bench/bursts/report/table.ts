/** The tables of the results in Markdown: a column for each contender. */

import { emptyTally, type Place } from '../play/ledger.ts';
import { families, trapKinds } from '../traffic/calendar.ts';
import { counted, markdown, none, percent, perMillion, shareOf, surely } from './figures.ts';
import { intervalOf } from './intervals.ts';
import type { Summary } from './summary.ts';
import { blocked, type Column, leakedShare, rows } from './targets.ts';

export { markdown } from './figures.ts';
export { type Column, type Measured, measuredTable, meets, rows, targetTable, verdictOn } from './targets.ts';

/** The share of messages that leaked, by family, and the median per attack. */
export const leakTable = (columns: readonly Column[]): string =>
  markdown(
    ['family', 'attacks', ...columns.map(({ name }) => name)],
    families.map((family) => [
      family,
      counted(columns[0]?.summary.families.get(family)?.attacks ?? 0),
      ...columns.map(({ summary }) => leakedShare(family)(summary)?.text ?? none),
    ]),
  );

/** The rows that say most of a world. */
const worldRows = 11;

const ordinaryPlaces = ['clean day', 'elsewhere', 'during an attack', 'after an attack'] as const;

/** The share of legitimate verifications without any SMS, by place. */
export const collateralTable = (columns: readonly Column[]): string => {
  const places: readonly Place[] = [...ordinaryPlaces, ...trapKinds];
  const body = places.map((place) => [
    place,
    counted(columns[0]?.summary.places.get(place)?.total ?? 0),
    ...columns.map(({ summary }) => blocked(summary.places.get(place) ?? emptyTally(), percent)?.text ?? none),
  ]);
  const aimed = columns.map(({ summary }) => blocked(summary.weaponized, percent)?.text ?? none);
  const weaponized = ['country that A12 wants blocked', counted(columns[0]?.summary.weaponized.total ?? 0), ...aimed];
  return markdown(['place', 'verifications', ...columns.map(({ name }) => name)], [...body, weaponized]);
};

/** Figures without a target. */
export const sideTable = (columns: readonly Column[]): string => {
  const attackRefused = ({ families: all }: Summary) =>
    [...all.values()].reduce((sum, { asked, sent }) => sum + asked - sent, 0);
  const sides: readonly (readonly [string, (summary: Summary) => string])[] = [
    [
      'legitimate blocked per 1,000 attack messages refused',
      (summary) => {
        const refused = attackRefused(summary);
        return refused === 0 ? none : ((1000 * summary.whole.undelivered) / refused).toFixed(1);
      },
    ],
    ['resends refused', ({ resends }) => percent(shareOf(resends))],
    ['blocks', ({ blocks }) => counted(blocks)],
    ['findings', ({ findings }) => counted(findings.total)],
    [
      'false high findings in 30 days',
      ({ findings, testDays }) => (((findings.high - findings.highTrue) * 30) / testDays).toFixed(1),
    ],
  ];
  return markdown(
    ['measure', ...columns.map(({ name }) => name)],
    sides.map(([measure, figure]) => [measure, ...columns.map(({ summary }) => figure(summary))]),
  );
};

const usd = (value: number): string => `$${value.toLocaleString('en-US', { maximumFractionDigits: 0 })}`;

/** All figures of one contender, by family. */
export const detailTable = ({ summary }: Column): string =>
  markdown(
    ['family', 'leaked', 'USD leaked of asked', 'before first refusal', 's to first refusal', 'refused', 'found'],
    families.flatMap((family) => {
      const found = summary.families.get(family);
      if (found === undefined || found.attacks === 0) return [];
      const { low, high } = intervalOf(found.refused, found.attacks);
      return [
        [
          family,
          `${counted(found.sent)} of ${counted(found.asked)} (${percent(found.sent / found.asked)})`,
          `${usd(found.sentUsd)} of ${usd(found.askedUsd)}`,
          counted(found.medianSentBeforeRefusal),
          found.medianSecondsToRefusal === undefined ? none : counted(found.medianSecondsToRefusal),
          `${found.refused} of ${found.attacks} [${percent(low)}–${percent(high)}]`,
          `${found.found} of ${found.attacks}`,
        ],
      ];
    }),
  );

export type SeedRow = {
  readonly name: string;
  readonly seed: number;
  readonly behindDays: number;
  readonly summary: Summary;
};

/** The figures of each seed. */
export const seedTable = (found: readonly SeedRow[]): string =>
  markdown(
    ['contender', 'seed', 'days behind', 'blocked, ppm', 'blocked on clean days, ppm', 'messages leaked', 'USD leaked'],
    found.map(({ name, seed, behindDays, summary }) => {
      const all = [...summary.families.values()];
      return [
        name,
        String(seed),
        String(behindDays),
        surely(summary.whole, perMillion),
        surely(summary.cleanWithOutages, perMillion),
        counted(all.reduce((sum, { sent }) => sum + sent, 0)),
        usd(all.reduce((sum, { sentUsd }) => sum + sentUsd, 0)),
      ];
    }),
  );

/** The first targets, by contender and world. */
export const worldTable = (columns: readonly Column[]): string => {
  const shown = rows.slice(0, worldRows);
  return markdown(
    ['contender', ...shown.map(({ measure }) => measure)],
    columns.map(({ name, summary }) => [name, ...shown.map(({ figure }) => figure(summary)?.text ?? none)]),
  );
};

/** Units of tables, of the contenders that count them. */
export const unitTable = (columns: readonly Column[]): string | undefined => {
  const counting = columns.filter(({ summary }) => Object.keys(summary.units).length > 0);
  if (counting.length === 0) return undefined;
  const body = counting.flatMap(({ name, summary }) =>
    Object.entries(summary.units).map(([unit, count]) => [name, unit, counted(count)]),
  );
  return markdown(['contender', 'unit', 'counted'], body);
};
