/** The contenders: this service, another checkout of it, the usual stack, and a handler that does nothing. */

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bundle } from '../../bundle/bundle.ts';
import { type FirstFlow, firstFlow, lambdaEnvironment } from '../../test/fakes/cold-start/first-flow.ts';
import { type BaselineName, baselineEnvironment, bundleBaseline } from '../baseline/bundle.ts';
import { bundleElsewhere, environment, names } from '../flow/contenders.ts';
import { eventOf } from '../flow/events.ts';
import { type Answer, type Container, type FakeAws, startContainer } from '../flow/processes.ts';
import { benchPolicy } from '../stack.ts';

export const routes = ['request', 'check'] as const satisfies readonly BaselineName[];
export type Route = (typeof routes)[number];

export type Contender = {
  readonly name: string;
  /** Runs the first flow of a route in a fresh process. Each run has a number of its own. */
  readonly start: (route: Route, run: number) => Promise<FirstFlow>;
  readonly stop: () => void;
};

type Bundles = Readonly<Record<Route, string>>;
type Made = { readonly name: string; readonly bundles: Bundles; readonly env: Readonly<Record<string, string>> };

const isAnswer = (value: unknown): value is Answer =>
  typeof value === 'object' && value !== null && 'statusCode' in value;

/** @throws Error if it is not the answer of a flow that did its work. */
const bodyOf = (name: string, answer: unknown): Readonly<Record<string, unknown>> => {
  if (!isAnswer(answer) || answer.statusCode >= 300) throw new Error(`${name} answered ${JSON.stringify(answer)}`);
  return JSON.parse(answer.body ?? '{}');
};

const phoneNumberOf = (run: number) => `+49151${String(20_000_000 + run * 7)}`;
const requestOf = (run: number) => eventOf('send', { run, body: { phoneNumber: phoneNumberOf(run) } });

/** A warm container sends the codes that a fresh process then checks. */
const checkOf = async (name: string, warm: Container, aws: FakeAws, run: number): Promise<object> => {
  const { id } = bodyOf(name, await warm.invoke('send', requestOf(run)));
  const code = /\d{6}/.exec(await aws.sms(phoneNumberOf(run)))?.[0] ?? '';
  return eventOf('check', { run, id: String(id), body: { code } });
};

const contenderOf = async ({ name, bundles, env }: Made, aws: FakeAws): Promise<Contender> => {
  const warm = await startContainer({ send: bundles.request, check: bundles.check }, env);
  const start = async (route: Route, run: number): Promise<FirstFlow> => {
    const event = route === 'request' ? requestOf(run) : await checkOf(name, warm, aws, run);
    await aws.report();
    const flow = await firstFlow({ bundle: bundles[route], env, event });
    const { status } = bodyOf(name, flow.answer);
    const expected = route === 'request' ? 'pending' : 'approved';
    if (status !== expected) throw new Error(`${name} answered ${JSON.stringify(flow.answer)}`);
    return flow;
  };
  return { name, start, stop: warm.stop };
};

const bareOf = async (folder: string): Promise<Contender> => {
  const file = path.join(folder, 'bare.mjs');
  await writeFile(file, 'export const handler = async () => ({});\n');
  return { name: 'bare handler', start: () => firstFlow({ bundle: file, env: {}, event: {} }), stop: () => undefined };
};

const ours = (out: string): Bundles => ({
  request: path.join(out, names.send, 'index.mjs'),
  check: path.join(out, names.check, 'index.mjs'),
});

type Wanted = { readonly aws: FakeAws; readonly folder: string; readonly before?: string | undefined };

/** @param before another checkout, which bundles itself. */
export const contendersOf = async ({ aws, folder, before }: Wanted): Promise<readonly Contender[]> => {
  await writeFile(path.join(folder, 'ca.pem'), aws.cert);
  await bundle({ out: path.join(folder, 'ours'), functions: Object.values(names), policy: benchPolicy });
  const env = environment(aws, folder);
  const usualEnv = {
    ...lambdaEnvironment('usual', { dynamodb: aws.url, kms: aws.url, sns: aws.url }),
    ...baselineEnvironment,
    NODE_EXTRA_CA_CERTS: path.join(folder, 'ca.pem'),
  };
  const made = [
    { name: 'ours', bundles: ours(path.join(folder, 'ours')), env },
    { name: 'usual stack', bundles: await bundleBaseline(path.join(folder, 'usual')), env: usualEnv },
  ];
  if (before !== undefined) {
    await bundleElsewhere(before, path.join(folder, 'before'));
    made.push({ name: 'before', bundles: ours(path.join(folder, 'before')), env });
  }
  return [...(await Promise.all(made.map((one) => contenderOf(one, aws)))), await bareOf(folder)];
};
