/** The detector at a rate: batches, shards, and units of the tables. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { functions, streamFunctions } from '../../../lambdas/contract.ts';
import { type Calls, callsOf, type Flow } from '../calls.ts';
import type { Ledger, Run } from './measured.ts';
import { quotaSources } from './sources.ts';

/** Lambda polls each shard four times a second: https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-create.html */
export const pollMs = 250;

/** A partition of DynamoDB, by second. It throttles reads and writes each by themselves. */
export const partition = { writes: 1000, reads: 3000, source: quotaSources.partitions };
/** A table on demand that nobody has warmed up or used. */
export const newTable = { writes: 4000, reads: 12_000, partitions: 4 };

/** Of the units of Guards in `callsOf`, those of the detector. A test counts them. */
export const detectorOfGuards = {
  /** Of a request: the blocks of four keys, and the approvals of their country. */
  reads: (4 + 1) / 2,
  /** Of a right check: the approvals of a country and day. */
  writes: 1,
};

/** Lambda gives a function of 1,769 MB one core: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const coreMegabytes = 1769;

/** Milliseconds that Lambda bills: less memory makes the core's part longer, and the wait no longer. */
export const billedMsOf = ({ cpuMs, waitMs }: Run, memoryMegabytes: number): number =>
  Math.ceil(waitMs + cpuMs * Math.max(1, coreMegabytes / memoryMegabytes));

const results = readFileSync(path.join(import.meta.dirname, '../../../bench/bursts/results.md'), 'utf8');

/** A number of the measured pace, from a row of `bench/bursts/results.md`. */
const paceOf = (row: string, column: number): number => {
  const line = results.split('\n').find((each) => each.startsWith(`| ${row} |`)) ?? '';
  const value = Number.parseFloat((line.split('|')[column + 1] ?? '').replaceAll(',', ''));
  if (!Number.isFinite(value))
    throw new Error(`bench/bursts/results.md has no number in column ${column} of "${row}".`);
  return value;
};

/** Records a second of one shard, by the memory of the detector, and the part of it that each of many shards carries. */
export const pace = {
  megabytes: functions['detect-bursts'].memoryMegabytes,
  perShard: paceOf('records a second per shard, emulated 512 MB', 3),
  coreMegabytes,
  perShardOnCore: paceOf('records a second per shard, full core', 3),
  measuredShards: 8,
  share: paceOf('eight shards in one country, total against one shard', 3) / 8,
};

const batchRow = (records: number): Run => {
  const [perSecond, cpuMs] = [paceOf(`1, 1.00, ${records}`, 1), paceOf(`1, 1.00, ${records}`, 2) * records];
  return { cpuMs, waitMs: (records * 1000) / perSecond - cpuMs };
};
const [one, most] = [batchRow(1), batchRow(streamFunctions['detect-bursts'].batchSize)];

/** A batch between the two that were measured. */
export const batchRunOf = (records: number): Run => {
  const part = (records - 1) / (streamFunctions['detect-bursts'].batchSize - 1);
  const between = (what: keyof Run) => one[what] + part * (most[what] - one[what]);
  return { cpuMs: between('cpuMs'), waitMs: between('waitMs') };
};

/** Partitions of a table that has grown to the traffic, which are the shards of its stream. */
export const partitionsOf = ({ writes, reads }: { readonly writes: number; readonly reads: number }): number =>
  Math.max(newTable.partitions, Math.ceil(writes / partition.writes), Math.ceil(reads / partition.reads));

type Units = Calls['units'];

/** The units of one verification as if each record came alone in its batch. */
const alone = (unit: (units: Units) => number): number =>
  unit(callsOf.request.units) + unit(callsOf['check, right'].units);

/** How much the detector writes and reads at a rate, of what it does if each record comes alone. */
export const sharesOf = ({ units: { counts, rollUps, entries, days, reads } }: Ledger) => ({
  trafficWrites: (counts + rollUps) / alone(({ trafficWrites }) => trafficWrites),
  securityWrites: entries / alone(({ securityWrites }) => securityWrites),
  guardsWrites: days / detectorOfGuards.writes,
  reads: reads / (alone(({ trafficReads }) => trafficReads) + detectorOfGuards.reads),
});

/** The units of a flow at a rate. */
export const unitsAt = (flow: Flow, ledger: Ledger): Units => {
  const { units } = callsOf[flow] as Calls;
  const shares = sharesOf(ledger);
  const detects = callsOf[flow].streamRecords > 0;
  const guardsReads = flow === 'request' && detects ? detectorOfGuards.reads : 0;
  const guardsWrites = flow === 'check, right' ? detectorOfGuards.writes : 0;
  return {
    ...units,
    guardsReads: units.guardsReads - guardsReads * (1 - shares.reads),
    guardsWrites: units.guardsWrites - guardsWrites * (1 - shares.guardsWrites),
    securityWrites: units.securityWrites * shares.securityWrites,
    trafficReads: units.trafficReads * shares.reads,
    trafficWrites: units.trafficWrites * shares.trafficWrites,
  };
};
