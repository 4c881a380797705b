/** All measures of the pace, and their rows. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Measured, markdown } from '../../report/table.ts';

import { bundleOf, type Pace, paceOf } from './pace.ts';
import { settings } from './settings.ts';

export type PaceName = (typeof settings)[number]['name'];
export type Paces = Readonly<Record<PaceName, Pace>>;

const root = path.join(import.meta.dirname, '../../../..');

/** Measures one setting after the other. @param records of each shard at least. */
export const measurePaces = async (records: number): Promise<Paces> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'pace-'));
  try {
    const bundle = await bundleOf(root, folder);
    const paces = new Map<PaceName, Pace>();
    for (const setting of settings) {
      const batches = Math.ceil(records / setting.batchSize);
      paces.set(setting.name, await paceOf(bundle, setting, batches));
    }
    return Object.fromEntries(paces) as Paces;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const atLeast = (bound: number, unit = ''): Measured['target'] => ({ text: `≥ ${bound}${unit}`, bound, isFloor: true });
const atMost = (bound: number): Measured['target'] => ({ text: `≤ ${bound}`, bound });
const perSecond = ({ recordsPerSecond }: Pace): string =>
  recordsPerSecond.toLocaleString('en-US', { maximumFractionDigits: 0 });

/** How much more eight shards carry than one. */
const timesOne = ({ alone, eight }: Paces): number => eight.recordsPerSecond / alone.recordsPerSecond;

/** The rows of the table of targets. */
export const paceRows = (paces: Paces): readonly Measured[] => [
  {
    measure: 'records a second per shard, full core',
    target: atLeast(400),
    text: perSecond(paces.core),
    value: paces.core.recordsPerSecond,
  },
  {
    measure: 'records a second per shard, emulated 512 MB',
    target: atLeast(150),
    text: perSecond(paces['512']),
    value: paces['512'].recordsPerSecond,
  },
  {
    measure: 'eight shards in one country, conflicts per record',
    target: atMost(0.02),
    text: paces.eight.conflicts.toFixed(4),
    value: paces.eight.conflicts,
  },
  {
    measure: 'eight shards in one country, total against one shard',
    target: atLeast(5, ' ×'),
    text: `${timesOne(paces).toFixed(1)} ×`,
    value: timesOne(paces),
  },
  {
    measure: 'DynamoDB write units per record, batches of 1',
    target: atMost(10),
    text: paces.ones.writeUnits.toFixed(1),
    value: paces.ones.writeUnits,
  },
  {
    measure: 'DynamoDB write units per record, batches of 100',
    target: atMost(6),
    text: paces.hundreds.writeUnits.toFixed(1),
    value: paces.hundreds.writeUnits,
  },
];

/** All figures, in Markdown. */
export const paceTable = (paces: Paces): string =>
  markdown(
    [
      'shards, share of a core each, records a batch, whether they are old',
      'records a second',
      'core used, ms',
      'calls',
      'conflicts',
      'write units',
      'read units',
    ],
    settings.map(({ name, shards, share, batchSize, isBehind }) => {
      const { recordsPerSecond, usedMs, calls, conflicts, writeUnits, readUnits } = paces[name];
      return [
        `${shards}, ${share.toFixed(2)}, ${batchSize}${isBehind ? ', behind' : ''}`,
        recordsPerSecond.toFixed(0),
        ...[usedMs, calls].map((value) => value.toFixed(2)),
        conflicts.toFixed(4),
        ...[writeUnits, readUnits].map((value) => value.toFixed(2)),
      ];
    }),
  );
