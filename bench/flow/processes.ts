/** The processes of the bench: AWS, and a container for each contender. */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Call, FromFakeAws, ToFakeAws } from './fake-aws.ts';
import type { Profile } from './profile/parts.ts';

export type FakeAws = {
  readonly url: string;
  readonly cert: string;
  readonly delay: (ms: (operation: string) => number) => void;
  /** The calls and the connections since the last report. */
  readonly report: () => Promise<{ readonly calls: readonly Call[]; readonly connections: number }>;
  /** The text of the next SMS to a number, or of the last one. */
  readonly sms: (to: string) => Promise<string>;
  readonly stop: () => void;
};

const operations = [
  ...['BatchGetItem', 'TransactWriteItems', 'PutItem', 'UpdateItem'],
  ...['GenerateMac', 'Encrypt', 'Decrypt', 'Sign', 'Publish'],
];

type Report = Extract<FromFakeAws, { kind: 'report' }>;

export const startFakeAws = async (): Promise<FakeAws> => {
  const child = fork(path.join(import.meta.dirname, 'fake-aws.ts'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [ready] = (await once(child, 'message')) as [FromFakeAws];
  if (ready.kind !== 'ready') throw new Error('The fake AWS did not start.');
  const texts = new Map<string, string>();
  const waiting = new Map<string, (text: string) => void>();
  let reported: ((report: Report) => void) | undefined;
  child.on('message', (message: FromFakeAws) => {
    if (message.kind === 'report') reported?.(message);
    if (message.kind !== 'sms') return;
    texts.set(message.to, message.text);
    waiting.get(message.to)?.(message.text);
  });
  const tell = (message: ToFakeAws) => child.send(message);
  return {
    url: ready.url,
    cert: ready.cert,
    delay: (ms) => tell({ delays: Object.fromEntries(operations.map((name) => [name, ms(name)])) }),
    report: () =>
      new Promise((resolve) => {
        reported = resolve;
        tell({ report: true });
      }),
    sms: async (to) => texts.get(to) ?? new Promise((resolve) => waiting.set(to, resolve)),
    stop: () => child.disconnect(),
  };
};

export type Usage = {
  readonly cpuMs: number;
  readonly rssBytes: number;
  readonly peakRssBytes: number;
  readonly heapBytes: number;
};
export type Answer = { readonly statusCode: number; readonly body?: string };

export type Container = {
  readonly invoke: (route: 'send' | 'check', event: object) => Promise<Answer>;
  readonly usage: () => Promise<Usage>;
  /** A CPU profile of the work. */
  readonly profile: (work: () => Promise<void>) => Promise<Profile>;
  readonly stop: () => void;
};

type Bundles = Readonly<Record<'send' | 'check', string>>;
type Answered = { readonly id: number; readonly answer?: unknown; readonly error?: string };

/**
 * Flags that Lambda's runtime for Node passes: a tenth of the memory is for young objects, half of that for each semi-space.
 * V8 rounds these up to a power of two. So says `/var/runtime/bootstrap` in the image of nodejs18.x; in that of nodejs24.x,
 * the tenth was read, and the half was not.
 */
export const heapFlags = (megabytes: number): readonly string[] => {
  const young = Math.floor(megabytes / 10);
  return [`--max-semi-space-size=${Math.floor(young / 2)}`, `--max-old-space-size=${megabytes - young}`];
};

/** Loads the bundles in a process, with the heap of a function of that memory. Logs and metrics of the functions go nowhere. */
export const startContainer = async (
  bundles: Bundles,
  env: Readonly<Record<string, string>>,
  more: readonly string[] = [],
): Promise<Container> => {
  const urls = JSON.stringify({ send: pathToFileURL(bundles.send).href, check: pathToFileURL(bundles.check).href });
  const child: ChildProcess = fork(path.join(import.meta.dirname, 'container.mjs'), [urls], {
    env,
    execArgv: [...heapFlags(Number(env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'] ?? 512)), ...more],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  const waiting = new Map<number, { resolve: (answer: never) => void; reject: (error: Error) => void }>();
  child.on('message', ({ id, answer, error }: Answered) => {
    if (error === undefined) waiting.get(id)?.resolve(answer as never);
    else waiting.get(id)?.reject(new Error(error));
    waiting.delete(id);
  });
  let last = 0;
  const ask = <T>(route: string, event: object): Promise<T> =>
    new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, { resolve, reject });
      child.send({ id: last, route, event });
    });
  return {
    invoke: ask,
    usage: () => ask('usage', {}),
    profile: async (work) => {
      await ask('profile', { on: true });
      await work();
      return ask('profile', { on: false });
    },
    stop: () => child.disconnect(),
  };
};
