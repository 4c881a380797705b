import type { DeskCommand } from '../command.ts';
import { exits } from '../exits.ts';
import { type Fields, fieldsOf, listOf, moneyOf, numberOf, textOf } from '../print/json.ts';
import { plainLines } from '../print/plain.ts';
import { table, wrapped } from '../print/table.ts';
import { both } from '../print/times.ts';

const marks: Readonly<Record<string, string>> = { ok: 'ok', bad: 'BAD', unknown: 'UNKNOWN' };

const useOf = (value: unknown): string => {
  const { usedUsd, capUsd, share } = fieldsOf(value);
  return `${moneyOf(usedUsd)} of ${moneyOf(capUsd)} (${Math.round((numberOf(share) ?? 0) * 100)} %)`;
};

const capLines = (caps: unknown, columns: number): readonly string[] => {
  const rows = listOf(caps).map(({ of, name, hour, day }) => [
    [textOf(of), textOf(name)].join(' ').trim(),
    useOf(hour),
    useOf(day),
  ]);
  return rows.length === 0 ? [] : ['', ...table(['cap', 'this hour', 'this day'], rows, columns)];
};

/** Whole sentences: a person at night needs their ends. */
const checkLines = ({ state, name, says, todo }: Fields, columns: number): readonly string[] => [
  ...wrapped(`${(marks[textOf(state)] ?? textOf(state)).padEnd(7)}  ${textOf(name)}: ${textOf(says)}`, columns),
  ...(textOf(todo) === '' ? [] : wrapped(`Do: ${textOf(todo)}`, columns, '         ')),
];

const linesOf = (answer: unknown, columns: number, nowMs: number): readonly string[] => {
  const { state, checkedAt, checks, caps, ...others } = fieldsOf(answer);
  return [
    ...wrapped(`${state === 'ok' ? 'All is well' : 'NOT ALL IS WELL'}, ${both(checkedAt, nowMs)}`, columns),
    '',
    ...listOf(checks).flatMap((check) => checkLines(check, columns)),
    ...capLines(caps, columns),
    '',
    ...plainLines(others, nowMs),
  ];
};

export const status: DeskCommand = {
  name: 'status',
  says: 'Answers: are we all right? Ends with 3 if not.',
  more: ['It asks whether the detector listens, who gets the alarms, and what is used up, blocked and stopped now.'],
  examples: ['status', 'status --json'],
  needs: ['GET /v1/status'],
  run: async ({ api, show, columns, now }) => {
    const answer = await api.send('GET', '/v1/status');
    show(answer, () => linesOf(answer, columns, now()));
    // A check that could not be made is not well.
    return fieldsOf(answer)['state'] === 'ok' ? exits.ok : exits.red;
  },
};
