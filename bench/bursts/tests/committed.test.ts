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

/** Rows that the next reporting run brings. It empties these lists. */
const pending: readonly string[] = [
  ...['messages leaked, all families', 'USD leaked, all families', 'of the messages leaked: not on a daily curve, A21'],
  ...['worst family except A21, share', 'families that leak and are never noticed'],
  ...['A21 daily curve, found within 24 h', 'legitimate blocked, clean days, ppm'],
  ...['never served in outages, ppm', 'never served in a new office, ppm'],
  ...['A1 sequential range', 'A2 random in one prefix', 'A3 one IP'].flatMap((fast) => [
    `${fast}, messages before the first refusal`,
    `${fast}, all messages except probes`,
  ]),
  ...['A14', 'A15', 'A16', 'A17', 'A18', 'A19', 'A20', 'A21'],
  ...['new office', 'marketing day', 'provider outage', 'code bug', 'gateway merge'],
];
const pendingCosts: readonly string[] = ['detector: entries of the audit trail, in transactions (writes)'];

test('results.md has a row for each target, family and place that the tables print', async () => {
  const committed = firstCells(await read('results.md'));
  const printed = [
    ...rows.map(({ measure }) => measure),
    ...firstCells([leakTable([]), collateralTable([]), sideTable([])].join('\n')),
  ];
  expect(printed.filter((cell) => !committed.includes(cell))).toEqual(pending);
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
  expect(printed.filter((cell) => !firstCells(page).includes(cell))).toEqual(pendingCosts);
  expect(page).toContain(`| ${wholeMeasures.scenarios.map(({ name }) => name).join(' | ')} |`);
});

test('holdout.md has the rows that the table of the hold-out prints', async () => {
  const printed = firstCells(holdoutTable([]));
  expect(printed.length).toBeGreaterThan(30);
  expect(firstCells(await read('holdout.md'))).toEqual(printed);
});
