/** The targets, and how contenders stand to them. */

import { emptyTally, type Place, type Tally } from '../play/ledger.ts';
import type { Family } from '../traffic/calendar.ts';
import { counted, markdown, none, percent, perMillion, shareOf, surely } from './figures.ts';
import type { FamilySummary, Summary } from './summary.ts';

export type Column = { readonly name: string; readonly summary: Summary };

/** A figure as it is printed, and as it is compared with its target. */
type Figure = { readonly text: string; readonly value: number };

type Row = {
  readonly measure: string;
  /** The upper bound, or the lower bound with `isFloor`. */
  readonly target: { readonly text: string; readonly bound: number; readonly isFloor?: boolean };
  readonly figure: (summary: Summary) => Figure | undefined;
};

export const blocked = (tally: Tally, shown: (share: number) => string): Figure | undefined =>
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

const leakedBeforeRefusal = (family: Family) =>
  ofFamily(family, ({ medianSentBeforeRefusal, worstSentBeforeRefusal }) => ({
    text: `${counted(medianSentBeforeRefusal)} (worst ${counted(worstSentBeforeRefusal)})`,
    value: medianSentBeforeRefusal,
  }));

/** Only probes may pass behind the first refusal. It may be one of a number's own limits, before any restriction. */
const leakedBesideProbes = (family: Family) =>
  ofFamily(family, ({ medianSentBesideProbes, worstSentBesideProbes }) => ({
    text: `${counted(medianSentBesideProbes)} (worst ${counted(worstSentBesideProbes)})`,
    value: medianSentBesideProbes,
  }));

/** Fast and narrow: a bound on the messages before the first refusal, and the same bound on all that are no probes. */
const fastRows = (family: Family, name: string, max: number): readonly Row[] => [
  {
    measure: `${name}, messages before the first refusal`,
    target: atMost(max, counted),
    figure: leakedBeforeRefusal(family),
  },
  { measure: `${name}, all messages except probes`, target: atMost(max, counted), figure: leakedBesideProbes(family) },
];

/** The share of the messages asked for that was sent, and the messages of the median attack. */
export const leakedShare = (family: Family) =>
  ofFamily(family, ({ sent, asked, medianSent }) => ({
    text: `${percent(sent / asked)} (${counted(medianSent)})`,
    value: sent / asked,
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

const total = (found: readonly FamilySummary[], of: (each: FamilySummary) => number): number =>
  found.reduce((sum, each) => sum + of(each), 0);

/** No guard can tell traffic on a country's own daily curve from people, so it is stated apart. */
const shadow: Family = 'A21';

const played = ({ families: all }: Summary) => [...all].filter(([, { attacks }]) => attacks > 0);

const leakedOf = (
  summary: Summary,
  sent: (each: FamilySummary) => number,
  planned: (each: FamilySummary) => number,
  isCounted: (family: Family) => boolean = () => true,
): Figure | undefined => {
  const all = played(summary);
  if (all.length === 0) return undefined;
  const counting = all.filter(([family]) => isCounted(family)).map(([, each]) => each);
  const value =
    total(counting, sent) /
    total(
      all.map(([, each]) => each),
      planned,
    );
  return { text: percent(value), value };
};

const worstFamily = (summary: Summary): Figure | undefined => {
  const [worst] = played(summary)
    .filter(([family]) => family !== shadow)
    .map(([family, { sent, planned }]) => ({ family, value: sent / planned }))
    .toSorted((one, other) => other.value - one.value);
  return worst && { text: `${percent(worst.value)} (${worst.family})`, value: worst.value };
};

/** A family of which so little leaks needs no finding: limits of numbers and IPs held it back. */
const unimportant = 0.05;

const neverNoticed = (summary: Summary): Figure | undefined => {
  const missed = played(summary)
    .filter(([, { found, sent, planned }]) => found === 0 && sent / planned > unimportant)
    .map(([family]) => family);
  return { text: missed.length === 0 ? '0' : `${missed.length} (${missed.join(', ')})`, value: missed.length };
};

const noticedWithinDay = (family: Family) =>
  ofFamily(family, ({ foundWithinDay, attacks }) => ({
    text: `${foundWithinDay} of ${attacks}`,
    value: foundWithinDay / attacks,
  }));

const outages: readonly Place[] = ['outage', 'outage under attack', 'provider outage'];

const pooled = ({ places }: Summary, which: readonly Place[]): Tally =>
  which.reduce((sum, place) => {
    const { total: people, undelivered } = places.get(place) ?? emptyTally();
    return { total: sum.total + people, undelivered: sum.undelivered + undelivered };
  }, emptyTally());

const neverServed = (which: readonly Place[]) => (summary: Summary) => blocked(pooled(summary, which), perMillion);

const ppm = (bound: number) => ({ text: `≤ ${counted(bound)}`, bound: bound / 1_000_000 });
const all = { text: 'all', bound: 1, isFloor: true } as const;

/** The targets that a simulation can judge. */
export const rows: readonly Row[] = [
  {
    measure: 'messages leaked, all families',
    target: atMost(0.12, percent),
    figure: (summary) =>
      leakedOf(
        summary,
        ({ sent }) => sent,
        ({ planned }) => planned,
      ),
  },
  {
    measure: 'USD leaked, all families',
    target: atMost(0.07, percent),
    figure: (summary) =>
      leakedOf(
        summary,
        ({ sentUsd }) => sentUsd,
        ({ plannedUsd }) => plannedUsd,
      ),
  },
  {
    measure: 'of the messages leaked: not on a daily curve, A21',
    target: atMost(0.06, percent),
    figure: (summary) =>
      leakedOf(
        summary,
        ({ sent }) => sent,
        ({ planned }) => planned,
        (family) => family !== shadow,
      ),
  },
  { measure: 'worst family except A21, share', target: atMost(0.4, percent), figure: worstFamily },
  { measure: 'families that leak and are never noticed', target: atMost(0, counted), figure: neverNoticed },
  { measure: 'A21 daily curve, found within 24 h', target: all, figure: noticedWithinDay(shadow) },
  {
    measure: 'legitimate blocked, whole run, ppm',
    target: ppm(700),
    figure: ({ whole }) => blocked(whole, perMillion),
  },
  { measure: 'legitimate blocked, clean days, ppm', target: ppm(20), figure: neverServed(['clean day']) },
  {
    measure: 'legitimate blocked, clean days with outages, ppm',
    target: ppm(50),
    figure: ({ cleanWithOutages }) => blocked(cleanWithOutages, perMillion),
  },
  { measure: 'never served in outages, ppm', target: ppm(4000), figure: neverServed(outages) },
  { measure: 'never served in a new office, ppm', target: ppm(10_000), figure: neverServed(['new office']) },
  { measure: 'launch users blocked', target: atMost(0.01, percent), figure: blockedAt('launch') },
  { measure: 'marketing-spike users blocked', target: atMost(0.01, percent), figure: blockedAt('spike') },
  ...fastRows('A1', 'A1 sequential range', 33),
  ...fastRows('A2', 'A2 random in one prefix', 26),
  ...fastRows('A3', 'A3 one IP', 6),
  { measure: 'A6 bombing, messages a victim and day', target: atMost(10, counted), figure: leakedMessages('A6') },
  { measure: 'A5 botnet, share', target: atMost(0.005, percent), figure: leakedShare('A5') },
  { measure: 'A4 low and slow, share', target: atMost(0.13, percent), figure: leakedShare('A4') },
  { measure: 'A8 burst and pause, share', target: atMost(0.07, percent), figure: leakedShare('A8') },
  { measure: 'A7 converting, messages', target: atMost(100, counted), figure: leakedMessages('A7') },
  { measure: 'A10 spray, guesses', target: atMost(1000, counted), figure: sprayGuesses },
  { measure: 'A9 trickle, found within 24 h', target: all, figure: noticedWithinDay('A9') },
  {
    measure: 'high findings that are true',
    target: { text: '≥ 97%', bound: 0.97, isFloor: true },
    figure: precision,
  },
  { measure: 'high findings about one attack, at most', target: atMost(2, counted), figure: duplicates },
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
