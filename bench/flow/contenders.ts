/** This service as a contender, and all that have its routes and its events. */

import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { functions } from '../../lambdas/contract.ts';
import { lambdaEnvironment } from '../../test/fakes/cold-start/first-flow.ts';
import { benchPolicy } from '../stack.ts';
import { eventOf } from './events.ts';
import { type Contender, contenderOf } from './measure.ts';
import { type Answer, type FakeAws, startContainer } from './processes.ts';

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

type Environment = Readonly<Record<string, string>>;

/** Of every contender that calls AWS. The folder has the certificate of the fake AWS. */
export const environment = (aws: FakeAws, folder: string): Environment => {
  const wanted = Object.values(names).flatMap((name) => functions[name].environment);
  return {
    ...lambdaEnvironment(names.send, { dynamodb: aws.url, kms: aws.url, sns: aws.url }),
    ...Object.fromEntries(wanted.map((variable) => [variable, settings[variable] ?? ''])),
    NODE_EXTRA_CA_CERTS: path.join(folder, 'ca.pem'),
  };
};

/** Bundles of another checkout, made by its own bundler. */
export const bundleElsewhere = async (checkout: string, out: string): Promise<void> => {
  for (const name of Object.values(names)) {
    const args = ['bundle/bundle.ts', '--out', out, '--function', name, '--policy', JSON.stringify(benchPolicy)];
    await promisify(execFile)(process.execPath, args, { cwd: checkout });
  }
};

/** @throws if a function refused. */
export const expect = (answer: Answer): Answer => {
  const hint = answer.statusCode === 503 ? ' On a busy machine calls time out: run the bench alone.' : '';
  if (answer.statusCode >= 300) throw new Error(`A function answered ${answer.statusCode} ${answer.body}${hint}`);
  return answer;
};

export const bodyOf = ({ body = '{}' }: Answer): Readonly<Record<string, unknown>> => JSON.parse(body);

export const phoneNumberOf = (run: number): string => `+49151${String(20_000_000 + run * 7)}`;

type Functions = {
  readonly name: string;
  readonly aws: FakeAws;
  readonly paths: Readonly<Record<'send' | 'check', string>>;
  readonly env: Environment;
  readonly flags?: readonly string[];
};

/** Starts two functions that take the events of this service. The code comes by SMS. */
export const startFunctions = async ({
  name,
  aws,
  paths,
  env,
  flags = [],
}: Functions): Promise<Required<Contender>> => {
  const container = await startContainer(paths, env, flags);
  const send = async (run: number) => {
    const phoneNumber = phoneNumberOf(run);
    const sent = expect(await container.invoke('send', eventOf('send', { run, body: { phoneNumber } })));
    return { id: String(bodyOf(sent)['id']), code: /\d{6}/.exec(await aws.sms(phoneNumber))?.[0] ?? '' };
  };
  const check = async (run: number, id: string, code: string) => {
    const checked = expect(await container.invoke('check', eventOf('check', { run, id, body: { code } })));
    return String(bodyOf(checked)['status']);
  };
  return contenderOf({ send, check }, { name, aws, container });
};

/** Starts the bundles of a folder, as this service's bundler writes them. */
export const startOurs = (
  name: string,
  bundles: string,
  aws: FakeAws,
  folder: string,
  flags: readonly string[],
  more: Environment = {},
): Promise<Required<Contender>> => {
  const bundleOf = (route: 'send' | 'check') => path.join(bundles, names[route], 'index.mjs');
  const env = { ...environment(aws, folder), ...more };
  return startFunctions({ name, aws, paths: { send: bundleOf('send'), check: bundleOf('check') }, env, flags });
};
