import { type EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { Publish } from '../bursts/findings/notify.ts';
import type { Notification } from '../bursts/findings/render.ts';
import type { StopReminder } from '../bursts/ring-stops.ts';
import type { StopEvent } from '../bursts/stop-event.ts';
import { findingEvents, stopEvents, verificationEvents } from '../contract.ts';
import type { PutEvents } from '../events/publish.ts';
import { Unavailable } from '../otp/ports.ts';
import { callAws } from './failures.ts';

/**
 * EventBridge takes ten entries in one request, and 256 KB with what it adds itself.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html
 */
const maxEntries = 10;
const maxBytes = 240 * 1024;
const timeBytes = 14;

type Sized = { readonly id: string; readonly entry: PutEventsRequestEntry; readonly bytes: number };

type Entry = {
  readonly id: string;
  readonly source: string;
  readonly detailType: string;
  readonly detail: object;
  readonly time: Date;
};

const sizedEntry = (EventBusName: string, { id, source, detailType, detail, time }: Entry): Sized => {
  const Detail = JSON.stringify(detail);
  return {
    id,
    entry: { EventBusName, Source: source, DetailType: detailType, Detail, Time: time },
    bytes: timeBytes + Buffer.byteLength(source) + Buffer.byteLength(detailType) + Buffer.byteLength(Detail),
  };
};

const findingEntry = (bus: string, { id, finding }: Notification): Sized =>
  sizedEntry(bus, { id, ...findingEvents, detail: finding, time: new Date(finding.time) });

const requestsOf = (entries: readonly Sized[]): readonly (readonly Sized[])[] => {
  const requests: Sized[][] = [];
  let bytes = 0;
  for (const each of entries) {
    const last = requests.at(-1);
    if (last === undefined || last.length === maxEntries || bytes + each.bytes > maxBytes) {
      requests.push([each]);
      bytes = each.bytes;
    } else {
      last.push(each);
      bytes += each.bytes;
    }
  }
  return requests;
};

/** EventBridge took a request and refused some of its entries, or will never take an entry. */
export class EventRefused extends Error {
  override readonly name = 'EventRefused';
}

/**
 * Puts each notification on the bus of findings, as an event.
 *
 * An answer of 200 may hold entries that failed: only those with an id were taken. EventBridge would refuse a large entry
 * for ever, so it counts as taken, and staff read it in the log alone.
 *
 * @param refused takes the reason why an entry was not taken.
 */
export const eventBridgePublisher =
  (client: EventBridgeClient, bus: string, refused: (cause: unknown) => void): Publish =>
  async (notifications) => {
    const taken = new Set<string>();
    const all = notifications.map((each) => findingEntry(bus, each));
    for (const { id } of all.filter(({ bytes }) => bytes > maxBytes)) {
      refused(new EventRefused('An entry is larger than EventBridge takes.'));
      taken.add(id);
    }
    for (const request of requestsOf(all.filter(({ bytes }) => bytes <= maxBytes))) {
      const Entries = request.map(({ entry }) => entry);
      const answer = await callAws('EventBridge PutEvents', () => client.send(new PutEventsCommand({ Entries }))).catch(
        (cause: unknown) => {
          refused(cause);
          return undefined;
        },
      );
      // A service that does not answer now does not answer the next request either.
      if (answer === undefined) break;
      for (const [index, { id }] of request.entries())
        if (answer.Entries?.[index]?.EventId !== undefined) taken.add(id);
      if ((answer.FailedEntryCount ?? 0) > 0) refused(new EventRefused('EventBridge did not take all entries.'));
    }
    return taken;
  };

/** Puts a reminder of stops on the bus of findings. @throws if EventBridge does not take it. */
export const eventBridgeStopPublisher =
  (client: EventBridgeClient, bus: string, eventOf: (reminder: StopReminder) => StopEvent) =>
  async (reminder: StopReminder): Promise<void> => {
    const { source: Source, detailType: DetailType } = stopEvents;
    const event = eventOf(reminder);
    const entry = { EventBusName: bus, Source, DetailType, Detail: JSON.stringify(event), Time: new Date(event.time) };
    const { Entries = [] } = await callAws('EventBridge PutEvents', () =>
      client.send(new PutEventsCommand({ Entries: [entry] })),
    );
    if (Entries[0]?.EventId === undefined) throw new EventRefused('EventBridge did not take the reminder of stops.');
  };

/** Tries of a request of which the bus took a part. */
const maxTries = 3;
const pauseMs = 100;

/**
 * Errors of an entry that a repeat does not mend. All others may be of the moment.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html
 */
const lasting: readonly (string | undefined)[] = [
  'InvalidArgument',
  'MalformedDetail',
  'NotAuthorizedForSourceException',
  'NotAuthorizedForDetailTypeException',
];

/**
 * Puts events of verifications on the bus. Entries that the bus did not take are put again at once, and then with the whole batch.
 *
 * @throws Unavailable if the bus did not take all of them, and EventRefused if it never takes one.
 */
export const eventBridgeEvents =
  (client: EventBridgeClient, bus: string, pause: (ms: number) => Promise<void>): PutEvents =>
  async (events, took) => {
    const entries = events.map((event) =>
      sizedEntry(bus, {
        id: event.id,
        source: verificationEvents.source,
        detailType: event.type,
        detail: event,
        time: new Date(event.timestamp),
      }),
    );
    for (const request of requestsOf(entries)) await putAll({ client, pause, took }, request);
  };

type PutAllPorts = {
  readonly client: EventBridgeClient;
  readonly pause: (ms: number) => Promise<void>;
  readonly took: (id: string) => void;
};

const putAll = async ({ client, pause, took }: PutAllPorts, request: readonly Sized[]): Promise<void> => {
  let left = request;
  for (let tries = 1; ; tries += 1) {
    const Entries = left.map(({ entry }) => entry);
    const answer = await callAws('EventBridge PutEvents', () => client.send(new PutEventsCommand({ Entries })));
    const results = left.map((each, index) => ({ each, result: answer.Entries?.[index] }));
    for (const { each, result } of results) if (result?.EventId !== undefined) took(each.id);
    const failed = results.filter(({ result }) => result?.EventId === undefined);
    if (failed.length === 0) return;
    if (failed.some(({ result }) => lasting.includes(result?.ErrorCode)))
      throw new EventRefused('EventBridge refuses an event, and would refuse it again.');
    if (tries === maxTries) throw new Unavailable('EventBridge PutEvents');
    await pause(pauseMs * 2 ** tries);
    left = failed.map(({ each }) => each);
  }
};
