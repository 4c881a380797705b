/** One measurement of one contender. */

import type { Container, FakeAws } from './processes.ts';

/** Of a fresh process: the memory of its function, and more flags of Node. */
export type Start = { readonly megabytes?: number; readonly flags?: readonly string[] };

export type Contender = {
  readonly name: string;
  readonly container: Container;
  readonly aws: FakeAws;
  /** One verification: a send, and the check of its code. */
  readonly verify: (run: number) => Promise<void>;
  /** One verification that must refuse a wrong code before the right one. Not for one that repeats calls only. */
  readonly judge?: (run: number) => Promise<void>;
  readonly stop: () => void;
};

type Flows = {
  readonly send: (run: number) => Promise<{ readonly id: string; readonly code: string }>;
  /** @returns the status of the verification after it. */
  readonly check: (run: number, id: string, code: string) => Promise<string>;
};

const wrongOf = (code: string) => `${code.slice(0, -1)}${(Number(code.at(-1)) + 1) % 10}`;

export const contenderOf = (
  { send, check }: Flows,
  rest: Pick<Contender, 'name' | 'container' | 'aws'>,
): Required<Contender> => {
  const expect = async (status: string, ...[run, id, code]: Parameters<typeof check>) => {
    const got = await check(run, id, code);
    if (got !== status) throw new Error(`A check of ${rest.name} ended as ${got}, and should have as ${status}.`);
  };
  return {
    ...rest,
    verify: async (run) => {
      const { id, code } = await send(run);
      await expect('approved', run, id, code);
    },
    judge: async (run) => {
      const { id, code } = await send(run);
      await expect('pending', run, id, wrongOf(code));
      await expect('approved', run, id, code);
    },
    stop: rest.container.stop,
  };
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

/** Each verification of a run of the bench has a number of its own, and with it a phone number and an IP. */
export const nextRun = (): number => {
  runs += 1;
  return runs;
};

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
      await verify(nextRun());
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
