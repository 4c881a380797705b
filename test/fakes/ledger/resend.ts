import { withoutSend } from '../../../lambdas/otp/limits/guard.ts';
import { momentOf } from '../../../lambdas/otp/limits/moment.ts';
import type { ResendLedger } from '../../../lambdas/otp/ports.ts';
import { isOpen } from '../../../lambdas/otp/record/verification.ts';
import { type Calls, untilSettled } from './calls.ts';
import { factsOf } from './counters.ts';
import type { MemoryTables } from './tables.ts';

type Written = Pick<ResendLedger, 'readFacts' | 'replace' | 'restore'>;

/** What a resend reads and commits. */
export const memoryResend = (tables: MemoryTables, { call, transact }: Calls): Written => {
  const { guards, records } = tables;
  return {
    readFacts: (subject, nowMs) => call('readFacts', () => factsOf(tables, subject, nowMs)),
    replace: async ({ before, code, sendId, sentAtMs, resendAtMs, expiresAt, guard }, nowMs) => {
      const { key, phoneKey } = before;
      const outcome = await transact('replace', [key, phoneKey], () => {
        const record = records.get(key);
        const isTheOneRead =
          record !== undefined &&
          isOpen(record, nowMs) &&
          record.code === before.code &&
          !record.guesses.includes(code);
        if (!isTheOneRead) return { kind: 'changed', verification: record } as const;
        if (guard !== undefined) {
          if (!tables.guardHolds(phoneKey, guard)) return { kind: 'lost-race', guard: guards.get(phoneKey) } as const;
          guards.set(phoneKey, guard);
        }
        const sends = record.sends + 1;
        tables.change(key, { code, sendId, sentAtMs, resendAtMs, expiresAt, sends, delivery: 'accepted' });
        return { kind: 'committed' } as const;
      });
      return outcome === 'conflict' ? { kind: 'lost-race', guard: undefined } : outcome;
    },
    restore: ({ before, code, sendId, sentAtMs, guard }, what) =>
      untilSettled(() =>
        transact('restore', [before.key, before.phoneKey], () => {
          const record = records.get(before.key);
          if (record?.code !== code || record.sendId !== sendId || record.ended !== undefined) return;
          if (record.guesses.includes(code) || record.guesses.includes(before.code)) return;
          tables.change(before.key, {
            code: before.code,
            sendId: before.sendId,
            sentAtMs: before.sentAtMs,
            resendAtMs: before.resendAtMs,
            expiresAt: before.expiresAt,
            delivery: before.delivery,
            sends: record.sends - 1,
          });
          if (guard === undefined || what === 'keep') return;
          const lost = momentOf(before.key, sentAtMs);
          guards.set(before.phoneKey, withoutSend(tables.guardOf(before.phoneKey), lost));
        }),
      ),
  };
};
