import { allowancesOf } from '../limits/allowances.ts';
import type { Allowance } from '../limits/guard.ts';
import { momentOf } from '../limits/moment.ts';
import type { ResendNonces } from '../number/pseudonyms.ts';
import type { Replacement } from '../ports.ts';
import type { Delivery, Verification } from '../record/verification.ts';
import { type VerificationView, viewOf } from '../record/view.ts';
import { longestSendMs, noteUnconfirmed } from '../sending/notes.ts';
import type { ResendContext } from './replacement.ts';

export type Repeated =
  | {
      readonly kind: 'repeated';
      readonly view: VerificationView;
      readonly country: string;
      readonly test: boolean;
      readonly allowances: readonly Allowance[];
    }
  | { readonly kind: 'in-progress' | 'key-reused'; readonly allowances: readonly Allowance[] };

/** Whether a resend with this idempotency key has been committed. */
export const isRepeatOf = ({ resendNonces }: Verification, nonces: ResendNonces | undefined): boolean =>
  nonces !== undefined && [nonces.own, nonces.earlier, ...nonces.others].some((each) => resendNonces.includes(each));

/** Whether it asked for another channel. */
const isOfAnother = ({ resendNonces }: Verification, nonces: ResendNonces | undefined): boolean =>
  nonces?.others.some((each) => resendNonces.includes(each)) === true;

/**
 * The answer to a resend whose idempotency key was used before: the verification as it is now, closed or not. If it asked for
 * another channel then, this is another resend, and the key is used again.
 *
 * Until the outcome of its SMS is known, or no function can be waiting for it any more, the answer is to wait. After
 * that the outcome is noted as unconfirmed.
 */
export const answerRepeat = async (context: ResendContext, verification: Verification): Promise<Repeated> => {
  const { id, sealed, nonces, nowMs } = context;
  if (isOfAnother(verification, nonces)) return { kind: 'key-reused', ...unchangedAllowances(context) };
  const { unsettledResend } = verification;
  const isUnsettled = unsettledResend !== undefined && [nonces?.own, nonces?.earlier].includes(unsettledResend);
  if (isUnsettled && nowMs < verification.sentAtMs + longestSendMs) return answerInProgress(context);
  if (isUnsettled) await noteOutcome(context, verification.sendId, 'unconfirmed');
  const shown = isUnsettled ? { ...verification, delivery: 'unconfirmed' as const } : verification;
  return {
    kind: 'repeated',
    view: viewOf(id, shown, nowMs, sealed.masked),
    country: verification.country,
    test: verification.test === true,
    ...unchangedAllowances(context),
  };
};

export const answerInProgress = (context: ResendContext): Repeated => ({
  kind: 'in-progress',
  ...unchangedAllowances(context),
});

const unchangedAllowances = (context: ResendContext) => ({
  allowances: allowancesOf({ ...context, subject: context.before }, context.facts.guard.sends, false),
});

/**
 * The answer to a resend that a limit refuses because of the resend itself, asked for twice: the first was committed after
 * the record was read. The record is read again for that, and only for a resend with a key that a limit refuses.
 */
export const answerTwin = async (context: ResendContext): Promise<Repeated | undefined> => {
  const { ports, before, nonces } = context;
  if (nonces === undefined) return undefined;
  const verification = await ports.ledger.find(before.key);
  if (verification === undefined || !isRepeatOf(verification, nonces)) return undefined;
  return answerRepeat(context, verification);
};

/** Whether the guard, which is read after the record, shows a send of the verification that the record does not have. */
export const hasLaterSend = ({ before, facts }: ResendContext): boolean => {
  const { atMs, verification } = momentOf(before.key, before.sentAtMs);
  return facts.guard.sends.some((send) => send.verification === verification && send.atMs > atMs);
};

/** Notes what became of the SMS: always for a repeat to come, else only if it is not what the record says. */
export const settleResend = async (
  context: ResendContext,
  { sendId, idempotency }: Replacement,
  delivery: Delivery,
): Promise<void> => {
  if (idempotency !== undefined) return noteOutcome(context, sendId, delivery);
  if (delivery === 'unconfirmed') await noteUnconfirmed(context.ports, context.before.key, sendId);
};

const noteOutcome = async (
  { ports: { ledger, watch }, before }: ResendContext,
  sendId: string,
  delivery: Delivery,
): Promise<void> => {
  await ledger
    .settleResend(before.key, sendId, delivery)
    .catch((cause: unknown) => watch.dependencyFailed('settle-key', cause));
};
