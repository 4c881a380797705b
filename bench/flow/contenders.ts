/** The contenders: this service, another checkout of it, and the SDK alone. */

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { bundle } from '../../bundle/bundle.ts';
import { functions } from '../../lambdas/contract.ts';
import { lambdaEnvironment } from '../../test/fakes/cold-start/first-flow.ts';
import { benchPolicy } from '../stack.ts';
import type { Waves } from './bare.ts';
import { eventOf } from './events.ts';
import type { Call } from './fake-aws.ts';
import type { Contender } from './measure.ts';
import { type Answer, type Container, type FakeAws, startContainer } from './processes.ts';

export const names = { send: 'request-verification', check: 'check-verification' } as const;

const key = (id: number) => `arn:aws:kms:us-east-1:000000000000:key/00000000-0000-4000-8000-00000000000${id}`;

const settings: Readonly<Record<string, string>> = {
  VERIFICATIONS_TABLE: 'verifications',
  GUARDS_TABLE: 'guards',
  CODE_KEYS: JSON.stringify({ a: key(1) }),
  PSEUDONYM_KEY: key(2),
  SEAL_KEY: key(3),
  PROOF_KEY: key(4),
  ENDPOINT: 'https://otp.example.com',
  APPLICATIONS: '{"default":["*"]}',
};

export const environment = (aws: FakeAws, folder: string): Readonly<Record<string, string>> => {
  const wanted = Object.values(names).flatMap((name) => functions[name].environment);
  const known = wanted.map((variable) => [variable, settings[variable] ?? ''] as const);
  return {
    ...lambdaEnvironment(names.send, { dynamodb: aws.url, kms: aws.url, sns: aws.url }),
    ...Object.fromEntries(known),
    NODE_EXTRA_CA_CERTS: path.join(folder, 'ca.pem'),
  };
};

const expect = (answer: Answer): Answer => {
  if (answer.statusCode >= 300) throw new Error(`A function answered ${answer.statusCode} ${answer.body}`);
  return answer;
};

const bodyOf = ({ body = '{}' }: Answer): Readonly<Record<string, unknown>> => JSON.parse(body);

/** A send and the check of its code, each with a number and an IP of its own. */
const verifyBy = (container: Container, aws: FakeAws) => async (run: number) => {
  const phoneNumber = `+49151${String(20_000_000 + run * 7)}`;
  const sent = expect(await container.invoke('send', eventOf('send', { run, body: { phoneNumber } })));
  const id = String(bodyOf(sent)['id']);
  const code = /\d{6}/.exec(await aws.sms(phoneNumber))?.[0] ?? '';
  const checked = expect(await container.invoke('check', eventOf('check', { run, id, body: { code } })));
  const { status } = bodyOf(checked);
  if (status !== 'approved') throw new Error(`A check answered ${checked.body}`);
};

const startOurs = async (name: string, bundles: string, aws: FakeAws, folder: string, flags: readonly string[]) => {
  const paths = {
    send: path.join(bundles, names.send, 'index.mjs'),
    check: path.join(bundles, names.check, 'index.mjs'),
  };
  const container = await startContainer(paths, environment(aws, folder), flags);
  return { name, aws, container, verify: verifyBy(container, aws), stop: container.stop };
};

/** Groups calls: one that starts before any call of the wave has its answer is in the same wave. */
export const wavesOf = (calls: readonly Call[]): Waves => {
  const waves: Call[][] = [];
  for (const call of calls.toSorted((a, b) => a.startedMs - b.startedMs)) {
    const wave = waves.at(-1);
    if (wave?.every(({ endedMs }) => call.startedMs < endedMs)) wave.push(call);
    else waves.push([call]);
  }
  return waves.map((wave) => wave.map(({ operation, body }) => ({ operation, body })));
};

/** Long enough that calls at the same time overlap on a busy machine. */
const recordingMs = 60;

const recordFlow = async (contender: Contender): Promise<{ readonly send: Waves; readonly check: Waves }> => {
  const { aws, verify } = contender;
  await verify(0);
  aws.delay(() => recordingMs);
  await aws.report();
  await verify(1);
  const waves = wavesOf((await aws.report()).calls);
  aws.delay(() => 0);
  const published = waves.findIndex((wave) => wave.some(({ operation }) => operation === 'Publish'));
  return { send: waves.slice(0, published + 1), check: waves.slice(published + 1) };
};

const startBare = async (aws: FakeAws, folder: string, flows: Readonly<Record<'send' | 'check', Waves>>) => {
  const outfile = path.join(folder, 'bare.mjs');
  await build({
    entryPoints: [path.join(import.meta.dirname, 'bare.ts')],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  const container = await startContainer({ send: outfile, check: outfile }, environment(aws, folder));
  for (const flow of ['send', 'check'] as const) await container.invoke(flow, { flow, waves: flows[flow] });
  const verify = async () => {
    for (const flow of ['send', 'check'] as const) expect(await container.invoke(flow, { flow }));
  };
  return { name: 'bare SDK', aws, container, verify, stop: container.stop };
};

type Wanted = {
  readonly aws: FakeAws;
  readonly folder: string;
  readonly before?: string | undefined;
  readonly profile?: string | undefined;
};

/** Bundles of another checkout, made by its own bundler. */
export const bundleElsewhere = async (checkout: string, out: string): Promise<void> => {
  for (const name of Object.values(names)) {
    const args = ['bundle/bundle.ts', '--out', out, '--function', name, '--policy', JSON.stringify(benchPolicy)];
    await promisify(execFile)(process.execPath, args, { cwd: checkout });
  }
};

type Contest = {
  readonly contenders: readonly Contender[];
  /** Trips to AWS in sequence. */
  readonly depths: Readonly<Record<'send' | 'check', number>>;
};

export const contendersOf = async ({ aws, folder, before, profile }: Wanted): Promise<Contest> => {
  await writeFile(path.join(folder, 'ca.pem'), aws.cert);
  await bundle({ out: path.join(folder, 'ours'), functions: Object.values(names), policy: benchPolicy });
  const flags = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const ours = await startOurs('ours', path.join(folder, 'ours'), aws, folder, flags);
  const recorded = await recordFlow(ours);
  const depths = { send: recorded.send.length, check: recorded.check.length };
  const contenders = [ours, await startBare(aws, folder, recorded)];
  if (before === undefined) return { contenders, depths };
  await bundleElsewhere(before, path.join(folder, 'before'));
  return {
    contenders: [...contenders, await startOurs('before', path.join(folder, 'before'), aws, folder, [])],
    depths,
  };
};
