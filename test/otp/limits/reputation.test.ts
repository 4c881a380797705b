import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  afterGuess,
  hasVerifiedFrom,
  hasVerifiedLately,
  isOfApproved,
  maxApproved,
  maxAttemptsFor,
  maxWrong,
  type NumberGuess,
  noReputation,
  type Reputation,
  wrongGuesses,
} from '../../../lambdas/otp/limits/reputation.ts';
import { maxWrongOfStep } from '../../../lambdas/policy.ts';
import { samplePolicy } from '../../fakes/policy.ts';

const start = Date.UTC(2026, 0, 1);
const daySeconds = 86_400;

const wrong = (verification: string, seconds: number, nth?: number): NumberGuess => ({
  kind: 'wrong',
  verification,
  ...(nth === undefined ? {} : { nth }),
  atMs: start + seconds * 1000,
  network: 'home',
});
const right = (verification: string, seconds: number): NumberGuess => ({
  ...wrong(verification, seconds),
  kind: 'right',
});
const having = (...guesses: readonly NumberGuess[]): Reputation => guesses.reduce(afterGuess, noReputation);
const countAt = (reputation: Reputation, seconds: number) => wrongGuesses(reputation, start + seconds * 1000);
const attemptsAt = (reputation: Reputation, seconds: number) =>
  maxAttemptsFor(reputation, samplePolicy.code, { isCodeSpraying: false, isPair: false }, start + seconds * 1000);

test('each wrong guess counts for 24 hours from itself', () => {
  const reputation = having(wrong('a', 0), wrong('a', 10), wrong('b', 80_000));
  expect(countAt(reputation, daySeconds - 0.001)).toBe(3);
  expect(countAt(reputation, daySeconds)).toBe(2);
  expect(countAt(reputation, daySeconds + 10)).toBe(1);
  expect(countAt(reputation, 80_000 + daySeconds - 0.001)).toBe(1);
  expect(countAt(reputation, 80_000 + daySeconds)).toBe(0);
});

describe('an approval', () => {
  test('an approval clears the wrong guesses of its own verification, and no other', () => {
    const reputation = having(wrong('mine', 0), wrong('theirs', 1), wrong('mine', 2), right('mine', 3));
    expect(countAt(reputation, 4)).toBe(1);
    expect(reputation.wrong).toEqual([{ verification: 'theirs', atMs: start + 1000 }]);
  });

  test('an approval clears those that the stream brings after it as well', () => {
    expect(countAt(having(right('mine', 3), wrong('mine', 2), wrong('mine', 1)), 4)).toBe(0);
    expect(countAt(having(right('mine', 3), wrong('theirs', 2)), 4)).toBe(1);
  });

  test('an approval leaves an attacked number as few attempts as before: the attacker’s guesses stay', () => {
    const attacked = having(...Array.from({ length: 8 }, (_, index) => wrong(`attack ${index}`, index)));
    const signedIn = [right('mine 1', 100), right('mine 2', 200)].reduce(afterGuess, attacked);
    expect([attemptsAt(attacked, 300), attemptsAt(signedIn, 300)]).toEqual([1, 1]);
    expect(attemptsAt(signedIn, daySeconds + 8)).toBe(5);
  });

  test('an approval is remembered for 24 hours, and a replayed one changes nothing', () => {
    const once = having(right('mine', 0));
    const again = afterGuess(once, right('mine', 0));
    expect({ ...again, version: once.version }).toEqual(once);
    const isFreed = (reputation: Reputation) => isOfApproved(reputation, { verification: 'mine', atMs: start });
    expect(isFreed(afterGuess(once, right('next', daySeconds)))).toBe(true);
    expect(isFreed(afterGuess(once, right('next', daySeconds + 600)))).toBe(false);
  });

  test('a number is trusted for 90 days from its last approval', () => {
    const good = having(right('mine', 10), right('earlier', 0));
    expect(hasVerifiedLately(good, start + 10_000 + 90 * 86_400_000 - 1)).toBe(true);
    expect(hasVerifiedLately(good, start + 10_000 + 90 * 86_400_000)).toBe(false);
    expect(hasVerifiedLately(having(wrong('mine', 0)), start)).toBe(false);
    expect(hasVerifiedLately(noReputation, start)).toBe(false);
  });
});

describe('pairs', () => {
  const rightFrom = (network: string, seconds: number): NumberGuess => ({
    ...right(`v${network}${seconds}`, seconds),
    network,
  });
  const networksOf = ({ pairs }: Reputation) => pairs.map(({ network }) => network);

  test('a number and the network from which it verified are a pair for 90 days from the last time', () => {
    const reputation = having(rightFrom('home', 0), rightFrom('home', 100), wrong('attack', 200));
    const isPairAt = (seconds: number, network = 'home') =>
      hasVerifiedFrom(reputation, network, start + seconds * 1000);
    expect([isPairAt(100 + 90 * daySeconds - 1), isPairAt(100 + 90 * daySeconds)]).toEqual([true, false]);
    expect([isPairAt(100, 'elsewhere'), hasVerifiedFrom(noReputation, 'home', start)]).toEqual([false, false]);
  });

  test('the three networks of the last approvals are remembered, each once', () => {
    const all = ['a', 'b', 'a', 'c', 'd'].map((network, index) => rightFrom(network, index));
    expect(networksOf(having(...all))).toEqual(['a', 'c', 'd']);
  });

  test('a wrong guess makes no pair', () => {
    expect(networksOf(having(wrong('attack', 0)))).toEqual([]);
  });

  test('the order in which the stream brings approvals makes no difference to the pairs', () => {
    const approvals = fc.array(
      fc.record({ network: fc.constantFrom(...'abcdefg'), seconds: fc.integer({ min: 0, max: 20 }), dice: fc.nat() }),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(approvals, (list) => {
        const from = (each: (typeof list)[number]) => rightFrom(each.network, each.seconds);
        const shuffled = list.toSorted((a, b) => a.dice - b.dice);
        expect(having(...shuffled.map(from)).pairs).toEqual(having(...list.map(from)).pairs);
      }),
      { numRuns: 500 },
    );
  });

  test('only wrong guesses that pairs made lower the attempts of a pair', () => {
    const strangers = Array.from({ length: 8 }, (_, index) => wrong(`attack ${index}`, index));
    const own = Array.from({ length: 5 }, (_, index): NumberGuess => ({ ...wrong('mine', index), pair: true }));
    const attempts = (reputation: Reputation, isPair: boolean, isCodeSpraying = false) =>
      maxAttemptsFor(reputation, samplePolicy.code, { isCodeSpraying, isPair }, start + 10_000);
    const attacked = having(...strangers);
    expect([attempts(attacked, false), attempts(attacked, true)]).toEqual([1, 5]);
    expect([attempts(having(...own), false), attempts(having(...own), true)]).toEqual([3, 3]);
    expect([attempts(having(...own, ...strangers), false), attempts(having(...own, ...strangers), true)]).toEqual([
      1, 3,
    ]);
    expect([attempts(noReputation, false, true), attempts(noReputation, true, true)]).toEqual([3, 5]);
  });
});

/** Guesses at eight verifications of one number over two days. Nothing follows the right one. */
const verifications = fc.array(
  fc.record({
    startSeconds: fc.integer({ min: 0, max: 2 * daySeconds }),
    wrong: fc.array(fc.integer({ min: 0, max: 590 }), { maxLength: 5 }),
    isApproved: fc.boolean(),
  }),
  { minLength: 1, maxLength: 8 },
);
const guessesOf = (list: readonly { startSeconds: number; wrong: readonly number[]; isApproved: boolean }[]) =>
  list.flatMap(({ startSeconds, wrong: seconds, isApproved }, index) => [
    ...seconds.map((second, nth) => wrong(`v${index}`, startSeconds + second, nth + 1)),
    ...(isApproved ? [right(`v${index}`, startSeconds + 595)] : []),
  ]);
const shuffles = fc
  .record({ guesses: verifications.map(guessesOf), dice: fc.array(fc.nat(), { minLength: 50, maxLength: 50 }) })
  .map(({ guesses, dice }) => ({
    guesses,
    shuffled: guesses
      .map((guess, index) => ({ guess, at: dice[index % dice.length] ?? 0 }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ guess }) => guess),
  }));

test('the order in which the stream brings guesses changes nothing of what a reputation says', () => {
  fc.assert(
    fc.property(shuffles, ({ guesses, shuffled }) => {
      const [inOrder, anyhow] = [having(...guesses), having(...shuffled)];
      const latest = Math.max(0, ...guesses.map(({ atMs }) => (atMs - start) / 1000));
      const moments = [0, 1, 600, 3600, 43_200, 80_000, daySeconds].map((more) => latest + more);
      expect(moments.map((at) => countAt(anyhow, at))).toEqual(moments.map((at) => countAt(inOrder, at)));
      expect(anyhow.verifiedAtMs).toEqual(inOrder.verifiedAtMs);
      // An SMS is older than the approval of its verification: one that still counts has an approval of the last 24 hours.
      const recent = guesses.filter(
        ({ kind, atMs }) => kind === 'right' && atMs > start + (latest - daySeconds) * 1000,
      );
      for (const approval of recent)
        expect([inOrder, anyhow].map((each) => isOfApproved(each, approval))).toEqual([true, true]);
      const expected = guesses.filter(
        ({ kind, verification, atMs }) =>
          kind === 'wrong' &&
          atMs > start + (latest - daySeconds) * 1000 &&
          !guesses.some((other) => other.kind === 'right' && other.verification === verification),
      );
      expect(countAt(anyhow, latest)).toBe(expected.length);
    }),
    { numRuns: 500 },
  );
});

describe('a guess that comes again', () => {
  test('any repetition and order of guesses leaves what each of them leaves once', () => {
    fc.assert(
      fc.property(shuffles, fc.array(fc.nat(), { maxLength: 40 }), ({ guesses, shuffled }, again) => {
        const repeated = again.flatMap((at) => shuffled[at % Math.max(1, shuffled.length)] ?? []);
        const once = having(...guesses);
        const often = having(...repeated, ...shuffled, ...repeated);
        const seen = ({ approved, wrong, verifiedAtMs, pairs }: Reputation) => ({
          approved,
          wrong,
          verifiedAtMs,
          pairs,
        });
        // The order of moments at one time says nothing.
        const sorted = (reputation: Reputation) => ({
          ...seen(reputation),
          wrong: reputation.wrong.map((each) => `${each.atMs} ${each.verification} ${each.nth}`).toSorted(),
          approved: reputation.approved.map((each) => `${each.atMs} ${each.verification}`).toSorted(),
        });
        expect(sorted(often)).toEqual(sorted(once));
      }),
      { numRuns: 500 },
    );
  });

  test('guesses within one millisecond count each, and a repeated one changes nothing', () => {
    const all = [1, 2, 3, 4, 5].map((nth) => wrong('mine', 0, nth));
    const once = having(...all);
    expect(countAt(once, 0)).toBe(5);
    for (const guess of all) expect(afterGuess(once, guess)).toBe(once);
  });

  test('a wrong guess that an older version has counted is known by its time', () => {
    const before = having(wrong('mine', 0));
    expect(afterGuess(before, wrong('mine', 0, 1))).toBe(before);
    expect(countAt(afterGuess(before, wrong('mine', 1, 2)), 1)).toBe(2);
  });
});

describe('what an attacker adds', () => {
  test('more wrong guesses never lower the count, now or later', () => {
    const times = fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 200 });
    fc.assert(
      fc.property(times, times, (before, more) => {
        const few = having(...before.map((second, index) => wrong(`v${index % 20}`, second, index)));
        const many = more.reduce((all, second, nth) => afterGuess(all, wrong('attack', 40_000 + second, nth)), few);
        for (const at of [80_000, 90_000, 100_000]) expect(countAt(many, at)).toBeGreaterThanOrEqual(countAt(few, at));
      }),
    );
  });

  test('no number of guesses makes a reputation grow beyond its bounds', () => {
    const all = Array.from({ length: 1000 }, (_, index) => [wrong(`w${index}`, index), right(`r${index}`, index)]);
    const reputation = having(...all.flat());
    expect(reputation.wrong).toHaveLength(maxWrong);
    expect(reputation.approved).toHaveLength(maxApproved);
    expect(reputation.wrong.at(-1)).toEqual({ verification: 'w999', atMs: start + 999_000 });
  });

  test('wrong guesses that are forgiven later leave no step of the settings out of reach', () => {
    const attack = Array.from({ length: maxWrong }, (_, index) => wrong(`attack ${index}`, index));
    const typos = Array.from({ length: maxWrongOfStep }, (_, index) => wrong(`mine ${index % 5}`, 1000 + index));
    const approvals = Array.from({ length: 5 }, (_, index) => right(`mine ${index}`, 2000 + index));
    expect(countAt(having(...attack, ...typos, ...approvals), 3000)).toBeGreaterThanOrEqual(maxWrongOfStep);
  });
});
