/** The table of the hold-out: a column for each contender. */

import { intervalOf } from '../report/intervals.ts';
import { median } from '../report/summary.ts';
import { type AttackKind, attackKinds, type TrapKind, trapKinds } from './calendar.ts';
import type { HoldoutPlace, HoldoutScore, Raid, Visits } from './ledger.ts';

export type HoldoutColumn = { readonly name: string; readonly scores: readonly HoldoutScore[] };

const whole = (value: number) => Math.round(value).toLocaleString('en-US');

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

/** Legitimate visits of the test, by place. */
export const visitsOf = (scores: readonly HoldoutScore[], isCounted: (place: HoldoutPlace) => boolean): Visits => {
  const tallies = scores
    .flatMap(({ places }) => places)
    .filter(([place]) => place !== 'warm-up' && isCounted(place))
    .map(([, visits]) => visits);
  return {
    total: total(tallies.map((visits) => visits.total)),
    undelivered: total(tallies.map(({ undelivered }) => undelivered)),
  };
};

/** Parts per million, with the count: of some hundred people, a thousand ppm are less than one. */
const blockedCell = ({ total, undelivered }: Visits): string => {
  if (total === 0) return '';
  const million = 1_000_000;
  if (undelivered === 0) return `0 (≤ ${whole(million * intervalOf(0, total).high)})`;
  return `${whole((million * undelivered) / total)} (${whole(undelivered)})`;
};

export type Leak = {
  readonly share: number;
  readonly medianSent: number;
  readonly guesses: number;
  readonly found: number;
  readonly attacks: number;
};

export const leakOf = (scores: readonly HoldoutScore[], isCounted: (kind: AttackKind) => boolean): Leak => {
  const raids = scores.flatMap((score) => score.raids).filter(({ kind }) => isCounted(kind));
  const of = (what: (raid: Raid) => number) => raids.map(what);
  return {
    share: total(of(({ sent }) => sent)) / total(of(({ asked }) => asked)),
    medianSent: median(of(({ sent }) => sent)),
    guesses: median(of(({ guesses }) => guesses)),
    found: raids.filter(({ isFound }) => isFound).length,
    attacks: raids.length,
  };
};

const percent = (share: number) => `${(100 * share).toFixed(share < 0.1 ? 2 : 1)}%`;

const guessing: readonly AttackKind[] = ['spray', 'slow guesses'];

const leakCell = (kind: AttackKind, { share, medianSent, guesses }: Leak): string => {
  if (Number.isNaN(share)) return '';
  return `${percent(share)} (${whole(medianSent)}${guessing.includes(kind) ? `; ${whole(guesses)} guesses` : ''})`;
};

/** The spelling of a kind seeds its traffic, so only the table has the American one. */
const printed = (kind: TrapKind) => kind.replace('centre', 'center');

const isTrap = (place: HoldoutPlace) => trapKinds.some((kind) => kind === place);

const places: readonly (readonly [string, (place: HoldoutPlace) => boolean])[] = [
  ['Whole test', () => true],
  ['Clean days', (place) => place === 'clean day' || place === 'clean day, VPN'],
  ['Of these, behind a VPN exit', (place) => place === 'clean day, VPN'],
  ['Other days, country not attacked', (place) => place === 'no attack near'],
  ['Country attacked now', (place) => place === 'during an attack'],
  ['Country attacked in the last 12 h', (place) => place === 'after an attack'],
  ['All traps, country not attacked', isTrap],
  ...trapKinds.map((kind) => [`Trap: ${printed(kind)}`, (place: HoldoutPlace) => place === kind] as const),
  ['Traps in an attacked country', (place) => place === 'trap in an attack'],
];

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

/**
 * Legitimate visits without any SMS in ppm, with the count, or with the bound at 95% if there were none. Then the
 * messages that leaked, by kind of attack, with the median per attack.
 */
export const holdoutTable = (columns: readonly HoldoutColumn[]): string => {
  const across = (cell: (scores: readonly HoldoutScore[]) => string) => columns.map(({ scores }) => cell(scores));
  const foundCell = (scores: readonly HoldoutScore[]) => {
    const { found, attacks } = leakOf(scores, () => true);
    return total(scores.map(({ findings }) => findings)) === 0 ? '' : `${found} of ${attacks}`;
  };
  return [
    row(['', ...columns.map(({ name }) => name)]),
    row(['---', ...columns.map(() => '---')]),
    ...places.map(([name, isCounted]) => row([name, ...across((scores) => blockedCell(visitsOf(scores, isCounted)))])),
    ...attackKinds.map((kind) =>
      row([
        `Leak: ${kind}`,
        ...across((scores) =>
          leakCell(
            kind,
            leakOf(scores, (some) => some === kind),
          ),
        ),
      ]),
    ),
    row(['Attacks with a finding', ...across(foundCell)]),
  ].join('\n');
};
