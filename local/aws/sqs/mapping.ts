import { asRecord } from '../json.ts';
import { attributesOf, md5OfBody } from './operations.ts';
import type { Queue, Received } from './queue.ts';

/** A message as Lambda passes it on: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
type QueueRecord = {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes: Readonly<Record<string, never>>;
  readonly md5OfBody: string;
  readonly eventSource: 'aws:sqs';
  readonly eventSourceARN: string;
  readonly awsRegion: string;
};

export type QueueEvent = { readonly Records: readonly QueueRecord[] };

export type QueueConsumer = {
  readonly queue: Queue;
  /** Calls the function. A promise that is rejected is an error of the function. @returns its answer. */
  readonly deliver: (event: QueueEvent) => Promise<unknown>;
  /** 10 at most, without a batching window: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
  readonly batchSize: number;
  /** Invocations side by side, 2 at least: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html */
  readonly maxConcurrency: number;
  /** Each batch with this number comes twice, although it succeeded, as any may on AWS; none by default. */
  readonly repeatEvery?: number | undefined;
  /** The pause after which the clock is looked at again; 250 by default. */
  readonly pollMs?: number;
};

export type QueueMapping = {
  /** Delivers all that is visible now, and waits for it. */
  readonly settled: () => Promise<void>;
  /** Delivers nothing more, and waits for the batches in hand. */
  readonly stop: () => Promise<void>;
};

/**
 * Stands in for an event source mapping from a standard queue to a function that reports failures of single messages.
 *
 * - A message is deleted if its batch succeeded and the answer does not name it.
 * - Any other comes back when its visibility time is over, by the clock of the queue.
 */
export const startQueueMapping = (consumer: QueueConsumer): QueueMapping => {
  const { queue, batchSize, maxConcurrency } = consumer;
  if (batchSize < 1 || batchSize > 10) throw new Error('A batch of a queue without a window has 1 to 10 messages.');
  if (maxConcurrency < 2) throw new Error('The least concurrency of a mapping is 2.');
  const running = new Set<Promise<void>>();
  let [isStopped, succeeded] = [false, 0];
  const work = async (batch: readonly Received[]) => {
    const hasSucceeded = await deliver(consumer, batch);
    succeeded += hasSucceeded ? 1 : 0;
    return hasSucceeded;
  };
  const isDueAgain = () => consumer.repeatEvery !== undefined && succeeded % consumer.repeatEvery === 0;
  const run = async (batch: readonly Received[]): Promise<void> => {
    if ((await work(batch)) && isDueAgain()) await deliver(consumer, batch);
  };
  const pump = () => {
    while (!isStopped && running.size < maxConcurrency) {
      const batch = queue.receive(batchSize);
      if (batch.length === 0) return;
      const done = run(batch).finally(() => {
        running.delete(done);
        pump();
      });
      running.add(done);
    }
  };
  const timer = setInterval(pump, consumer.pollMs ?? 250).unref();
  const idle = async () => {
    while (running.size > 0) await Promise.all(running);
  };
  return {
    settled: async () => {
      pump();
      await idle();
    },
    stop: async () => {
      clearInterval(timer);
      isStopped = true;
      await idle();
    },
  };
};

/** True if all of the batch is done. */
const deliver = async ({ queue, deliver: call }: QueueConsumer, batch: readonly Received[]): Promise<boolean> => {
  const failed = await failedOf(() => call({ Records: batch.map((each) => recordOf(queue, each)) }), batch);
  for (const { id, receiptHandle } of batch) if (!failed.has(id)) queue.remove(receiptHandle);
  return failed.size === 0;
};

const recordOf = ({ arn }: Queue, received: Received): QueueRecord => ({
  messageId: received.id,
  receiptHandle: received.receiptHandle,
  body: received.body,
  attributes: attributesOf(received),
  messageAttributes: {},
  md5OfBody: md5OfBody(received),
  eventSource: 'aws:sqs',
  eventSourceARN: arn,
  awsRegion: 'us-east-1',
});

/**
 * The ids of the messages that failed, by the answer as Lambda reads it. An answer that it cannot read, or which names a
 * message of no batch, fails all: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
const failedOf = async (call: () => Promise<unknown>, batch: readonly Received[]): Promise<ReadonlySet<string>> => {
  const all = new Set(batch.map(({ id }) => id));
  try {
    const answer = await call();
    if (answer === undefined || answer === null) return new Set();
    if (typeof answer !== 'object') return all;
    const failures = asRecord(answer)['batchItemFailures'] ?? [];
    if (!Array.isArray(failures)) return all;
    const named = failures.map((failure) => String(asRecord(failure)['itemIdentifier'] ?? ''));
    return named.every((id) => all.has(id)) ? new Set(named) : all;
  } catch {
    return all;
  }
};
