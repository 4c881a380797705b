import { minuteMs } from '../../otp/durations.ts';
import { timeBucketOf } from '../counts/time-buckets.ts';
import { atMostMedium, type Case, type Change, noticeOf, statusOf, type Transition } from './case.ts';

/** What a sweep reads of an open case beside the case itself. */
export type CaseFacts = {
  /** Sends refused from time bucket `refusals.from` on. */
  readonly refusedSince: readonly { readonly timeBucket: number; readonly count: number }[];
  /** Staff want no block on the key before this time. */
  readonly liftedUntilMs: number | undefined;
  /** The case of a wider group whose block holds. */
  readonly parent: string | undefined;
};

/** From twice this on, refusals that doubled are worth a notification. */
const fewRefusals = 10;
const notifyAgainMs = 30 * minuteMs;

/**
 * What is to be done about an open case: one step per sweep at most.
 *
 * Staff are notified of a case that is part of another only when it is over.
 */
export const nextTransition = (
  before: Case,
  facts: CaseFacts,
  priceUsd: number,
  nowMs: number,
): Transition | undefined => {
  if (!before.isOpen) return undefined;
  const now = counted(before, facts, priceUsd, nowMs);
  const end = endOf(before, facts, nowMs);
  if (end !== undefined) return notified({ ...now, isOpen: false }, end, nowMs);
  if (isNewlyAcknowledged(before)) return notified(now, { kind: 'update' }, nowMs);
  if (before.parent !== undefined) return undefined;
  if (facts.parent !== undefined) return joined(before, facts.parent);
  return hasGrown(before, now, nowMs) ? notified(now, { kind: 'update' }, nowMs) : undefined;
};

const notified = (now: Case, change: Change, nowMs: number): Transition => {
  const after = {
    ...now,
    version: now.version + 1,
    status: statusOf(change, now.staff),
    notifiedMs: nowMs,
    childrenNotified: now.children,
  };
  return { after, change, notice: noticeOf(after, undefined), joins: undefined };
};

const joined = (before: Case, parent: string): Transition => {
  const change = { kind: 'update' } as const;
  const after = {
    ...before,
    version: before.version + 1,
    status: statusOf(change, before.staff),
    parent,
    severity: atMostMedium(before.severity),
  };
  return { after, change, notice: undefined, joins: parent };
};

const endOf = ({ atMs, untilMs, quietMs, staff }: Case, { liftedUntilMs }: CaseFacts, nowMs: number) => {
  const { falsePositive, resolved } = staff;
  if (falsePositive !== undefined && falsePositive.atMs >= atMs) {
    return { kind: 'close', because: 'false-positive', by: falsePositive.by } as const;
  }
  if (resolved !== undefined && resolved.atMs >= atMs) {
    return { kind: 'close', because: 'resolved', by: resolved.by } as const;
  }
  if (liftedUntilMs !== undefined && nowMs < liftedUntilMs) {
    return { kind: 'close', because: 'lifted', untilMs: liftedUntilMs } as const;
  }
  return nowMs >= untilMs + quietMs ? ({ kind: 'close', because: 'quiet' } as const) : undefined;
};

const isNewlyAcknowledged = ({ staff, status }: Case): boolean =>
  staff.acknowledgedBy !== undefined && status === 'New';

const counted = (before: Case, { refusedSince }: CaseFacts, priceUsd: number, nowMs: number): Case => {
  const { refusals } = before;
  const sum = (counts: CaseFacts['refusedSince']) => counts.reduce((total, { count }) => total + count, 0);
  const from = timeBucketOf(nowMs);
  const total = Math.max(refusals.total, refusals.before + sum(refusedSince));
  const earlier = refusals.before + sum(refusedSince.filter(({ timeBucket }) => timeBucket < from));
  return { ...before, refusals: { total, before: earlier, from }, sparedUsd: total * priceUsd };
};

const hasGrown = (before: Case, now: Case, nowMs: number): boolean => {
  const known = before.refusals.total;
  if (now.refusals.total >= 2 * Math.max(known, fewRefusals)) return true;
  if (now.children >= 2 * Math.max(before.childrenNotified, 1)) return true;
  return now.refusals.total > known && nowMs >= before.notifiedMs + notifyAgainMs;
};
