import { type EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { Publish } from '../bursts/findings/notify.ts';
import type { Notification } from '../bursts/findings/render.ts';
import type { StopReminder } from '../bursts/ring-stops.ts';
import type { StopEvent } from '../bursts/stop-event.ts';
import { findingEvents, stopEvents } from '../contract.ts';
import { callAws } from './clients.ts';

/**
 * EventBridge takes ten entries in one request, and 256 KB with what it adds itself.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html
 */
const maxEntries = 10;
const maxBytes = 240 * 1024;
const timeBytes = 14;

type Sized = { readonly id: string; readonly entry: PutEventsRequestEntry; readonly bytes: number };

const sizedEntry = (EventBusName: string, { id, finding }: Notification): Sized => {
  const Detail = JSON.stringify(finding);
  const { source: Source, detailType: DetailType } = findingEvents;
  return {
    id,
    entry: { EventBusName, Source, DetailType, Detail, Time: new Date(finding.time) },
    bytes: timeBytes + Buffer.byteLength(Source) + Buffer.byteLength(DetailType) + Buffer.byteLength(Detail),
  };
};

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
    const all = notifications.map((each) => sizedEntry(bus, each));
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
