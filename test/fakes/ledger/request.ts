import { withoutSend } from '../../../lambdas/otp/limits/guard.ts';
import { momentOf } from '../../../lambdas/otp/limits/moment.ts';
import type { CommitOutcome, CommittedSend, RequestLedger } from '../../../lambdas/otp/ports.ts';
import { type Calls, untilSettled } from './calls.ts';
import { factsOf } from './counters.ts';
import type { MemoryTables } from './tables.ts';

type Written = Pick<RequestLedger, 'read' | 'commit' | 'rollBack' | 'endAsFailed' | 'settleKey' | 'keepRisk' | 'touch'>;

/** What a request reads and commits. */
export const memoryRequest = (tables: MemoryTables, { call, transact }: Calls): Written => {
  const { guards, records, idempotencies } = tables;
  /** Once: a record that has ended, or was sent again, stays as it is. */
  const endSend = ({ key, sendId, idempotencyKey }: CommittedSend, alsoDo: () => void) => {
    const record = records.get(key);
    if (record === undefined || record.sendId !== sendId || record.ended !== undefined) return;
    tables.change(key, { ended: 'failed' });
    alsoDo();
    if (idempotencyKey !== undefined) idempotencies.delete(idempotencyKey);
  };
  return {
    read: (subject, key, nowMs, wanted) =>
      call('read', () => ({
        ...factsOf(tables, subject, nowMs, wanted),
        stops: [...tables.stops],
        idempotency: key === undefined ? undefined : idempotencies.get(key),
      })),
    commit: async ({ guard, verification, idempotency }, nowMs) => {
      const { key, phoneKey } = verification;
      const now = Math.floor(nowMs / 1000);
      const items = [
        key,
        ...(guard === undefined ? [] : [phoneKey]),
        ...(idempotency === undefined ? [] : [idempotency.key]),
      ];
      const outcome = await transact('commit', items, (): CommitOutcome => {
        const known = idempotency === undefined ? undefined : idempotencies.get(idempotency.key);
        if (known !== undefined && known.expiresAt > now) return { kind: 'in-progress' };
        if (records.has(key)) return { kind: 'in-progress' };
        if (guard !== undefined && !tables.guardHolds(phoneKey, guard)) {
          return { kind: 'lost-race', guard: guards.get(phoneKey) };
        }
        if (guard !== undefined) guards.set(phoneKey, guard);
        records.set(key, verification);
        if (idempotency !== undefined) idempotencies.set(idempotency.key, idempotency);
        return { kind: 'committed' };
      });
      return outcome === 'conflict' ? { kind: 'lost-race', guard: undefined } : outcome;
    },
    rollBack: (send) =>
      untilSettled(() =>
        transact('rollBack', [send.key, send.phoneKey], () =>
          endSend(send, () => {
            const lost = momentOf(send.key, send.sentAtMs);
            guards.set(send.phoneKey, withoutSend(tables.guardOf(send.phoneKey), lost));
          }),
        ),
      ),
    endAsFailed: (send) => untilSettled(() => transact('endAsFailed', [send.key], () => endSend(send, () => {}))),
    keepRisk: (phoneKey, answer, askedAtMs) =>
      call('keepRisk', () => void tables.sims.set(phoneKey, { answer, askedAtMs })),
    settleKey: (key) =>
      call('settleKey', () => {
        const known = idempotencies.get(key);
        if (known !== undefined) idempotencies.set(key, { ...known, isSettled: true });
      }),
    touch: (key) => call('touch', () => records.get(key)),
  };
};
