import { describe, expect, test } from 'vitest';
import { type Rung, ringStops, wordsOf } from '../../../lambdas/bursts/ring-stops.ts';
import { type Stop, type StopWhat, unreadableStop } from '../../../lambdas/otp/limits/stops.ts';

const stopOf = (what: StopWhat, atMs: number): Stop => ({ what, atMs, by: 'arn', reason: 'A leaked key' });
const minuteMs = 60_000;

type Step = 'read' | 'take' | 'send' | 'note';

/** Sweeps once a minute, give or take what the clock of AWS does. */
const sweeps = (jitterMs: (nth: number) => number = () => 0) => {
  const state = { nowMs: Date.UTC(2026, 10, 29), stops: [] as Stop[], rung: undefined as Rung | undefined, version: 0 };
  const rings: { readonly atMs: number; readonly of: readonly string[] }[] = [];
  const mails: { readonly atMs: number; readonly dueMs: number }[] = [];
  const failures: string[] = [];
  const broken = new Set<Step>();
  const fail = (step: Step) => {
    if (broken.has(step)) throw new Error(`${step} failed`);
  };
  let nth = 0;
  const startMs = state.nowMs;
  const sweep = ringStops({
    now: () => state.nowMs,
    reminders: {
      read: async () => {
        fail('read');
        return { stops: [...state.stops], rung: state.rung, version: state.version };
      },
      replace: async (rung, readVersion) => {
        fail(rung.isPending ? 'take' : 'note');
        if (readVersion !== state.version) return false;
        Object.assign(state, { rung, version: readVersion + 1 });
        return true;
      },
    },
    ring: (stops) => rings.push({ atMs: state.nowMs - startMs, of: stops.map(({ what }) => wordsOf(what)) }),
    send: async ({ atMs }) => {
      fail('send');
      mails.push({ atMs: state.nowMs - startMs, dueMs: atMs - startMs });
    },
    failed: (cause) => failures.push(String(cause)),
  });
  const pass = async (minutes: number, beside = 1) => {
    for (let left = minutes; left > 0; left -= 1) {
      nth += 1;
      state.nowMs = startMs + nth * minuteMs + jitterMs(nth);
      await Promise.allSettled(Array.from({ length: beside }, sweep));
    }
  };
  return { state, rings, mails, failures, broken, pass, sweep };
};

const minutesOf = (rings: readonly { readonly atMs: number }[]) => rings.map(({ atMs }) => Math.round(atMs / minuteMs));

describe('the reminder of a stop', () => {
  test('a stop rings within a minute, once an hour while it holds, and no more once staff resume', async () => {
    const { state, rings, pass } = sweeps();
    await pass(10);
    expect(rings).toEqual([]);
    state.stops.push(stopOf({ kind: 'all' }, 1));
    await pass(200);
    expect(minutesOf(rings)).toEqual([11, 71, 131, 191]);
    state.stops.length = 0;
    await pass(200);
    expect(rings).toHaveLength(4);
  });

  test.each([
    ['late', (nth: number) => (nth % 7) * 1500],
    ['early and late', (nth: number) => (nth % 2 === 0 ? -9000 : 9000)],
  ])('sweeps that come %s leave no gap of more than an hour and a minute', async (_, jitter) => {
    const { state, rings, pass } = sweeps(jitter);
    state.stops.push(stopOf({ kind: 'country', country: 'IN' }, 1));
    await pass(600);
    const gaps = rings.slice(1).map(({ atMs }, index) => atMs - (rings[index]?.atMs ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(61 * minuteMs);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(59 * minuteMs);
    expect(rings.length).toBeGreaterThanOrEqual(10);
  });

  test('another stop, one that ends beside others, and one that is made again ring at once', async () => {
    const { state, rings, pass } = sweeps();
    state.stops.push(stopOf({ kind: 'country', country: 'IN' }, 1));
    await pass(5);
    state.stops.push(stopOf({ kind: 'application', application: 'web' }, 2));
    await pass(5);
    state.stops.shift();
    await pass(5);
    state.stops[0] = stopOf({ kind: 'application', application: 'web' }, 3);
    await pass(5);
    expect(rings.map(({ of }) => of)).toEqual([
      ['country IN'],
      ['country IN', 'application web'],
      ['application web'],
      ['application web'],
    ]);
    expect(minutesOf(rings)).toEqual([1, 6, 11, 16]);
  });

  test('the order in which a table gives the stops changes nothing', async () => {
    const { state, rings, pass } = sweeps();
    state.stops.push(stopOf({ kind: 'all' }, 1), stopOf({ kind: 'country', country: 'IN' }, 2));
    await pass(3);
    state.stops.reverse();
    await pass(3);
    expect(rings).toHaveLength(1);
  });

  test('an item that cannot be read rings as a stop of all does', async () => {
    const { state, rings, pass } = sweeps();
    state.stops.push(unreadableStop);
    await pass(61);
    expect(minutesOf(rings)).toEqual([1, 61]);
  });

  test('each reminder is one mail, however many sweeps run beside each other', async () => {
    const { state, rings, mails, pass } = sweeps();
    state.stops.push(stopOf({ kind: 'all' }, 1));
    await pass(130, 5);
    expect(minutesOf(rings)).toEqual([1, 61, 121]);
    expect(minutesOf(mails)).toEqual([1, 61, 121]);
  });

  test('a mail that EventBridge does not take is sent by the next sweep that can, and counted once', async () => {
    const { state, rings, mails, failures, broken, pass, sweep } = sweeps();
    state.stops.push(stopOf({ kind: 'all' }, 1));
    broken.add('send');
    await pass(3, 2);
    expect(mails).toEqual([]);
    // Once for each minute, and no sweep fails for it: Lambda would repeat all of its work.
    expect(failures).toEqual(Array(3).fill('Error: send failed'));
    await expect(sweep()).resolves.toBeUndefined();
    broken.delete('send');
    await pass(70, 2);
    // The hour counts from when the mail was due.
    expect(minutesOf(mails)).toEqual([4, 61]);
    expect(mails[0]?.dueMs).toBe(minuteMs);
    expect(minutesOf(rings)).toEqual([1, 61]);
  });

  test('a mail comes twice only if nobody could note that it was sent', async () => {
    const { state, mails, broken, pass } = sweeps();
    state.stops.push(stopOf({ kind: 'all' }, 1));
    broken.add('note');
    await pass(1);
    broken.delete('note');
    await pass(30);
    expect(minutesOf(mails)).toEqual([1, 2]);
    expect(mails.map(({ dueMs }) => dueMs)).toEqual([minuteMs, minuteMs]);
  });

  test('a sweep that cannot take the reminder upon itself sends nothing, and one that cannot read fails', async () => {
    const { state, rings, mails, broken, pass, sweep } = sweeps();
    state.stops.push(stopOf({ kind: 'all' }, 1));
    broken.add('take');
    await pass(2);
    expect([...rings, ...mails]).toEqual([]);
    broken.delete('take');
    await pass(1);
    expect(minutesOf(mails)).toEqual([3]);
    broken.add('read');
    await expect(sweep()).rejects.toThrow('read failed');
  });

  test('a mail that is still being sent is not sent a second time beside it', async () => {
    const { state, mails, sweep } = sweeps();
    state.stops.push(stopOf({ kind: 'all' }, 1));
    const of = 'all 1';
    state.rung = { atMs: state.nowMs - 5000, of, triedMs: state.nowMs - 5000, isPending: true };
    await sweep();
    expect(mails).toEqual([]);
    state.nowMs += 15_000;
    await sweep();
    expect(mails).toHaveLength(1);
  });

  test('a pending mail of stops that staff have ended is not sent any more', async () => {
    const { state, mails, broken, pass } = sweeps();
    state.stops.push(stopOf({ kind: 'all' }, 1));
    broken.add('send');
    await pass(2);
    broken.delete('send');
    state.stops.length = 0;
    await pass(5);
    expect(mails).toEqual([]);
  });

  test('a reminder whose time is yet to come, by a clock that went wrong, does not silence the next one', async () => {
    const { state, mails, pass } = sweeps();
    state.stops.push(stopOf({ kind: 'all' }, 1));
    const laterMs = state.nowMs + 30 * 86_400_000;
    state.rung = { atMs: laterMs, of: 'all 1', triedMs: laterMs, isPending: false };
    await pass(3);
    expect(minutesOf(mails)).toEqual([1]);
  });
});
