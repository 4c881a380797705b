/**
 * Measures how many records of the stream the detector carries: per shard on a whole core and on part of one, and by eight
 * shards in one country, with the conflicts of their transactions and what they write. The bundle of the stack runs against
 * the emulator, behind the latencies of DynamoDB.
 */

import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { minuteMs } from '../../../../lambdas/otp/durations.ts';
import type { Policy } from '../../../../lambdas/policy.ts';
import { type Dynamo, startDynamo } from '../../../../local/aws/dynamo.ts';
import { lambdaEnvironment } from '../../../../test/fakes/cold-start/first-flow.ts';
import { type Consumed, startFront } from './front.ts';
import { holdTo } from './limit.ts';
import type { Told } from './shard.ts';

/** How the detector runs. */
export type Setting = {
  readonly name: string;
  readonly shards: number;
  /** Of a core, for each shard. */
  readonly share: number;
  /** How much longer than those of DynamoDB answers take. */
  readonly slowness: number;
  readonly batchSize: number;
  /** Its records are a minute old, as those of a shard that brings more than the detector carries. */
  readonly isBehind: boolean;
};

export type Pace = {
  readonly recordsPerSecond: number;
  /** By record, the milliseconds of a core: how fast a shard could be at most. */
  readonly usedMs: number;
  /** By record. */
  readonly conflicts: number;
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly calls: number;
  /** Batches that came again. */
  readonly failed: number;
};

const run = promisify(execFile);

/** Bundles the detector of a work tree by its own bundler, with the policy of its own benchmarks. */
export const bundleOf = async (tree: string, out: string): Promise<string> => {
  const { benchPolicy }: { readonly benchPolicy: Policy } = await import(path.join(tree, 'bench/stack.ts'));
  const policy: Policy = { ...benchPolicy, lowVolume: { ...benchPolicy.lowVolume, verifications: 10 } };
  const given = ['--out', out, '--function', 'detect-bursts', '--policy', JSON.stringify(policy)];
  await run(process.execPath, [path.join(tree, 'bundle/bundle.ts'), ...given], { cwd: tree });
  return path.join(out, 'detect-bursts/index.mjs');
};

const environmentOf = (url: string, { traffic, guards, security }: Dynamo['tables']) => ({
  ...lambdaEnvironment('detect-bursts', { dynamodb: url, kms: url, sns: url }),
  TRAFFIC_TABLE: traffic,
  GUARDS_TABLE: guards,
  SECURITY_TABLE: security,
  FINDINGS_BUS: 'findings',
  DEAD_LETTER_BUCKET: 'dead-letters',
  AWS_ENDPOINT_URL: url,
});

/** A shard's own sums, from the end of its first batch after the warm-up to the end of its last one. */
const watch = (shard: ChildProcess) => {
  let isWarm = false;
  let [fromMs, toMs] = [0, 0];
  const sum = { batches: 0, records: 0, failed: 0, usedMs: 0 };
  shard.on('message', ({ records, failed, usedMs }: Told) => {
    if (!isWarm) return;
    toMs = performance.now();
    if (fromMs === 0) {
      fromMs = toMs;
      return;
    }
    sum.batches += 1;
    sum.records += records;
    sum.failed += failed;
    sum.usedMs += usedMs;
  });
  return {
    isUnderWay: () => fromMs > 0,
    begin: () => {
      isWarm = true;
    },
    read: () => ({ ...sum, perSecond: (sum.records * 1000) / (toMs - fromMs) }),
  };
};

/** The approvals of the day have to be enough by then, and the code compiled. */
const warmUpRecords = 1000;
/** A batch may fail, and comes again. So many of them fail only if the records are wrong. */
const maxFailed = 20;
const waitMs = 20;

const untilAll = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await sleep(waitMs);
};

const started = async (bundle: string, url: string, tables: Dynamo['tables'], setting: Setting) => {
  const { name, shards, batchSize, isBehind } = setting;
  const ageMs = isBehind ? minuteMs : 0;
  const env = environmentOf(url, tables);
  const all = Array.from({ length: shards }, (_, index) =>
    fork(path.join(import.meta.dirname, 'shard.ts'), [bundle, `${name}-${index}`, String(batchSize), String(ageMs)], {
      env,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    }),
  );
  await Promise.all(all.map((shard) => once(shard, 'message')));
  return all;
};

/** Measures one setting. @param batches of each shard at least, after the warm-up. */
export const paceOf = async (bundle: string, setting: Setting, batches: number): Promise<Pace> => {
  const dynamo = await startDynamo({ hasFront: false });
  const front = await startFront(dynamo.url);
  // On a whole core the warm-up is short.
  const [warm] = await started(bundle, front.url, dynamo.tables, {
    ...setting,
    name: 'warm-up',
    shards: 1,
    batchSize: 100,
  });
  let [warmed, failed] = [0, 0];
  warm?.on('message', (told: Told) => {
    warmed += told.records;
    failed += told.failed;
  });
  await untilAll(() => warmed >= warmUpRecords || failed >= maxFailed);
  if (failed >= maxFailed) throw new Error('The detector cannot count the records of this bench.');
  warm?.kill('SIGKILL');
  front.slowDown(setting.slowness);
  const shards = await started(bundle, front.url, dynamo.tables, setting);
  const watches = shards.map(watch);
  const ends = shards.map(({ pid = 0 }) => holdTo(pid, setting.share));
  for (const each of watches) each.begin();
  await untilAll(() => watches.every(({ isUnderWay }) => isUnderWay()));
  const before = { ...front.consumed };
  await untilAll(() => watches.every(({ read }) => read().batches >= batches));
  const after = { ...front.consumed };
  const sums = watches.map(({ read }) => read());
  for (const end of ends) end();
  for (const shard of shards) shard.kill('SIGKILL');
  await front.stop();
  await dynamo.stop();
  const total = (what: keyof (typeof sums)[number]) => sums.reduce((all, each) => all + each[what], 0);
  const per = (what: keyof Consumed) => (after[what] - before[what]) / total('records');
  return {
    recordsPerSecond: total('perSecond'),
    usedMs: total('usedMs') / total('records'),
    conflicts: per('conflicts'),
    writeUnits: per('writeUnits'),
    readUnits: per('readUnits'),
    calls: per('calls'),
    failed: total('failed'),
  };
};
