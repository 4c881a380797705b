import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countGuess, type GuessFact, guessOf } from '../../lambdas/otp/guesses.ts';
import { recordKey } from '../../lambdas/otp/number/pseudonyms.ts';
import type { Verification } from '../../lambdas/otp/record/verification.ts';
import { memoryLedger } from '../fakes/ledger/memory-ledger.ts';
import { requested, world } from '../fakes/world.ts';

const start = Date.UTC(2026, 0, 1);

const aRecord = async (): Promise<Verification> => {
  const here = world();
  const { id } = await requested(here);
  const record = here.ledger.records.get(recordKey(id));
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
          verification: `v${index % 4}`,
          atMs: start + index * 1000,
        }),
      );
      const once = memoryLedger();
      for (const fact of all) await countGuess(once)(fact);
      const often = memoryLedger();
      const faults = ['unavailable', 'lost', 'conflict'] as const;
      for (let index = 0; index < all.length; ) {
        const fact = all[index];
        if (fact === undefined) break;
        if (roll() === 0) often.failAt(often.calls.length + (roll() % 2), faults[roll() % 3] ?? 'lost');
        const counted = await countGuess(often)(fact).then(
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
