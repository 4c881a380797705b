/** The processes of the bench: AWS, and a container for each contender. */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Call, FromFakeAws, ToFakeAws } from './fake-aws.ts';

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

export type Usage = { readonly cpuMs: number; readonly rssBytes: number };
export type Answer = { readonly statusCode: number; readonly body?: string };

export type Container = {
  readonly invoke: (route: 'send' | 'check', event: object) => Promise<Answer>;
  readonly usage: () => Promise<Usage>;
  readonly stop: () => void;
};

type Bundles = Readonly<Record<'send' | 'check', string>>;
type Answered = { readonly id: number; readonly answer?: unknown; readonly error?: string };

/** Flags of Lambda for a function of 512 MB: a heap that leaves room for the rest of the process. */
const flags = ['--max-old-space-size=460', '--max-semi-space-size=16'];

/** Loads the bundles in a process. Logs and metrics of the functions go nowhere. */
export const startContainer = async (
  bundles: Bundles,
  env: Readonly<Record<string, string>>,
  more: readonly string[] = [],
): Promise<Container> => {
  const urls = JSON.stringify({ send: pathToFileURL(bundles.send).href, check: pathToFileURL(bundles.check).href });
  const child: ChildProcess = fork(path.join(import.meta.dirname, 'container.mjs'), [urls], {
    env,
    execArgv: [...flags, ...more],
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
  return { invoke: ask, usage: () => ask('usage', {}), stop: () => child.disconnect() };
};
