/** A process that stands in for a shard's container: it hands batches to the bundle, until it is told to end. */

import { pathToFileURL } from 'node:url';
import type { StreamRecord } from '../../../../lambdas/aws/tables/stream-records.ts';
import { recordsOf } from './traffic.ts';

/** What the process tells after each batch. */
export type Told = { readonly records: number; readonly failed: number };

type Answer = { readonly batchItemFailures: readonly { readonly itemIdentifier: string }[] };
type Handler = (event: object, context: object) => Promise<Answer>;

const [bundle = '', name = '', size = ''] = process.argv.slice(2);
// The bundle logs each finding.
console.log = () => {};
console.info = () => {};
console.warn = () => {};
const { handler }: { readonly handler: Handler } = await import(pathToFileURL(bundle).href);

const tell = (told: Told): void => void process.send?.(told);
const coming = recordsOf(name)[Symbol.iterator]();
const next = (): StreamRecord => coming.next().value;

process.on('message', () => process.exit());
tell({ records: 0, failed: 0 });
for (let batch: readonly StreamRecord[] = []; ; ) {
  batch = [...batch, ...Array.from({ length: Number(size) - batch.length }, next)];
  const { batchItemFailures } = await handler(
    { Records: batch },
    { invokedFunctionArn: 'arn:aws:lambda:a:b:function:c' },
  );
  const failed = batchItemFailures[0]?.itemIdentifier;
  const done =
    failed === undefined ? batch.length : batch.findIndex(({ dynamodb }) => dynamodb?.SequenceNumber === failed);
  tell({ records: done, failed: failed === undefined ? 0 : 1 });
  batch = batch.slice(done);
}
