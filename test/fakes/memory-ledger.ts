import { type Guard, noGuard, withoutSend } from '../../lambdas/otp/guard.ts';
import {
  type CancelLedger,
  type CheckLedger,
  type CommitOutcome,
  type Finder,
  type Idempotency,
  type Refusal,
  type RequestLedger,
  type ResendLedger,
  Unavailable,
} from '../../lambdas/otp/ports.ts';
import type { Verification } from '../../lambdas/otp/verification.ts';

/** What can go wrong at one call: it is not done and says so, it is done and the answer is lost, or it meets another. */
export type Fault = 'unavailable' | 'lost' | 'conflict';

export type MemoryLedger = RequestLedger &
  ResendLedger &
  CheckLedger &
  CancelLedger &
  Finder & {
    readonly guards: Map<string, Guard>;
    readonly records: Map<string, Verification>;
    readonly idempotencies: Map<string, Idempotency>;
    readonly refusals: Refusal[];
    /** Names of the calls so far, in order. */
    readonly calls: string[];
    /** Makes the call with this number (from 0) go wrong, and all after it too if `forever`. */
    readonly failAt: (call: number, fault: Fault, forever?: boolean) => void;
  };

/**
 * The tables in memory. A transaction that begins while another holds one of its items is refused as a conflict, as
 * DynamoDB does under load and emulators never do.
 */
export const memoryLedger = (): MemoryLedger => {
  const guards = new Map<string, Guard>();
  const records = new Map<string, Verification>();
  const idempotencies = new Map<string, Idempotency>();
  const refusals: Refusal[] = [];
  const calls: string[] = [];
  const held = new Set<string>();
  let plan: { call: number; fault: Fault; forever: boolean } | undefined;

  const faultOf = (call: number): Fault | undefined => {
    if (plan === undefined) return undefined;
    return call === plan.call || (plan.forever && call > plan.call) ? plan.fault : undefined;
  };

  /** One call: a turn of the event loop before and after, so that parallel callers meet. */
  const call = async <T>(name: string, act: () => T): Promise<T> => {
    const fault = faultOf(calls.length);
    calls.push(name);
    await turn();
    if (fault === 'unavailable' || (fault === 'conflict' && !name.startsWith('transact'))) throw new Unavailable(name);
    const result = act();
    await turn();
    if (fault === 'lost') throw new Unavailable(name);
    return result;
  };

  const transact = <T>(name: string, items: readonly string[], act: () => T): Promise<T | 'conflict'> => {
    const fault = faultOf(calls.length);
    if (fault === 'conflict' || items.some((item) => held.has(item))) {
      calls.push(name);
      return turn().then(() => 'conflict' as const);
    }
    for (const item of items) held.add(item);
    return call(`transact ${name}`, act).finally(() => {
      for (const item of items) held.delete(item);
    });
  };

  const guardOf = (phoneKey: string): Guard => guards.get(phoneKey) ?? noGuard;
  const guardHolds = (phoneKey: string, next: Guard) => guardOf(phoneKey).version === next.version - 1;
  const seen = (phoneKey: string): Guard | undefined => guards.get(phoneKey);
  const change = (key: string, values: Partial<Verification>): Verification | undefined => {
    const before = records.get(key);
    if (before === undefined) return undefined;
    const after = { ...before, ...values };
    records.set(key, after);
    return after;
  };
  const isOpen = (record: Verification, nowMs: number) =>
    record.expiresAt > Math.floor(nowMs / 1000) &&
    record.ended === undefined &&
    record.guesses.length < record.maxAttempts &&
    !record.guesses.includes(record.code);

  const untilSettled = async (act: () => Promise<unknown>): Promise<void> => {
    for (let attempt = 0; attempt < 6; attempt += 1) {
      if ((await act()) !== 'conflict') return;
    }
    throw new Unavailable('transact');
  };

  return {
    guards,
    records,
    idempotencies,
    refusals,
    calls,
    failAt: (number, fault, forever = false) => {
      plan = { call: number, fault, forever };
    },
    read: (phoneKey, key) =>
      call('read', () => ({
        guard: guardOf(phoneKey),
        idempotency: key === undefined ? undefined : idempotencies.get(key),
      })),
    commit: async ({ guard, verification, idempotency }, nowMs) => {
      const { key, phoneKey } = verification;
      const now = Math.floor(nowMs / 1000);
      const items = [key, phoneKey, ...(idempotency === undefined ? [] : [idempotency.key])];
      const outcome = await transact('commit', items, (): CommitOutcome => {
        const known = idempotency === undefined ? undefined : idempotencies.get(idempotency.key);
        if (known !== undefined && known.expiresAt > now) return { kind: 'in-progress' };
        const old = records.get(key);
        const makesWay =
          old === undefined || old.expiresAt <= now || (old.ended === 'failed' && old.guesses.length === 0);
        if (!makesWay) return { kind: 'in-progress' };
        if (!guardHolds(phoneKey, guard)) return { kind: 'outrun', guard: seen(phoneKey) };
        guards.set(phoneKey, guard);
        records.set(key, verification);
        if (idempotency !== undefined) idempotencies.set(idempotency.key, idempotency);
        return { kind: 'committed' };
      });
      return outcome === 'conflict' ? { kind: 'outrun', guard: undefined } : outcome;
    },
    takeBack: ({ key, phoneKey, sentAtMs, idempotencyKey }) =>
      untilSettled(() =>
        transact('takeBack', [key, phoneKey], () => {
          const record = records.get(key);
          if (record === undefined || record.sentAtMs !== sentAtMs || record.ended !== undefined) return;
          change(key, { ended: 'failed' });
          guards.set(phoneKey, withoutSend(guardOf(phoneKey), sentAtMs));
          if (idempotencyKey !== undefined) idempotencies.delete(idempotencyKey);
        }),
      ),
    endAsFailed: ({ key, sentAtMs, idempotencyKey }) =>
      untilSettled(() =>
        transact('endAsFailed', [key], () => {
          const record = records.get(key);
          if (record === undefined || record.sentAtMs !== sentAtMs || record.ended !== undefined) return;
          change(key, { ended: 'failed' });
          if (idempotencyKey !== undefined) idempotencies.delete(idempotencyKey);
        }),
      ),
    markUnconfirmed: (key, sentAtMs) =>
      call('markUnconfirmed', () => {
        if (records.get(key)?.sentAtMs === sentAtMs) change(key, { delivery: 'unconfirmed' });
      }),
    touch: (key) => call('touch', () => records.get(key)),
    refuse: (refusal) =>
      call('refuse', () => {
        refusals.push(refusal);
      }),
    find: (key) => call('find', () => records.get(key)),
    readGuard: (phoneKey) => call('readGuard', () => guardOf(phoneKey)),
    replace: async ({ before, code, sentAtMs, resendAtMs, expiresAt, guard }, nowMs) => {
      const outcome = await transact('replace', [before.key, before.phoneKey], () => {
        const record = records.get(before.key);
        const isTheOneRead =
          record !== undefined &&
          isOpen(record, nowMs) &&
          record.code === before.code &&
          !record.guesses.includes(code);
        if (!isTheOneRead) return { kind: 'changed', verification: record } as const;
        if (!guardHolds(before.phoneKey, guard)) return { kind: 'outrun', guard: seen(before.phoneKey) } as const;
        guards.set(before.phoneKey, guard);
        change(before.key, {
          code,
          sentAtMs,
          resendAtMs,
          expiresAt,
          sends: record.sends + 1,
          delivery: 'accepted',
        });
        return { kind: 'committed' } as const;
      });
      return outcome === 'conflict' ? { kind: 'outrun', guard: undefined } : outcome;
    },
    restore: ({ before, code, sentAtMs }) =>
      untilSettled(() =>
        transact('restore', [before.key, before.phoneKey], () => {
          const record = records.get(before.key);
          if (record?.code !== code || record.sentAtMs !== sentAtMs || record.ended !== undefined) return;
          if (record.guesses.includes(code) || record.guesses.includes(before.code)) return;
          const { sentAtMs: sent, resendAtMs, expiresAt, delivery } = before;
          change(before.key, {
            code: before.code,
            sentAtMs: sent,
            resendAtMs,
            expiresAt,
            delivery,
            sends: record.sends - 1,
          });
          guards.set(before.phoneKey, withoutSend(guardOf(before.phoneKey), sentAtMs));
        }),
      ),
    append: (key, guess, nowMs) =>
      call('append', () => {
        const record = records.get(key);
        const isOpenToIt =
          record !== undefined &&
          isOpen(record, nowMs) &&
          !record.nonces.includes(guess.nonce) &&
          record.codeLength === guess.codeLength &&
          record.bound === guess.bound;
        if (!isOpenToIt) return { kind: 'refused', verification: record } as const;
        const after = {
          ...record,
          guesses: [...record.guesses, guess.mac],
          nonces: [...record.nonces, guess.nonce],
          guessedAtMs: nowMs,
        };
        records.set(key, after);
        return { kind: 'appended', verification: after } as const;
      }),
    cancel: (key, nowMs) =>
      call('cancel', () => {
        const record = records.get(key);
        return record !== undefined && isOpen(record, nowMs) ? change(key, { ended: 'canceled' }) : record;
      }),
  };
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
