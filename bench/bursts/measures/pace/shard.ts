/** A process that stands in for a shard's container: it hands batches to the bundle, until it is ended. */

import { pathToFileURL } from 'node:url';
import type { StreamRecord } from '../../../../lambdas/aws/tables/stream-records.ts';
import { recordsOf } from './traffic.ts';

/** Reported after each batch, and once at the beginning. */
export type Told = {
  readonly records: number;
  /** Batches that came again, whole or in part. */
  readonly failed: number;
  /** Milliseconds of a core, for the bundle alone. */
  readonly usedMs: number;
};

type Answer = { readonly batchItemFailures: readonly { readonly itemIdentifier: string }[] };
type Handler = (event: object, context: object) => Promise<Answer>;

const [bundle = '', name = '', size = '', ageMs = ''] = process.argv.slice(2);
const { handler }: { readonly handler: Handler } = await import(pathToFileURL(bundle).href);

const coming = recordsOf(name, Number(ageMs))[Symbol.iterator]();
const next = (): StreamRecord => coming.next().value;
const context = { invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:detect-bursts' };

const tell = (told: Told): void => void process.send?.(told);
tell({ records: 0, failed: 0, usedMs: 0 });
for (let batch: readonly StreamRecord[] = []; ; ) {
  batch = [...batch, ...Array.from({ length: Number(size) - batch.length }, next)];
  const before = process.cpuUsage();
  const { batchItemFailures } = await handler({ Records: batch }, context);
  const { user, system } = process.cpuUsage(before);
  const [failed] = batchItemFailures;
  const isFirst = ({ dynamodb }: StreamRecord) => dynamodb?.SequenceNumber === failed?.itemIdentifier;
  const done = failed === undefined ? batch.length : batch.findIndex(isFirst);
  tell({ records: done, failed: failed === undefined ? 0 : 1, usedMs: (user + system) / 1000 });
  batch = batch.slice(done);
}
