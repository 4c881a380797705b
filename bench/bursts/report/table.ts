/** The tables of the results in Markdown: a column for each contender. */

import { emptyTally, type Place, type Tally } from '../play/ledger.ts';
import { type Family, families, trapKinds } from '../traffic/calendar.ts';
import { counted, markdown, none, percent, perMillion, shareOf, surely } from './figures.ts';
import { intervalOf } from './intervals.ts';
import type { FamilySummary, Summary } from './summary.ts';

export { markdown } from './figures.ts';

export type Column = { readonly name: string; readonly summary: Summary };

/** A figure as it is printed, and as it is compared with its target. */
type Figure = { readonly text: string; readonly value: number };

type Row = {
  readonly measure: string;
  /** The upper bound, or the lower bound with `isFloor`. */
  readonly target: { readonly text: string; readonly bound: number; readonly isFloor?: boolean };
  readonly figure: (summary: Summary) => Figure | undefined;
};

const blocked = (tally: Tally, shown: (share: number) => string): Figure | undefined =>
  tally.total === 0 ? undefined : { text: surely(tally, shown), value: shareOf(tally) };

/** Legitimate verifications without any SMS, per million. */
export const blockedShare = (tally: Tally): string => blocked(tally, perMillion)?.text ?? none;

const blockedAt = (place: Place) => (summary: Summary) => blocked(summary.places.get(place) ?? emptyTally(), percent);

const ofFamily = (family: Family, figure: (found: FamilySummary) => Figure) => (summary: Summary) => {
  const found = summary.families.get(family);
  return found === undefined || found.attacks === 0 ? undefined : figure(found);
};

/** The target holds for the median attack. The worst stands beside it. */
const leakedMessages = (family: Family) =>
  ofFamily(family, ({ medianSent, worstSent }) => ({
    text: `${counted(medianSent)} (worst ${counted(worstSent)})`,
    value: medianSent,
  }));

/** The share of the messages asked for that was sent, and the messages of the median attack. */
export const leakedShare = (family: Family) =>
  ofFamily(family, ({ sent, asked, medianSent }) => ({
    text: `${percent(sent / asked)} (${counted(medianSent)})`,
    value: sent / asked,
  }));

const foundShare = ofFamily('A9', ({ foundWithinDay, attacks }) => ({
  text: `${foundWithinDay} of ${attacks}`,
  value: foundWithinDay / attacks,
}));

const sprayGuesses = ofFamily('A10 spray', ({ medianGuesses, worstGuesses }) => ({
  text: `${counted(medianGuesses)} (worst ${counted(worstGuesses)})`,
  value: medianGuesses,
}));

const precision = ({ findings }: Summary): Figure | undefined => {
  if (findings.high === 0) return undefined;
  const share = findings.highTrue / findings.high;
  return { text: `${percent(share)} of ${counted(findings.high)}`, value: share };
};

const duplicates = (summary: Summary): Figure | undefined => {
  if (summary.findings.high === 0) return undefined;
  const max = Math.max(...[...summary.families.values()].map(({ maxHighFindings }) => maxHighFindings));
  return { text: counted(max), value: max };
};

const atMost = (bound: number, shown: (value: number) => string) => ({ text: `≤ ${shown(bound)}`, bound });

/** The targets that a simulation can judge. */
export const rows: readonly Row[] = [
  {
    measure: 'legitimate blocked, whole run, ppm',
    target: { text: '≤ 1,000', bound: 0.001 },
    figure: ({ whole }) => blocked(whole, perMillion),
  },
  {
    measure: 'legitimate blocked, clean days with outages, ppm',
    target: { text: '≤ 50', bound: 0.000_05 },
    figure: ({ cleanWithOutages }) => blocked(cleanWithOutages, perMillion),
  },
  { measure: 'launch users blocked', target: atMost(0.01, percent), figure: blockedAt('launch') },
  { measure: 'marketing-spike users blocked', target: atMost(0.01, percent), figure: blockedAt('spike') },
  { measure: 'A1 sequential range, messages', target: atMost(50, counted), figure: leakedMessages('A1') },
  { measure: 'A2 random in one prefix, messages', target: atMost(25, counted), figure: leakedMessages('A2') },
  { measure: 'A3 one IP, messages', target: atMost(20, counted), figure: leakedMessages('A3') },
  { measure: 'A6 bombing, messages a victim and day', target: atMost(10, counted), figure: leakedMessages('A6') },
  { measure: 'A5 botnet, share', target: atMost(0.005, percent), figure: leakedShare('A5') },
  { measure: 'A4 low and slow, share', target: atMost(0.13, percent), figure: leakedShare('A4') },
  { measure: 'A8 burst and pause, share', target: atMost(0.07, percent), figure: leakedShare('A8') },
  { measure: 'A7 converting, messages', target: atMost(100, counted), figure: leakedMessages('A7') },
  { measure: 'A10 spray, guesses', target: atMost(1000, counted), figure: sprayGuesses },
  { measure: 'A9 trickle, found within 24 h', target: { text: 'all', bound: 1, isFloor: true }, figure: foundShare },
  {
    measure: 'high findings that are true',
    target: { text: '≥ 95%', bound: 0.95, isFloor: true },
    figure: precision,
  },
  { measure: 'high findings about one attack, at most', target: atMost(3, counted), figure: duplicates },
];

/** A target that no simulation can judge, and the measured figure. */
export type Measured = { readonly measure: string; readonly target: Row['target'] } & Figure;

/** @returns whether the figure meets the target. */
export const meets = ({ bound, isFloor }: Row['target'], value: number): boolean =>
  isFloor === true ? value >= bound : value <= bound;

/** A miss is a multiple of the bound, unless the bound is 0. */
export const verdictOn = (target: Row['target'], value: number): string => {
  if (meets(target, value)) return 'met';
  return target.bound === 0 ? 'missed' : `missed: ${(value / target.bound).toFixed(2)}× the target`;
};

/**
 * @param judged name of the column that the targets are for. Without such a column there are no verdicts.
 * @param measured figures of the judged column.
 */
export const targetTable = (columns: readonly Column[], judged: string, measured: readonly Measured[] = []): string => {
  const own = columns.find(({ name }) => name === judged);
  const head = ['measure', 'target', ...(own === undefined ? [] : ['verdict']), ...columns.map(({ name }) => name)];
  const body = rows.map(({ measure, target, figure }) => {
    const value = own === undefined ? undefined : figure(own.summary)?.value;
    const verdict = own === undefined ? [] : [value === undefined ? none : verdictOn(target, value)];
    return [measure, target.text, ...verdict, ...columns.map(({ summary }) => figure(summary)?.text ?? none)];
  });
  const beside = measured.map(({ measure, target, text, value }) => [
    measure,
    target.text,
    ...(own === undefined ? [] : [verdictOn(target, value)]),
    ...columns.map(({ name }) => (name === judged ? text : none)),
  ]);
  return markdown(head, [...body, ...beside]);
};

/** The measured figures, without any simulation. */
export const measuredTable = (measured: readonly Measured[]): string =>
  markdown(
    ['measure', 'target', 'verdict', 'measured'],
    measured.map(({ measure, target, text, value }) => [measure, target.text, verdictOn(target, value), text]),
  );

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

export type SeedRow = { readonly name: string; readonly seed: number; readonly summary: Summary };

/** The figures of each seed. */
export const seedTable = (found: readonly SeedRow[]): string =>
  markdown(
    ['contender', 'seed', 'blocked, ppm', 'blocked on clean days, ppm', 'messages leaked', 'USD leaked'],
    found.map(({ name, seed, summary }) => {
      const all = [...summary.families.values()];
      return [
        name,
        String(seed),
        surely(summary.whole, perMillion),
        surely(summary.cleanWithOutages, perMillion),
        counted(all.reduce((sum, { sent }) => sum + sent, 0)),
        usd(all.reduce((sum, { sentUsd }) => sum + sentUsd, 0)),
      ];
    }),
  );

/** Units of tables, of the contenders that count them. */
export const unitTable = (columns: readonly Column[]): string | undefined => {
  const counting = columns.filter(({ summary }) => Object.keys(summary.units).length > 0);
  if (counting.length === 0) return undefined;
  const body = counting.flatMap(({ name, summary }) =>
    Object.entries(summary.units).map(([unit, count]) => [name, unit, counted(count)]),
  );
  return markdown(['contender', 'unit', 'counted'], body);
};
