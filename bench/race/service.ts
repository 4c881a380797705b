/** Racers at the emulator: the bundles of this service, and the textbook. Each runs in several containers. */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { bundle } from '../../bundle/bundle.ts';
import { keyOf } from '../../lambdas/aws/dynamo/items.ts';
import { readVerification } from '../../lambdas/aws/tables/verifications.ts';
import { functions } from '../../lambdas/contract.ts';
import { recordKey } from '../../lambdas/otp/number/pseudonyms.ts';
import { localKeys } from '../../local/stack.ts';
import { lambdaEnvironment } from '../../test/fakes/cold-start/first-flow.ts';
import { names } from '../flow/contenders.ts';
import { eventOf } from '../flow/events.ts';
import { type Answer, type Container, startContainer } from '../flow/processes.ts';
import { benchPolicy } from '../stack.ts';
import type { Answered, Racer, Sent } from './contest.ts';
import type { Addresses, FromStandIns } from './stand-ins.ts';

export type StandIns = Addresses & {
  readonly sms: (to: string) => Promise<string>;
  readonly stop: () => Promise<void>;
};

export const startStandIns = async (): Promise<StandIns> => {
  const child = fork(path.join(import.meta.dirname, 'stand-ins.ts'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const next = async () => (await once(child, 'message'))[0] as FromStandIns;
  const addresses = (await next()) as Addresses;
  return {
    ...addresses,
    sms: async (to) => {
      const told = next();
      child.send({ to });
      const message = await told;
      return 'text' in message ? message.text : '';
    },
    stop: async () => {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
};

/** Lambda gives each guess a container of its own. Guesses that share one are less at the same time, not more. */
const containers = 4;

const environmentOf = ({ endpoints, tables }: StandIns): Readonly<Record<string, string>> => {
  const values: Readonly<Record<string, string>> = {
    VERIFICATIONS_TABLE: tables.verifications,
    GUARDS_TABLE: tables.guards,
    CODE_KEYS: JSON.stringify({ a: localKeys.code.arn }),
    PSEUDONYM_KEY: localKeys.pseudonym.arn,
    SEAL_KEY: localKeys.seal.arn,
    PROOF_KEY: localKeys.proof.arn,
    ENDPOINT: 'https://otp.example.com',
    APPLICATIONS: '{"default":["*"]}',
  };
  const wanted = Object.values(names).flatMap((name) => functions[name].environment);
  return {
    ...lambdaEnvironment(names.check, endpoints),
    ...Object.fromEntries(wanted.map((name) => [name, values[name] ?? ''])),
    // The bench counts lost answers. Their warnings would fill the terminal.
    POWERTOOLS_LOG_LEVEL: 'CRITICAL',
  };
};

const startContainers = (bundles: Readonly<Record<'send' | 'check', string>>, env: Readonly<Record<string, string>>) =>
  Promise.all(Array.from({ length: containers }, () => startContainer(bundles, env)));

/** Deals calls out to the containers, one after the other. */
const dealer = (all: readonly Container[]) => {
  let dealt = 0;
  return (route: 'send' | 'check', event: object): Promise<Answer> => {
    dealt += 1;
    const container = all[dealt % all.length];
    if (container === undefined) throw new Error('There is no container.');
    return container.invoke(route, event);
  };
};

const bodyOf = ({ body = '{}' }: Answer): Readonly<Record<string, unknown>> => JSON.parse(body);

export const answered = (answer: Answer): Answered => {
  if (answer.statusCode >= 500) return 'lost';
  if (answer.statusCode !== 200) return 'refused';
  return bodyOf(answer)['status'] === 'approved' ? 'right' : 'wrong';
};

/** The guesses of a record, as the emulator holds it. */
const recordedBy = (client: DynamoDBClient, table: string, id: string) => async () => {
  const Key = keyOf(recordKey('default', id));
  const { Item } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
  const record = readVerification(Item);
  if (record === undefined) throw new Error('The emulator has lost a record.');
  const { code, guesses } = record;
  return { judged: guesses.length, accepted: guesses.filter((guess) => guess === code).length };
};

/** Each try has a number of its own, so that no cooldown holds. */
const numberOf = (run: number, tries: number): string => `+49151${String(20_000_000 + run * 7 + tries)}`;

const maxTries = 5;

/** A code that was sent. A busy machine runs into the timeouts of calls, and the next try is for another number. */
const requestBy = async (invoke: ReturnType<typeof dealer>, run: number) => {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const phoneNumber = numberOf(run, tries);
    const sent = await invoke('send', eventOf('send', { run, body: { phoneNumber } }));
    if (sent.statusCode === 201) return { id: String(bodyOf(sent)['id']), phoneNumber };
    if (sent.statusCode < 500) throw new Error(`A request answered ${sent.statusCode} ${sent.body}`);
  }
  throw new Error(`${maxTries} requests in a row were answered by an outage.`);
};

export const startOurRacer = async (aws: StandIns, folder: string): Promise<Racer> => {
  await bundle({ out: folder, functions: Object.values(names), policy: benchPolicy });
  const bundleOf = (name: string) => path.join(folder, name, 'index.mjs');
  const all = await startContainers({ send: bundleOf(names.send), check: bundleOf(names.check) }, environmentOf(aws));
  const invoke = dealer(all);
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new DynamoDBClient({ endpoint: aws.endpoints.dynamodb, region: 'us-east-1', credentials });
  const send = async (run: number): Promise<Sent> => {
    const { id, phoneNumber } = await requestBy(invoke, run);
    return {
      code: /\d{6}/.exec(await aws.sms(phoneNumber))?.[0] ?? '',
      guess: async (code) => answered(await invoke('check', eventOf('check', { run, id, body: { code } }))),
      recorded: recordedBy(client, aws.tables.verifications, id),
    };
  };
  return {
    name: 'this service',
    limit: benchPolicy.code.maxAttempts,
    counts: 'one conditional write, before the comparison',
    send,
    stop: async () => {
      client.destroy();
      for (const { stop } of all) stop();
    },
  };
};

export const startTextbook = async (aws: StandIns): Promise<Racer> => {
  const module = path.join(import.meta.dirname, 'textbook.ts');
  const env = { ...environmentOf(aws), LIMIT: String(benchPolicy.code.maxAttempts) };
  const all = await startContainers({ send: module, check: module }, env);
  const invoke = dealer(all);
  return {
    name: 'textbook',
    limit: benchPolicy.code.maxAttempts,
    counts: 'read, compare, increment',
    send: async (run) => {
      const [id, code] = [`textbook-${run}`, String(100_000 + ((run * 7919) % 900_000))];
      await invoke('send', { flow: 'send', id, code });
      return { code, guess: async (guess) => answered(await invoke('check', { flow: 'check', id, code: guess })) };
    },
    stop: async () => {
      for (const { stop } of all) stop();
    },
  };
};
