import { setTimeout as sleep } from 'node:timers/promises';
import { type TableName, tables as tableFacts } from '../../lambdas/contract.ts';
import type { CallDynamo } from '../aws/dynamo.ts';
import { markExpired } from '../aws/expiry.ts';
import type { Feed } from '../aws/feeds.ts';
import { type StreamPoller, startStreamPoller } from '../aws/streams.ts';
import type { Clock } from '../clock.ts';

export type StreamReaders = {
  /** Stops reading, and waits for the batches in hand. */
  readonly pause: () => Promise<void>;
  /** Returns when all that was written before is worked off, or the time is over. */
  readonly settled: (patienceMs: number) => Promise<void>;
  /** Reads on from now: records of before are never delivered. */
  readonly readFromNow: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

export type StreamReadersSetup = {
  readonly call: CallDynamo;
  readonly tables: Readonly<Record<TableName, string>>;
  readonly clock: Clock;
  readonly consumers: readonly Feed[];
};

/** Starts a reader of the stream for each consumer. */
export const startStreamReaders = async ({
  call,
  tables,
  clock,
  consumers,
}: StreamReadersSetup): Promise<StreamReaders> => {
  let pollers: readonly StreamPoller[] = [];
  let isStopped = false;
  const pause = async () => {
    const stopping = pollers;
    pollers = [];
    await Promise.all(stopping.map((poller) => poller.stop()));
  };
  const read = async (from: Feed['from']) => {
    for (const { table, ...consumer } of consumers) {
      const poller = await startStreamPoller({
        ...consumer,
        ...(from === undefined ? {} : { from }),
        call,
        table: tables[table],
        markExpired: markExpired(tableFacts[table].timeToLiveAttribute, clock.now),
      });
      pollers = [...pollers, poller];
    }
    // The stack may have ended meanwhile.
    if (isStopped) await pause();
  };
  await read(undefined).catch(async (error: unknown) => {
    await pause();
    throw error;
  });
  return {
    pause,
    settled: async (patienceMs) => {
      const timeUp = new AbortController();
      await Promise.race([
        Promise.all(pollers.map((poller) => poller.settled())),
        sleep(patienceMs, undefined, { signal: timeUp.signal }).catch(() => {}),
      ]);
      timeUp.abort();
    },
    readFromNow: () => read('LATEST'),
    stop: async () => {
      isStopped = true;
      await pause();
    },
  };
};
