import { daySeconds } from '../otp/durations.ts';
import { subjectOf } from '../otp/subject.ts';
import type { BatchPlace } from './counts/batch.ts';
import type { TrafficEvent } from './counts/events.ts';

/**
 * An event as it is kept: with all that rulings are made of, so that recorded traffic can be judged again. It has keyed
 * hashes, and groups in clear; no code, no number. An event that was not judged has no place in a batch.
 */
export type AuditEntry = Omit<TrafficEvent, 'subject'> &
  TrafficEvent['subject'] &
  Partial<BatchPlace> & {
    /** Epoch seconds. */
    readonly expiresAt: number;
  };

/** Keeps entries. It is safe to repeat: the same entry takes the same place. It may throw `Unavailable`. */
export type AuditTrail = { readonly keep: (entries: readonly AuditEntry[]) => Promise<void> };

/** A function of the event and of its place: an event that comes again takes the place of its entry, and has the same key. */
export const auditEntryOf = (
  { subject, ...event }: TrafficEvent,
  auditDays: number,
  place?: BatchPlace | undefined,
): AuditEntry => ({
  ...event,
  ...subjectOf(subject),
  ...place,
  expiresAt: Math.ceil(event.atMs / 1000) + auditDays * daySeconds,
});
