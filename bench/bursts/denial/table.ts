/** Denial attacks in Markdown. */

import { counted, markdown, none, percent } from '../report/figures.ts';
import { intervalOf } from '../report/intervals.ts';
import type { Behind } from '../traffic/world.ts';
import {
  type Aim,
  aims,
  type Budget,
  budgets,
  type DenialScore,
  type Game,
  type Refused,
  type Standing,
  standings,
} from './plan.ts';

export type Played = { readonly name: string; readonly game: Game; readonly score: DenialScore };

type Cell = {
  readonly people: Readonly<Record<Standing, { readonly total: number; readonly refused: number }>>;
  readonly sent: number;
  readonly overAfterMinutes: number;
  readonly ips: number;
};

const sumOf = (played: readonly Played[], of: (score: DenialScore) => number): number =>
  played.reduce((sum, { score }) => sum + of(score), 0);

const pooled = (played: readonly Played[], ips: number): Cell => {
  const people = (standing: Standing) => ({
    total: sumOf(played, (score) => score.people[standing].total),
    refused: sumOf(played, (score) => score.people[standing].refused),
  });
  return {
    people: { pair: people('pair'), 'trusted elsewhere': people('trusted elsewhere'), new: people('new') },
    sent: sumOf(played, ({ sent }) => sent),
    overAfterMinutes: Math.max(0, ...played.map(({ score }) => score.overAfterMinutes)),
    ips,
  };
};

export const everybody = ({ people }: Cell) => ({
  total: standings.reduce((sum, standing) => sum + people[standing].total, 0),
  refused: standings.reduce((sum, standing) => sum + people[standing].refused, 0),
});

const shareOf = ({ total, refused }: { readonly total: number; readonly refused: number }): number =>
  total === 0 ? 0 : refused / total;

/** An attacker takes the IPs by which most people are refused. All seeds together. */
export const worstOf = (played: readonly Played[], aim: Aim, budget: Budget): Cell | undefined => {
  const here = played.filter(({ game }) => game.aim === aim && game.budget === budget);
  const byIps = [...Map.groupBy(here, ({ game }) => game.ips)].map(([ips, of]) => pooled(of, ips));
  return byIps.toSorted((one, other) => shareOf(everybody(other)) - shareOf(everybody(one)))[0];
};

const shown = (tally: { readonly total: number; readonly refused: number }): string => {
  if (tally.total === 0) return none;
  const { low, high } = intervalOf(tally.refused, tally.total);
  return `${percent(shareOf(tally))} [${percent(low)}–${percent(high)}]`;
};

const perHundred = (cell: Cell): string =>
  cell.sent === 0 ? none : ((100 * everybody(cell).refused) / cell.sent).toFixed(1);

/** A row for each target and budget. */
export const denialTable = (played: readonly Played[]): string =>
  markdown(
    [
      'target',
      'SMS an hour',
      'people refused',
      ...standings,
      'innocents per 100 SMS',
      'SMS sent',
      'over after, min',
      'IPs',
    ],
    aims.flatMap((aim) =>
      budgets.flatMap((budget) => {
        const cell = worstOf(played, aim, budget);
        if (cell === undefined) return [];
        return [
          [
            aim,
            String(budget),
            shown(everybody(cell)),
            ...standings.map((standing) => shown(cell.people[standing])),
            perHundred(cell),
            counted(cell.sent),
            counted(cell.overAfterMinutes),
            counted(cell.ips),
          ],
        ];
      }),
    ),
  );

/** The share of the people refused at most. */
type Bound = { readonly measure: string; readonly aims: readonly Aim[]; readonly budget: Budget; readonly max: number };

const bounds: readonly Bound[] = [
  { measure: 'a number', aims: ['number'], budget: 100, max: 0 },
  { measure: 'an office or a gateway', aims: ['office', 'gateway'], budget: 100, max: 0.08 },
  { measure: 'a country', aims: ['country', 'launch day'], budget: 100, max: 0.1 },
  { measure: 'a prefix', aims: ['prefix'], budget: 100, max: 0.35 },
  { measure: 'a range', aims: ['range'], budget: 100, max: 0.35 },
  // The burst before them uses up a number's SMS of the day, so that its people say nothing of free requests.
  { measure: 'free requests alone', aims: aims.filter((aim) => aim !== 'number'), budget: 'free', max: 0 },
];

/** The maximum of people refused beyond, with ten times the SMS: a share of all. */
const maxMore = 0.05;

/** The target of which most people more are refused if the attacker has 1,000 SMS an hour and not 100. */
const moreAtThousand = (played: readonly Played[]): { readonly aim: Aim; readonly more: number } | undefined =>
  aims
    .flatMap((aim) => {
      const [few, many] = [worstOf(played, aim, 100), worstOf(played, aim, 1000)];
      if (few === undefined || many === undefined) return [];
      return [{ aim, more: shareOf(everybody(many)) - shareOf(everybody(few)) }];
    })
    .toSorted((one, other) => other.more - one.more)[0];

const moreRow = (found: ReturnType<typeof moreAtThousand>): readonly (readonly string[])[] => {
  if (found === undefined) return [];
  const more = Math.max(0, found.more);
  const target = `≤ ${100 * maxMore} points`;
  const text = `${(100 * more).toFixed(1)} points (${found.aim})`;
  return [['people refused: more at 1,000 SMS an hour than at 100', target, verdict(more, maxMore), text]];
};

/** Targets whose attacker shares the network of the target's pairs. */
const insiders: readonly Aim[] = ['office', 'gateway'];

/** The pairs of all games, the harmless ones included. */
const pairsIn = (played: readonly Played[]): Refused => ({
  total: sumOf(played, ({ people }) => people.pair.total),
  refused: sumOf(played, ({ people }) => people.pair.refused),
});

const verdict = (share: number, max: number): string => {
  if (share <= max) return 'met';
  return max === 0 ? 'missed' : `missed: ${(share / max).toFixed(2)}× the target`;
};

const maxMinutes = 15;

/** The targets, held against the worst of their games. */
export const denialTargets = (played: readonly Played[]): string => {
  const cellsOf = ({ aims: which, budget }: Pick<Bound, 'aims' | 'budget'>) =>
    which.flatMap((aim) => worstOf(played, aim, budget) ?? []);
  const refused = bounds.flatMap(({ measure, max, ...bound }) => {
    const cells = cellsOf(bound).map(everybody);
    const worst = cells.toSorted((one, other) => shareOf(other) - shareOf(one))[0];
    if (worst === undefined) return [];
    return [[`people refused: ${measure}`, `≤ ${percent(max)}`, verdict(shareOf(worst), max), shown(worst)]];
  });
  const all = budgets.flatMap((budget) => cellsOf({ aims, budget }));
  const strangers = pairsIn(played.filter(({ game }) => !insiders.includes(game.aim)));
  const colleagues = pairsIn(played.filter(({ game }) => insiders.includes(game.aim)));
  const minutes = Math.max(0, ...all.map(({ overAfterMinutes }) => overAfterMinutes));
  return markdown(
    ['measure', 'target', 'verdict', 'found'],
    [
      ...refused,
      ...moreRow(moreAtThousand(played)),
      ['pairs refused, attackers outside of their network', '0', verdict(strangers.refused, 0), shown(strangers)],
      ['pairs refused, attackers inside of their network', '0', verdict(colleagues.refused, 0), shown(colleagues)],
      [
        'minutes from the end of the attack until it is over, at most',
        `≤ ${maxMinutes}`,
        verdict(minutes, maxMinutes),
        counted(minutes),
      ],
    ],
  );
};

const titles: Readonly<Record<Behind, string>> = {
  90: 'With 90 days of trust',
  7: 'After a week',
  0: 'On the first day',
};

export const denialSections = (name: string, played: readonly Played[]): readonly string[] =>
  ([90, 7, 0] as const).flatMap((behindDays) => {
    const here = played.filter((each) => each.name === name && each.game.behindDays === behindDays);
    if (here.length === 0) return [];
    return [
      `## ${titles[behindDays]}: ${name}`,
      '',
      ...(behindDays === 90 ? [denialTargets(here), ''] : []),
      denialTable(here),
      '',
    ];
  });
