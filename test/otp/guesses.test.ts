import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countGuesses, type GuessFact, guessOf } from '../../lambdas/otp/guesses.ts';
import {
  isOfApproved,
  maxAttemptsFor,
  noReputation,
  type Reputation,
  wrongGuesses,
} from '../../lambdas/otp/limits/reputation.ts';
import { recordKey } from '../../lambdas/otp/number/pseudonyms.ts';
import type { Verification } from '../../lambdas/otp/record/verification.ts';
import { memoryLedger } from '../fakes/ledger/memory-ledger.ts';
import { samplePolicy } from '../fakes/policy.ts';
import { requested, world } from '../fakes/world.ts';

const start = Date.UTC(2026, 0, 1);

const aRecord = async (): Promise<Verification> => {
  const here = world();
  const { id } = await requested(here);
  const record = here.ledger.records.get(recordKey('app', id));
  if (record === undefined) throw new Error('no record');
  return record;
};

describe('a change of a record shows the guess that it let in', () => {
  test.each<[string, Partial<Verification> | undefined, Partial<Verification> | undefined, string | undefined]>([
    ['a new record', undefined, {}, undefined],
    ['a wrong guess', {}, { guesses: ['x'], nonces: ['n'] }, 'wrong'],
    ['a right guess', {}, { guesses: ['the code'], nonces: ['n'], code: 'the code' }, 'right'],
    ['a second guess', { guesses: ['x'] }, { guesses: ['x', 'y'] }, 'wrong'],
    ['a resend', {}, { code: 'another', sends: 2 }, undefined],
    ['a cancellation', {}, { ended: 'canceled' }, undefined],
    ['a repeated check', { guesses: ['x'] }, { guesses: ['x'] }, undefined],
    ['a deletion', {}, undefined, undefined],
    ['a guess at a test number', { test: true }, { test: true, guesses: ['x'] }, undefined],
  ])('the stream says of %s: %s', async (_, before, after, kind) => {
    const record = await aRecord();
    const fact = guessOf({
      id: 'e1',
      before: before === undefined ? undefined : { ...record, ...before },
      after: after === undefined ? undefined : { ...record, ...after },
    });
    expect(fact?.kind).toBe(kind);
    // The guard names its sends by the same characters.
    if (fact !== undefined) expect(fact.verification).toBe(record.key.slice(0, 12));
  });
});

const facts = fc.array(
  fc.record({ kind: fc.constantFrom('right' as const, 'wrong' as const), phone: fc.integer({ min: 0, max: 2 }) }),
  { minLength: 1, maxLength: 25 },
);

/** What a number's next requests can see of its reputation, whenever they come. */
const seenOf = (reputation: Reputation, facts: readonly GuessFact[]) => ({
  verifiedAtMs: reputation.verifiedAtMs,
  wrong: [0, 600, 20_000, 86_000, 86_390].map((seconds) => wrongGuesses(reputation, start + 1000 * (40 + seconds))),
  attemptsOfPair: maxAttemptsFor(reputation, samplePolicy.code, { isCodeSpraying: false, isPair: true }, start),
  approved: facts.map((fact) => isOfApproved(reputation, fact)),
  pairs: reputation.pairs,
});

test('any order of the same guesses, each of them as often as the stream likes, leaves the same reputation', async () => {
  const deals = fc.array(fc.record({ place: fc.nat(), times: fc.integer({ min: 1, max: 3 }) }), {
    minLength: 12,
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(facts, deals, async (list, dice) => {
      const approved = new Set<string>();
      const all = list.flatMap(({ kind, phone }, index): GuessFact[] => {
        const verification = `v${(index * 7) % 5}`;
        // Nothing follows the right guess of a verification.
        if (approved.has(verification)) return [];
        if (kind === 'right') approved.add(verification);
        return [
          {
            id: `e${index}`,
            kind,
            phoneKey: 'phone',
            ip: `ip ${phone}`,
            network: `network ${index % 6}`,
            ...(phone === 0 ? { pair: true } : {}),
            verification,
            nth: index,
            atMs: start + index * 1000,
          },
        ];
      });
      const shuffled = all
        .flatMap((fact, index) => {
          const { place = 0, times = 1 } = dice[index % dice.length] ?? {};
          return Array.from({ length: times }, (_, turn) => ({ fact, place: (place * (turn + 1)) % 1009 }));
        })
        .toSorted((a, b) => a.place - b.place);
      const [inOrder, anyhow] = [memoryLedger(), memoryLedger()];
      for (const fact of all) await countGuesses(inOrder)([fact]);
      for (const { fact } of shuffled) await countGuesses(anyhow)([fact]);
      const [expected, seen] = [inOrder, anyhow].map((ledger) =>
        seenOf(ledger.reputations.get('phone') ?? noReputation, all),
      );
      expect(seen).toEqual(expected);
    }),
    { numRuns: 150 },
  );
});

test('duplicates, retries of batches and crashes between them leave the same counts as each guess once', async () => {
  await fc.assert(
    fc.asyncProperty(facts, fc.infiniteStream(fc.integer({ min: 0, max: 5 })), async (list, dice) => {
      const roll = () => Number(dice.next().value);
      const all = list.map(
        ({ kind, phone }, index): GuessFact => ({
          id: `e${index}`,
          kind,
          phoneKey: `phone ${phone}`,
          ip: 'ip',
          network: `network ${index % 5}`,
          verification: `v${index % 4}`,
          nth: index,
          atMs: start + index * 1000,
        }),
      );
      const once = memoryLedger();
      for (const fact of all) await countGuesses(once)([fact]);
      const often = memoryLedger();
      const faults = ['unavailable', 'lost', 'conflict'] as const;
      for (let index = 0; index < all.length; ) {
        const fact = all[index];
        if (fact === undefined) break;
        if (roll() === 0) often.failAt(often.calls.length + (roll() % 2), faults[roll() % 3] ?? 'lost');
        const counted = await countGuesses(often)([fact]).then(
          () => true,
          () => false,
        );
        // A failed record comes again with the whole batch behind the last checkpoint; a good one may as well.
        index = counted && roll() > 0 ? index + 1 : Math.max(0, index - (roll() % 3));
      }
      expect([...often.reputations]).toEqual([...once.reputations]);
      expect([...often.verifiersOf('ip')]).toEqual([...once.verifiersOf('ip')]);
      expect([...often.counts].sort()).toEqual([...once.counts].sort());
    }),
    { numRuns: 150 },
  );
});
