/** The use of each quota at each rate of sends, and how the quota is raised. */

import type { Calls } from '../calls.ts';
import { batchMs, flowMs, perSend, sumOf, symmetricOf, type Variant } from './bill.ts';
import { newTable, pace, partition, partitionsOf, unitsAt } from './detector.ts';
import type { Measured, Rate } from './measured.ts';
import { quotaSources, type Source } from './sources.ts';

export type Quota = {
  readonly name: string;
  /** By second. */
  readonly use: (rate: Rate) => number;
  /** As AWS documents it, or our own setting has it. */
  readonly byDefault: string;
  /** The least that a Region or our own setting gives. */
  readonly least: (rate: Rate) => number;
  readonly raise: string;
  readonly source?: Source;
  /** Sends a second from which it binds, if its use and the quota do not grow alike. */
  readonly bindsAt?: number;
};

export type AskedQuotas = { readonly measured: Measured; readonly variant: Variant };

const always = (value: number) => () => value;

type Units = Calls['units'];

/** The units of all flows of one send, at a rate. */
const unitsPerSend = ({ ledgers }: Measured, rate: Rate, unit: (units: Units) => number): number =>
  sumOf(perSend, (_, flow) => unit(unitsAt(flow, ledgers[rate])));

/** Partitions of Verifications when it has grown to a rate: its stream has a shard for each. No unit of it is the detector's. */
export const shardsAt = (sends: number): number =>
  partitionsOf({
    writes: sends * sumOf(perSend, ({ units }) => units.verificationsWrites),
    reads: sends * sumOf(perSend, ({ units }) => units.verificationsReads),
  });

const frontQuotas = ({ measured }: AskedQuotas): readonly Quota[] => {
  const busySeconds = (rate: Rate): number => {
    const own = sumOf(perSend, (_, flow) => flowMs(flow as keyof typeof perSend, measured));
    const records = sumOf(perSend, ({ streamRecords }) => streamRecords);
    return (own + (records / measured.ledgers[rate].perBatch) * batchMs(measured, rate)) / 1000;
  };
  return [
    {
      name: 'requests to the API',
      use: (rate) => rate * sumOf(perSend, ({ api }) => api),
      byDefault: '20 by our own setting; 10,000 for the account, 2,500 in some Regions',
      least: always(20),
      raise: '`throttle` in the settings; above that API Gateway’s “Throttle rate”',
      source: quotaSources.api,
    },
    {
      name: 'SMS',
      use: (rate) => rate * sumOf(perSend, ({ sms }) => sms),
      byDefault: '20 for the account; of a US toll-free number 3, a US short code 100, a long code elsewhere 10',
      least: always(20),
      raise: 'AWS Support: the rate of transactional SMS; more numbers, or other kinds of them',
      source: quotaSources.sms,
    },
    {
      name: 'functions at once',
      use: (rate) => rate * busySeconds(rate),
      byDefault: '1,000; new accounts start with fewer, often 10',
      least: always(10),
      raise: 'Lambda, “Concurrent executions”',
      source: quotaSources.lambda,
    },
  ];
};

const keyQuotas = ({ variant }: AskedQuotas): readonly Quota[] => {
  const isRsa = variant.signPrice.name.includes('RSA');
  return [
    {
      name: 'KMS, symmetric and HMAC keys',
      use: (rate) => rate * sumOf(perSend, (calls) => symmetricOf(calls, variant)),
      byDefault: '10,000; 20,000 in larger Regions; 100,000 in us-east-1, us-west-2 and eu-west-1',
      least: always(10_000),
      raise: 'KMS, “Cryptographic operations (symmetric)”',
      source: quotaSources.kms,
    },
    {
      name: `KMS, the key of the proofs (${isRsa ? 'RSA' : 'ECC'})`,
      use: (rate) => rate * sumOf(perSend, ({ sign }) => sign),
      byDefault: '1,000',
      least: always(1000),
      raise: `KMS, “Cryptographic operations (${isRsa ? 'RSA' : 'ECC and SM2'})”`,
      source: quotaSources.kms,
    },
  ];
};

const grow = 'grow over hours, or `WarmThroughput`; above 40,000 DynamoDB’s table quota';

const tableQuotas = ({ measured }: AskedQuotas): readonly Quota[] => {
  const table = (name: string, kind: 'reads' | 'writes', unit: (units: Units) => number): Quota => ({
    name: `${kind} of ${name}, units`,
    use: (rate) => rate * unitsPerSend(measured, rate, unit),
    byDefault: `${newTable[kind].toLocaleString('en')} for a table that is new; 40,000 when it has grown`,
    least: always(newTable[kind]),
    raise: grow,
    source: quotaSources.tables,
  });
  return [
    table('Guards', 'reads', ({ guardsReads }) => guardsReads),
    table('Guards', 'writes', ({ guardsWrites }) => guardsWrites),
    table('Traffic', 'writes', ({ trafficWrites }) => trafficWrites),
    table('Security', 'writes', ({ securityWrites }) => securityWrites),
    table('Verifications', 'writes', ({ verificationsWrites }) => verificationsWrites),
  ];
};

const percent = (part: number): number => part * 100;

/** One item is in one partition. It takes reads and writes at once: each has a bound of its own. */
const itemQuotas: readonly Quota[] = [
  {
    name: 'the counter of the total cap, % of the writes of a partition',
    use: (rate) => percent(rate / partition.writes),
    byDefault: `${partition.writes.toLocaleString('en')} sends, all of them`,
    least: always(100),
    raise: 'no quota can: `caps.totalShards` in the settings',
    source: quotaSources.partitions,
  },
  {
    name: 'the counter of a country, % of the writes of a partition',
    use: (rate) => percent(rate / partition.writes),
    byDefault: `${partition.writes.toLocaleString('en')} sends, if all go to one country`,
    least: always(100),
    raise: 'no quota can: several deployments',
    source: quotaSources.partitions,
  },
  {
    name: 'an item that each send reads, % of the reads of a partition',
    use: (rate) => percent(rate / partition.reads),
    byDefault: `${partition.reads.toLocaleString('en')} sends and refused requests`,
    least: always(100),
    raise: 'no quota can: several deployments',
    source: quotaSources.partitions,
  },
];

/** The records of a send that reach the detector. */
export const recordsPerSend = sumOf(perSend, ({ streamRecords }) => streamRecords);

/** Records a second that the shards of a table carry, when it has grown to so many sends. */
const carriedAt = (sends: number): number => Math.floor(shardsAt(sends) * pace.perShard * pace.share);

/** The first rate that brings more records than the shards carry. */
const detectorBindsAt = (): number => {
  for (let sends = 1; ; sends += 1) if (sends * recordsPerSend > carriedAt(sends)) return sends;
};

const detectorQuota: Quota = {
  name: 'records of the detector',
  use: (rate) => rate * recordsPerSend,
  byDefault: `${carriedAt(1).toLocaleString('en')} by the ${shardsAt(1)} shards of a new table, more with more shards`,
  least: carriedAt,
  raise: 'more memory for `detect-bursts`; `WarmThroughput` of Verifications, which makes shards',
  bindsAt: detectorBindsAt(),
};

/** No quota lifts this: one item is in one partition. */
export const maxSendsPerSecond = partition.writes;

/** Of all quotas, what a rate takes. */
export const quotasOf = (asked: AskedQuotas): readonly Quota[] => [
  ...frontQuotas(asked),
  ...keyQuotas(asked),
  ...tableQuotas(asked),
  detectorQuota,
  ...itemQuotas,
];

/** Those that a rate exceeds, the one that binds first at the top. */
export const boundAt = (quotas: readonly Quota[], rate: Rate): readonly Quota[] =>
  quotas.filter(({ use, least }) => use(rate) > least(rate)).toSorted((a, b) => sendsAt(a, rate) - sendsAt(b, rate));

/** Sends a second from which a quota binds. */
export const sendsAt = ({ use, least, bindsAt }: Quota, rate: Rate): number =>
  bindsAt ?? (rate * least(rate)) / use(rate);
