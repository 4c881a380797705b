import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  brokenLimitOf,
  type Guard,
  guardAllowances,
  isWorn,
  nextSendAt,
  noGuard,
  sinceSends,
  withSend,
} from '../../../lambdas/otp/limits/guard.ts';
import { momentOf } from '../../../lambdas/otp/limits/moment.ts';
import { noReputation, type Reputation } from '../../../lambdas/otp/limits/reputation.ts';
import { samplePolicy } from '../../fakes/policy.ts';

const limits = samplePolicy.sends;
const start = Date.UTC(2026, 0, 1);
const daySeconds = 86_400;
const [pair, stranger] = [{ isPair: true }, { isPair: false }];

const atMs = (seconds: number): number => start + seconds * 1000;
const keyOf = (name: string | number): string => `${name}`.padStart(12, '_').padEnd(43, '=');
type Send = { readonly at: number; readonly by: 'pair' | 'stranger'; readonly name?: string };
const sent = (...sends: readonly Send[]): Guard =>
  sends.reduce(
    (guard, { at, by, name }) => withSend(guard, momentOf(keyOf(name ?? `${by} ${at}`), atMs(at), by === 'pair')),
    noGuard,
  );
const by = (who: Send['by'], ...seconds: readonly number[]): readonly Send[] => seconds.map((at) => ({ at, by: who }));
const approvedOf = (...names: readonly string[]): Reputation => ({
  ...noReputation,
  approved: names.map((name) => momentOf(keyOf(name), start)),
});

const brokenFor = (asker: typeof pair, guard: Guard, seconds: number, reputation: Reputation = noReputation) =>
  brokenLimitOf({ guard, reputation }, asker, limits, atMs(seconds))?.limit;

const overTheDay = (count: number, from = 0): readonly number[] =>
  Array.from({ length: count }, (_, index) => from + index * 700);

describe('a pair', () => {
  test('a pair waits after its own SMS, and after no stranger’s', () => {
    const guard = sent(...by('stranger', 0));
    expect([brokenFor(pair, guard, 1), brokenFor(stranger, guard, 1)]).toEqual([undefined, 'cooldown']);
    const own = sent(...by('pair', 0));
    expect([brokenFor(pair, own, 29), brokenFor(pair, own, 30)]).toEqual(['cooldown', undefined]);
  });

  test('a pair shares no ten minutes with strangers', () => {
    const guard = sent(...by('stranger', 0, 30, 60, 90, 120));
    expect([brokenFor(pair, guard, 150), brokenFor(stranger, guard, 150)]).toEqual([undefined, 'phone-10m']);
    const own = sent(...by('pair', 0, 30, 60, 90, 120));
    expect(brokenFor(pair, own, 150)).toBe('phone-10m');
  });

  test('three of a day’s SMS are a pair’s own, whatever strangers have used', () => {
    const ten = by('stranger', ...overTheDay(10));
    expect([brokenFor(pair, sent(...ten), 7000), brokenFor(stranger, sent(...ten), 7000)]).toEqual([
      undefined,
      'phone-24h',
    ]);
    expect(brokenFor(pair, sent(...ten, ...by('pair', 7000, 7700)), 8400)).toBeUndefined();
    expect(brokenFor(pair, sent(...ten, ...by('pair', 7000, 7700, 8400)), 9100)).toBe('phone-24h');
  });

  test('a pair may use all ten SMS of a day, and then no more', () => {
    expect(brokenFor(pair, sent(...by('pair', ...overTheDay(9))), 7000)).toBeUndefined();
    expect(brokenFor(pair, sent(...by('pair', ...overTheDay(10))), 7000)).toBe('phone-24h');
  });

  test('an SMS to a pair counts against strangers as before', () => {
    const guard = sent(...by('pair', ...overTheDay(7)), ...by('stranger', 4900, 5600, 6300));
    expect(brokenFor(stranger, guard, 7000)).toBe('phone-24h');
    expect(brokenFor(stranger, sent(...by('pair', 0)), 29)).toBe('cooldown');
  });

  test('three of the hard limit’s SMS are a pair’s own as well', () => {
    const approved = overTheDay(30).map((at) => `stranger ${at}`);
    const guard = sent(...by('stranger', ...overTheDay(30)));
    expect(brokenFor(pair, guard, 21_000, approvedOf(...approved))).toBeUndefined();
    expect(brokenFor(stranger, guard, 21_000, approvedOf(...approved))).toBe('phone-24h-all');
    const own = sent(...by('stranger', ...overTheDay(30)), ...by('pair', 21_000, 21_700, 22_400));
    expect(brokenFor(pair, own, 23_100, approvedOf(...approved))).toBe('phone-24h-all');
  });

  test('a pair that signs in all day reaches the hard limit no sooner by the SMS of strangers', () => {
    const signIns = Array.from({ length: 29 }, (_, nth) => 20_000 + 700 * nth);
    const approved = approvedOf(...signIns.map((at) => `pair ${at}`));
    const guard = sent(...by('stranger', ...overTheDay(10)), ...by('pair', ...signIns));
    expect(brokenFor(pair, guard, 41_000, approved)).toBeUndefined();
    const thirtieth = sent(...by('stranger', ...overTheDay(10)), ...by('pair', ...signIns, 41_000));
    const all = approvedOf(...[...signIns, 41_000].map((at) => `pair ${at}`));
    expect(brokenFor(pair, thirtieth, 42_000, all)).toBe('phone-24h-all');
  });

  test('a pair is told what is left to it', () => {
    const guard = sent(...by('stranger', ...overTheDay(10)), ...by('pair', 6990));
    const left = (asker: typeof pair) =>
      guardAllowances({ guard, reputation: noReputation }, asker, limits, atMs(7000)).map(({ remaining }) => remaining);
    expect(left(pair)).toEqual([4, 2, 29]);
    expect(left(stranger)).toEqual([4, 0, 19]);
  });
});

const sends = fc.array(
  fc.record({ gap: fc.integer({ min: 1, max: 9000 }), by: fc.constantFrom('pair' as const, 'stranger' as const) }),
  { minLength: 1, maxLength: 120 },
);
/** Everybody tries at every moment; what is allowed is sent. */
const play = (list: readonly { gap: number; by: Send['by'] }[]) => {
  let guard = noGuard;
  let seconds = 0;
  const log: Send[] = [];
  for (const { gap, by: who } of list) {
    seconds += gap;
    if (brokenFor(who === 'pair' ? pair : stranger, guard, seconds) !== undefined) continue;
    log.push({ at: seconds, by: who });
    guard = withSend(guard, momentOf(keyOf(`${who} ${seconds}`), atMs(seconds), who === 'pair'));
  }
  return { guard, log, seconds };
};
const inLast24h = (log: readonly Send[], at: number) =>
  log.filter((send) => send.at > at - daySeconds && send.at <= at);

describe('whatever strangers ask for', () => {
  test('a pair with fewer than three SMS of its own in a day is refused nothing that it would get without strangers', () => {
    fc.assert(
      fc.property(sends, fc.integer({ min: 0, max: 40_000 }), (list, later) => {
        const { guard, log, seconds } = play(list);
        const now = seconds + later;
        const alone = { ...guard, sends: guard.sends.filter((send) => send.pair) };
        const own = inLast24h(log, now).filter((send) => send.by === 'pair').length;
        fc.pre(own < 3);
        expect(brokenFor(pair, guard, now)).toBe(brokenFor(pair, alone, now));
      }),
      { numRuns: 500 },
    );
  });

  test('strangers get ten unapproved SMS to a number in any 24 hours at most, and all together get thirteen', () => {
    let most = 0;
    fc.assert(
      fc.property(sends, (list) => {
        const { log } = play(list);
        for (const { at } of log) {
          const day = inLast24h(log, at);
          expect(day.filter((send) => send.by === 'stranger').length).toBeLessThanOrEqual(10);
          expect(day.length).toBeLessThanOrEqual(13);
          most = Math.max(most, day.length);
        }
      }),
      { numRuns: 500 },
    );
    expect(most).toBeGreaterThan(10);
  });

  test('Retry-After is true for a pair: at that second it gets an SMS, one second earlier it does not', () => {
    fc.assert(
      fc.property(sends, (list) => {
        const { guard, seconds } = play(list);
        const facts = { guard, reputation: noReputation };
        const broken = brokenLimitOf(facts, pair, limits, atMs(seconds));
        if (broken === undefined) return;
        expect(brokenFor(pair, guard, seconds + broken.retryAfterSeconds)).toBeUndefined();
        expect(brokenFor(pair, guard, seconds + broken.retryAfterSeconds - 1)).toBeDefined();
        expect(nextSendAt(facts, pair, limits, atMs(seconds))).toBeGreaterThan(atMs(seconds));
      }),
      { numRuns: 500 },
    );
  });
});

describe('wear of trust', () => {
  const wornAt = (guard: Guard, seconds: number, reputation: Partial<Reputation> = {}) =>
    isWorn({ guard, reputation: { ...noReputation, ...reputation } }, atMs(seconds));

  test('the trust of a number is worn for 24 hours by three unapproved SMS to its own pairs', () => {
    const guard = sent(...by('pair', 0, 100, 200));
    expect([wornAt(sent(...by('pair', 0, 100)), 300), wornAt(guard, 300)]).toEqual([false, true]);
    expect([wornAt(guard, daySeconds - 1), wornAt(guard, daySeconds)]).toEqual([true, false]);
  });

  test('the trust of a number is not worn by SMS to strangers, however many', () => {
    expect(wornAt(sent(...by('stranger', ...overTheDay(30)), ...by('pair', 21_000, 21_100)), 21_200)).toBe(false);
  });

  test('an approval ends the wear, and forgives what came before', () => {
    const guard = sent(...by('pair', 0, 100, 200, 300));
    expect(wornAt(guard, 330, { verifiedAtMs: atMs(320) })).toBe(false);
    const after = sent(...by('pair', 0, 100, 200, 300, 400, 500));
    expect(wornAt(after, 600, { verifiedAtMs: atMs(320) })).toBe(false);
    expect(wornAt(sent(...by('pair', 0, 100, 400, 500, 600)), 700, { verifiedAtMs: atMs(320) })).toBe(true);
  });
});

describe('a record says how long ago the number’s unapproved SMS went out', () => {
  const since = (guard: Guard, seconds: number, ...approved: readonly string[]) =>
    sinceSends({ guard, reputation: approvedOf(...approved) }, atMs(seconds));

  test('a number without SMS has neither time', () => {
    expect(since(noGuard, 0)).toEqual({});
  });

  test('a number with SMS has the last one of 24 hours, and the first one of six', () => {
    const guard = sent(...by('stranger', 0), ...by('pair', 1000, 2000));
    expect(since(guard, 2100)).toEqual({ sincePreviousSendMs: 100_000, sinceFirstSendMs: 2_100_000 });
    expect(since(guard, 21_600)).toEqual({ sincePreviousSendMs: 19_600_000, sinceFirstSendMs: 20_600_000 });
    expect(since(guard, 30_000)).toEqual({ sincePreviousSendMs: 28_000_000 });
    expect(since(guard, 2000 + daySeconds)).toEqual({});
  });

  test('approved SMS do not count', () => {
    const guard = sent(...by('stranger', 0), ...by('pair', 1000));
    expect(since(guard, 1100, 'pair 1000')).toEqual({ sincePreviousSendMs: 1_100_000, sinceFirstSendMs: 1_100_000 });
    expect(since(guard, 1100, 'pair 1000', 'stranger 0')).toEqual({});
  });

  test('a clock that is behind the one that wrote the guard says zero', () => {
    expect(since(sent(...by('pair', 10)), 9)).toEqual({ sincePreviousSendMs: 0, sinceFirstSendMs: 0 });
  });
});
