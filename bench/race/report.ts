/** The result of the bench of races: rounds over the limit, by racer and by kind of round. */

import type { Cell, Measured, Table } from '../report/results.ts';
import { guessesPerRound, isOver, kinds, type Racer, type Round } from './contest.ts';

export type Raced = {
  readonly racer: Pick<Racer, 'name' | 'limit' | 'counts'>;
  readonly rounds: readonly Round[];
};

const most = (numbers: readonly number[]): number => Math.max(0, ...numbers);
const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** Nothing is beyond a limit that does not exist. */
const ofLimit = ({ limit }: Raced['racer'], counted: number): Cell => (Number.isFinite(limit) ? counted : 'no limit');

const rowOf = ({ racer, rounds }: Raced): Table['rows'][number] => [
  racer.name,
  racer.counts,
  rounds.length,
  ofLimit(racer, racer.limit),
  most(rounds.map(({ judged }) => judged)),
  ofLimit(racer, sum(rounds.map(({ judged }) => Math.max(0, judged - racer.limit)))),
  rounds.filter(({ accepted }) => accepted > 1).length,
  most(rounds.map(({ accepted }) => accepted)),
  ofLimit(racer, rounds.filter(({ kind, accepted }) => kind === 'the right one too late' && accepted > 0).length),
  sum(rounds.map(({ lost }) => lost)),
];

const columns = [
  'racer',
  'counts by',
  'rounds',
  'limit',
  'most judged in a round',
  'guesses judged beyond the limit',
  'rounds with two accepts or more',
  'most accepts in a round',
  'rounds with an accept after the limit',
  'answers lost',
];

const kindRows = ({ racer, rounds }: Raced): Table['rows'] =>
  kinds.map((kind) => {
    const own = rounds.filter((round) => round.kind === kind);
    const over = own.filter((round) => isOver(round, racer.limit));
    return [
      kind,
      own.length,
      most(own.map(({ judged }) => judged)),
      most(own.map(({ accepted }) => accepted)),
      over.length,
    ];
  });

/** @param raced this service first. */
export const measuredOf = (raced: readonly Raced[]): Pick<Measured, 'tables' | 'targets'> => {
  const [ours, ...peers] = raced;
  if (ours === undefined) throw new Error('Nobody raced.');
  const over = (counts: (round: Round) => boolean) => ours.rounds.filter(counts).length;
  return {
    tables: [
      { title: `Rounds of ${guessesPerRound} guesses at the same time`, columns, rows: [ours, ...peers].map(rowOf) },
      {
        title: 'This service, by kind of round',
        columns: ['round', 'rounds', 'most judged', 'most accepts', 'rounds over'],
        rows: kindRows(ours),
      },
    ],
    targets: [
      {
        measure: `rounds of ${guessesPerRound} parallel guesses with more than ${ours.racer.limit} judged`,
        unit: '',
        bound: { atMost: 0 },
        value: over(({ judged }) => judged > ours.racer.limit),
      },
      {
        measure: 'rounds with more accepts than allowed',
        unit: '',
        bound: { atMost: 0 },
        value: over((round) => isOver({ ...round, judged: 0 }, ours.racer.limit)),
      },
    ],
  };
};
