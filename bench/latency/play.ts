/** Plays flows one at a time, and says how long each took beyond its critical path. */

import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle } from '../../bundle/bundle.ts';
import { names, startOurs } from '../flow/contenders.ts';
import { eventOf } from '../flow/events.ts';
import type { Answer, FakeAws } from '../flow/processes.ts';
import { benchPolicy } from '../stack.ts';
import { criticalPathMs, type Step, stepsOf } from './critical-path.ts';

export const flowNames = ['request', 'check wrong', 'check right'] as const;
export type FlowName = (typeof flowNames)[number];

/** The time that AWS takes for a call. */
export const delayMs = (operation: string): number => {
  if (operation === 'Publish') return 30;
  return operation === 'BatchGetItem' || operation === 'UpdateItem' ? 5 : 10;
};

export type Sample = {
  readonly tookMs: number;
  readonly criticalMs: number;
  readonly cpuMs: number;
  readonly connections: number;
};

/** In a recording each call takes so long that computation moves none to another place. */
const recordingFactor = 12;

/** The bundles, each behind a stopwatch. */
const bundleTimed = async (folder: string): Promise<string> => {
  const [ours, timed] = ['ours', 'timed'].map((name) => path.join(folder, name)) as [string, string];
  await bundle({ out: ours, functions: Object.values(names), policy: benchPolicy });
  const stopwatch = pathToFileURL(path.join(import.meta.dirname, 'timed.mjs')).href;
  for (const name of Object.values(names)) {
    const inner = pathToFileURL(path.join(ours, name, 'index.mjs')).href;
    await mkdir(path.join(timed, name), { recursive: true });
    await writeFile(
      path.join(timed, name, 'index.mjs'),
      `import { timed } from '${stopwatch}';\nimport { handler as inner } from '${inner}';\nexport const handler = timed(inner);\n`,
    );
  }
  return timed;
};

type Timed = Answer & { readonly tookMs: number };

const statuses: Readonly<Record<FlowName, string>> = {
  request: 'pending',
  'check wrong': 'pending',
  'check right': 'approved',
};

/** Each flow must end as it should, or its time says nothing. */
const expectStatus = (flow: FlowName, answer: Answer): Readonly<Record<string, unknown>> => {
  const body = JSON.parse(answer.body ?? '{}');
  if (body.status !== statuses[flow]) throw new Error(`${flow} answered ${answer.statusCode} ${answer.body}`);
  return body;
};

export const startPlay = async (aws: FakeAws, folder: string) => {
  await writeFile(path.join(folder, 'ca.pem'), aws.cert);
  const { container, stop } = await startOurs('ours', await bundleTimed(folder), aws, folder, []);
  let run = 0;

  type Watched = {
    readonly answer: Timed;
    readonly sample: (steps: readonly Step[]) => Sample;
    readonly steps: readonly Step[];
  };
  const watch = async (route: 'send' | 'check', event: object): Promise<Watched> => {
    await aws.report();
    const before = await container.usage();
    const answer = (await container.invoke(route, event)) as Timed;
    const after = await container.usage();
    const { calls, connections } = await aws.report();
    const cpuMs = after.cpuMs - before.cpuMs;
    const sample = (steps: readonly Step[]) => ({
      ...{ tookMs: answer.tookMs, criticalMs: criticalPathMs(steps, calls), cpuMs, connections },
    });
    return { answer, sample, steps: stepsOf(calls) };
  };

  /** A verification: its request, a wrong guess, and the right one. */
  const verify = async (): Promise<Readonly<Record<FlowName, Watched>>> => {
    run += 1;
    const phoneNumber = `+49151${String(20_000_000 + run * 7)}`;
    const request = await watch('send', eventOf('send', { run, body: { phoneNumber } }));
    const id = String(expectStatus('request', request.answer)['id']);
    const code = /\d{6}/.exec(await aws.sms(phoneNumber))?.[0] ?? '';
    const guess = (digits: string) => watch('check', eventOf('check', { run, id, body: { code: digits } }));
    const wrong = await guess(`${(Number(code[0]) + 1) % 10}${code.slice(1)}`);
    expectStatus('check wrong', wrong.answer);
    const right = await guess(code);
    expectStatus('check right', right.answer);
    return { request, 'check wrong': wrong, 'check right': right };
  };

  return {
    verify,
    /** The steps of each flow, after as many verifications as make the code warm. */
    record: async (warmups: number): Promise<Readonly<Record<FlowName, readonly Step[]>>> => {
      for (let done = 0; done < warmups; done += 1) await verify();
      aws.delay((operation) => recordingFactor * delayMs(operation));
      const { request, 'check wrong': wrong, 'check right': right } = await verify();
      aws.delay(delayMs);
      return { request: request.steps, 'check wrong': wrong.steps, 'check right': right.steps };
    },
    stop,
  };
};
