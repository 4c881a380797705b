import { recordKey } from '../number/pseudonyms.ts';
import type { SendFacts } from '../ports.ts';
import { viewOf } from '../record/view.ts';
import { longestSendMs, noteUnconfirmed } from '../sending/notes.ts';
import { type RequestContext, type RequestOutcome, unchangedAllowances } from './context.ts';
import { withKnownRisk } from './risk.ts';
import { settleKey } from './settle.ts';

/** The answer to a request whose idempotency key was used before: the first verification as it is now. */
export const answerRepeat = async (context: RequestContext, facts: SendFacts): Promise<RequestOutcome | undefined> => {
  const { ports, request, pseudonyms, draft, nowMs } = context;
  const { idempotencyKey, application } = request;
  const { idempotency } = facts;
  if (idempotencyKey === undefined || idempotency === undefined || draft.idempotency === undefined) return undefined;
  if (nowMs >= idempotency.expiresAt * 1000) return undefined;
  // No allowances: the body may name another number, whose sends are none of the caller's business.
  if (idempotency.body !== draft.idempotency.body) return { kind: 'key-reused', allowances: [] };
  const { generation, salt, isSettled, startedAtMs } = idempotency;
  const inProgress = { kind: 'in-progress', ...unchangedAllowances(context, facts) } as const;
  if (!isSettled && nowMs < startedAtMs + longestSendMs) return inProgress;
  const id = `${generation}${pseudonyms.verificationId(application, idempotencyKey, salt)}`;
  const touched = await ports.ledger.touch(recordKey(application, id), nowMs);
  if (touched === undefined) return inProgress;
  // A request that ended unsettled may have sent its SMS. After a resend, the resend's outcome counts.
  const isUnknown = !isSettled && touched.sends === 1;
  const verification = isUnknown ? await withKnownRisk(context, facts, touched) : touched;
  if (isUnknown && (await noteUnconfirmed(ports, verification.key, verification.sendId))) {
    await settleKey(context, idempotency);
  }
  const shown = isUnknown ? { ...verification, delivery: 'unconfirmed' as const } : verification;
  const view = viewOf(id, shown, nowMs, request.phone.masked());
  return { kind: 'repeated', view, test: verification.test === true, ...unchangedAllowances(context, facts) };
};
