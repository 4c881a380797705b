/** The tables and targets of the bench. */

import {
  billOf,
  shipped,
  totalOf,
  type Variant,
  variants,
  withRsa,
  withRsaHourly,
} from '../../docs/generate/capacity/bill.ts';
import { type Measured, type Rate, rates } from '../../docs/generate/capacity/measured.ts';
import { headlineRate, keptByDefault } from '../../docs/generate/capacity/page.ts';
import type { Table, Target } from '../report/results.ts';

const dollars = (usd: number): string => `$${usd.toFixed(2)}`;

const linesOf = (measured: Measured, rate: Rate, variant: Variant) =>
  billOf({ measured, rate, variant, kept: keptByDefault });

/** The bill by service, one column for each rate. */
const serviceTable = (measured: Measured, variant: Variant): Table => {
  const bills = rates.map((rate) => linesOf(measured, rate, variant));
  return {
    title: `USD per million verifications, ${variant.name}`,
    columns: ['service', ...rates.map((rate) => `${rate} a second`)],
    rows: [
      ...(bills[0] ?? []).map(({ name }, row) => [name, ...bills.map((bill) => dollars(bill[row]?.usd ?? Number.NaN))]),
      ['all', ...bills.map((bill) => dollars(totalOf(bill)))],
    ],
  };
};

const runTable = ({ runs, bytes }: Measured): Table => ({
  title: 'Counted and measured',
  columns: ['flow', 'CPU, ms', 'wait for AWS, ms', 'log lines', 'log bytes', 'answer bytes'],
  rows: (Object.keys(runs) as readonly (keyof typeof runs)[]).map((flow) => [
    flow,
    runs[flow].cpuMs.toFixed(2),
    runs[flow].waitMs,
    bytes[flow].logLines,
    bytes[flow].logBytes,
    bytes[flow].answerBytes,
  ]),
});

const ledgerTable = ({ ledgers }: Measured): Table => ({
  title: 'The detector by rate, of a verification',
  columns: ['sends a second', 'shards', 'records a batch', 'invocations', 'write units', 'read units'],
  rows: rates.map((rate) => {
    const { shards, perBatch, batches, units } = ledgers[rate];
    const written = units.entries + units.counts + units.days + units.rollUps + units.rulings + units.notifications;
    return [rate, shards, perBatch.toFixed(2), batches.toFixed(2), written.toFixed(2), units.reads.toFixed(2)];
  }),
});

export const tablesOf = (measured: Measured): readonly Table[] => [
  ...variants.map((variant) => serviceTable(measured, variant)),
  runTable(measured),
  ledgerTable(measured),
];

export const targetsOf = (measured: Measured): readonly Target[] =>
  (
    [
      [shipped, 52],
      [withRsa, 40],
      [withRsaHourly, 28],
    ] as const
  ).map(([variant, atMost]) => {
    const lines = linesOf(measured, headlineRate, variant);
    const largest = lines.toSorted((a, b) => b.usd - a.usd).slice(0, 3);
    return {
      measure: `USD per million verifications at ${headlineRate} a second, ${variant.name}`,
      unit: 'USD',
      bound: { atMost },
      value: Number(totalOf(lines).toFixed(2)),
      why: `The largest parts are ${largest.map(({ name, usd }) => `${name} ${dollars(usd)}`).join(', ')}.`,
    };
  });
