import type { TestNumbers } from '../../policy.ts';
import { testEntryKey } from '../number/test-numbers.ts';
import type { SendFacts } from '../ports.ts';
import { viewOf } from '../record/view.ts';
import { commitAndReserve } from '../sending/commit.ts';
import { type RequestContext, type RequestOutcome, unchangedAllowances } from './context.ts';
import { type MadeSecrets, newVerification } from './draft.ts';
import { refuseDestination } from './refuse.ts';
import { endAsFailed } from './roll-back.ts';

/** Commits a verification of a test number, which costs one use of its entry. Its code is public, so nothing is sent. */
export const verifyTestNumber = async (
  context: RequestContext,
  facts: SendFacts,
  made: MadeSecrets,
  test: TestNumbers,
): Promise<RequestOutcome> => {
  const { ports, draft, request, nowMs } = context;
  const send = newVerification(context, facts, made, undefined);
  const committed = await commitAndReserve({
    commit: () => ports.ledger.commit(send, nowMs),
    reserve: () => ports.ledger.useTestNumber(testEntryKey(test), test.uses, test.expiresAt),
    rollBack: () => endAsFailed(context, 'roll-back'),
  });
  if (committed.kind === 'exceeded') return refuseDestination(context, 'test-number');
  if (committed.kind !== 'committed') return { kind: 'in-progress', ...unchangedAllowances(context, facts) };
  const view = viewOf(draft.id, send.verification, nowMs, request.phone.masked());
  return { kind: 'created', view, test: true, routes: [], ...unchangedAllowances(context, facts) };
};
