/** The bill of a million verifications, by service, by rate and by the settings that change it. */

import { functions } from '../../../lambdas/contract.ts';
import { type Calls, callsOf, type Flow } from '../calls.ts';
import { batchRunOf, billedMsOf, unitsAt } from './detector.ts';
import { accessLineBytes, eventBytes, invocationLineBytes } from './logs.ts';
import type { Measured, Rate } from './measured.ts';
import { chargeOf, type Price, priceList } from './prices.ts';

/** How often each flow happens. */
export type Mix = Readonly<Partial<Record<Flow, number>>>;

/** The flows of one SMS: its request, the right code, and every second time a wrong one before. */
export const perSend = { request: 1, 'check, right': 1, 'check, wrong': 0.5 } as const satisfies Mix;
/** The flows of one verification that succeeds. */
export const perVerification = { request: 1, 'check, right': 1 } as const satisfies Mix;

/** How records are sealed and proofs are signed. */
export type Variant = {
  readonly name: string;
  /** Records are sealed under a key of the hour, which no call of KMS is needed for. */
  readonly isHourly: boolean;
  readonly signPrice: Price;
};

export const shipped: Variant = { name: 'as shipped', isHourly: false, signPrice: priceList.kmsAsymmetric };
export const withRsa: Variant = {
  ...shipped,
  name: "`proofs: { algorithm: 'RS256' }`",
  signPrice: priceList.kmsRsa2048,
};
export const withRsaHourly: Variant = { ...withRsa, name: "the same, and `sealing: 'hourly'`", isHourly: true };
export const variants = [shipped, withRsa, withRsaHourly] as const;

/** Calls of a flow on symmetric and HMAC keys. */
export const symmetricOf = ({ kms: { GenerateMac = 0, Encrypt = 0, Decrypt = 0 } }: Calls, { isHourly }: Variant) =>
  GenerateMac + (isHourly ? 0 : Encrypt + Decrypt);

export const sumOf = (mix: Mix, amountOf: (calls: Calls, flow: Flow) => number): number =>
  (Object.keys(mix) as readonly Flow[]).reduce(
    (total, flow) => total + (mix[flow] ?? 0) * amountOf(callsOf[flow], flow),
    0,
  );

type Sent = keyof Measured['runs'];
const functionOf = {
  request: 'request-verification',
  'check, wrong': 'check-verification',
  'check, right': 'check-verification',
} as const satisfies Readonly<Record<Sent, keyof typeof functions>>;

/** Milliseconds that an invocation of a flow is billed. */
export const flowMs = (flow: Sent, { runs }: Measured): number =>
  billedMsOf(runs[flow], functions[functionOf[flow]].memoryMegabytes);

/** Milliseconds of the detector for a batch at a rate. */
export const batchMs = ({ ledgers }: Measured, rate: Rate): number =>
  billedMsOf(batchRunOf(ledgers[rate].perBatch), functions['detect-bursts'].memoryMegabytes);

export const gigabytes = (name: keyof typeof functions) => functions[name].memoryMegabytes / 1024;

const isSent = (flow: Flow): flow is Sent => Object.hasOwn(functionOf, flow);

/** Batches that the records of flows come in. */
const batchesOf = (mix: Mix, { ledgers }: Measured, rate: Rate): number =>
  sumOf(mix, ({ streamRecords }) => streamRecords) / ledgers[rate].perBatch;

/** Invocations and GB-seconds of a verification. */
const lambdaOf = (mix: Mix, measured: Measured, rate: Rate) => {
  const batches = batchesOf(mix, measured, rate);
  const own = sumOf(mix, (_, flow) =>
    isSent(flow) ? (flowMs(flow, measured) / 1000) * gigabytes(functionOf[flow]) : 0,
  );
  return {
    invocations: sumOf(mix, ({ api }) => api) + batches,
    gigabyteSeconds: own + (batches * batchMs(measured, rate) * gigabytes('detect-bursts')) / 1000,
  };
};

const isMeasured = (flow: Flow, { bytes }: Measured): flow is keyof Measured['bytes'] => Object.hasOwn(bytes, flow);

/** Bytes that a flow logs: lines of the functions, of Lambda and of the API. */
export const logBytesOf = (mix: Mix, measured: Measured, rate: Rate): number =>
  sumOf(mix, ({ api }, flow) => {
    if (!isMeasured(flow, measured)) return 0;
    const { logLines, logBytes: text } = measured.bytes[flow];
    return text + logLines * eventBytes + api * (accessLineBytes + invocationLineBytes);
  }) +
  batchesOf(mix, measured, rate) * invocationLineBytes;

const answerBytes = (mix: Mix, measured: Measured): number =>
  sumOf(mix, (_, flow) => (isMeasured(flow, measured) ? measured.bytes[flow].answerBytes : 0));

/** Containers that run at a rate, each of which asks for the key of an hour once. */
const hourlyCalls = (measured: Measured, { isHourly }: Variant): number => {
  if (!isHourly) return 0;
  const busyMs = flowMs('request', measured) + flowMs('check, right', measured);
  return busyMs / 1000 / 3600;
};

/** DynamoDB adds these bytes to each item that it stores: https://aws.amazon.com/dynamodb/pricing/on-demand/ */
const itemOverhead = 100;
export const gigabyte = 1e9;
const daysOfMonth = 365 / 12;

export type Line = { readonly name: string; readonly amount: string; readonly usd: number };

const number = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 2 });
const counted = (value: number, what: string): string => `${number(value)} ${what}${value === 1 ? '' : 's'}`;

export type Asked = {
  readonly measured: Measured;
  readonly rate: Rate;
  readonly variant: Variant;
  /** Days for which the audit trail keeps an event, and a log group a line. */
  readonly kept: { readonly auditDays: number; readonly logDays: number };
};

const storageLine = ({ measured, kept: { auditDays, logDays }, rate }: Asked): Line => {
  const events = sumOf(perVerification, ({ streamRecords }) => streamRecords);
  const trail = (events * (measured.entryBytes + itemOverhead) * 1e6) / gigabyte;
  const logs = (logBytesOf(perVerification, measured, rate) * 1e6) / gigabyte;
  const months = auditDays / daysOfMonth;
  return {
    name: 'storage',
    amount: `audit trail for ${auditDays} days, logs for ${logDays}`,
    usd:
      chargeOf(priceList.storage, trail * months) +
      chargeOf(priceList.backup, trail * months) +
      chargeOf(priceList.logStorage, (logs * logDays) / daysOfMonth),
  };
};

const kmsLines = ({ measured, variant }: Asked): readonly Line[] => {
  const macs = sumOf(perVerification, (calls) => symmetricOf(calls, variant));
  const signs = sumOf(perVerification, ({ sign }) => sign);
  return [
    {
      name: 'KMS, symmetric and HMAC keys',
      amount: counted(macs, 'call'),
      usd: chargeOf(priceList.kms, (macs + hourlyCalls(measured, variant)) * 1e6),
    },
    {
      name: 'KMS, signature of the proof',
      amount: counted(signs, 'call'),
      usd: chargeOf(variant.signPrice, signs * 1e6),
    },
  ];
};

/** The cost of a million verifications at a rate, without their SMS. */
export const billOf = (asked: Asked): readonly Line[] => {
  const { measured, rate } = asked;
  const api = sumOf(perVerification, ({ api: requests }) => requests);
  const units = (unit: (of: Calls['units']) => number) =>
    sumOf(perVerification, (_, flow) => unit(unitsAt(flow, measured.ledgers[rate])));
  const reads = units((of) => of.guardsReads + of.trafficReads + of.verificationsReads);
  const writes = units((of) => of.guardsWrites + of.securityWrites + of.trafficWrites + of.verificationsWrites);
  const { invocations, gigabyteSeconds } = lambdaOf(perVerification, measured, rate);
  const [logged, answered] = [logBytesOf(perVerification, measured, rate), answerBytes(perVerification, measured)];
  return [
    { name: 'API Gateway', amount: counted(api, 'request'), usd: chargeOf(priceList.api, api * 1e6) },
    { name: 'firewall', amount: counted(api, 'request'), usd: chargeOf(priceList.firewall, api * 1e6) },
    {
      name: 'Lambda',
      amount: `${number(invocations)} invocations, ${gigabyteSeconds.toFixed(3)} GB-seconds`,
      usd:
        chargeOf(priceList.invocation, invocations * 1e6) + chargeOf(priceList.gigabyteSecond, gigabyteSeconds * 1e6),
    },
    {
      name: 'DynamoDB',
      amount: `${number(reads)} reads, ${number(writes)} writes`,
      usd: chargeOf(priceList.read, reads * 1e6) + chargeOf(priceList.write, writes * 1e6),
    },
    ...kmsLines(asked),
    { name: 'logs', amount: `${number(logged / 1000)} KB`, usd: chargeOf(priceList.logs, (logged * 1e6) / gigabyte) },
    {
      name: 'answers over the internet',
      amount: `${number(answered / 1000)} KB`,
      usd: chargeOf(priceList.transfer, (answered * 1e6) / gigabyte),
    },
    storageLine(asked),
  ];
};

export const totalOf = (lines: readonly Pick<Line, 'usd'>[]): number => lines.reduce((sum, { usd }) => sum + usd, 0);
