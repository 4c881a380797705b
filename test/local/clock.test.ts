import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createClock } from '../../local/clock.ts';

const startMs = Date.parse('2026-11-29T03:00:00.000Z');
beforeEach(() => vi.useFakeTimers({ now: startMs }));
afterEach(() => vi.useRealTimers());

const minutes = (count: number) => count * 60_000;

test('a record has the time that the functions saw when it was written, however the clock moved later', () => {
  const clock = createClock();
  vi.advanceTimersByTime(minutes(1));
  clock.advance(minutes(60));
  vi.advanceTimersByTime(minutes(1));
  clock.advance(-minutes(30));
  vi.advanceTimersByTime(minutes(1));
  const seen = [0, 90, 150].map((seconds) => (clock.seenAt(startMs + seconds * 1000) - startMs) / 1000);
  expect(seen).toEqual([0, 90 + 3600, 150 + 1800]);
});

test('a record of the second in which the clock moved is stamped after the move: it is never late by it', () => {
  const clock = createClock();
  vi.advanceTimersByTime(500);
  clock.advance(minutes(5));
  expect(clock.seenAt(startMs)).toBe(startMs + minutes(5));
});

test('a clock that was held goes on from the time at which it was held', async () => {
  const clock = createClock();
  await clock.holdDuring(async () => {
    vi.advanceTimersByTime(minutes(10));
    clock.advance(minutes(1));
  });
  expect(clock.now()).toBe(startMs + minutes(1));
  expect(clock.seenAt(Date.now() + 1000)).toBe(startMs + minutes(1) + 1000);
});
