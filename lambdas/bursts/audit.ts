import type { TrafficEvent, TrafficKind } from './counts/events.ts';

/** An event as it is kept. It has keyed hashes, and groups in clear; no code, no number. */
export type AuditEntry = {
  readonly version: 1;
  /** Id of the stream record: the same when it is delivered again. */
  readonly id: string;
  readonly kind: TrafficKind;
  readonly atMs: number;
  readonly phoneKey: string;
  readonly ip: string;
  readonly range: string;
  readonly prefix: string;
  readonly country: string;
  readonly application: string;
  readonly purpose: string;
  readonly unverified: boolean;
  readonly verification?: string | undefined;
  readonly reason?: string | undefined;
  readonly limit?: string | undefined;
  /** Epoch seconds. */
  readonly expiresAt: number;
};

/** Keeps entries. It is safe to repeat: the same entry takes the same place. It may throw `Unavailable`. */
export type AuditTrail = { readonly keep: (entries: readonly AuditEntry[]) => Promise<void> };

const daySeconds = 86_400;

/** A function of the event alone: an event that comes again is the same entry. */
export const auditEntryOf = (event: TrafficEvent, auditDays: number): AuditEntry => {
  const { id, kind, atMs, subject, purpose, unverified, verification, reason, limit } = event;
  const { phoneKey, ip, range, prefix, country, application } = subject;
  return {
    version: 1,
    id,
    kind,
    atMs,
    phoneKey,
    ip,
    range,
    prefix,
    country,
    application,
    purpose,
    unverified,
    verification,
    reason,
    limit,
    expiresAt: Math.ceil(atMs / 1000) + auditDays * daySeconds,
  };
};
