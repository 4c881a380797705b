import type { AdmissionFacts } from '../limits/admission.ts';
import { allowancesOf } from '../limits/allowances.ts';
import type { Guard } from '../limits/guard.ts';
import type { NewVerification } from '../ports.ts';
import { noteMessageId } from '../receipts/note-message.ts';
import type { Verification } from '../record/verification.ts';
import { viewOf } from '../record/view.ts';
import type { Committed } from '../sending/commit.ts';
import { noteTakenRoute, noteUnconfirmed } from '../sending/notes.ts';
import { nothingTried } from '../sending/routes.ts';
import { sendTimeOf } from '../sending/send-time.ts';
import { hasOptedOut, isCounted, obstacleOf, routeOutcomesOf, type Sent } from '../sending/sent.ts';
import { sendBy } from '../sending/sms.ts';
import { messageOf, type RequestContext, type RequestOutcome, unchangedAllowances } from './context.ts';
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
  const { ports, policy, request, draft, nowMs } = context;
  const message = {
    ...messageOf(request, policy),
    code: draft.code,
    context: { verification: draft.key, send: draft.sendId },
    time: sendTimeOf(ports.now, verification.expiresAt),
  };
  const sent = await sendBy(ports, request.channel)(policy, message, nothingTried);
  const { outcome } = sent;
  if (outcome.kind === 'rejected') return answerRejected(context, facts, verification, guard, sent, release);
  const settle = async () => {
    const isNoted = outcome.kind === 'accepted' || (await noteUnconfirmed(ports, draft.key, draft.sendId));
    if (isNoted) await settleKey(context, draft.idempotency);
  };
  await Promise.all([settle(), noteTakenRoute(ports, draft, sent), noteMessageId(ports, policy, message, sent, nowMs)]);
  return {
    kind: 'created',
    view: viewOf(draft.id, { ...verification, delivery: outcome.kind }, nowMs, request.phone.masked()),
    test: false,
    routes: routeOutcomesOf(sent),
    allowances: allowancesOf({ ...context, facts }, guard.sends, true),
  };
};

/**
 * A send to a holder who opted out stays on the guard, so that repeats do not reach the network (ADR 11). So does one that the
 * network refuses because of its destination, which counts for the IP as well.
 */
const answerRejected = async (
  context: RequestContext,
  facts: AdmissionFacts,
  { resendAtMs }: Verification,
  guard: Guard,
  sent: Sent,
  release: Committed['release'],
): Promise<RequestOutcome> => {
  const routes = routeOutcomesOf(sent);
  const obstacle = obstacleOf(sent.failed);
  if (!isCounted(sent.failed)) {
    await Promise.all([rollBack(context), release()]);
    return { kind: 'not-sent', obstacle, routes, ...unchangedAllowances(context, facts) };
  }
  const isOptedOut = hasOptedOut(sent);
  await Promise.all([endAsFailed(context, 'end-as-failed'), release(isOptedOut ? undefined : 'ip')]);
  if (isOptedOut) return { kind: 'opted-out', routes, ...unchangedAllowances(context, { ...facts, guard }) };
  const allowances = allowancesOf({ ...context, facts }, guard.sends, true);
  const waitSeconds = Math.ceil((resendAtMs - context.nowMs) / 1000);
  return { kind: 'not-sent', obstacle, waitSeconds, routes, allowances };
};
