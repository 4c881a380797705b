import type { GuessFact, GuessLedger } from '../../lambdas/otp/guesses.ts';
import type { AdmissionFacts, Block, RefusedBy, Reservation, Subject } from '../../lambdas/otp/limits/admission.ts';
import { dayOf, fits, hourOf, secondsLeftOfDay, spendRetryAfter } from '../../lambdas/otp/limits/caps.ts';
import { conforms, conformsAt, tatAfter } from '../../lambdas/otp/limits/gcra.ts';
import { type Guard, noGuard, withoutSend } from '../../lambdas/otp/limits/guard.ts';
import { noReputation, type Reputation } from '../../lambdas/otp/limits/reputation.ts';
import {
  type CancelLedger,
  type CheckLedger,
  type CommitOutcome,
  type Finder,
  type Idempotency,
  type Refusal,
  type RequestLedger,
  type ResendLedger,
  type Reserved,
  Unavailable,
} from '../../lambdas/otp/ports.ts';
import type { Verification } from '../../lambdas/otp/record/verification.ts';

/** What can go wrong at one call: it is not done and says so, it is done and the answer is lost, or it meets another. */
export type Fault = 'unavailable' | 'lost' | 'conflict';

export type MemoryLedger = RequestLedger &
  ResendLedger &
  CheckLedger &
  CancelLedger &
  GuessLedger &
  Finder & {
    readonly guards: Map<string, Guard>;
    readonly records: Map<string, Verification>;
    readonly idempotencies: Map<string, Idempotency>;
    readonly refusals: Refusal[];
    readonly blocks: (Block & { readonly of: string })[];
    /** Countries whose codes are guessed at. */
    readonly codeSpraying: Set<string>;
    readonly standings: Map<string, Reputation>;
    /** Counters by name, such as `spent total 2026-11-21`. */
    readonly counts: Map<string, number>;
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
  const blocks: (Block & { of: string })[] = [];
  const codeSpraying = new Set<string>();
  const standings = new Map<string, Reputation>();
  const counts = new Map<string, number>();
  const countriesOf = new Map<string, Set<string>>();
  const marks = new Set<string>();
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

  const countOf = (name: string) => counts.get(name) ?? 0;
  const add = (name: string, by: number) => counts.set(name, countOf(name) + by);
  const today = (ip: string, day: string) => {
    const known = countriesOf.get(`${ip} ${day}`) ?? new Set<string>();
    countriesOf.set(`${ip} ${day}`, known);
    return known;
  };
  const factsOf = (subject: Subject, nowMs: number): AdmissionFacts => {
    const { phoneKey, ip, country } = subject;
    const [day, hour] = [dayOf(nowMs), hourOf(nowMs)];
    const spent = (of: string) => ({ hour: countOf(`spent ${of} ${day} ${hour}`), day: countOf(`spent ${of} ${day}`) });
    const keys: string[] = [phoneKey, ip, subject.range, subject.prefix, country];
    return {
      guard: guardOf(phoneKey),
      reputation: standings.get(phoneKey) ?? noReputation,
      blocks: blocks.filter(({ of }) => keys.includes(of)),
      isCodeSpraying: codeSpraying.has(country),
      ip: {
        tatMs: countOf(`tat ${ip}`),
        trustedTatMs: countOf(`trusted tat ${ip}`),
        countriesToday: [...today(ip, day)],
        successes: countOf(`proven ${ip}`),
      },
      country: {
        sentToday: countOf(`sent ${country} ${day}`),
        verifiedToday: countOf(`verified ${country} ${day}`),
        verifiedYesterday: countOf(`verified ${country} ${dayOf(nowMs - 86_400_000)}`),
      },
      spent: { total: spent('total'), country: spent(country) },
    };
  };

  /** Takes one counter, or says why not; `undo` gives it back. */
  type Part = { readonly refused?: RefusedBy | undefined; readonly undo?: () => void };
  const takeIp = ({ ip, day, nowMs }: Reservation): Part => {
    if (ip === undefined) return {};
    const { key, rate, country, countriesPerDay, isTrustedIp } = ip;
    const name = `${isTrustedIp ? 'trusted tat' : 'tat'} ${key}`;
    const tatMs = countOf(name);
    const countries = today(key, day);
    const refused = (limit: string, retryAfterSeconds: number): Part => ({
      refused: { kind: 'refused', because: 'ip', limit, retryAfterSeconds },
    });
    if (!countries.has(country) && countries.size >= countriesPerDay) {
      return refused('ip-countries', secondsLeftOfDay(nowMs));
    }
    if (!conforms(tatMs, rate, nowMs)) return refused('ip', Math.ceil((conformsAt(tatMs, rate) - nowMs) / 1000));
    counts.set(name, tatAfter(tatMs, rate, nowMs));
    countries.add(country);
    return { undo: () => add(name, -rate.intervalMs) };
  };
  const takeCountry = ({ countryDay, day, nowMs }: Reservation): Part => {
    if (countryDay === undefined) return {};
    const { country, maxSends } = countryDay;
    const name = `sent ${country} ${day}`;
    if (countOf(name) >= maxSends) {
      const retryAfterSeconds = secondsLeftOfDay(nowMs);
      return { refused: { kind: 'refused', because: 'low-volume', limit: 'low-volume', retryAfterSeconds } };
    }
    add(name, 1);
    return { undo: () => add(name, -1) };
  };
  const takeMoney = ({ caps, price, day, hour, nowMs }: Reservation): Part[] =>
    caps.map(({ cap, caps }): Part => {
      const name = `spent ${cap.country ?? 'total'} ${day}`;
      const spent = { day: countOf(name), hour: countOf(`${name} ${hour}`) };
      if (!fits(spent, price, caps)) {
        const retryAfterSeconds = spendRetryAfter(spent, price, caps, nowMs);
        return { refused: { kind: 'refused', because: 'cap', limit: `cap-${cap.of}`, retryAfterSeconds } };
      }
      for (const each of [name, `${name} ${hour}`]) add(each, price);
      return {
        undo: () => {
          for (const each of [name, `${name} ${hour}`]) add(each, -price);
        },
      };
    });
  const reserved = async (name: string, act: () => Part[]): Promise<Reserved> => {
    let parts: Part[] = [];
    const cause = await call(name, () => {
      parts = act();
    }).catch((error: unknown) => error);
    const release = () =>
      call('release', () => {
        for (const { undo } of parts) undo?.();
      }).catch(() => undefined);
    // Where the answer was lost, nobody knows what is held: it stays, on the safe side.
    if (cause !== undefined) return { outcome: { kind: 'unavailable', cause }, release: async () => {} };
    const refused = parts.find((part) => part.refused !== undefined)?.refused;
    return { outcome: refused ?? { kind: 'held' }, release };
  };

  return {
    guards,
    records,
    idempotencies,
    refusals,
    blocks,
    codeSpraying,
    standings,
    counts,
    calls,
    reserve: (reservation) =>
      reserved('reserve', () => [takeIp(reservation), takeCountry(reservation), ...takeMoney(reservation)]),
    useTestNumber: (entry, uses) =>
      reserved('useTestNumber', () => {
        if (countOf(`test ${entry}`) >= uses) {
          return [{ refused: { kind: 'refused', because: 'phone', limit: 'test-number-uses', retryAfterSeconds: 0 } }];
        }
        add(`test ${entry}`, 1);
        return [{ undo: () => add(`test ${entry}`, -1) }];
      }),
    reputation: (phoneKey) => call('reputation', () => standings.get(phoneKey) ?? noReputation),
    write: async (fact: GuessFact, reputation: Reputation) => {
      const outcome = await transact('guess', [`standing ${fact.phoneKey}`], () => {
        if (marks.has(fact.id)) return 'trusted' as const;
        if ((standings.get(fact.phoneKey) ?? noReputation).version !== reputation.version - 1) return 'again' as const;
        marks.add(fact.id);
        standings.set(fact.phoneKey, reputation);
        if (fact.kind === 'right') {
          const verifiers = today(`verifiers ${fact.ip}`, '');
          verifiers.add(fact.phoneKey);
          counts.set(`proven ${fact.ip}`, verifiers.size);
        }
        return 'written' as const;
      });
      return outcome === 'conflict' ? 'again' : outcome;
    },
    failAt: (number, fault, forever = false) => {
      plan = { call: number, fault, forever };
    },
    read: (subject, key, nowMs) =>
      call('read', () => ({
        ...factsOf(subject, nowMs),
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
        if (guard !== undefined && !guardHolds(phoneKey, guard)) return { kind: 'lost-race', guard: seen(phoneKey) };
        if (guard !== undefined) guards.set(phoneKey, guard);
        records.set(key, verification);
        if (idempotency !== undefined) idempotencies.set(idempotency.key, idempotency);
        return { kind: 'committed' };
      });
      return outcome === 'conflict' ? { kind: 'lost-race', guard: undefined } : outcome;
    },
    rollBack: ({ key, phoneKey, sendId, sentAtMs, idempotencyKey }) =>
      untilSettled(() =>
        transact('takeBack', [key, phoneKey], () => {
          const record = records.get(key);
          if (record === undefined || record.sendId !== sendId || record.ended !== undefined) return;
          change(key, { ended: 'failed' });
          guards.set(phoneKey, withoutSend(guardOf(phoneKey), sentAtMs));
          if (idempotencyKey !== undefined) idempotencies.delete(idempotencyKey);
        }),
      ),
    endAsFailed: ({ key, sendId, idempotencyKey }) =>
      untilSettled(() =>
        transact('endAsFailed', [key], () => {
          const record = records.get(key);
          if (record === undefined || record.sendId !== sendId || record.ended !== undefined) return;
          change(key, { ended: 'failed' });
          if (idempotencyKey !== undefined) idempotencies.delete(idempotencyKey);
        }),
      ),
    markUnconfirmed: (key, sendId) =>
      call('markUnconfirmed', () => {
        if (records.get(key)?.sendId === sendId) change(key, { delivery: 'unconfirmed' });
      }),
    settleKey: (key) =>
      call('settleKey', () => {
        const known = idempotencies.get(key);
        if (known !== undefined) idempotencies.set(key, { ...known, isSettled: true });
      }),
    touch: (key) => call('touch', () => records.get(key)),
    refuse: (refusal) =>
      call('refuse', () => {
        refusals.push(refusal);
      }),
    find: (key) => call('find', () => records.get(key)),
    readFacts: (subject, nowMs) => call('readFacts', () => factsOf(subject, nowMs)),
    replace: async ({ before, code, sendId, sentAtMs, resendAtMs, expiresAt, guard }, nowMs) => {
      const outcome = await transact('replace', [before.key, before.phoneKey], () => {
        const record = records.get(before.key);
        const isTheOneRead =
          record !== undefined &&
          isOpen(record, nowMs) &&
          record.code === before.code &&
          !record.guesses.includes(code);
        if (!isTheOneRead) return { kind: 'changed', verification: record } as const;
        if (guard !== undefined) {
          if (!guardHolds(before.phoneKey, guard)) return { kind: 'lost-race', guard: seen(before.phoneKey) } as const;
          guards.set(before.phoneKey, guard);
        }
        change(before.key, {
          code,
          sendId,
          sentAtMs,
          resendAtMs,
          expiresAt,
          sends: record.sends + 1,
          delivery: 'accepted',
        });
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
          const { sendId: sendBefore, sentAtMs: sent, resendAtMs, expiresAt, delivery } = before;
          change(before.key, {
            code: before.code,
            sendId: sendBefore,
            sentAtMs: sent,
            resendAtMs,
            expiresAt,
            delivery,
            sends: record.sends - 1,
          });
          if (guard === undefined || what === 'keep') return;
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
          record.hasTransaction === guess.hasTransaction;
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
