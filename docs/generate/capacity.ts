/** Quotas and cost for `docs/capacity.md`, calculated from the calls of each flow. */

import { applicationMetrics, exportFacts, functions, metrics } from '../../lambdas/contract.ts';
import { type Calls, callsOf, type Flow } from './calls.ts';

/** How often each flow happens. */
type Mix = Readonly<Partial<Record<Flow, number>>>;

/** The flows of one SMS: its request, the right code, and every second time a wrong one before. */
export const perSend: Mix = { request: 1, 'check, right': 1, 'check, wrong': 0.5 };
/** The flows of one verification that succeeds. */
export const perVerification: Mix = { request: 1, 'check, right': 1 };

/** Assumed, not measured on AWS: most of a request is the wait for SNS. */
export const assumed = { requestSeconds: 0.3, checkSeconds: 0.15, streamSeconds: 0.05, logKilobytes: 2.5 };

const symmetric = ({ kms: { GenerateMac = 0, Encrypt = 0, Decrypt = 0 } }: Calls): number =>
  GenerateMac + Encrypt + Decrypt;

const sum = (mix: Mix, amountOf: (calls: Calls, flow: Flow) => number): number =>
  (Object.keys(callsOf) as readonly Flow[]).reduce(
    (total, flow) => total + (mix[flow] ?? 0) * amountOf(callsOf[flow], flow),
    0,
  );

const isSend = (flow: Flow): boolean => callsOf[flow].sms > 0;

/** Seconds of functions, which is how many run at once if the mix happens once a second. */
const functionSeconds = (mix: Mix): number =>
  sum(
    mix,
    ({ streamRecords }, flow) =>
      (isSend(flow) ? assumed.requestSeconds : assumed.checkSeconds) + streamRecords * assumed.streamSeconds,
  );

export type Quota = {
  readonly name: string;
  readonly perSend: number;
  /** What a Region gives by default, as AWS documents it. */
  readonly byDefault: string;
  /** The least that a Region or our own setting gives. */
  readonly min: number;
  readonly raise: string;
};

/** Share of a DynamoDB partition that one send a second takes: it writes and reads the total cap's counter. */
const counterShare = 1 / 1000 + 1 / 3000;
/** No quota lifts this: one item is on one partition. */
export const maxSendsPerSecond = Math.floor(1 / counterShare);

const counter = 'writes and reads of the total cap’s counter, as share of a partition (1,000 or 3,000 a second)';

/** The use per second for each SMS per second, the default quota, and how to get more. */
export const quotas = (): readonly Quota[] => [
  {
    name: 'SMS per second',
    perSend: sum(perSend, ({ sms }) => sms),
    byDefault: 'about 20 for the account; 3 for a US toll-free number, 100 for a US short code',
    min: 20,
    raise: 'AWS Support (End User Messaging); more numbers, or other kinds of them',
  },
  {
    name: 'requests to the API',
    perSend: sum(perSend, ({ api }) => api),
    byDefault: '20 by our own setting; 10,000 for the account',
    min: 20,
    raise: '`throttle` in the settings; above that API Gateway’s account throttle',
  },
  {
    name: 'functions at once',
    perSend: functionSeconds(perSend),
    byDefault: '1,000; new accounts start with fewer, often 10',
    min: 10,
    raise: 'Lambda, “Concurrent executions”',
  },
  {
    name: 'KMS, symmetric and HMAC keys',
    perSend: sum(perSend, symmetric),
    byDefault: '10,000; 20,000 or 100,000 in large Regions',
    min: 10_000,
    raise: 'KMS, “Cryptographic operations (symmetric)”',
  },
  {
    name: 'KMS, the key of the proofs',
    perSend: sum(perSend, ({ sign }) => sign),
    byDefault: '1,000',
    min: 1000,
    raise: 'KMS, “Cryptographic operations (ECC and SM2)”',
  },
  {
    name: 'reads of Guards (units)',
    perSend: sum(perSend, ({ units }) => units.guardsReads),
    byDefault: '12,000 for a table that is new; 40,000 when it has grown',
    min: 12_000,
    raise: 'grow over hours, or warm the table up; DynamoDB, table quota',
  },
  {
    name: 'writes of Guards (units)',
    perSend: sum(perSend, ({ units }) => units.guardsWrites),
    byDefault: '4,000 for a table that is new; 40,000 when it has grown',
    min: 4000,
    raise: 'the same',
  },
  {
    name: 'writes of Traffic (units)',
    perSend: sum(perSend, ({ units }) => units.trafficWrites),
    byDefault: '4,000 for a table that is new; 40,000 when it has grown',
    min: 4000,
    raise: 'the same',
  },
  {
    name: 'writes of Security (units)',
    perSend: sum(perSend, ({ units }) => units.securityWrites),
    byDefault: '4,000 for a table that is new; 40,000 when it has grown',
    min: 4000,
    raise: 'the same',
  },
  {
    name: 'writes of Verifications (units)',
    perSend: sum(perSend, ({ units }) => units.verificationsWrites),
    byDefault: '4,000 for a table that is new; 40,000 when it has grown',
    min: 4000,
    raise: 'the same',
  },
  {
    name: counter,
    perSend: counterShare,
    byDefault: '100 %',
    min: 1,
    raise: `no quota can: this version sends at most ${maxSendsPerSecond} SMS a second`,
  },
];

/** USD, list prices of us-east-1. From memory of November 2026: look them up before you rely on them. */
export const prices = {
  apiPerMillion: 3.5,
  firewallPerMillion: 0.6,
  invocationsPerMillion: 0.2,
  /** arm64 */
  gigabyteSecond: 0.000_013_333_4,
  readsPerMillion: exportFacts.readUsdPerMillion,
  writesPerMillion: 0.625,
  kmsPerMillion: 3,
  signPerMillion: 15,
  logsPerGigabyte: 0.5,
};

const gigabyteSeconds = (mix: Mix): number => {
  const gigabytes = (name: keyof typeof functions) => functions[name].memoryMegabytes / 1024;
  return sum(
    mix,
    ({ streamRecords }, flow) =>
      (isSend(flow)
        ? assumed.requestSeconds * gigabytes('request-verification')
        : assumed.checkSeconds * gigabytes('check-verification')) +
      streamRecords * assumed.streamSeconds * gigabytes('detect-bursts'),
  );
};

export type Cost = { readonly name: string; readonly amount: string; readonly usd: number };

const number = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 3 });

/** The cost of a million verifications, without their SMS. */
export const costs = (): readonly Cost[] => {
  const mix = perVerification;
  const reads = sum(mix, ({ units }) => units.guardsReads + units.trafficReads + units.verificationsReads);
  const writes = sum(
    mix,
    ({ units }) => units.guardsWrites + units.securityWrites + units.trafficWrites + units.verificationsWrites,
  );
  const api = sum(mix, ({ api }) => api);
  const invocations = sum(mix, ({ api, streamRecords }) => api + streamRecords);
  const kms = sum(mix, symmetric);
  const sign = sum(mix, ({ sign }) => sign);
  const seconds = gigabyteSeconds(mix);
  return [
    { name: 'API Gateway', amount: `${api} requests`, usd: api * prices.apiPerMillion },
    { name: 'firewall', amount: `${api} requests`, usd: api * prices.firewallPerMillion },
    {
      name: 'Lambda',
      amount: `${invocations} invocations, ${number(seconds)} GB-seconds (assumed)`,
      usd: invocations * prices.invocationsPerMillion + seconds * 1e6 * prices.gigabyteSecond,
    },
    {
      name: 'DynamoDB',
      amount: `${reads} reads, ${writes} writes`,
      usd: reads * prices.readsPerMillion + writes * prices.writesPerMillion,
    },
    { name: 'KMS, symmetric and HMAC keys', amount: `${kms} calls`, usd: kms * prices.kmsPerMillion },
    {
      name: 'KMS, signature of the proof',
      amount: sign === 1 ? '1 call' : `${sign} calls`,
      usd: sign * prices.signPerMillion,
    },
    {
      name: 'logs',
      amount: `${assumed.logKilobytes} KB (assumed)`,
      usd: assumed.logKilobytes * prices.logsPerGigabyte,
    },
  ];
};

/**
 * Fees of paid APIs for a successful verification, without the SMS, in USD. Their own pages could not be read: others
 * quoted these prices from them.
 */
export const paidApis = [
  { name: 'Twilio Verify', usd: 0.05, page: 'https://www.twilio.com/en-us/verify/pricing', quoted: 'October 2026' },
  { name: 'Telnyx Verify', usd: 0.03, page: 'https://telnyx.com/pricing/verify-api', quoted: 'July 2026' },
] as const;

/** Log lines of a request, in kilobytes. Assumed: no line was measured on AWS. */
export const logOf = { access: 0.5, firewall: 2, function: 1 };

export type FloodCost = { readonly refusedBy: string; readonly pays: string; readonly usd: number };

/** The cost of a million requests of a flood, by what refuses them, in USD. API Gateway charges for none that it refuses itself. */
export const floodCosts = (): readonly FloodCost[] => {
  const { firewallPerMillion, logsPerGigabyte, apiPerMillion, invocationsPerMillion, gigabyteSecond } = prices;
  const accessLine = logOf.access * logsPerGigabyte;
  const record = logOf.firewall * logsPerGigabyte;
  const { units, ...refused } = callsOf['request that is refused'];
  const seconds = assumed.checkSeconds * (functions['request-verification'].memoryMegabytes / 1024);
  const refusal =
    apiPerMillion +
    (1 + refused.streamRecords) * invocationsPerMillion +
    seconds * 1e6 * gigabyteSecond +
    (units.guardsReads + units.trafficReads) * prices.readsPerMillion +
    (units.verificationsWrites + units.securityWrites + units.trafficWrites) * prices.writesPerMillion +
    symmetric({ units, ...refused }) * prices.kmsPerMillion +
    logOf.function * logsPerGigabyte;
  return [
    { refusedBy: 'the rate rule of the firewall', pays: 'firewall, access log', usd: firewallPerMillion + accessLine },
    {
      refusedBy: 'another rule of the firewall',
      pays: 'firewall, its log, access log',
      usd: firewallPerMillion + accessLine + record,
    },
    {
      refusedBy: 'API Gateway: throttle, quota, missing key',
      pays: 'firewall, access log',
      usd: firewallPerMillion + accessLine,
    },
    {
      refusedBy: 'a limit of the service',
      pays: 'all of it: API, function, tables, stream, logs',
      usd: firewallPerMillion + accessLine + refusal,
    },
  ];
};

/** Bytes of an event in the audit trail. Assumed: none was measured on AWS. */
export const eventBytes = 600;

/** The cost of an export of a table with so many events: its reads, and its parts. */
export const exportCosts = () =>
  [1, 10, 100].map((millions) => {
    const bytes = millions * 1e6 * eventBytes;
    const readUnits = bytes / 8192;
    return { millions, readUnits, usd: (readUnits / 1e6) * prices.readsPerMillion };
  });

/** The metrics that one stack writes. The one dimension of these has one value in it. */
export const ownMetricCount = Object.keys(metrics).length;
/** The metrics that each of several applications has beside them. */
export const applicationMetricCount = applicationMetrics.length;
/** What CloudWatch charges by the month, in USD. */
export const monthly = { metric: 0.3, alarm: 0.1, compositeAlarm: 0.5 };
