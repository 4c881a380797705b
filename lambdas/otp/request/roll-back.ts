import type { CommittedSend } from '../ports.ts';
import type { RequestContext } from './context.ts';

/** Rolls back a send that surely was not made. The number may have the next one at once. */
export const rollBack = async (context: RequestContext): Promise<void> => {
  const { ledger, watch } = context.ports;
  await ledger.rollBack(committedSend(context)).catch((cause: unknown) => watch.compensationFailed('roll-back', cause));
};

/** Ends the record of a send that was not made. The send stays on the guard, if there is one. */
export const endAsFailed = async (context: RequestContext, step: 'roll-back' | 'end-as-failed'): Promise<void> => {
  const { ledger, watch } = context.ports;
  await ledger.endAsFailed(committedSend(context)).catch((cause: unknown) => watch.compensationFailed(step, cause));
};

const committedSend = ({ draft, subject, nowMs }: RequestContext): CommittedSend => ({
  key: draft.key,
  phoneKey: subject.phoneKey,
  sendId: draft.sendId,
  sentAtMs: nowMs,
  idempotencyKey: draft.idempotency?.key,
});
