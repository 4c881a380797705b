import { createHash } from 'node:crypto';
import type { RefusedSend, StreamChange } from '../bursts/counts/events.ts';
import { stepUpHint } from '../contract.ts';
import { lengthPrefixed } from '../otp/record/code.ts';
import { attemptsRemaining, guessLetIn, statusOf, type Verification } from '../otp/record/verification.ts';
import { cooldownLimit, type EventType } from '../policy.ts';
import type { ReceiptChange } from './changes.ts';
import type { FailureReason, RefusalReason, VerificationEvent } from './envelope.ts';

/** A function of the stream record and the type, so that an event that comes again has the same id. 160 bits. */
export const eventIdOf = (streamId: string, type: EventType): string =>
  `evt_${createHash('sha256')
    .update(lengthPrefixed(['event', streamId, type]))
    .digest()
    .subarray(0, 20)
    .toString('base64url')}`;

const headOf = <Type extends EventType>(streamId: string, type: Type, atMs: number) => ({
  id: eventIdOf(streamId, type),
  type,
  timestamp: new Date(atMs).toISOString(),
});

const testOf = ({ test }: { readonly test?: boolean | undefined }): { readonly test?: true } =>
  test === true ? { test } : {};

const dataOf = (after: Verification) => ({
  application: after.application,
  verification: after.key,
  purpose: after.purpose,
  country: after.country,
  ...testOf(after),
});

/** A consumer that acts on approvals would take a code that is not enough alone for one that is. */
const statusWithHint = <Status extends ReturnType<typeof statusOf>>(status: Status, { stepUp }: Verification) => ({
  status,
  ...(status === 'approved' && stepUp === true ? { hint: stepUpHint } : {}),
});

const channelOf = ({ channel = 'sms' }: Verification) => ({ channel });

/**
 * The event of a change of a record, or of a refusal; `undefined` if it is none. Resends, wrong codes that leave attempts, and
 * cancellations are none.
 *
 * @throws Error for a refusal that the service does not make.
 */
export const eventOfChange = ({ id, before, after, refused }: StreamChange): VerificationEvent | undefined => {
  if (refused !== undefined) return refusedEvent(id, refused);
  if (after === undefined) return undefined;
  const data = { ...dataOf(after), ...channelOf(after) };
  const { createdAtMs, sentAtMs, guessedAtMs = createdAtMs } = after;
  if (before === undefined)
    return { ...headOf(id, 'verification.requested', createdAtMs), data: { ...data, status: 'pending' } };
  const guess = guessLetIn(before, after);
  if (guess === 'right')
    return {
      ...headOf(id, 'verification.approved', guessedAtMs),
      data: { ...data, ...statusWithHint('approved', after) },
    };
  const failed = (reason: FailureReason, atMs: number): VerificationEvent => ({
    ...headOf(id, 'verification.failed', atMs),
    data: { ...data, status: 'failed', reason },
  });
  if (guess === 'wrong') return attemptsRemaining(after) === 0 ? failed('attempts-exhausted', guessedAtMs) : undefined;
  const hasFailed = before.ended === undefined && after.ended === 'failed';
  return hasFailed ? failed('send-failed', Math.max(sentAtMs, guessedAtMs)) : undefined;
};

const refusedEvent = (id: string, refused: RefusedSend): VerificationEvent => {
  const { subject, purpose, atMs } = refused;
  const { application, country } = subject;
  return {
    ...headOf(id, 'verification.refused', atMs),
    data: { application, purpose, country, ...testOf(refused), status: 'refused', reason: reasonOf(refused) },
  };
};

/** By the cause of a limit. Its level and its name would tell an attacker what to change. */
const reasons: Readonly<Record<string, RefusalReason>> = {
  phone: 'too-many-requests',
  ip: 'too-many-requests',
  block: 'destination-suspended',
  'low-volume': 'destination-suspended',
  cap: 'spend-cap-reached',
  'destination-country': 'destination-not-allowed',
  'destination-type': 'destination-not-allowed',
  'destination-test-number': 'destination-not-allowed',
  'destination-voice': 'destination-not-allowed',
  'number-at-risk': 'number-at-risk',
};

/** As the API answers the same refusal. */
const reasonOf = ({ reason, limit }: RefusedSend): RefusalReason => {
  if (limit === cooldownLimit) return 'resend-too-soon';
  const known = Object.hasOwn(reasons, reason) ? reasons[reason] : undefined;
  if (known === undefined) throw new Error('A stream record has a refusal that this function does not know.');
  return known;
};

/** Whether a receipt says something final that its item did not say of the same message before. */
export const isNews = ({ before, after }: ReceiptChange): boolean =>
  isFinal(after.delivery) && !(before?.sendId === after.sendId && before.delivery === after.delivery);

const isFinal = (delivery: string): boolean => delivery === 'delivered' || delivery === 'failed';

/**
 * The event of a receipt; `undefined` if it is none. The item names no application, so that its record is needed.
 *
 * @param nowMs of the status.
 */
export const eventOfReceipt = (
  receipt: ReceiptChange,
  record: Verification,
  nowMs: number,
): VerificationEvent | undefined => {
  if (!isNews(receipt)) return undefined;
  const { id, after, toldAtMs } = receipt;
  // The record has the channel of its last message only.
  const channel = after.sendId === record.sendId ? channelOf(record) : {};
  const data = { ...dataOf(record), ...channel, ...statusWithHint(statusOf(record, nowMs), record) };
  if (after.delivery === 'delivered') return { ...headOf(id, 'verification.delivered', toldAtMs), data };
  const why = after.reason === undefined ? {} : { deliveryReason: after.reason };
  return { ...headOf(id, 'verification.failed', toldAtMs), data: { ...data, reason: 'not-delivered', ...why } };
};
