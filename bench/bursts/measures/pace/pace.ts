/**
 * Measures how many records of the stream the detector carries: per shard on a whole core and on part of one, and with
 * eight shards in one country, with the conflicts of their transactions and what they write.
 *
 *     node bench/bursts/measures/pace/pace.ts [--beside DIR] [--seconds 10] [--rounds 3]
 *
 * --beside  another work tree, measured by turns with this one
 */

import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import type { Policy } from '../../../../lambdas/policy.ts';
import { startDynamo } from '../../../../local/aws/dynamo.ts';
import { lambdaEnvironment } from '../../../../test/fakes/cold-start/first-flow.ts';
import { type Consumed, startFront } from './front.ts';
import { holdTo, usedMs } from './limit.ts';
import type { Told } from './shard.ts';

/** How a measure is made. */
export type Setting = {
  readonly name: string;
  readonly shards: number;
  /** Of a core, for each shard. */
  readonly share: number;
  readonly batchSize: number;
  /** Whether answers take as long as those of DynamoDB. */
  readonly isSlow: boolean;
};

export type Pace = {
  readonly recordsPerSecond: number;
  /** Milliseconds of a core for each record. */
  readonly cpuMs: number;
  /** By record. */
  readonly conflicts: number;
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly calls: number;
  /** Batches that failed. */
  readonly failed: number;
};

const root = path.join(import.meta.dirname, '../../../..');
const run = promisify(execFile);

/** Bundles the detector of a work tree by its own bundler, with the policy of its own benchmarks. */
const bundleOf = async (tree: string, out: string): Promise<string> => {
  const { benchPolicy }: { readonly benchPolicy: Policy } = await import(path.join(tree, 'bench/stack.ts'));
  const policy: Policy = { ...benchPolicy, lowVolume: { ...benchPolicy.lowVolume, verifications: 100 } };
  const given = ['--out', out, '--function', 'detect-bursts', '--policy', JSON.stringify(policy)];
  await run(process.execPath, [path.join(tree, 'bundle/bundle.ts'), ...given], { cwd: tree });
  return path.join(out, 'detect-bursts/index.mjs');
};

const warmUpMs = 2500;

const measure = async (bundle: string, setting: Setting, forMs: number): Promise<Pace> => {
  const dynamo = await startDynamo({ hasFront: false });
  const front = await startFront(dynamo.url, setting.isSlow);
  const env = {
    ...lambdaEnvironment('detect-bursts', { dynamodb: front.url, kms: front.url, sns: front.url }),
    TRAFFIC_TABLE: dynamo.tables.traffic,
    GUARDS_TABLE: dynamo.tables.guards,
    SECURITY_TABLE: dynamo.tables.security,
    FINDINGS_BUS: 'findings',
    DEAD_LETTER_BUCKET: 'dead-letters',
    PATH: process.env['PATH'],
    AWS_ENDPOINT_URL: front.url,
    POWERTOOLS_DEV: 'false',
  };
  const sum = { records: 0, failed: 0 };
  const shards = Array.from({ length: setting.shards }, (_, index) =>
    fork(path.join(import.meta.dirname, 'shard.ts'), [bundle, `shard${index}`, String(setting.batchSize)], {
      env,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    }),
  );
  await Promise.all(shards.map((shard) => once(shard, 'message')));
  const ends = shards.map(({ pid = 0 }) => holdTo(pid, setting.share));
  for (const shard of shards)
    shard.on('message', ({ records, failed }: Told) => {
      sum.records += records;
      sum.failed += failed;
    });
  await new Promise((resolve) => setTimeout(resolve, warmUpMs / Math.min(1, 2 * setting.share)));
  const used = () => shards.reduce((all, { pid = 0 }) => all + usedMs(pid), 0);
  const usedBefore = used();
  const [before, consumedBefore, fromMs] = [{ ...sum }, { ...front.consumed }, performance.now()];
  await new Promise((resolve) => setTimeout(resolve, forMs));
  const [records, tookMs] = [sum.records - before.records, performance.now() - fromMs];
  const per = (what: keyof Consumed) => (front.consumed[what] - consumedBefore[what]) / records;
  const pace: Pace = {
    recordsPerSecond: (records * 1000) / tookMs,
    cpuMs: (used() - usedBefore) / records,
    conflicts: per('conflicts'),
    writeUnits: per('writeUnits'),
    readUnits: per('readUnits'),
    calls: per('calls'),
    failed: sum.failed - before.failed,
  };
  for (const end of ends) end();
  for (const shard of shards) shard.kill('SIGKILL');
  await front.stop();
  await dynamo.stop();
  return pace;
};

const { values: options } = parseArgs({
  options: {
    beside: { type: 'string', multiple: true, default: [] },
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
    share: { type: 'string', default: '0.2' },
    only: { type: 'string', default: '' },
  },
});

const share = Number(options.share);
const settings: readonly Setting[] = [
  { name: 'core', shards: 1, share: 1, batchSize: 100, isSlow: true },
  { name: '512', shards: 1, share: 0.29, batchSize: 100, isSlow: true },
  { name: 'alone', shards: 1, share, batchSize: 100, isSlow: true },
  { name: 'eight', shards: 8, share, batchSize: 100, isSlow: true },
  { name: 'ones', shards: 1, share: 1, batchSize: 1, isSlow: true },
].filter(({ name }) => options.only === '' || options.only.split(',').includes(name));

const folder = await mkdtemp(path.join(tmpdir(), 'pace-'));
try {
  const trees = [root, ...options.beside];
  const bundles: (readonly [string, string])[] = [];
  for (const [index, tree] of trees.entries())
    bundles.push([tree, await bundleOf(path.resolve(tree), path.join(folder, String(index)))]);
  for (const setting of settings) {
    for (let round = 0; round < Number(options.rounds); round += 1) {
      for (const [tree, bundle] of bundles) {
        const pace = await measure(bundle, setting, Number(options.seconds) * 1000);
        const figures = Object.entries(pace).map(
          ([what, value]) => `${what} ${value.toFixed(what === 'conflicts' ? 4 : 2)}`,
        );
        console.log([setting.name.padEnd(6), path.basename(tree).padEnd(6), ...figures].join('  '));
      }
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
