import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { additionsOf, distinctOf } from '../../lambdas/bursts/counts/counts.ts';
import { eventOf, type StreamChange, type TrafficEvent } from '../../lambdas/bursts/counts/events.ts';
import type { Verification } from '../../lambdas/otp/record/verification.ts';
import { memoryCounters } from '../fakes/bursts/memory-counters.ts';
import { event, mondayMs } from '../fakes/bursts/scene.ts';
import { noUnits } from '../fakes/bursts/units.ts';

const record: Verification = {
  key: 'key',
  code: 'mac of the code',
  codeLength: 6,
  hasTransaction: false,
  maxAttempts: 5,
  guesses: [],
  nonces: [],
  superseded: [],
  resendNonces: [],
  sealed: 'ciphertext',
  phoneKey: 'phone',
  range: '+44770012',
  prefix: '+447700',
  country: 'GB',
  ip: 'ip',
  network: 'network',
  application: 'app',
  purpose: 'login',
  createdAtMs: mondayMs,
  sentAtMs: mondayMs,
  sendId: 'send',
  resendAtMs: mondayMs,
  expiresAt: mondayMs / 1000 + 300,
  latestExpiry: mondayMs / 1000 + 600,
  purgeAt: mondayMs / 1000 + 900,
  sends: 1,
  delivery: 'accepted',
};
const guessed = { ...record, guesses: ['another mac'], guessedAtMs: mondayMs + 5000 };
const kindOf = (change: Omit<StreamChange, 'id'>) => eventOf({ id: '1', ...change })?.kind;

describe('what a change of a record is', () => {
  const refused = {
    subject: { phoneKey: 'p', range: 'b', prefix: 'o', country: 'GB', ip: 'a', network: 'network', application: 'app' },
    purpose: 'login',
    reason: 'phone',
    limit: 'cooldown',
    atMs: mondayMs,
    test: false,
  };
  test.each([
    ['started', { before: undefined, after: record }],
    ['wrong', { before: record, after: guessed }],
    ['approved', { before: record, after: { ...guessed, guesses: [record.code] } }],
    ['approved', { before: guessed, after: { ...guessed, guesses: ['another mac', record.code] } }],
    ['resent', { before: record, after: { ...record, sends: 2, code: 'new', sentAtMs: mondayMs + 1 } }],
    ['unsent', { before: record, after: { ...record, ended: 'failed' } }],
    ['canceled', { before: record, after: { ...record, ended: 'canceled' } }],
    ['unconfirmed', { before: record, after: { ...record, delivery: 'unconfirmed' } }],
    ['refused', { before: undefined, after: undefined, refused }],
    [undefined, { before: record, after: { ...record, resendAtMs: mondayMs + 1 } }],
    [undefined, { before: undefined, after: { ...record, test: true } }],
    [undefined, { before: undefined, after: undefined, refused: { ...refused, test: true } }],
    [undefined, { before: record, after: undefined }],
  ] as const)('a change is the event %s', (kind, change) => {
    expect(kindOf(change)).toBe(kind);
  });
  test('an event says whether the number was trusted when it asked', () => {
    expect(eventOf({ id: '1', before: undefined, after: record })?.unverified).toBe(true);
    expect(eventOf({ id: '1', before: undefined, after: { ...record, trusted: true } })?.unverified).toBe(false);
  });
  test('an event has no MAC, no ciphertext and no secret of the record', () => {
    const text = JSON.stringify(eventOf({ id: '1', before: record, after: guessed }));
    for (const secret of [record.code, record.sealed, 'another mac', record.key, record.sendId]) {
      expect(text).not.toContain(JSON.stringify(secret));
    }
  });
});

describe('what an event is counted for', () => {
  const levelsOf = (events: readonly TrafficEvent[], exempt: string[] = []) =>
    additionsOf(events, exempt).map(({ key, add }) => `${key.level} ${[...add].map(([name, by]) => `${name}${by}`)}`);
  const sender = { phone: '+447700123456' };
  test('an unverified number counts for groups and IP, a trusted number for the IP, and is one more in its country', () => {
    expect(levelsOf([event('started', sender, mondayMs)])).toEqual([
      'range s01',
      'prefix s01',
      'country s01',
      'ip s01',
    ]);
    expect(levelsOf([event('started', sender, mondayMs, { unverified: false })])).toEqual([
      'ip s01',
      'country trusted1',
    ]);
  });
  test('the IP of a back end that is exempt counts for nothing', () => {
    const event_ = event('started', { ...sender, application: 'back-end' }, mondayMs, { unverified: false });
    expect(levelsOf([event_], ['back-end'])).toEqual(['country trusted1']);
  });
  test('wrong codes that the right one follows are rolled back, except for the number', () => {
    const wrong = event('wrong', sender, mondayMs + 30_000, { startedAtMs: mondayMs, unverified: false });
    const right = { startedAtMs: mondayMs, unverified: false, mistyped: 1 };
    const approved = event('approved', sender, mondayMs + 40_000, right);
    expect(levelsOf([wrong])).toEqual(['phone wrong1', 'country wrong1', 'ip wrong1']);
    expect(levelsOf([wrong, approved])).toEqual(['phone wrong1', 'country wrong0', 'ip wrong0,v01']);
  });
  test('an approval counts in the ten seconds of its request', () => {
    const approved = event('approved', sender, mondayMs + 42_000, { startedAtMs: mondayMs + 12_000 });
    expect(levelsOf([approved])[0]).toBe('range v11');
  });
  test('an SMS that was surely not sent is rolled back', () => {
    expect(levelsOf([event('started', sender, mondayMs), event('unsent', sender, mondayMs)])[0]).toBe('range s00');
  });
  test.each([
    ['block-prefix', 'block', 'prefix blocked1'],
    ['block-phone', 'block', 'phone blocked1'],
    ['cooldown', 'phone', 'phone limited1'],
    ['ip', 'ip', 'ip limited1'],
    ['low-volume', 'low-volume', 'country limited1'],
  ])('a refusal by %s counts for the one key that refused', (limit, reason, line) => {
    expect(levelsOf([event('refused', sender, mondayMs, { limit, reason })])).toEqual([line]);
  });
});

describe('counts', () => {
  const kinds = ['started', 'approved', 'wrong', 'resent', 'unsent', 'refused'] as const;
  const some = fc.array(
    fc.record({
      kind: fc.constantFrom(...kinds),
      phone: fc.integer({ min: 0, max: 30 }),
      afterMs: fc.integer({ min: 0, max: 3_000_000 }),
      unverified: fc.boolean(),
    }),
    { maxLength: 60 },
  );
  const eventsOf = (
    drawn: readonly { kind: (typeof kinds)[number]; phone: number; afterMs: number; unverified: boolean }[],
  ) =>
    drawn.map(({ kind, phone, afterMs, unverified }) =>
      event(kind, { phone: `+4477001${phone}0000` }, mondayMs + afterMs, {
        unverified,
        reason: 'phone',
        limit: 'cooldown',
      }),
    );
  const countsAfter = async (batches: readonly (readonly TrafficEvent[])[]) => {
    const counters = memoryCounters([], noUnits());
    for (const batch of batches) counters.count(batch);
    const keys = additionsOf(batches.flat(), []).map(({ key }) => key);
    return Object.fromEntries(
      keys.map((key) => [
        JSON.stringify(key),
        counters.countsOf(key).map((each) => ({ ...each, ips: each.ips.toSorted((a, b) => a - b) })),
      ]),
    );
  };

  test('counts are the same in whatever order, however often and in whatever batches events come', async () => {
    await fc.assert(
      fc.asyncProperty(some, fc.infiniteStream(fc.nat()), async (drawn, numbers) => {
        const events = eventsOf(drawn);
        const next = (below: number) => (numbers.next().value ?? 0) % Math.max(1, below);
        const disturbed = [...events, ...events.filter(() => next(3) === 0)]
          .map((each) => ({ each, at: next(1000) }))
          .toSorted((one, other) => one.at - other.at)
          .map(({ each }) => each);
        const batches: TrafficEvent[][] = [];
        for (const each of disturbed) {
          if (batches.length === 0 || next(4) === 0) batches.push([]);
          batches.at(-1)?.push(each);
        }
        expect(await countsAfter(batches)).toEqual(await countsAfter([events]));
      }),
      { numRuns: 200 },
    );
  });
});

// Whang et al. 1990: −m ln(1 − k/m) of k slots met out of m = 64.
describe('distinct IPs are estimated by linear counting:', () => {
  test.each([
    [0, 0],
    [3, 3.07],
    [21, 25.45],
    [32, 44.36],
    [63, 266.17],
  ])('%d slots met are %d IPs', (slots, ips) => {
    const met = new Set(Array.from({ length: slots }, (_, slot) => slot));
    expect(distinctOf(met)).toBeCloseTo(ips, 2);
  });
  test('all slots are met by as many IPs as it takes on average, and no more', () => {
    expect(distinctOf(new Set(Array.from({ length: 64 }, (_, slot) => slot)))).toBeCloseTo(64 * Math.log(64), 6);
  });
});
