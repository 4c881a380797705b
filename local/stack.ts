import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AnyFunctionName, EnvironmentName, TableName } from '../lambdas/contract.ts';
import {
  alarmPrefixOf,
  keys as keyFacts,
  localStackName,
  proofAlgorithms,
  replayAlias,
  tables as tableFacts,
} from '../lambdas/contract.ts';
import { type CloudWatch, startCloudWatch } from './aws/alarms/cloudwatch.ts';
import { createTopic, type Topic } from './aws/alarms/topic.ts';
import { type CallDynamo, keysOf, startDynamo, tableNames } from './aws/dynamo.ts';
import { type BusEvent, type EventBridge, startEventBridge } from './aws/eventbridge.ts';
import { startExpirySweeper } from './aws/expiry.ts';
import { type Feed, feedsOf } from './aws/feeds.ts';
import { type Kms, type KmsKey, startKms } from './aws/kms.ts';
import { createMappingSwitch, localMapping, type MappingSwitch, startLambdaApi } from './aws/lambda.ts';
import type { StreamRecord } from './aws/mapping.ts';
import { type Bucket, startS3 } from './aws/s3.ts';
import { startSchedule } from './aws/schedule.ts';
import { type Secrets, startSecrets } from './aws/secrets/secrets.ts';
import { accountOwning } from './aws/sms-voice/owned.ts';
import { feedReceipts } from './aws/sms-voice/receipt-feed.ts';
import { type SmsVoice, startSmsVoice } from './aws/sms-voice/sms-voice.ts';
import { type SmsMessage, type Sns, startSns } from './aws/sns.ts';
import { type Sqs, startSqs } from './aws/sqs/sqs.ts';
import { createWebhookQueues, type WebhookQueues } from './aws/sqs/webhook-queues.ts';
import { applicationsOf, type BundledPolicy, bundledPolicy, fedEventsOf, settingsOf } from './bundled-policy.ts';
import type { Carrier } from './carrier/carrier.ts';
import { asksProviders, startProviders } from './carrier/providers.ts';
import { type Clock, createClock } from './clock.ts';
import {
  type AwsEndpoints,
  type Functions,
  type Invocation,
  type LogLine,
  requireBundles,
  startFunctions,
} from './functions/functions.ts';
import type { Controls, Facts } from './http/control.ts';
import { endpointOf, gatewayServerOptions, type RequestLine, serveGateway } from './http/gateway.ts';
import type { LocalKey } from './http/gateway-event.ts';
import { type Loopback, listenOnLoopback } from './http/loopback.ts';
import { operatorEndpointOf } from './http/operators.ts';
import { mergeInboxes } from './inbox.ts';
import { createMails, type Mail } from './mails/mails.ts';
import { heldBlocks } from './refusals/blocks.ts';
import { explain } from './refusals/explain.ts';
import { createRefusalLedger, type Refusal, type RefusalLedger } from './refusals/ledger.ts';
import { createGate, type Gate } from './state/gate.ts';
import { resetState, type StatefulParts } from './state/reset.ts';
import { startStreamReaders } from './state/stream-readers.ts';
import { createTraffic } from './traffic/traffic.ts';

export type LocalStackOptions = {
  /** Port of the API; 0, the default, takes a free one. */
  readonly port?: number;
  /** Name of the stage, with which every path of the API begins, as under API Gateway's own domain; none by default. */
  readonly stage?: string | undefined;
  /** Folder that `bundle/bundle.ts` wrote. */
  readonly bundles: string;
  /** Of the first application; `local` by default. The others add a hyphen and their name. */
  readonly apiKey?: string;
  /** Writes nothing to the terminal. */
  readonly quiet?: boolean;
  /**
   * The endpoints of AWS, in place of the stand-ins.
   *
   * - A URL: the functions and the stack use it, and no stand-in starts. A KMS must have `localKeys`.
   * - A function: it gets the URL of the stand-in and returns the one that the functions use, such as a proxy's.
   */
  readonly endpoints?: {
    readonly [service in keyof AwsEndpoints]?: string | ((url: string) => string | Promise<string>);
  };
  /** Further readers of the streams; each gets all records. */
  readonly streamConsumers?: readonly Feed[];
  /** Whether the streams feed their functions; true by default. */
  readonly feedStreamFunctions?: boolean;
  /** Whether each fifth batch comes twice, as any batch may on AWS; true by default. A test that counts calls turns it off. */
  readonly repeatBatches?: boolean;
  /** Whether the machine's clock calls the functions that have a schedule. If not, only `strike` does. */
  readonly runSchedule?: boolean;
  /** Whether the policy of the bundles has limits; true by default. It is only told on, as a fact. */
  readonly limits?: boolean;
};

export type LocalStack = {
  /** The endpoint: the base URL of the API, with the stage if there is one. */
  readonly url: string;
  /** The base URL of the API of operators. */
  readonly operatorUrl: string;
  /** The root of the server, where the page and `/_local/…` are. */
  readonly origin: string;
  readonly apiKey: string;
  /** The API key of each application. */
  readonly apiKeys: Readonly<Record<string, string>>;
  /** The endpoints that the functions use. */
  readonly endpoints: AwsEndpoints;
  /** Real names of the tables. */
  readonly tables: Readonly<Record<TableName, string>>;
  /** ARN of each key. */
  readonly keys: Readonly<Record<keyof typeof keyFacts, string>>;
  /** The inbox of the simulated network, newest first; of one number, if given. */
  readonly messages: (to?: string) => readonly SmsMessage[];
  readonly clock: Clock;
  /** Switches of the stand-ins that this stack started; `undefined` if an endpoint was given. */
  readonly faults: {
    readonly sns: Sns | undefined;
    readonly smsVoice: SmsVoice | undefined;
    readonly kms: Kms | undefined;
    readonly eventbridge: EventBridge | undefined;
    readonly cloudwatch: CloudWatch | undefined;
    /** `undefined` if the settings ask no provider about SIMs. */
    readonly carrier: Carrier | undefined;
    readonly sqs: Sqs | undefined;
    readonly secrets: Secrets | undefined;
  };
  /** The queue of events for webhooks, and that of its dead letters. */
  readonly queues: Pick<WebhookQueues, 'waiting' | 'deadLetters'>;
  /** The topic of alarms. */
  readonly topic: Topic;
  /** The event source mapping of the detector. While it is disabled, the stream waits. */
  readonly mapping: MappingSwitch;
  /** The bucket of dead letters; `undefined` if an endpoint was given. */
  readonly deadLetters: Bucket | undefined;
  /** The bucket of records that became no event; `undefined` if an endpoint was given. */
  readonly eventLetters: Bucket | undefined;
  /** The bucket of exports; `undefined` if an endpoint was given. */
  readonly exports: Bucket | undefined;
  /** Returns when no function runs that another one has called, and none waits for another try. */
  readonly continued: () => Promise<void>;
  /**
   * Returns when the readers of the streams are done with all that was written before, or after a minute, and when no message
   * waits for its webhook that is due now.
   */
  readonly workedOff: () => Promise<void>;
  /** The webhooks of the settings, with the text of their secrets as it is now. */
  readonly webhooks: () => readonly { readonly application: string; readonly url: string; readonly secret: string }[];
  /** The events on the bus of findings, newest first. */
  readonly events: () => readonly BusEvent[];
  /** The mails that findings became, newest first. */
  readonly mails: () => readonly Mail[];
  /** Calls the functions that have a schedule, now. */
  readonly strike: () => Promise<void>;
  /** Calls DynamoDB directly, without the proxies of `endpoints`. */
  readonly callDynamo: CallDynamo;
  /** Calls a function as staff do with the AWS CLI, or by an alias. */
  readonly invoke: (name: AnyFunctionName, event: object, alias?: string) => Promise<Invocation>;
  /** Deletes expired items now, as DynamoDB may. By itself local mode does so after two days. */
  readonly sweepExpired: () => Promise<void>;
  readonly logs: () => readonly LogLine[];
  /** The latest refusals with their reasons, newest first; of one request, if given. */
  readonly refusals: RefusalLedger['list'];
  /** Makes everything as it is after a start, except the keys. */
  readonly reset: () => Promise<void>;
  /** Ends everything. May be called twice. */
  readonly stop: () => Promise<void>;
};

const arn = (id: string) => `arn:aws:kms:us-east-1:000000000000:key/${id}`;

/** The keys of every local stack. Their names stay the same; their material is new at each start. */
export const localKeys = {
  code: { arn: arn('c0de0000-0000-4000-8000-000000000001'), ...keyFacts.code },
  pseudonym: { arn: arn('c0de0000-0000-4000-8000-000000000002'), ...keyFacts.pseudonym },
  seal: { arn: arn('c0de0000-0000-4000-8000-000000000003'), ...keyFacts.seal },
  hourlySeal: { arn: arn('c0de0000-0000-4000-8000-00000000000d'), ...keyFacts.hourlySeal },
  proof: { arn: arn('c0de0000-0000-4000-8000-000000000004'), ...keyFacts.proof },
  exports: { arn: arn('c0de0000-0000-4000-8000-00000000000b'), ...keyFacts.exports },
} as const satisfies Record<keyof typeof keyFacts, KmsKey>;

/** In place of `localKeys.proof`, if the settings sign proofs with RS256. */
export const localRs256Key = {
  arn: arn('c0de0000-0000-4000-8000-00000000000e'),
  ...keyFacts.proof,
  spec: proofAlgorithms.RS256.spec,
} as const satisfies KmsKey;

const symmetric = { spec: 'SYMMETRIC_DEFAULT', usage: 'ENCRYPT_DECRYPT' } as const;

/** The keys that AWS uses on behalf of a stack, at rest and on the way. Here nothing is encrypted with them. */
export const localKeysOfAws = {
  TableKey: { arn: arn('c0de0000-0000-4000-8000-000000000005'), ...symmetric },
  SecurityKey: { arn: arn('c0de0000-0000-4000-8000-000000000006'), ...symmetric },
  LogKey: { arn: arn('c0de0000-0000-4000-8000-000000000007'), ...symmetric },
  DeadLetterKey: { arn: arn('c0de0000-0000-4000-8000-000000000008'), ...symmetric },
  AlarmKey: { arn: arn('c0de0000-0000-4000-8000-000000000009'), ...symmetric },
  ExportKey: { arn: arn('c0de0000-0000-4000-8000-00000000000c'), ...symmetric },
} as const satisfies Record<string, KmsKey>;

/** The keys that the settings of the bundles ask for. */
const keysOfPolicy = ({ proofs, sealing }: BundledPolicy) => ({
  ...localKeys,
  proof: proofs?.algorithm === 'RS256' ? localRs256Key : localKeys.proof,
  isHourly: sealing === 'hourly',
});
type PolicyKeys = ReturnType<typeof keysOfPolicy>;

/** The same by the names of a deployment, with those of AWS. */
const namedKeysOf = ({ code, pseudonym, seal, hourlySeal, proof, exports, isHourly }: PolicyKeys) =>
  ({
    'CodeKey(a)': code,
    PseudonymKey: pseudonym,
    SealKey: seal,
    ...(isHourly ? { HourlySealKey: hourlySeal } : {}),
    ProofKey: proof,
    ExportSigningKey: exports,
    ...localKeysOfAws,
  }) satisfies Record<string, KmsKey>;

/** The topic of alarms of every local stack. */
export const localTopic = 'arn:aws:sns:us-east-1:000000000000:alarms';

/** The bus of findings of every local stack. */
export const localBus = 'otp-findings';

/**
 * Starts the whole service on this machine: the API, the functions, and stand-ins for the AWS services that they use.
 * Nothing leaves 127.0.0.1, and nothing stays after `stop`.
 */
export const startLocalStack = async (options: LocalStackOptions): Promise<LocalStack> => {
  const stops: (() => Promise<void>)[] = [];
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= stopAll(stops);
    return stopping;
  };
  try {
    return { ...(await assemble(options, (end) => stops.push(end))), stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** Ends in the reverse order of the start. A part that fails to end keeps no other from ending. */
const stopAll = async (stops: readonly (() => Promise<void>)[]) => {
  const failures: unknown[] = [];
  for (const stop of [...stops].reverse()) await stop().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw new AggregateError(failures, 'Not everything of the local stack could be ended.');
};

type AtStop = (stop: () => Promise<void>) => void;

const assemble = async (options: LocalStackOptions, atStop: AtStop): Promise<Omit<LocalStack, 'stop'>> => {
  const { port = 0, stage, bundles, apiKey = 'local', quiet = false, endpoints = {}, limits = true } = options;
  const clock = createClock();
  requireBundles(bundles);
  const keys = keysOfApplications(await applicationsOf(bundles), apiKey);
  const policy = await bundledPolicy(bundles);
  const policyKeys = keysOfPolicy(policy);
  // First: a busy port is the likeliest failure.
  const loopback = await listenOnLoopback(port, gatewayServerOptions);
  atStop(loopback.stop);
  const [url, early] = [endpointOf(loopback, stage), keepEarly(loopback)];
  const aws = await startAws({ given: endpoints, policy, policyKeys, clock, page: `${loopback.url}/`, quiet, atStop });
  const messages = inboxOf(aws);
  const { events = () => [] } = aws.eventbridge ?? {};
  const { refusals, functions } = startHeard({
    ...{ bundles, quiet, url, keys, policyKeys, clock, aws, events },
    operatorUrl: operatorEndpointOf(loopback),
  });
  atStop(functions.stop);
  const gate = createGate();
  const invoke: Functions['invoke'] = (...call) => gate.pass(() => functions.invoke(...call));
  const triggers = await startTriggers({ options, aws, functions, gate, clock, atStop, policy });
  const { strike, strikeFirst, sweepExpired, readers, workedOff } = triggers;
  const { call, tables } = aws.dynamo;
  const { sns, smsVoice, kms, eventbridge, cloudwatch, sqs, secrets, topic, buckets, lambda, mapping, mails, queues } =
    aws;
  const { controls, reset } = openControls({
    ...{ gate, functions, readers, refusals, clock, aws, url, apiKey, messages, events },
    ...{ strike, strikeFirst, facts: () => factsOf(bundles, keys, limits), atStop },
  });
  serveGateway({
    loopback,
    stage,
    keys,
    early: early.stopKeeping(),
    invoke,
    ...settingsOf(bundles),
    bundles,
    controls,
    onAnswer: refusals.note,
    ...(quiet ? {} : { onRequest: printRequest }),
  });
  return {
    ...{ url, operatorUrl: operatorEndpointOf(loopback), origin: loopback.url },
    apiKey,
    apiKeys: valuesOf(keys),
    ...{ endpoints: aws.endpoints, tables, keys: aws.keys, messages, clock, topic, mapping },
    faults: { sns, smsVoice, kms, eventbridge, cloudwatch, sqs, secrets, carrier: aws.carrier },
    ...{ ...buckets, queues, events, mails: mails.list },
    webhooks: () => shownWebhooks(policy, secrets),
    continued: async () => await lambda?.settled(),
    ...{ workedOff, strike },
    callDynamo: call,
    invoke: (name, event, alias) => invoke(name, event, randomUUID(), alias),
    sweepExpired,
    logs: functions.logs,
    refusals: refusals.list,
    reset,
  };
};

/** How long a play waits for the detector. */
const settlePatienceMs = 10_000;

type ControlsSetup = Pick<StatefulParts, 'gate' | 'functions' | 'readers' | 'clock'> &
  Pick<Controls, 'apiKey' | 'messages' | 'events' | 'strike' | 'facts'> & {
    readonly aws: Aws;
    readonly url: string;
    readonly refusals: RefusalLedger;
    readonly clock: Clock;
    readonly atStop: AtStop;
    readonly strikeFirst: () => void;
  };

/** The controls of the page, with the plays and the reset behind them. */
const openControls = (setup: ControlsSetup) => {
  const { aws, url, atStop, gate, functions, readers, refusals, strikeFirst, ...rest } = setup;
  const { call, tables } = aws.dynamo;
  const { sns, smsVoice, kms, eventbridge, cloudwatch, sqs, secrets, topic, buckets, lambda, mapping, mails } = aws;
  const { carrier } = aws;
  const doubles = {
    sns,
    smsVoice,
    kms,
    eventbridge,
    cloudwatch,
    sqs,
    secrets,
    carrier,
    topic,
    buckets,
    lambda,
    mapping,
    mails,
  };
  const parts = { ...doubles, gate, functions, readers, call, tables, refusals, clock: rest.clock };
  const settle = async () => (mapping.isEnabled() ? await readers.settled(settlePatienceMs) : undefined);
  const traffic = createTraffic({ ...rest, url, settle });
  atStop(traffic.clear);
  const reset = async () => {
    // Before the gate closes: a play may be waiting behind it.
    await traffic.clear();
    await resetState(parts);
    strikeFirst();
  };
  return { reset, controls: controlsOf({ ...rest, aws, mails: mails.list, refusals, reset, traffic }) };
};

type HeardSetup = {
  readonly bundles: string;
  readonly quiet: boolean;
  readonly url: string;
  readonly operatorUrl: string;
  readonly keys: readonly ApplicationKey[];
  readonly policyKeys: PolicyKeys;
  readonly clock: Clock;
  readonly aws: Aws;
  readonly events: () => readonly BusEvent[];
};

/** Starts the functions, and the list of refusals, which reads their logs. */
const startHeard = ({ url, operatorUrl, ...setup }: HeardSetup) => {
  const { bundles, quiet, keys, policyKeys, clock, aws } = setup;
  const refusals = startLedger(setup);
  const functions = startFunctions({
    bundles,
    environment: {
      ...environmentOf(aws.dynamo.tables, { url, operatorUrl }, keys, policyKeys),
      ...aws.queues.environmentOf(aws.endpoints.sqs),
    },
    hourlySealKey: policyKeys.isHourly ? policyKeys.hourlySeal.arn : undefined,
    endpoints: aws.endpoints,
    carrier: aws.carrier?.url,
    clock,
    onLog: tellAll(refusals.hear, ...(quiet ? [] : [printTrouble])),
  });
  return { refusals, functions };
};

const tellAll =
  <Told>(...listeners: readonly ((told: Told) => void)[]) =>
  (told: Told): void => {
    for (const listener of listeners) listener(told);
  };

type Aws = Awaited<ReturnType<typeof startAws>>;

/** The inbox of the simulated network, whoever handed it the messages. */
const inboxOf =
  ({ sns, smsVoice }: Aws): LocalStack['messages'] =>
  (to) =>
    mergeInboxes(sns?.messages(to) ?? [], smsVoice?.messages(to) ?? []);

const controlsOf = ({
  aws,
  refusals,
  ...rest
}: Pick<Controls, 'apiKey' | 'clock' | 'messages' | 'events' | 'mails' | 'strike' | 'reset' | 'facts' | 'traffic'> & {
  aws: Aws;
  refusals: RefusalLedger;
}): Controls => ({
  ...rest,
  mapping: aws.mapping,
  topic: aws.topic,
  setKeyState: (name, state) => aws.kms?.setState(aws.keys[name], state) ?? false,
  fail: (mode, options) => aws.sns?.fail(mode, options),
  clearFaults: () => {
    aws.sns?.clearFaults();
    aws.smsVoice?.clearFaults();
  },
  smsVoice: aws.smsVoice,
  carrier: aws.carrier,
  refusals: refusals.list,
});

/** What the page and client apps may know of this instance. */
const factsOf = async (bundles: string, keys: readonly ApplicationKey[], limits: boolean): Promise<Facts> => {
  const policy = await bundledPolicy(bundles);
  const { countries, applications, purposes = [], receipts, voice } = policy;
  return {
    limits,
    receipts: receipts !== undefined,
    numberRisk: asksProviders(policy),
    ...(voice === undefined ? {} : { voice: { countries: Object.keys(voice.countries ?? {}) } }),
    countries: Object.keys(countries),
    purposes,
    applications: keys.map(({ application: name, value: apiKey }) => {
      const { kind = 'public', purposes: own = purposes } = applications[name] ?? {};
      return { name, kind, apiKey, purposes: own };
    }),
  };
};

const startLedger = ({
  bundles,
  quiet,
  keys,
  clock,
  aws,
  events,
}: Omit<HeardSetup, 'url' | 'operatorUrl'>): RefusalLedger =>
  createRefusalLedger({
    now: clock.now,
    explain: async (call, { limit, country }) => {
      const level = /^block-(.+)$/.exec(limit ?? '')?.[1];
      const source = { call: aws.dynamo.call, guards: aws.dynamo.tables.guards, events };
      const blocks = level === undefined ? [] : await heldBlocks(source, level, call.nowMs);
      return explain({ ...call, limit, country, policy: await bundledPolicy(bundles), blocks, keys });
    },
    ...(quiet ? {} : { onRefusal: printRefusal }),
  });

/** Keeps the requests that come before the gateway serves. */
const keepEarly = ({ server }: Loopback) => {
  const early: [IncomingMessage, ServerResponse][] = [];
  const keep = (request: IncomingMessage, response: ServerResponse) => void early.push([request, response]);
  server.on('request', keep);
  return {
    stopKeeping: () => {
      server.off('request', keep);
      return early;
    },
  };
};

/** Starts the triggers of the functions, besides the API: schedule, streams and TTL. */
const startTriggers = async ({
  options: {
    quiet = false,
    streamConsumers = [],
    feedStreamFunctions = true,
    repeatBatches = true,
    runSchedule = false,
  },
  aws,
  functions,
  gate,
  clock,
  atStop,
  policy,
}: {
  options: LocalStackOptions;
  aws: Aws;
  functions: Functions;
  gate: Gate;
  clock: Clock;
  atStop: AtStop;
  policy: BundledPolicy;
}) => {
  const onTrouble = quiet ? () => {} : console.error;
  const { receipts: { sources } = { sources: [] } } = policy;
  const scheduled: Functions['invoke'] = (...call) => gate.pass(() => functions.invoke(...call));
  aws.lambda?.join(scheduled);
  aws.smsVoice?.join(feedReceipts({ sources, invoke: scheduled, onTrouble }));
  const schedule = startSchedule({ invoke: scheduled, now: clock.now, isRunning: runSchedule, onTrouble });
  // A batch that waited for the gate would keep its reader from pausing.
  const fed: Functions['invoke'] = async (...call) =>
    gate.isOpen()
      ? await gate.pass(() => functions.invoke(...call))
      : { kind: 'failed', reason: 'Local mode is reset.' };
  const repeatEvery = repeatBatches ? 5 : undefined;
  const stamped = stampedBy(clock, aws.cloudwatch, fed);
  const feeds = feedStreamFunctions
    ? feedsOf(stamped, onTrouble, repeatEvery, aws.mapping.isEnabled, fedEventsOf(policy))
    : [];
  const { call, tables } = aws.dynamo;
  const sweeper = startExpirySweeper({
    call,
    now: clock.now,
    tables: tableNames.map((table) => expiring(table, tables[table])),
  });
  atStop(sweeper.stop);
  const readers = await startStreamReaders({ call, tables, clock, consumers: [...streamConsumers, ...feeds] });
  atStop(readers.stop);
  const deliveries = aws.queues.feed({ invoke: fed, repeatEvery });
  if (deliveries !== undefined) atStop(deliveries.stop);
  // The functions end before the streams. Else the end would wait for a batch that a function works on.
  atStop(functions.stop);
  // The schedule ends before the functions: one that the end interrupts did not fail.
  atStop(schedule.stop);
  const { strike, strikeFirst } = schedule;
  strikeFirst();
  const workedOff = async () => {
    await readers.settled(60_000);
    await deliveries?.settled();
  };
  return { strike, strikeFirst, sweepExpired: () => sweeper.sweep(0), readers, workedOff };
};

/**
 * Gives stream records the time that the functions saw when they were written, and tells CloudWatch how old the last record of
 * each batch is: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 */
const stampedBy =
  (clock: Clock, cloudwatch: CloudWatch | undefined, invoke: Functions['invoke']): Functions['invoke'] =>
  (name, event, ...rest) => {
    const { Records = [] } = event as { readonly Records?: readonly StreamRecord[] };
    const stamped = Records.map((record) => ({
      ...record,
      dynamodb: {
        ...record.dynamodb,
        ApproximateCreationDateTime: Math.floor(
          clock.seenAt(record.dynamodb.ApproximateCreationDateTime * 1000) / 1000,
        ),
      },
    }));
    const last = stamped.at(-1)?.dynamodb.ApproximateCreationDateTime;
    if (last !== undefined)
      cloudwatch?.put({
        namespace: 'AWS/Lambda',
        metric: 'IteratorAge',
        dimensions: { FunctionName: name },
        value: Math.max(0, clock.now() - last * 1000),
      });
    return invoke(name, { ...event, Records: stamped }, ...rest);
  };

const arnsOf = ({ code, pseudonym, seal, hourlySeal, proof, exports }: PolicyKeys): LocalStack['keys'] => ({
  code: code.arn,
  pseudonym: pseudonym.arn,
  seal: seal.arn,
  hourlySeal: hourlySeal.arn,
  proof: proof.arn,
  exports: exports.arn,
});

type ApplicationKey = LocalKey & { readonly application: string };

const keysOfApplications = (names: readonly string[], first: string): readonly ApplicationKey[] =>
  names.map((application, index) => ({
    application,
    id: `local-${application}`,
    value: index === 0 ? first : `${first}-${application}`,
  }));

const valuesOf = (keys: readonly ApplicationKey[]): Readonly<Record<string, string>> =>
  Object.fromEntries(keys.map(({ application, value }) => [application, value]));

const environmentOf = (
  tables: Readonly<Record<TableName, string>>,
  { url, operatorUrl }: Pick<HeardSetup, 'url' | 'operatorUrl'>,
  keys: readonly ApplicationKey[],
  policyKeys: PolicyKeys,
): Record<Exclude<EnvironmentName, keyof ReturnType<WebhookQueues['environmentOf']>>, string> => ({
  VERIFICATIONS_TABLE: tables.verifications,
  GUARDS_TABLE: tables.guards,
  TRAFFIC_TABLE: tables.traffic,
  SECURITY_TABLE: tables.security,
  FINDINGS_BUS: localBus,
  CODE_KEYS: JSON.stringify({ a: localKeys.code.arn }),
  PSEUDONYM_KEY: localKeys.pseudonym.arn,
  SEAL_KEY: localKeys.seal.arn,
  PROOF_KEY: policyKeys.proof.arn,
  ENDPOINT: url,
  OPERATOR_ENDPOINT: operatorUrl,
  APPLICATIONS: JSON.stringify(Object.fromEntries(keys.map(({ application, id }) => [application, [id]]))),
  DEAD_LETTER_BUCKET: deadLetterBucket,
  DETECT_BURSTS_FUNCTION: `detect-bursts:${replayAlias}`,
  DETECTOR_MAPPING: localMapping,
  ALARM_TOPIC: localTopic,
  KEYS: JSON.stringify(
    Object.fromEntries(Object.entries(namedKeysOf(policyKeys)).map(([name, key]) => [name, key.arn])),
  ),
  EXPORT_BUCKET: exportBucket,
  EXPORT_SIGNING_KEY: localKeys.exports.arn,
  EVENT_LETTER_BUCKET: eventLetterBucket,
});

/** The bucket of dead letters of every local stack. */
export const deadLetterBucket = 'dead-letters';
/** The bucket of records that became no event, of every local stack. */
export const eventLetterBucket = 'event-letters';
/** The bucket of exports of every local stack. */
export const exportBucket = 'exports';

type AwsSetup = {
  readonly given: NonNullable<LocalStackOptions['endpoints']>;
  readonly policy: BundledPolicy;
  readonly policyKeys: PolicyKeys;
  readonly clock: Clock;
  /** Shows what the dashboard of a deployment does. */
  readonly page: string;
  readonly quiet: boolean;
  readonly atStop: AtStop;
};

const startAws = async ({ given, policy, policyKeys, clock, page, quiet, atStop }: AwsSetup) => {
  const mails = createMails(page, quiet ? undefined : printMail);
  const queues = createWebhookQueues(policy, clock.now);
  /** The stand-in of a service, unless its endpoint is given. */
  const own = async <Service extends { readonly stop: () => Promise<void> }>(
    name: keyof AwsEndpoints,
    start: () => Promise<Service>,
  ): Promise<Service | undefined> => {
    if (typeof given[name] === 'string') return undefined;
    const service = await start();
    atStop(service.stop);
    return service;
  };
  const kms = await own('kms', () => startKms({ keys: Object.values(namedKeysOf(policyKeys)) }));
  const topic = createTopic(localTopic);
  const sns = await own('sns', () => startSns({ now: clock.now, topic }));
  const smsVoice = await own('smsVoice', () => startMessaging({ policy, clock, quiet }));
  const onEvent = tellAll(mails.take, queues.take);
  const eventbridge = await own('eventbridge', () => startEventBridge({ bus: localBus, now: clock.now, onEvent }));
  const sqs = await own('sqs', () => startSqs({ queues: queues.all }));
  const secrets = await own('secretsManager', () => openSecrets({ policy, clock }));
  const s3 = await own('s3', () => startS3());
  const mapping = createMappingSwitch();
  const lambda = await own('lambda', () => startLambdaApi(mapping));
  const alarmPrefix = alarmPrefixOf(localStackName);
  const cloudwatch = await own('cloudwatch', () => startCloudWatch({ alarmPrefix, now: clock.now }));
  const carrier = await startProviders(policy, clock, secrets);
  if (carrier !== undefined) atStop(carrier.stop);
  const dynamo = await startDynamo(typeof given.dynamodb === 'string' ? { endpoint: given.dynamodb } : {});
  atStop(dynamo.stop);
  return {
    kms,
    keys: arnsOf(policyKeys),
    ...{ sns, smsVoice, eventbridge, sqs, secrets, queues },
    buckets: {
      deadLetters: s3?.open({ bucket: deadLetterBucket }),
      eventLetters: s3?.open({ bucket: eventLetterBucket }),
      exports: s3?.open({ bucket: exportBucket, isWriteOnce: true }),
    },
    lambda,
    dynamo,
    mapping,
    mails,
    topic,
    cloudwatch,
    carrier,
    endpoints: {
      dynamodb: await through(given.dynamodb, dynamo.url),
      kms: await through(given.kms, kms?.url),
      sns: await through(given.sns, sns?.url),
      smsVoice: await through(given.smsVoice, smsVoice?.url),
      s3: await through(given.s3, s3?.url),
      lambda: await through(given.lambda, lambda?.url),
      eventbridge: await through(given.eventbridge, eventbridge?.url),
      cloudwatch: await through(given.cloudwatch, cloudwatch?.url),
      sqs: await through(given.sqs, sqs?.url),
      secretsManager: await through(given.secretsManager, secrets?.url),
    },
  };
};

const shownWebhooks = ({ events }: BundledPolicy, secrets: Secrets | undefined) =>
  (events?.webhooks ?? []).map(({ application, url, secret }) => ({
    application,
    url,
    secret: secrets?.get(secret) ?? '',
  }));

/** Each secret that the settings name, with a value that is new at each start. */
const openSecrets = ({ policy, clock }: Pick<AwsSetup, 'policy' | 'clock'>): Promise<Secrets> => {
  const ofWebhooks = policy.events?.webhooks.map(({ secret }) => secret) ?? [];
  const made = () => `whsec_${randomBytes(32).toString('base64')}`;
  return startSecrets({ secrets: Object.fromEntries(ofWebhooks.map((arn) => [arn, made()])), now: clock.now });
};

const startMessaging = ({ policy, clock, quiet }: Pick<AwsSetup, 'policy' | 'clock' | 'quiet'>): Promise<SmsVoice> =>
  startSmsVoice({
    now: clock.now,
    account: accountOwning(policy),
    areReceiptsPrompt: true,
    onTrouble: quiet ? () => {} : console.error,
  });

const through = async (
  given: string | ((url: string) => string | Promise<string>) | undefined,
  own: string | undefined,
): Promise<string> => {
  if (typeof given === 'string') return given;
  if (own === undefined) throw new Error('An endpoint is neither given nor started.');
  return given === undefined ? own : await given(own);
};

const expiring = (table: TableName, name: string) => ({
  name,
  keys: keysOf(table),
  attribute: tableFacts[table].timeToLiveAttribute,
});

const printRequest = ({ at, method, path, status, problem, ms }: RequestLine) =>
  console.log(
    `${at.slice(11, 19)} ${method.padEnd(6)} ${path} ${status}${problem === undefined ? '' : ` ${problem}`} ${ms} ms`,
  );

/** What the API may not tell its callers. */
const printRefusal = ({ code, why, until, lift }: Refusal) => {
  console.log(`  ${code}: ${why}${until === undefined ? '' : ` Until ${until}.`}`);
  if (lift !== undefined) console.log(`    ${lift}`);
};

/** The first line says what happens. The whole mail is at `/_local/mails`. */
const printMail = ({ text }: Mail) => console.log(`  Mail to staff: ${text.split('\n')[0]}`);

/** Functions log JSON lines. The terminal gets the errors, and lines that are not JSON, such as those of a debugger. */
const printTrouble = ({ function: name, stream, line }: LogLine) => {
  if (stream === 'stderr' || isWorthShowing(line)) console.error(`  ${name satisfies AnyFunctionName}: ${line}`);
  const [, endUserIp] = /"endUserIp":\s*"(private|missing)"/.exec(line) ?? [];
  if (endUserIp !== undefined) console.log(`  ${endUserIpTexts[endUserIp]}`);
};

/** What the API does not tell a back end. The request counts as one without an IP of its end user. */
const endUserIpTexts: Readonly<Record<string, string>> = {
  private: 'endUser.ipAddress is a private or loopback IP, as a first call from this machine has. It does not count.',
  missing: 'The back end sent no endUser.ipAddress. Limits per IP do not hold for its end users.',
};

const isWorthShowing = (line: string) => !line.startsWith('{') || /"level":\s*"(ERROR|CRITICAL)"/.test(line);
