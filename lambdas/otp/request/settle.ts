import type { Idempotency } from '../ports.ts';
import type { RequestContext } from './context.ts';

/** Notes that the outcome of a request with an idempotency key is known, so that a repeat can state it. */
export const settleKey = async (
  { ports: { ledger, watch } }: RequestContext,
  idempotency: Idempotency | undefined,
): Promise<void> => {
  if (idempotency === undefined) return;
  await ledger.settleKey(idempotency.key).catch((cause: unknown) => watch.dependencyFailed('settle-key', cause));
};
