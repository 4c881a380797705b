import { describe, expect, test } from 'vitest';
import { type Rung, ringStops, wordsOf } from '../../../lambdas/bursts/ring-stops.ts';
import { type Stop, type StopWhat, unreadableStop } from '../../../lambdas/otp/limits/stops.ts';

const stopOf = (what: StopWhat, atMs: number): Stop => ({ what, atMs, by: 'arn', reason: 'A leaked key' });
const minuteMs = 60_000;

/** Sweeps once a minute, give or take what the clock of AWS does. */
const sweeps = (jitterMs: (nth: number) => number = () => 0) => {
  const state = { nowMs: Date.UTC(2026, 10, 29), stops: [] as Stop[], rung: undefined as Rung | undefined };
  const rings: { readonly atMs: number; readonly of: readonly string[] }[] = [];
  const broken = new Set<'read' | 'keep'>();
  const fail = (step: 'read' | 'keep') => {
    if (broken.has(step)) throw new Error(`${step} failed`);
  };
  let nth = 0;
  const startMs = state.nowMs;
  const sweep = ringStops({
    now: () => state.nowMs,
    reminders: {
      read: async () => {
        fail('read');
        return { stops: [...state.stops], rung: state.rung };
      },
      keep: async (rung) => {
        fail('keep');
        state.rung = rung;
      },
    },
    ring: (stops) => rings.push({ atMs: state.nowMs - startMs, of: stops.map(({ what }) => wordsOf(what)) }),
  });
  const pass = async (minutes: number) => {
    for (let left = minutes; left > 0; left -= 1) {
      nth += 1;
      state.nowMs = startMs + nth * minuteMs + jitterMs(nth);
      await sweep().catch(() => {});
    }
  };
  return { state, rings, broken, pass, sweep };
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

  test('a reminder that cannot be remembered rings again, and a stop that cannot be read fails the sweep', async () => {
    const { state, rings, broken, pass, sweep } = sweeps();
    state.stops.push(stopOf({ kind: 'all' }, 1));
    broken.add('keep');
    await pass(2);
    expect(minutesOf(rings)).toEqual([1, 2]);
    broken.delete('keep');
    await pass(2);
    expect(minutesOf(rings)).toEqual([1, 2, 3]);
    broken.add('read');
    await expect(sweep()).rejects.toThrow('read failed');
  });
});
