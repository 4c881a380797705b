import { createHash } from 'node:crypto';
import { guessLetIn, type Verification } from '../../otp/record/verification.ts';
import { type Subject, subjectOf } from '../../otp/subject.ts';
import type { Channel, HeldLevel } from '../../policy.ts';

/** What happened, as the detector and the audit trail see it. */
export const trafficKinds = [
  /** A verification was requested, and its SMS handed over. */
  'started',
  /** Its first SMS was surely not sent, and does not count. */
  'unsent',
  /** It is unknown whether its SMS was sent. */
  'unconfirmed',
  'resent',
  'approved',
  'wrong',
  'canceled',
  /** A send was refused. */
  'refused',
  /** The number of a verification that was requested before turned out to be swapped or ported. */
  'at-risk',
] as const;
export type TrafficKind = (typeof trafficKinds)[number];

/** Something that happened to a verification, or a refused send. It has groups and keyed hashes, no code and no number. */
export type TrafficEvent = {
  readonly version: 1;
  /** Id of the stream record: the same when it is delivered again. */
  readonly id: string;
  readonly kind: TrafficKind;
  readonly atMs: number;
  /** When the verification was requested: all of its events count in that time bucket. */
  readonly startedAtMs: number;
  readonly subject: Subject;
  readonly purpose: string;
  /** Whether the number had not verified within 90 days when it asked. */
  readonly unverified: boolean;
  /** Whether its IP was trusted. */
  readonly trustedIp?: boolean | undefined;
  /** Whether the number had verified from this network. */
  readonly pair?: boolean | undefined;
  /** Milliseconds since the last unapproved send to the number, within 24 hours, and since the first of six hours. */
  readonly sincePreviousSendMs?: number | undefined;
  readonly sinceFirstSendMs?: number | undefined;
  /** The levels of the restrictions that the request passed as a probe. */
  readonly probes?: readonly HeldLevel[] | undefined;
  /** The same for all events of one verification; a refused send has none. No record can be read by it. */
  readonly verification?: string | undefined;
  /** Of a resend and an approval: the SMS of the verification so far. */
  readonly sends?: number | undefined;
  /** Of a request and a resend, if the code went out by a call. */
  readonly channel?: Channel | undefined;
  /** Of an approval: the wrong codes before the right one. */
  readonly mistyped?: number | undefined;
  /** Of refusals: why, and by which limit. */
  readonly reason?: string | undefined;
  readonly limit?: string | undefined;
  /** That the number is swapped or ported, of the event by which this is known. */
  readonly risk?: NumberAtRisk | undefined;
  /** Of such an event: its proof asks for more. */
  readonly stepUp?: true | undefined;
};

export type NumberAtRisk = 'swapped' | 'ported';

/** A refused send as the stream shows it. */
export type RefusedSend = {
  readonly subject: Subject;
  readonly purpose: string;
  readonly reason: string;
  readonly limit: string | undefined;
  readonly atMs: number;
  readonly test: boolean;
};

/** A record of the stream of verifications: the item before and after. */
export type StreamChange = {
  /** Unique in the stream; the same when the record is delivered again. */
  readonly id: string;
  readonly before: Verification | undefined;
  readonly after: Verification | undefined;
  readonly refused?: RefusedSend | undefined;
};

/** The event of a change; `undefined` if it is none, or test traffic, from which the detector learns nothing. */
export const eventOf = ({ id, before, after, refused }: StreamChange): TrafficEvent | undefined => {
  if (refused !== undefined) {
    const { test, atMs, ...rest } = refused;
    if (test) return undefined;
    const event = { ...rest, version: 1, id, kind: 'refused', atMs, startedAtMs: atMs, unverified: false } as const;
    return { ...event, ...riskOfRefusal(refused) };
  }
  if (after === undefined || after.test === true) return undefined;
  const risk = riskOf(before, after);
  const happened = happenedTo(before, after) ?? (risk && { kind: 'at-risk', atMs: after.sentAtMs });
  if (happened === undefined) return undefined;
  const { key, purpose, createdAtMs, trusted, trustedIp, pair, sincePreviousSendMs, sinceFirstSendMs, probes } = after;
  return {
    ...happened,
    ...risk,
    version: 1,
    id,
    startedAtMs: createdAtMs,
    subject: subjectOf(after),
    purpose,
    unverified: trusted !== true,
    trustedIp,
    pair,
    sincePreviousSendMs,
    sinceFirstSendMs,
    probes,
    verification: referenceOf(key),
  };
};

/** A name for a verification, derived from the key of its record: events lead neither to the id nor to the record. */
export const referenceOf = (recordKey: string): string =>
  createHash('sha256').update(`audit\n${recordKey}`).digest('hex').slice(0, 32);

type Risk = Pick<TrafficEvent, 'risk' | 'stepUp'>;

/** The limits that refuse a number at risk. Another one refuses a number of which nothing is known: that finds nothing. */
const riskByLimit: ReadonlyMap<string | undefined, NumberAtRisk> = new Map([
  ['sim-swap', 'swapped'],
  ['port-notice', 'ported'],
]);

const riskOfRefusal = ({ reason, limit }: Pick<RefusedSend, 'reason' | 'limit'>): Risk => {
  const risk = reason === 'number-at-risk' ? riskByLimit.get(limit) : undefined;
  return risk === undefined ? {} : { risk };
};

/** Of the change by which the record says so, or by which its proof asks for more. */
const riskOf = (before: Verification | undefined, after: Verification): Risk | undefined => {
  const { risk, stepUp } = after;
  if (risk !== 'swapped' && risk !== 'ported') return undefined;
  if (before?.risk === risk && before.stepUp === stepUp) return undefined;
  return { risk, ...(stepUp === true ? { stepUp } : {}) };
};

type Happened = Pick<TrafficEvent, 'kind' | 'atMs' | 'mistyped' | 'sends' | 'channel'>;

const happenedTo = (before: Verification | undefined, after: Verification): Happened | undefined => {
  const { createdAtMs, sentAtMs, guessedAtMs = createdAtMs, sends } = after;
  const called = after.channel === undefined ? {} : { channel: after.channel };
  if (before === undefined) return { kind: 'started', atMs: createdAtMs, ...called };
  const guess = guessLetIn(before, after);
  if (guess === 'right') return { kind: 'approved', atMs: guessedAtMs, mistyped: before.guesses.length, sends };
  if (guess === 'wrong') return { kind: 'wrong', atMs: guessedAtMs };
  if (after.ended !== before.ended) {
    const atMs = Math.max(sentAtMs, guessedAtMs);
    return after.ended === 'failed' ? { kind: 'unsent', atMs, ...called } : { kind: 'canceled', atMs };
  }
  if (sends > before.sends) return { kind: 'resent', atMs: sentAtMs, sends, ...called };
  if (after.delivery === 'unconfirmed' && before.delivery !== 'unconfirmed') {
    return { kind: 'unconfirmed', atMs: sentAtMs };
  }
  return undefined;
};

/** An event is counted for this long. Its time bucket is kept two hours longer: a late event would begin it anew. */
export const countedForMs = 24 * 3_600_000;
export const isCounted = ({ atMs }: { readonly atMs: number }, nowMs: number): boolean => atMs > nowMs - countedForMs;
