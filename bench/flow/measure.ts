/** One measurement of one contender. */

import type { Container, FakeAws } from './processes.ts';

export type Contender = {
  readonly name: string;
  readonly container: Container;
  readonly aws: FakeAws;
  /** One verification: a send, and the check of its code. */
  readonly verify: (run: number) => Promise<void>;
  readonly stop: () => void;
};

export type Sample = {
  readonly contender: string;
  readonly concurrency: number;
  /** CPU of the container for a verification. */
  readonly cpuMs: number;
  readonly flowsPerSecond: number;
  readonly rssBytes: number;
  /** Calls to AWS for a verification, and new connections. */
  readonly calls: number;
  readonly connections: number;
};

let runs = 0;

export const measure = async (
  { name, container, aws, verify }: Contender,
  { concurrency, flows }: { readonly concurrency: number; readonly flows: number },
): Promise<Sample> => {
  await aws.report();
  const before = await container.usage();
  const startedMs = performance.now();
  let left = flows;
  const work = async () => {
    while (left > 0) {
      left -= 1;
      runs += 1;
      await verify(runs);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  const tookMs = performance.now() - startedMs;
  const after = await container.usage();
  const { calls, connections } = await aws.report();
  return {
    contender: name,
    concurrency,
    cpuMs: (after.cpuMs - before.cpuMs) / flows,
    flowsPerSecond: (flows / tookMs) * 1000,
    rssBytes: after.rssBytes,
    calls: calls.length / flows,
    connections: connections / flows,
  };
};
