/** The committed tables in the words that the code prints. */

import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { holdoutTable } from '../holdout/table.ts';
import { type Counted, linesOf } from '../measures/cost.ts';
import { wholeMeasures } from '../measures/measures.ts';
import { collateralTable, leakTable, rows, sideTable } from '../report/table.ts';

const read = (file: string) => readFile(new URL(`../${file}`, import.meta.url), 'utf8');

const firstCells = (text: string): readonly string[] =>
  [...text.matchAll(/^\| ([^|]+) \|/gm)].map(([, cell = '']) => cell).filter((cell) => cell !== '---');

test('results.md has a row for each target, family and place that the tables print', async () => {
  const committed = firstCells(await read('results.md'));
  const printed = [
    ...rows.map(({ measure }) => measure),
    ...firstCells([leakTable([]), collateralTable([]), sideTable([])].join('\n')),
  ];
  expect(printed.filter((cell) => !committed.includes(cell))).toEqual([]);
});

test('results.md has a row for each cost, and a column for each scenario', async () => {
  const page = await read('results.md');
  const none: Counted = {
    verifications: 0,
    perBatch: 0,
    batches: 0,
    units: { entries: 0, counts: 0, days: 0, rollUps: 0, rulings: 0, notifications: 0, reads: 0 },
  };
  const printed = linesOf(none).map(({ what, unit }) => `${what} (${unit})`);
  expect(printed.filter((cell) => !firstCells(page).includes(cell))).toEqual([]);
  expect(page).toContain(`| ${wholeMeasures.scenarios.map(({ name }) => name).join(' | ')} |`);
});

test('holdout.md has the rows that the table of the hold-out prints', async () => {
  const printed = firstCells(holdoutTable([]));
  expect(printed.length).toBeGreaterThan(30);
  expect(firstCells(await read('holdout.md'))).toEqual(printed);
});
