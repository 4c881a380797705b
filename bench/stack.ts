/** The first flow of each function, against the local stack. */

import path from 'node:path';
import {
  type EnvironmentName,
  type FunctionName,
  functionNames,
  functions,
  type OperatorFunctionName,
  operatorFunctionNames,
  type RouteFunctionName,
  routes,
  type StaffFunctionName,
  staffFunctionNames,
} from '../lambdas/contract.ts';
import type { Policy } from '../lambdas/policy.ts';
import { defaultBursts } from '../lib/settings/schema/bursts.ts';
import { type Endpoints, type FirstFlow, firstFlow, lambdaEnvironment } from '../test/fakes/cold-start/first-flow.ts';

/** Functions whose cold starts a caller waits for. */
export type BenchedName = Exclude<FunctionName, StaffFunctionName | OperatorFunctionName>;
const isBenched = (name: FunctionName): name is BenchedName =>
  ![...staffFunctionNames, ...operatorFunctionNames].some((other) => other === name);
export const benchedNames: readonly BenchedName[] = functionNames.filter(isBenched);

export type Stack = {
  readonly endpoints: Endpoints;
  readonly environment: Readonly<Record<EnvironmentName, string>>;
  /** Further variables of the processes, such as the certificates that they trust. */
  readonly more?: Readonly<Record<string, string>>;
  /** The text of the last SMS to a number. */
  readonly lastSms: (to: string) => Promise<string>;
  readonly stop: () => Promise<void>;
};

/** Starts the local stack. The only function here that knows it. */
export const startStack = async (bundles: string): Promise<Stack> => {
  const { startLocalStack } = await import('../local/stack.ts');
  const { url, endpoints, tables, keys, messages, stop } = await startLocalStack({ port: 0, bundles, quiet: true });
  return {
    endpoints,
    environment: {
      VERIFICATIONS_TABLE: tables.verifications,
      GUARDS_TABLE: tables.guards,
      TRAFFIC_TABLE: tables.traffic,
      SECURITY_TABLE: tables.security,
      FINDINGS_BUS: 'findings',
      CODE_KEYS: JSON.stringify({ a: keys.code }),
      PSEUDONYM_KEY: keys.pseudonym,
      SEAL_KEY: keys.seal,
      PROOF_KEY: keys.proof,
      OPERATOR_ENDPOINT: 'http://127.0.0.1:9',
      ENDPOINT: url,
      APPLICATIONS: '{"default":["*"]}',
      DEAD_LETTER_BUCKET: 'dead-letters',
      DETECT_BURSTS_FUNCTION: 'detect-bursts',
      DETECTOR_MAPPING: 'mapping',
      ALARM_TOPIC: 'alarms',
      KEYS: '{}',
      EXPORT_BUCKET: 'exports',
      EXPORT_SIGNING_KEY: keys.exports,
      WEBHOOK_QUEUE: 'webhooks',
      WEBHOOK_DEAD_LETTERS: 'webhooks-dead',
      EVENT_LETTER_BUCKET: 'event-letters',
    },
    lastSms: async (to) => messages(to)[0]?.text ?? '',
    stop,
  };
};

/** One country, one text, and limits that no benchmark reaches. */
export const benchPolicy: Policy = {
  brand: 'Bench',
  audience: 'bench',
  runbookUrl: 'https://example.com/runbook',
  code: {
    digits: 6,
    duringCodeSpraying: { digits: 9, maxAttempts: 3 },
    lifetimeSeconds: 300,
    maxLifetimeSeconds: 600,
    maxAttempts: 5,
    afterWrongGuesses: [],
  },
  sends: {
    cooldownSeconds: [1],
    cooldownWindowSeconds: 600,
    windows: [{ name: 'day', windowSeconds: 86_400, sends: 10 }],
    maxIn24Hours: 30,
  },
  ips: {
    untrusted: { sends: 10_000, windowSeconds: 600 },
    trusted: { sends: 10_000, windowSeconds: 600 },
    trustedAfter: 1,
    countriesPerDay: 250,
  },
  caps: { hourUsd: 1_000_000, dayUsd: 1_000_000 },
  lowVolume: { verifications: 0, unverifiedSendsPerDay: 100_000 },
  bursts: defaultBursts,
  findingDays: 400,
  auditDays: 90,
  logRetentionDays: 30,
  testNumbers: [],
  proofLifetimeSeconds: 300,
  proofs: { algorithm: 'ES256' },
  sealing: 'per-record',
  countries: { DE: { priceUsd: 0.1, maxPriceUsd: 0.2, caps: { hourUsd: 1_000_000, dayUsd: 1_000_000 } } },
  purposes: ['verify-number'],
  origins: [],
  appHashes: [],
  templates: [{ purpose: 'verify-number', locale: 'en', text: '{{code}} is your {{brand}} code.' }],
  defaultLocale: 'en',
  smsRoutes: [{ name: 'sns', sender: 'sns', region: '' }],
  applications: { default: { kind: 'public' } },
};

type Call = { readonly id?: string; readonly body?: unknown; readonly run: number };

/** The event of API Gateway. The IP is of the range for benchmarks (RFC 2544). */
const eventFor = (name: RouteFunctionName, { id, body, run }: Call) => {
  const route = routes.find((found) => found.function === name);
  if (route === undefined) throw new Error(`${name} has no route.`);
  return {
    resource: route.path,
    path: route.path.replace('{id}', id ?? ''),
    httpMethod: route.method,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    pathParameters: id === undefined ? null : { id },
    body: body === undefined ? null : JSON.stringify(body),
    isBase64Encoded: false,
    requestContext: {
      requestId: `bench-${run}`,
      identity: { apiKeyId: 'bench', sourceIp: `198.18.${(run >> 8) & 255}.${run & 255}` },
    },
  };
};

/** The event of the stream for `detect-bursts`: a wrong guess was admitted. */
const guessedEvent = (run: number) => {
  const text = (value: string) => ({ S: value });
  const list = (...values: readonly string[]) => ({ L: values.map(text) });
  const [now, number] = [Date.now(), (value: number) => ({ N: String(value) })];
  const before = {
    pk: text(`bench-${run}`),
    kind: text('verification'),
    shape: number(1),
    code: text('right'),
    codeLength: number(6),
    hasTransaction: { BOOL: false },
    maxAttempts: number(5),
    sealed: text('ciphertext'),
    phoneKey: text(`phone-${run}`),
    range: text('49151230'),
    prefix: text('49151'),
    country: text('DE'),
    ip: text(`ip-${run}`),
    application: text('bench'),
    purpose: text('verify-number'),
    createdAt: number(now),
    sentAt: number(now),
    sendId: text(`send-${run}`),
    resendAt: number(now),
    expiresAt: number(Math.floor(now / 1000) + 300),
    latestExpiry: number(Math.floor(now / 1000) + 600),
    purgeAt: number(Math.floor(now / 1000) + 900),
    sends: number(1),
    delivery: text('accepted'),
    superseded: list(),
    resendNonces: list(),
    guesses: list(),
    nonces: list(),
  };
  const after = { ...before, guesses: list('wrong'), nonces: list('nonce'), guessedAt: number(now) };
  const dynamodb = { Keys: { pk: before.pk }, SequenceNumber: String(run), OldImage: before, NewImage: after };
  return { Records: [{ eventID: `bench-${run}`, eventName: 'MODIFY', eventSource: 'aws:dynamodb', dynamodb }] };
};

const hasCounted = (answer: unknown): boolean => {
  if (typeof answer !== 'object' || answer === null || !('batchItemFailures' in answer)) return false;
  return Array.isArray(answer.batchItemFailures) && answer.batchItemFailures.length === 0;
};

type Answer = { readonly statusCode: number; readonly body: string };

const answerOf = ({ answer }: FirstFlow): Answer => {
  if (typeof answer !== 'object' || answer === null || !('statusCode' in answer) || !('body' in answer))
    throw new Error(`A function answered ${JSON.stringify(answer)}.`);
  return { statusCode: Number(answer.statusCode), body: String(answer.body) };
};

/** Runs the first flows of the bundles in a folder. Each run has another number and must succeed. */
export const firstFlows = (stack: Stack, bundles: string) => {
  let run = 0;

  const call = (name: FunctionName, event: unknown): Promise<FirstFlow> => {
    const variables = functions[name].environment.map((variable) => [variable, stack.environment[variable]]);
    const env = { ...lambdaEnvironment(name, stack.endpoints), ...stack.more, ...Object.fromEntries(variables) };
    return firstFlow({ bundle: path.join(bundles, name, 'index.mjs'), env, event });
  };

  const ask = async (name: RouteFunctionName, made: Call): Promise<FirstFlow> => {
    const flow = await call(name, eventFor(name, made));
    const { statusCode, body } = answerOf(flow);
    if (statusCode >= 300) throw new Error(`${name} answered ${statusCode} ${body}`);
    return flow;
  };

  const detect = async (): Promise<FirstFlow> => {
    const flow = await call('detect-bursts', guessedEvent(run));
    if (!hasCounted(flow.answer)) throw new Error(`detect-bursts answered ${JSON.stringify(flow.answer)}`);
    return flow;
  };

  const request = async () => {
    // A range each, or the detector would take them for a burst.
    const phoneNumber = `+491512${String(3_000_000 + run * 10_007)}`;
    const flow = await ask('request-verification', { run, body: { phoneNumber } });
    const { id }: { readonly id: string } = JSON.parse(answerOf(flow).body);
    return { flow, id, code: /\d{6}/.exec(await stack.lastSms(phoneNumber))?.[0] ?? '' };
  };

  /** Waits out the cooldown of the policy. */
  const cooldown = () => new Promise((resolve) => setTimeout(resolve, 1100));

  return async (name: BenchedName): Promise<FirstFlow> => {
    run += 1;
    if (name === 'detect-bursts') return detect();
    if (name === 'jwks') return ask(name, { run });
    const { flow, id, code } = await request();
    if (name === 'request-verification') return flow;
    if (name === 'check-verification') return ask(name, { run, id, body: { code } });
    if (name === 'resend-verification') await cooldown();
    return ask(name, { run, id });
  };
};
