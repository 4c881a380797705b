/** Measures that no simulation can judge: exact counters, pace, cost of a verification, delay of a block. */

import { cpus } from 'node:os';
import { priceList } from '../../../docs/generate/capacity/prices.ts';
import type { Measured } from '../report/table.ts';
import { markdown } from '../report/table.ts';
import { type Delays, measureDelays } from './block-delay.ts';
import { busy, type Counted, type Line, linesOf, type Scenario, unitsOf, usdOf, usual, worst } from './cost.ts';
import { type Exactness, exactInMemory, exactOnTables } from './exactness.ts';
import { measurePaces, type Paces, paceRows, paceTable } from './pace/paces.ts';
import { startTables } from './tables.ts';

export type MeasureSize = {
  readonly events: number;
  /** Events on the emulator, which is a hundred times slower. */
  readonly tableEvents: number;
  readonly scenarios: readonly Scenario[];
  readonly bursts: number;
  /** Records that each shard carries, at least. */
  readonly paceRecords: number;
};

export const wholeMeasures: MeasureSize = {
  events: 1_000_000,
  tableEvents: 20_000,
  scenarios: [usual, busy, worst],
  bursts: 60,
  paceRecords: 3000,
};
/** To see that it runs. */
export const quickMeasures: MeasureSize = {
  events: 20_000,
  tableEvents: 500,
  scenarios: [usual, busy, worst].map((scenario) => ({ ...scenario, hours: 1, warmUpHours: 0 })),
  bursts: 3,
  paceRecords: 200,
};

type Priced = { readonly scenario: Scenario; readonly counted: Counted; readonly lines: readonly Line[] };

export type Measures = {
  readonly memory: Exactness;
  readonly tables: Pick<Exactness, 'events' | 'fed' | 'compared'>;
  /** The same events as on the emulator, counted by a ledger without marks. */
  readonly control: Exactness;
  readonly costs: readonly Priced[];
  readonly delays: Delays;
  readonly paces: Paces;
};

const seed = 1;

const onTables = async (events: number): Promise<Measures['tables']> => {
  const tables = await startTables();
  try {
    return await exactOnTables({ events, seed }, tables.store, tables.counts);
  } finally {
    await tables.stop();
  }
};

/** Measures one thing after the other, so that none slows another. @param onStep called before each. */
export const measureAll = async (size: MeasureSize, onStep: (step: string) => void): Promise<Measures> => {
  onStep(`${size.bursts} bursts against the local stack`);
  const delays = await measureDelays(size.bursts, () => {});
  onStep(`${size.events} events under faults, in memory`);
  const memory = await exactInMemory({ events: size.events, seed });
  onStep(`${size.tableEvents} events under faults, without marks and on the emulator`);
  const control = await exactInMemory({ events: size.tableEvents, seed, isForgetful: true });
  const tables = await onTables(size.tableEvents);
  onStep('units of ordinary traffic');
  const costs: Priced[] = [];
  for (const scenario of size.scenarios) {
    const counted = await unitsOf(scenario);
    costs.push({ scenario, counted, lines: linesOf(counted) });
  }
  onStep('pace of the detector, by one shard and by eight');
  const paces = await measurePaces(size.paceRecords);
  return { memory, tables, control, costs, delays, paces };
};

const counted = (value: number): string => Math.round(value).toLocaleString('en-US');
const dollars = (value: number): string => `$${value.toFixed(2)}`;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

const none = { text: '0', bound: 0 };
const maxUsd = { text: '≤ $25', bound: 25 };
const maxDelay = { text: '≤ 0.5 s', bound: 500 };

const wrongRow = ({ events, compared }: Measures['tables'], where: string): Measured => ({
  measure: `counter errors, ${counted(events)} events under faults ${where}`,
  target: none,
  text: `${counted(compared.wrong)} of ${counted(compared.counters)} counters`,
  value: compared.wrong,
});

/** The rows of the table of targets. */
export const measuredRows = ({ memory, tables, costs, delays, paces }: Measures): readonly Measured[] => [
  {
    measure: 'block holds after the deciding request, local stack, p99',
    target: maxDelay,
    text: `${seconds(delays.p99Ms)} (median ${seconds(delays.medianMs)}, ${delays.bursts} bursts)`,
    value: delays.p99Ms,
  },
  wrongRow(memory, 'in memory'),
  wrongRow(tables, 'on the emulator'),
  ...paceRows(paces),
  ...costs.map(({ scenario, lines }) => ({
    measure: `guard and detector, USD per million verifications: ${scenario.name}`,
    target: maxUsd,
    text: dollars(usdOf(lines)),
    value: usdOf(lines),
  })),
];

/** The faults that the counters met, and the result. */
const exactnessTable = ({ memory, tables, control }: Measures): string => {
  const all = [memory, tables, control];
  const row = (what: string, value: (of: Measures['tables']) => number) => [
    what,
    ...all.map((of) => counted(value(of))),
  ];
  const ofDetector = (what: string, text: (of: Exactness) => string) => [what, text(memory), '–', text(control)];
  return markdown(
    ['', 'in memory, whole detector', 'on the emulator, counting', 'in memory, forgetful'],
    [
      row('events', ({ events }) => events),
      row('records delivered', ({ fed }) => fed.deliveries),
      row('batches', ({ fed }) => fed.batches),
      row('records that came twice', ({ fed }) => fed.duplicates),
      row('records overtaken by later ones of their shard', ({ fed }) => fed.overtaken),
      row('stalls of a shard for 60 s', ({ fed }) => fed.stalls),
      row('splits of a shard, its last batch read again', ({ fed }) => fed.splits),
      row('writes that failed before the commit', ({ fed }) => fed.struck.failedBefore),
      row('crashes and lost answers after the commit', ({ fed }) => fed.struck.crashedAfter),
      row('crashes between two transactions of a batch', ({ fed }) => fed.struck.partCommitted),
      row('failed reads after the commit', ({ fed }) => fed.struck.readFailed),
      row('records that could not be read once', ({ fed }) => fed.struck.unread),
      row('functions that died after their work', ({ fed }) => fed.struck.died),
      row('batches that came again, whole or in part', ({ fed }) => fed.repeats),
      row('records given up', ({ fed }) => fed.lost),
      row('counters compared with the oracle', ({ compared }) => compared.counters),
      row('**counters that are wrong**', ({ compared }) => compared.wrong),
      ofDetector('pumped ranges that were blocked', ({ stopped, pumped }) => `${stopped} of ${pumped}`),
      ofDetector('blocks and restrictions notified twice', ({ notifiedTwice }) => counted(notifiedTwice)),
      ofDetector('counts that came after their roll-up', ({ late }) => counted(late)),
    ],
  );
};

const isOfGuard = ({ what }: Line): boolean => what.startsWith('guard');

const costTable = ({ costs }: Measures): string => {
  const [first] = costs;
  const amounts = (first?.lines ?? []).map(({ what, unit }, index) => [
    `${what} (${unit})`,
    ...costs.map(({ lines }) => {
      const { amount = Number.NaN, usd = Number.NaN } = lines[index] ?? {};
      return `${amount.toFixed(2)}: ${dollars(usd)}`;
    }),
  ]);
  return markdown(
    ['per verification: USD per million', ...costs.map(({ scenario }) => scenario.name)],
    [
      ['verifications counted', ...costs.map(({ counted: { verifications } }) => counted(verifications))],
      ['records in a batch, on average', ...costs.map(({ counted: { perBatch } }) => perBatch.toFixed(2))],
      ...amounts,
      ['the detector alone', ...costs.map(({ lines }) => dollars(usdOf(lines.filter((line) => !isOfGuard(line)))))],
      ['**guard and detector**', ...costs.map(({ lines }) => `**${dollars(usdOf(lines))}**`)],
    ],
  );
};

const machine = (): string =>
  `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, ${process.platform} ${process.arch}, Node ${process.version}`;

/** All details, in Markdown. */
export const measuredDetails = (measures: Measures): string => {
  const { delays } = measures;
  const { write, read, invocation, gigabyteSecond } = priceList;
  return [
    '### Exact counters',
    '',
    exactnessTable(measures),
    '',
    '### Pace',
    '',
    'The deployed bundle, handed batches as fast as it takes them. Answers take as long as those of DynamoDB: 15 ms for a',
    'transaction, 5 ms for others. A transaction holds its items meanwhile. All of it but the first two columns is by record. Half',
    'of the requests are of unverified numbers. Records that are behind are a minute old: the detector counts large batches of them',
    'by transactions.',
    '',
    paceTable(measures.paces),
    '',
    '### A million verifications',
    '',
    'One request and one right check each, without their record, KMS, API and SMS (docs/capacity.md has those). On demand in',
    `us-east-1: $${write.usd} per million writes, $${read.usd} per million reads; Lambda on arm64: $${invocation.usd} per million`,
    `invocations, $${gigabyteSecond.usd} per GB-second. A write in a transaction counts twice, a read that may lag half.`,
    '',
    costTable(measures),
    '',
    '### How soon a block holds',
    '',
    `${delays.bursts} bursts one after the other, each into a range of its own. From the answer to the deciding request`,
    `to the first refusal: ${seconds(delays.medianMs)} in the median, ${seconds(delays.p99Ms)} at the 99th percentile, ${seconds(delays.maxMs)} at most.`,
    `Local stack, deployed bundles; ${machine()}.`,
  ].join('\n');
};
