import { withoutSend } from '../../../lambdas/otp/limits/guard.ts';
import { momentOf } from '../../../lambdas/otp/limits/moment.ts';
import type { ResendLedger } from '../../../lambdas/otp/ports.ts';
import { isOpen, type Verification } from '../../../lambdas/otp/record/verification.ts';
import { type Calls, untilSettled } from './calls.ts';
import { factsOf } from './counters.ts';
import type { MemoryTables } from './tables.ts';

type Written = Pick<ResendLedger, 'readFacts' | 'replace' | 'restore' | 'settleResend'>;

/** What a roll-back restores of a record. */
const asBefore = (before: Verification): Partial<Verification> => {
  const { code, channel, sendId, sentAtMs, resendAtMs, expiresAt, delivery } = before;
  const { superseded, resendNonces, unsettledResend, route, failedRoutes } = before;
  const ofSend = { code, channel, sendId, sentAtMs, resendAtMs, expiresAt, delivery };
  return { ...ofSend, superseded, resendNonces, unsettledResend, route, failedRoutes };
};

/** What a resend reads and commits. */
export const memoryResend = (tables: MemoryTables, { call, transact }: Calls): Written => {
  const { guards, records } = tables;
  return {
    readFacts: (subject, nowMs, wanted) =>
      call('readFacts', () => ({ ...factsOf(tables, subject, nowMs, wanted), stops: [...tables.stops] })),
    replace: async (replacement, nowMs) => {
      const { before, code, channel, sendId, sentAtMs, resendAtMs, expiresAt, guard, idempotency } = replacement;
      const { route, failedRoutes, risk } = replacement;
      const { key, phoneKey } = before;
      const outcome = await transact('replace', [key, phoneKey], () => {
        const record = records.get(key);
        const isTheOneRead =
          record !== undefined &&
          isOpen(record, nowMs) &&
          record.code === before.code &&
          ![...record.guesses, ...record.superseded].includes(code) &&
          (idempotency === undefined ||
            ![idempotency.nonce, ...(idempotency.others ?? [])].some((nonce) => record.resendNonces.includes(nonce)));
        if (!isTheOneRead) return { kind: 'changed', verification: record } as const;
        if (guard !== undefined) {
          if (!tables.guardHolds(phoneKey, guard)) return { kind: 'lost-race', guard: guards.get(phoneKey) } as const;
          guards.set(phoneKey, guard);
        }
        tables.change(key, {
          ...{ code, channel, sendId, sentAtMs, resendAtMs, expiresAt, sends: record.sends + 1, delivery: 'accepted' },
          superseded: [...record.superseded, ...replacement.superseded],
          resendNonces: [...record.resendNonces, ...(idempotency === undefined ? [] : [idempotency.nonce])],
          unsettledResend: idempotency?.isSettled === false ? idempotency.nonce : undefined,
          ...(route === undefined ? {} : { route }),
          ...(failedRoutes === undefined ? {} : { failedRoutes }),
          ...risk,
        });
        return { kind: 'committed' } as const;
      });
      return outcome === 'conflict' ? { kind: 'lost-race', guard: undefined } : outcome;
    },
    restore: ({ before, code, sendId, sentAtMs, guard }, what) =>
      untilSettled(() =>
        transact('restore', [before.key, before.phoneKey], () => {
          const record = records.get(before.key);
          if (record?.sendId !== sendId) return;
          tables.change(before.key, { resendNonces: before.resendNonces, unsettledResend: undefined });
          if (record.code !== code || record.ended !== undefined) return;
          if (record.guesses.includes(code) || record.guesses.includes(before.code)) return;
          tables.change(before.key, { ...asBefore(before), sends: record.sends - 1 });
          if (guard === undefined || what === 'keep') return;
          const lost = momentOf(before.key, sentAtMs);
          guards.set(before.phoneKey, withoutSend(tables.guardOf(before.phoneKey), lost));
        }),
      ),
    settleResend: (key, sendId, delivery) =>
      call('settleResend', () => {
        if (records.get(key)?.sendId !== sendId) return;
        tables.change(key, { unsettledResend: undefined, ...(delivery === 'unconfirmed' ? { delivery } : {}) });
      }),
  };
};
