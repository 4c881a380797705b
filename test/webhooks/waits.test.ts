import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { functions, webhookQueue, webhookRetries } from '../../lambdas/contract.ts';
import { waitSecondsAfter } from '../../lambdas/webhooks/retry.ts';
import { createTurns } from '../../lambdas/webhooks/turns.ts';

const { maxTries, visibilitySeconds, keptDays } = webhookQueue;
const sum = (random: number) =>
  Array.from({ length: maxTries - 1 }, (_, index) => waitSecondsAfter(index + 1, random)).reduce((a, b) => a + b, 0);
const hours = (seconds: number) => seconds / 3600;

describe('the waits', () => {
  test('a wait is twice as long each time, up to an hour', () => {
    const waits = [1, 2, 3, 9, 10, 32].map((tries) => waitSecondsAfter(tries, 0));
    expect(waits).toEqual([10, 20, 40, 2560, 3600, 3600]);
  });

  test('all tries take a day at least, and end before SQS forgets the message', () => {
    expect(hours(sum(0))).toBeGreaterThan(24);
    const deliveries = (maxTries * functions['deliver-webhooks'].timeoutSeconds) / 3600;
    expect(hours(sum(1)) + deliveries).toBeLessThan(keptDays * 24);
  });

  test('a function that dies each time uses all tries up before SQS forgets the message', () => {
    expect(hours(maxTries * visibilitySeconds)).toBeLessThan(keptDays * 24);
  });

  test('messages that failed together come back apart', () => {
    expect(waitSecondsAfter(10, 0.999)).toBeGreaterThan(waitSecondsAfter(10, 0) + 800);
  });

  test.each([
    ['more than planned', 120, 120],
    ['less than planned', 1, 10],
    ['nothing', undefined, 10],
    ['a year', 31_536_000, 3600],
  ])('a consumer that asks for %s gets it within bounds', (_, asked, seconds) => {
    expect(waitSecondsAfter(1, 0, asked)).toBe(seconds);
  });

  test('a wait is one that SQS takes, whatever the consumer asks for', () => {
    const { firstWaitSeconds, maxWaitSeconds } = webhookRetries;
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        fc.nat(),
        (...of) => {
          const seconds = waitSecondsAfter(...of);
          expect(Number.isInteger(seconds)).toBe(true);
          expect(seconds).toBeGreaterThanOrEqual(firstWaitSeconds);
          // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
          expect(seconds).toBeLessThanOrEqual(Math.min(43_200, maxWaitSeconds * 1.25));
        },
      ),
    );
  });
});

describe('the turns', () => {
  test('a consumer that answers within a second never waits', () => {
    const turns = createTurns(() => 0);
    for (let batch = 0; batch < 1000; batch += 1) turns.note('quick', 1000);
    expect(turns.mayTry('quick')).toBe(true);
  });

  test('a slow consumer waits after two batches, and others do not', () => {
    const turns = createTurns(() => 0);
    turns.note('slow', 5000);
    expect(turns.mayTry('slow')).toBe(true);
    turns.note('slow', 5000);
    expect([turns.mayTry('slow'), turns.mayTry('quick')]).toEqual([false, true]);
  });

  test('a slow consumer holds a container for a quarter of an hour in an hour at most', () => {
    let nowMs = 0;
    const turns = createTurns(() => nowMs);
    let heldMs = 0;
    while (nowMs < 3_600_000) {
      if (turns.mayTry('slow')) {
        nowMs += 5000;
        heldMs += 5000;
        turns.note('slow', 5000);
      } else nowMs += 100;
    }
    expect(heldMs / 3_600_000).toBeLessThan(0.26);
    expect(heldMs / 3_600_000).toBeGreaterThan(0.2);
  });

  test.each([2, 4, 20])('%i consumers that are slow leave most of a container to the others', (count) => {
    let nowMs = 0;
    const turns = createTurns(() => nowMs);
    const slow = Array.from({ length: count }, (_, index) => `slow-${index}`);
    // The two batches that each has at once are over.
    for (const each of slow) for (const _ of [1, 2]) turns.note(each, 5000);
    const tried = new Set<string>();
    let heldMs = 0;
    while (nowMs < 3_600_000) {
      const next = slow.find((each) => turns.mayTry(each));
      nowMs += next === undefined ? 100 : 5000;
      if (next === undefined) continue;
      heldMs += 5000;
      tried.add(next);
      turns.note(next, 5000);
    }
    expect(heldMs / 3_600_000).toBeLessThan(0.27);
    expect(tried.size).toBe(count);
  });

  test('a clock that is set back gives nobody more time, and takes no more from it than that', () => {
    let nowMs = 1_000_000;
    const turns = createTurns(() => nowMs);
    for (const _ of [1, 2]) turns.note('slow', 5000);
    nowMs = 0;
    expect(turns.mayTry('slow')).toBe(false);
    nowMs = 40_000;
    expect(turns.mayTry('slow')).toBe(true);
  });

  test('a clock that is set forward during a delivery costs a consumer no more than a slow one', () => {
    let nowMs = 0;
    const turns = createTurns(() => nowMs);
    nowMs = 3_600_000;
    for (const _ of [1, 2]) turns.note('shop', 3_600_000);
    nowMs += 40_000;
    expect(turns.mayTry('shop')).toBe(true);
  });
});
