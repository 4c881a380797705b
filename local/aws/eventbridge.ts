import type { IncomingMessage, ServerResponse } from 'node:http';
import { listenOnLoopback, readBody } from '../http/loopback.ts';
import { asList, asRecord } from './dynamo.ts';
import { createFaults } from './faults.ts';
import { answerJson } from './json.ts';
import { awsRefusal, refusalOf, requireSignature } from './refusal.ts';

/** An event that the bus took. */
export type BusEvent = {
  readonly id: string;
  readonly bus: string;
  readonly source: string;
  readonly detailType: string;
  /** RFC 3339 UTC */
  readonly at: string;
  readonly detail: Readonly<Record<string, unknown>>;
};

export const eventBridgeFaults = [
  /** 400 `ThrottlingException`; nothing is taken. */
  'throttle',
  /** 500 `InternalException`; nothing is taken. */
  'internal-error',
  /** 200, but the first entry failed. */
  'first-entry-fails',
  /** The connection is dropped before the bus takes anything. */
  'reset',
  /** The bus takes all, and then the connection is dropped. */
  'reset-after-accept',
] as const;
export type EventBridgeFault = (typeof eventBridgeFaults)[number];

export type EventBridge = {
  readonly url: string;
  readonly stop: () => Promise<void>;
  /** The events that the bus took, newest first; the last 1,000. */
  readonly events: () => readonly BusEvent[];
  /** Arms a fault for the next `times` requests, 1 by default. */
  readonly fail: (mode: EventBridgeFault, times?: number) => void;
  readonly clearFaults: () => void;
  /** Forgets events and faults. */
  readonly clear: () => void;
};

/** An event as rules see it: https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html */
export const wholeEventOf = ({ id, source, detailType, at, detail }: BusEvent) => ({
  version: '0',
  id,
  'detail-type': detailType,
  source,
  account: '000000000000',
  time: `${at.slice(0, 19)}Z`,
  region: 'us-east-1',
  resources: [],
  detail,
});

// A local mode that runs for days must not grow without end.
const eventsLimit = 1000;

/**
 * A stand-in for Amazon EventBridge over its real wire protocol (AWS JSON 1.1).
 *
 * It knows only `PutEvents` to one bus. It refuses all that EventBridge refuses. It also refuses fields that the service
 * does not use, so that a misspelled one shows on a laptop.
 */
export const startEventBridge = async ({
  bus,
  port,
  now = Date.now,
  onEvent = () => {},
}: {
  bus: string;
  port?: number;
  now?: () => number;
  /** Gets each event that the bus takes, as a rule does. */
  onEvent?: (event: BusEvent) => void;
}): Promise<EventBridge> => {
  const taken: BusEvent[] = [];
  const faults = createFaults<EventBridgeFault, undefined>();
  const accept = (entry: Entry): string => {
    const id = crypto.randomUUID();
    const { timeMs = now(), ...rest } = entry;
    const event = { ...rest, id, bus, at: new Date(timeMs).toISOString() };
    taken.unshift(event);
    taken.length = Math.min(taken.length, eventsLimit);
    onEvent(event);
    return id;
  };
  const { server, url, stop } = await listenOnLoopback(port);
  server.on('request', (request, response) => {
    answer({ bus, accept, strike: () => faults.strike(undefined) }, request, response).catch(() => response.destroy());
  });
  return {
    url,
    stop,
    events: () => [...taken],
    fail: (mode, times = 1) => faults.arm(mode, { times }),
    clearFaults: faults.clear,
    clear: () => {
      taken.length = 0;
      faults.clear();
    },
  };
};

type Entry = {
  readonly source: string;
  readonly detailType: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly timeMs: number | undefined;
};

type Desk = {
  readonly bus: string;
  readonly accept: (entry: Entry) => string;
  readonly strike: () => EventBridgeFault | undefined;
};

/** Of the request and of each entry: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const maxBytes = 256 * 1024;
const maxEntries = 10;

const answer = async ({ bus, accept, strike }: Desk, request: IncomingMessage, response: ServerResponse) => {
  // Larger than the limit of entries, since the body holds more than the sizes that count.
  const body = await readBody(request, 4 * maxBytes);
  try {
    requireSignature(request, 'events');
    const entries = parsePutEvents(request, body);
    const fault = strike();
    if (fault === 'throttle') throw awsRefusal('ThrottlingException', 'Rate exceeded');
    if (fault === 'internal-error') throw awsRefusal('InternalException', 'Internal failure', 500);
    if (fault === 'reset') return void request.socket.resetAndDestroy();
    const answers = entries.map((entry, index) =>
      index === 0 && fault === 'first-entry-fails'
        ? { ErrorCode: 'InternalFailure', ErrorMessage: 'Unexpected error.' }
        : answerEntry(bus, entry, accept),
    );
    if (fault === 'reset-after-accept') return void request.socket.resetAndDestroy();
    const FailedEntryCount = answers.filter((each) => 'ErrorCode' in each).length;
    send(response, 200, { FailedEntryCount, Entries: answers });
  } catch (thrown) {
    const refusal = refusalOf(thrown) ?? { code: 'InternalException', message: String(thrown), status: 500 };
    send(response, refusal.status, { __type: refusal.code, message: refusal.message });
  }
};

const send = answerJson('1.1');

const invalid = (message: string) => awsRefusal('ValidationException', message);

const parsePutEvents = (request: IncomingMessage, body: Buffer | undefined): readonly RawEntry[] => {
  if (request.method !== 'POST' || body === undefined) throw invalid('Send a POST within the size limit.');
  const target = String(request.headers['x-amz-target'] ?? '');
  if (target !== 'AWSEvents.PutEvents') throw awsRefusal('UnknownOperationException', `There is no ${target} here.`);
  if (request.headers['content-type'] !== 'application/x-amz-json-1.1')
    throw awsRefusal('SerializationException', 'The content type must be application/x-amz-json-1.1.');
  const { Entries, ...others } = asRecord(parseJson(body.toString('utf8')));
  if (Object.keys(others).length > 0) throw invalid(`Not used here: ${Object.keys(others).join(', ')}.`);
  const entries = asList(Entries).map(asRecord);
  if (entries.length < 1 || entries.length > maxEntries)
    throw invalid(`Member must have a length of 1 to ${maxEntries}, and has ${entries.length}.`);
  if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) >= maxBytes)
    throw invalid('Total size of the entries in the request is over the limit.');
  return entries;
};

type RawEntry = Readonly<Record<string, unknown>>;

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw awsRefusal('SerializationException', 'The body is not JSON.');
  }
};

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html */
const sizeOf = ({ Time, Source, DetailType, Detail }: RawEntry): number =>
  (Time === undefined ? 0 : 14) +
  [Source, DetailType, Detail].reduce<number>((sum, text) => sum + Buffer.byteLength(String(text ?? '')), 0);

const known = ['EventBusName', 'Source', 'DetailType', 'Detail', 'Time'];

type EntryAnswer = { readonly EventId: string } | { readonly ErrorCode: string; readonly ErrorMessage: string };

/** A wrong entry fails alone. The bus takes the others. */
const answerEntry = (bus: string, raw: RawEntry, accept: (entry: Entry) => string): EntryAnswer => {
  const wrong = (ErrorCode: string, ErrorMessage: string) => ({ ErrorCode, ErrorMessage });
  const { EventBusName, Source, DetailType, Detail, Time } = raw;
  const strange = Object.keys(raw).filter((name) => !known.includes(name));
  if (strange.length > 0) return wrong('InvalidArgument', `Not used here: ${strange.join(', ')}.`);
  if (typeof Source !== 'string' || Source === '') return wrong('InvalidArgument', 'Parameter Source is not valid.');
  if (Source.startsWith('aws.')) return wrong('NotAuthorizedForSourceException', 'aws. is AWS’s own.');
  if (typeof DetailType !== 'string' || DetailType === '' || DetailType.length > 128)
    return wrong('InvalidArgument', 'Parameter DetailType is not valid.');
  // EventBridge takes an event to a missing bus and drops it.
  if (EventBusName !== bus) return wrong('InvalidArgument', `There is no bus ${String(EventBusName)}.`);
  if (Time !== undefined && typeof Time !== 'number') return wrong('InvalidArgument', 'Parameter Time is not valid.');
  const detail = objectIn(Detail);
  if (detail === undefined) return wrong('MalformedDetail', 'Detail is malformed.');
  const timeMs = Time === undefined ? undefined : Time * 1000;
  return { EventId: accept({ source: Source, detailType: DetailType, detail, timeMs }) };
};

const objectIn = (text: unknown): Readonly<Record<string, unknown>> | undefined => {
  try {
    const parsed: unknown = JSON.parse(String(text));
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? asRecord(parsed) : undefined;
  } catch {
    return undefined;
  }
};
