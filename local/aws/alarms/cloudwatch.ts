import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Loopback, listenOnLoopback, readBody } from '../../http/loopback.ts';
import { createFaults } from '../faults.ts';
import { asList, asRecord } from '../json.ts';
import { type AwsRefusal, awsRefusal, refusalOf, requireSignature } from '../refusal.ts';

export const alarmStates = ['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const;
export type AlarmState = (typeof alarmStates)[number];

export type Alarm = {
  readonly name: string;
  readonly kind: 'MetricAlarm' | 'CompositeAlarm';
  readonly state: AlarmState;
  readonly actionsEnabled: boolean;
};

/** A value of a metric. */
export type Datum = {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
};

export type CloudWatchFault = 'throttle' | 'internal-error' | 'access-denied' | 'timeout';

export type CloudWatch = {
  readonly url: string;
  readonly stop: () => Promise<void>;
  /** Makes these the alarms. */
  readonly setAlarms: (alarms: readonly Alarm[]) => void;
  readonly put: (datum: Datum) => void;
  readonly fail: (mode: CloudWatchFault, options?: { times?: number; operation?: string }) => void;
  /** Forgets values and faults; the alarms are those of the start. */
  readonly clear: () => void;
};

type Held = { alarms: readonly Alarm[]; data: (Datum & { readonly atMs: number })[] };
type Desk = { readonly held: Held; readonly strike: (operation: string) => CloudWatchFault | undefined };

/** A local mode that runs for days must not grow without end. */
const maxData = 10_000;

/**
 * Stands in for CloudWatch over its wire protocol (AWS JSON 1.0): `DescribeAlarms` and `GetMetricData`.
 *
 * Local mode evaluates no alarm, because only the stack knows their thresholds. Its one alarm therefore has the state by which
 * CloudWatch says that it cannot tell. It knows the metrics that somebody puts; of others there are no values, as in AWS.
 */
export const startCloudWatch = async ({
  alarmPrefix,
  now,
}: {
  readonly alarmPrefix: string;
  readonly now: () => number;
}): Promise<CloudWatch> => {
  const first: readonly Alarm[] = [
    { name: `${alarmPrefix}LocalMode`, kind: 'MetricAlarm', state: 'INSUFFICIENT_DATA', actionsEnabled: true },
  ];
  const held: Held = { alarms: first, data: [] };
  const faults = createFaults<CloudWatchFault, string>();
  const { server, url, stop }: Loopback = await listenOnLoopback();
  server.on('request', (request, response) => {
    answer({ held, strike: faults.strike }, request, response).catch(() => response.destroy());
  });
  return {
    url,
    stop,
    setAlarms: (alarms) => {
      held.alarms = alarms;
    },
    put: (datum) => {
      held.data.push({ ...datum, atMs: now() });
      if (held.data.length > maxData) held.data.shift();
    },
    fail: (mode, { times = 1, operation } = {}) =>
      faults.arm(mode, { times, matches: (called) => operation === undefined || called === operation }),
    clear: () => {
      Object.assign(held, { alarms: first, data: [] });
      faults.clear();
    },
  };
};

type Input = Readonly<Record<string, unknown>>;

const answer = async ({ held, strike }: Desk, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const body = await readBody(request, 1024 * 1024);
  try {
    requireSignature(request, 'monitoring');
    const [target, operation = ''] = String(request.headers['x-amz-target'] ?? '').split('.');
    if (target !== 'GraniteServiceVersion20100801' || !Object.hasOwn(operations, operation))
      throw awsRefusal('UnknownOperationException', `${operation} is not among the operations of this stand-in.`, 404);
    const input = parseInput(request, body);
    const fault = strike(operation);
    if (fault === 'timeout') return;
    refuseByFault(fault);
    send(response, 200, operations[operation]?.(input, held) ?? {});
  } catch (thrown) {
    const refusal = refusalOf(thrown) ?? { code: 'InternalServiceFault', message: String(thrown), status: 500 };
    sendRefusal(response, refusal);
  }
};

const parseInput = (request: IncomingMessage, body: Buffer | undefined): Input => {
  if (request.headers['content-type'] !== 'application/x-amz-json-1.0')
    throw awsRefusal('SerializationException', 'The content type must be application/x-amz-json-1.0.');
  try {
    const parsed: unknown = JSON.parse(body?.toString('utf8') ?? '');
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return asRecord(parsed);
  } catch {
    // Refused below.
  }
  throw awsRefusal('SerializationException', 'The body is not a JSON object.');
};

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CommonErrors.html */
const refuseByFault = (fault: Exclude<CloudWatchFault, 'timeout'> | undefined): void => {
  if (fault === 'throttle') throw awsRefusal('ThrottlingException', 'Rate exceeded');
  if (fault === 'internal-error') throw awsRefusal('InternalServiceFault', 'Internal failure', 500);
  if (fault === 'access-denied') throw awsRefusal('AccessDeniedException', 'User is not authorized to do this.', 403);
};

const invalid = (sentence: string): Error => awsRefusal('InvalidParameterValueException', sentence);
const conflicting = (sentence: string): Error => awsRefusal('InvalidParameterCombinationException', sentence);

const refuseStrange = (input: Input, known: readonly string[]): void => {
  const strange = Object.keys(input).filter((name) => !known.includes(name));
  if (strange.length > 0) throw awsRefusal('SerializationException', `Nothing here has ${strange.join(', ')}.`);
};

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html */
const describeAlarms = (input: Input, { alarms }: Held): object => {
  refuseStrange(input, ['AlarmNamePrefix', 'AlarmNames', 'AlarmTypes', 'StateValue', 'MaxRecords', 'NextToken']);
  const { AlarmNamePrefix: prefix, AlarmNames: names, StateValue: state, MaxRecords: max = 50 } = input;
  if (prefix !== undefined && names !== undefined)
    throw conflicting('AlarmNamePrefix and AlarmNames cannot be used together.');
  if (prefix !== undefined && (typeof prefix !== 'string' || prefix === '' || prefix.length > 255))
    throw invalid('AlarmNamePrefix has 1 to 255 characters.');
  if (names !== undefined && (!Array.isArray(names) || names.length > 100))
    throw invalid('AlarmNames has at most 100 names.');
  if (state !== undefined && !alarmStates.some((known) => known === state)) throw invalid('StateValue is not known.');
  if (typeof max !== 'number' || !Number.isInteger(max) || max < 1 || max > 100)
    throw invalid('MaxRecords is from 1 to 100.');
  const types = typesOf(input);
  const found = alarms
    .filter(({ kind }) => types.includes(kind))
    .filter(({ name }) => (Array.isArray(names) ? names.includes(name) : name.startsWith(String(prefix ?? ''))))
    .filter((alarm) => state === undefined || alarm.state === state)
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const from = offsetOf(input, found.length);
  const page = found.slice(from, from + max);
  const of = (kind: Alarm['kind']) => page.filter((alarm) => alarm.kind === kind).map(alarmBody);
  return {
    MetricAlarms: of('MetricAlarm'),
    CompositeAlarms: of('CompositeAlarm'),
    ...(from + max < found.length ? { NextToken: String(from + max) } : {}),
  };
};

/** Without types, CloudWatch shows metric alarms only. */
const typesOf = ({ AlarmTypes: types = ['MetricAlarm'] }: Input): readonly string[] => {
  const isKnown = (type: unknown): type is string => type === 'MetricAlarm' || type === 'CompositeAlarm';
  if (!Array.isArray(types) || !types.every(isKnown)) throw invalid('AlarmTypes are MetricAlarm and CompositeAlarm.');
  return types;
};

const offsetOf = ({ NextToken: token = '0' }: Input, length: number): number => {
  if (typeof token !== 'string' || !/^\d{1,6}$/.test(token) || Number(token) > length)
    throw awsRefusal('InvalidNextToken', 'The next token specified is invalid.');
  return Number(token);
};

const alarmBody = ({ name, state, actionsEnabled }: Alarm): object => ({
  AlarmName: name,
  StateValue: state,
  ActionsEnabled: actionsEnabled,
});

const statistics: Readonly<Record<string, (values: readonly number[]) => number>> = {
  Maximum: (values) => Math.max(...values),
  Minimum: (values) => Math.min(...values),
  Sum: (values) => values.reduce((sum, value) => sum + value, 0),
  SampleCount: (values) => values.length,
  Average: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
};

const maxQueries = 500;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
const getMetricData = (input: Input, held: Held): object => {
  refuseStrange(input, ['MetricDataQueries', 'StartTime', 'EndTime', 'NextToken', 'ScanBy', 'MaxDatapoints']);
  const { MetricDataQueries: queries, StartTime: start, EndTime: end } = input;
  if (!Array.isArray(queries) || queries.length === 0 || queries.length > maxQueries)
    throw awsRefusal('ValidationError', `MetricDataQueries has 1 to ${maxQueries} queries.`);
  if (typeof start !== 'number' || typeof end !== 'number')
    throw awsRefusal('ValidationError', 'StartTime and EndTime are required.');
  if (start >= end) throw awsRefusal('ValidationError', 'The parameter StartTime must be less than EndTime.');
  const ids = asList(queries).map(({ Id }) => Id);
  if (new Set(ids).size < ids.length) throw awsRefusal('ValidationError', 'Each Id is used once.');
  return { MetricDataResults: asList(queries).map((query) => valuesOf(query, { start, end }, held)), Messages: [] };
};

type Span = { readonly start: number; readonly end: number };

const valuesOf = (query: Input, { start, end }: Span, { data }: Held): object => {
  const { Id, MetricStat } = query;
  refuseStrange(query, ['Id', 'MetricStat', 'ReturnData', 'Label', 'AccountId']);
  if (typeof Id !== 'string' || !/^[a-z]\w{0,254}$/.test(Id))
    throw awsRefusal(
      'ValidationError',
      `The value ${String(Id)} for parameter Id is not matching the expected pattern.`,
    );
  const { Metric, Period, Stat } = asRecord(MetricStat);
  const { Namespace, MetricName, Dimensions } = asRecord(Metric);
  const statistic = statistics[String(Stat)];
  if (statistic === undefined) throw awsRefusal('ValidationError', `The statistic ${String(Stat)} is not played here.`);
  if (typeof Period !== 'number' || !(Period % 60 === 0 || [1, 5, 10, 20, 30].includes(Period)) || Period < 1)
    throw awsRefusal('ValidationError', 'Period must be 1, 5, 10, 20, 30, or a multiple of 60.');
  const wanted = Object.fromEntries(asList(Dimensions).map(({ Name, Value }) => [String(Name), Value]));
  const periods = new Map<number, number[]>();
  for (const { namespace, metric, dimensions, value, atMs } of data) {
    const isOf = namespace === Namespace && metric === MetricName && isSame(dimensions, wanted);
    const at = Math.floor(atMs / 1000 / Period) * Period;
    if (isOf && at >= Math.floor(start / Period) * Period && at < end)
      periods.set(at, [...(periods.get(at) ?? []), value]);
  }
  // The newest first, which is CloudWatch's default.
  const sorted = [...periods].toSorted(([one], [other]) => other - one);
  return {
    Id,
    Label: MetricName,
    Timestamps: sorted.map(([at]) => at),
    Values: sorted.map(([, values]) => statistic(values)),
    StatusCode: 'Complete',
  };
};

/** A metric with other dimensions is another metric. */
const isSame = (one: Readonly<Record<string, unknown>>, other: Readonly<Record<string, unknown>>): boolean =>
  Object.keys(one).length === Object.keys(other).length &&
  Object.entries(one).every(([name, value]) => other[name] === value);

const operations: Readonly<Record<string, (input: Input, held: Held) => object>> = {
  DescribeAlarms: describeAlarms,
  GetMetricData: getMetricData,
};

const send = (response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void => {
  response
    .writeHead(status, {
      'content-type': 'application/x-amz-json-1.0',
      'x-amzn-requestid': crypto.randomUUID(),
      ...headers,
    })
    .end(JSON.stringify(body));
};

const sendRefusal = (response: ServerResponse, { code, message, status }: AwsRefusal): void =>
  send(response, status, { __type: code, message }, { 'x-amzn-errortype': code });
