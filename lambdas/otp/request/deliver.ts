import type { AdmissionFacts } from '../limits/admission.ts';
import { allowancesOf } from '../limits/allowances.ts';
import type { Guard } from '../limits/guard.ts';
import type { NewVerification, SmsOutcome } from '../ports.ts';
import { viewOf } from '../record/view.ts';
import type { Committed } from '../sending/commit.ts';
import { noteUnconfirmed } from '../sending/notes.ts';
import { sendBy } from '../sending/sms.ts';
import { type RequestContext, type RequestOutcome, unchangedAllowances } from './context.ts';
import { endAsFailed, rollBack } from './roll-back.ts';
import { settleKey } from './settle.ts';

/** Sends the SMS of a committed request, and settles or rolls back what was committed. */
export const deliver = async (
  context: RequestContext,
  facts: AdmissionFacts,
  { verification }: NewVerification,
  guard: Guard,
  { release }: Committed,
): Promise<RequestOutcome> => {
  const { ports, policy, request, draft, subject, nowMs } = context;
  const { lifetimeSeconds } = policy.code;
  const message = {
    ...request,
    code: draft.code,
    country: subject.country,
    lifetimeSeconds,
    context: { verification: draft.key, send: draft.sendId },
  };
  const sent = await sendBy(ports, request.channel)(policy, message, 0);
  if (sent.kind === 'rejected') return answerRejected(context, facts, guard, sent, release);
  const isNoted = sent.kind === 'accepted' || (await noteUnconfirmed(ports, draft.key, draft.sendId));
  if (isNoted) await settleKey(context, draft.idempotency);
  return {
    kind: 'created',
    view: viewOf(draft.id, { ...verification, delivery: sent.kind }, nowMs, request.phone.masked()),
    test: false,
    allowances: allowancesOf({ ...context, facts }, guard.sends, true),
  };
};

/** A send to a holder who opted out stays on the guard, so that repeats do not reach the network (ADR 11). */
const answerRejected = async (
  context: RequestContext,
  facts: AdmissionFacts,
  guard: Guard,
  { reason }: Extract<SmsOutcome, { kind: 'rejected' }>,
  release: Committed['release'],
): Promise<RequestOutcome> => {
  if (reason !== 'opted-out') {
    await Promise.all([rollBack(context), release()]);
    return { kind: 'not-sent', ...unchangedAllowances(context, facts) };
  }
  await Promise.all([endAsFailed(context, 'end-as-failed'), release()]);
  return { kind: 'opted-out', ...unchangedAllowances(context, { ...facts, guard }) };
};
