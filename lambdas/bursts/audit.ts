import type { TrafficEvent, TrafficKind } from './counts/events.ts';

/** One thing that happened, as it is kept. No code, no number: keyed hashes, and groups in clear. */
export type AuditEntry = {
  readonly version: 1;
  /** The stream's: the same when the record is delivered again. */
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

/** Where entries are kept. Safe to repeat: the same entry takes the same place. May throw `Unavailable`. */
export type AuditTrail = { readonly keep: (entries: readonly AuditEntry[]) => Promise<void> };

const daySeconds = 86_400;

/** A function of the event alone, so that the same event is the same entry whenever and however often it comes. */
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
