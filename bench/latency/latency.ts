/**
 * Measures how long a flow takes beyond the answers of AWS that it has to wait for, one flow at a time.
 *
 *     npm run bench:latency [-- --verifications 1500] [--quick] [--write] [--noisy]
 *
 * --verifications  how many are measured, each with its request, a wrong guess and the right one
 * --quick          that the bench runs: its figures say nothing
 * --write          writes bench/results/latency.json
 * --noisy          writes the figures of a busy machine, too
 *
 * Driver, AWS and the container are processes of their own. The container calls AWS over TLS, and waits as long as AWS takes.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startFakeAws } from '../flow/processes.ts';
import { commandOf } from '../report/command.ts';
import { watchLoad } from '../report/machine.ts';
import { resultOf } from '../report/results.ts';
import { delayMs, type FlowName, flowNames, type Sample, startPlay } from './play.ts';
import { measuredOf } from './report.ts';

const { command, isQuick, count, publish } = commandOf('bench:latency', {
  verifications: { usual: 1500, quick: 20 },
});

// Before anything of its own runs: bundling makes a load too.
const watch = watchLoad();
const folder = await mkdtemp(path.join(tmpdir(), 'latency-'));
const aws = await startFakeAws();
try {
  const play = await startPlay(aws, folder);
  const steps = await play.record(isQuick ? 5 : 300);
  const samples: Record<FlowName, Sample[]> = { request: [], 'check wrong': [], 'check right': [] };
  for (let done = 0; done < count('verifications'); done += 1) {
    const verification = await play.verify();
    for (const flow of flowNames) samples[flow].push(verification[flow].sample(steps[flow]));
    watch.look();
  }
  play.stop();
  const delays = ['BatchGetItem', 'TransactWriteItems', 'GenerateMac', 'Publish'].map(delayMs);
  const [item, transaction, kms, sns] = delays;
  const notes = [
    `AWS takes ${item} ms for an item, ${transaction} for a transaction, ${kms} for KMS and ${sns} for SNS.`,
  ];
  const measured = measuredOf({ steps, samples }, Math.random);
  await publish(resultOf({ bench: 'latency', command, loads: watch.loads(), notes, ...measured }));
} finally {
  aws.stop();
  await rm(folder, { recursive: true, force: true });
}
