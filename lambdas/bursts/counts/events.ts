import { createHash } from 'node:crypto';
import { guessLetIn, type Verification } from '../../otp/record/verification.ts';
import { type Subject, subjectOf } from '../../otp/subject.ts';

/** What happened, as the detector and the audit trail see it. */
export const trafficKinds = [
  /** A verification was requested, and its SMS handed over. */
  'started',
  /** Its first SMS was surely not sent, and does not count. */
  'unsent',
  /** Nobody knows whether its SMS was sent. */
  'unconfirmed',
  'resent',
  'approved',
  'wrong',
  'canceled',
  /** A send was refused. */
  'refused',
] as const;
export type TrafficKind = (typeof trafficKinds)[number];

/** One thing that happened to one verification, or one refused send. No code, no number: groups and keyed hashes. */
export type TrafficEvent = {
  readonly version: 1;
  /** The stream's: the same when the record is delivered again. */
  readonly id: string;
  readonly kind: TrafficKind;
  readonly atMs: number;
  /** When the verification was requested: what is counted of it is counted there. */
  readonly startedAtMs: number;
  readonly subject: Subject;
  readonly purpose: string;
  /** Whether the number had not verified within 90 days when it asked. */
  readonly unverified: boolean;
  /** The same for all that happened to one verification; a refused send has none. It opens nothing. */
  readonly verification?: string | undefined;
  /** Of what was approved: the wrong codes before the right one. */
  readonly mistyped?: number | undefined;
  /** Of refusals: why, and by which limit. */
  readonly reason?: string | undefined;
  readonly limit?: string | undefined;
};

/** A refused send as the stream shows it. */
export type RefusedSend = {
  readonly subject: Subject;
  readonly purpose: string;
  readonly reason: string;
  readonly limit: string | undefined;
  readonly atMs: number;
  readonly test: boolean;
};

/** A record of the stream of verifications: what stood there before, and what stands there now. */
export type StreamChange = {
  /** Unique in the stream; the same when the record is delivered again. */
  readonly id: string;
  readonly before: Verification | undefined;
  readonly after: Verification | undefined;
  readonly refused?: RefusedSend | undefined;
};

/** The event that a change is; undefined for what is none, and for test traffic, from which nothing is learnt. */
export const eventOf = ({ id, before, after, refused }: StreamChange): TrafficEvent | undefined => {
  if (refused !== undefined) {
    const { test, atMs, ...rest } = refused;
    return test ? undefined : { ...rest, version: 1, id, kind: 'refused', atMs, startedAtMs: atMs, unverified: false };
  }
  if (after === undefined || after.test === true) return undefined;
  const happened = happenedTo(before, after);
  if (happened === undefined) return undefined;
  const { key, purpose, createdAtMs, trusted } = after;
  return {
    ...happened,
    version: 1,
    id,
    startedAtMs: createdAtMs,
    subject: subjectOf(after),
    purpose,
    unverified: trusted !== true,
    verification: referenceOf(key),
  };
};

/**
 * A name for a verification that is not the key of its record, but can be worked out from it: whoever has the id finds
 * its events, and whoever has the events finds neither id nor record.
 */
export const referenceOf = (recordKey: string): string =>
  createHash('sha256').update(`audit\n${recordKey}`).digest('hex').slice(0, 32);

type Happened = Pick<TrafficEvent, 'kind' | 'atMs' | 'mistyped'>;

const happenedTo = (before: Verification | undefined, after: Verification): Happened | undefined => {
  const { createdAtMs, sentAtMs, guessedAtMs = createdAtMs } = after;
  if (before === undefined) return { kind: 'started', atMs: createdAtMs };
  const guess = guessLetIn(before, after);
  if (guess === 'right') return { kind: 'approved', atMs: guessedAtMs, mistyped: before.guesses.length };
  if (guess === 'wrong') return { kind: 'wrong', atMs: guessedAtMs };
  if (after.ended !== before.ended) {
    return { kind: after.ended === 'failed' ? 'unsent' : 'canceled', atMs: Math.max(sentAtMs, guessedAtMs) };
  }
  if (after.sends > before.sends) return { kind: 'resent', atMs: sentAtMs };
  if (after.delivery === 'unconfirmed' && before.delivery !== 'unconfirmed') {
    return { kind: 'unconfirmed', atMs: sentAtMs };
  }
  return undefined;
};

/**
 * How long after it happened an event is counted. Its mark lives for two hours more: what comes later, out of the bucket
 * of dead letters, could be known no more, and would be counted twice. What is judged is younger anyway.
 */
export const countedForMs = 24 * 3_600_000;
export const isCounted = ({ atMs }: { readonly atMs: number }, nowMs: number): boolean => atMs > nowMs - countedForMs;
