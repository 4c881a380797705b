import { type EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { News } from '../bursts/findings/case.ts';
import type { Publish } from '../bursts/findings/notify.ts';
import { findingEvents } from '../contract.ts';
import { callAws } from './clients.ts';

/**
 * What EventBridge takes in one request: ten entries, and 256 KB, of which some are left for what it adds itself.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html
 */
const maxEntries = 10;
const maxBytes = 240 * 1024;
const timeBytes = 14;

type Sized = { readonly id: string; readonly entry: PutEventsRequestEntry; readonly bytes: number };

const sizedEntry = (EventBusName: string, { id, finding }: News): Sized => {
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

/** EventBridge took a request and refused some of what was in it, or will never take an entry. */
export class EventRefused extends Error {
  override readonly name = 'EventRefused';
}

/**
 * Puts news on the bus of findings, as events of their own.
 *
 * An answer of 200 may hold entries that failed: only those that got an id were taken. An entry that is too large would
 * be refused for ever, so that it counts as taken and is told by the log alone.
 *
 * @param refused is told why an entry was not taken.
 */
export const eventBridgePublisher =
  (client: EventBridgeClient, bus: string, refused: (cause: unknown) => void): Publish =>
  async (news) => {
    const taken = new Set<string>();
    const all = news.map((each) => sizedEntry(bus, each));
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
      // Whoever does not answer now does not answer the next request either.
      if (answer === undefined) break;
      for (const [index, { id }] of request.entries())
        if (answer.Entries?.[index]?.EventId !== undefined) taken.add(id);
      if ((answer.FailedEntryCount ?? 0) > 0) refused(new EventRefused('EventBridge did not take all entries.'));
    }
    return taken;
  };
