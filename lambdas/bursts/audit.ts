import { subjectOf } from '../otp/subject.ts';
import type { TrafficEvent } from './counts/events.ts';

/**
 * An event as it is kept: with all that rulings are made of, so that recorded traffic can be judged again. It has keyed
 * hashes, and groups in clear; no code, no number.
 */
export type AuditEntry = Omit<TrafficEvent, 'subject'> &
  TrafficEvent['subject'] & {
    /** Epoch seconds. */
    readonly expiresAt: number;
  };

/** Keeps entries. It is safe to repeat: the same entry takes the same place. It may throw `Unavailable`. */
export type AuditTrail = { readonly keep: (entries: readonly AuditEntry[]) => Promise<void> };

const daySeconds = 86_400;

/** A function of the event alone: an event that comes again is the same entry. */
export const auditEntryOf = ({ subject, ...event }: TrafficEvent, auditDays: number): AuditEntry => ({
  ...event,
  ...subjectOf(subject),
  expiresAt: Math.ceil(event.atMs / 1000) + auditDays * daySeconds,
});
