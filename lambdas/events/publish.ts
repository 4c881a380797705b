import { requirePossible } from '../bursts/counts/possible.ts';
import type { Clock } from '../otp/ports.ts';
import type { Verification } from '../otp/record/verification.ts';
import type { EventType } from '../policy.ts';
import type { Change } from './changes.ts';
import type { VerificationEvent } from './envelope.ts';
import { eventOfChange, eventOfReceipt, isNews } from './events.ts';

/** Puts events on the bus. @throws Unavailable if the bus did not take all of them. */
export type PutEvents = (
  events: readonly VerificationEvent[],
  /** Gets the id of each event that the bus took. */
  took: (id: string) => void,
) => Promise<void>;

export type PublishPorts = {
  readonly now: Clock;
  /** The records of these keys, as far as there are any. */
  readonly find: (keys: readonly string[]) => Promise<ReadonlyMap<string, Verification>>;
  readonly put: PutEvents;
  readonly published: (count: number) => void;
  /** A receipt is of no verification that is there. */
  readonly unmatched: () => void;
};

/** @throws Error for a change that no function of the service makes. */
export const requireMade = (decoded: Change): Change => {
  if (decoded.kind === 'verification') requirePossible(decoded.change.before, decoded.change.after);
  return decoded;
};

/**
 * Publishes the events of changes, for one batch of the stream.
 *
 * Safe to repeat: an event has the same id each time. Within a batch, one that the bus took is not put again.
 */
export const publishEvents = (
  { now, find, put, published, unmatched }: PublishPorts,
  types: readonly EventType[],
): ((changes: readonly Change[]) => Promise<void>) => {
  const taken = new Set<string>();
  const putAll = async (events: readonly VerificationEvent[]): Promise<void> => {
    const before = taken.size;
    try {
      await put(events, (id) => void taken.add(id));
    } finally {
      if (taken.size > before) published(taken.size - before);
    }
  };
  return async (changes) => {
    const receipts = changes.flatMap((each) =>
      each.kind === 'receipt' && isNews(each.change) ? [each.change.verification] : [],
    );
    const records = receipts.length === 0 ? new Map<string, Verification>() : await find([...new Set(receipts)]);
    const eventOf = (each: Change): VerificationEvent | undefined => {
      if (each.kind === 'verification') return eventOfChange(each.change);
      if (!isNews(each.change)) return undefined;
      const record = records.get(each.change.verification);
      if (record === undefined) unmatched();
      return record === undefined ? undefined : eventOfReceipt(each.change, record, now());
    };
    const events = changes.flatMap((each) => eventOf(each) ?? []);
    const wanted = events.filter(({ id, type }) => types.includes(type) && !taken.has(id));
    if (wanted.length > 0) await putAll(wanted);
  };
};
