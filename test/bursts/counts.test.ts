import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isBehind } from '../../lambdas/bursts/counts/batch.ts';
import { additionsOf } from '../../lambdas/bursts/counts/counts.ts';
import { eventOf, type StreamChange, type TrafficEvent } from '../../lambdas/bursts/counts/events.ts';
import { distinctOf, networkSlotOf, partSlotOf } from '../../lambdas/bursts/counts/slots.ts';
import type { Verification } from '../../lambdas/otp/record/verification.ts';
import { memoryCounters } from '../../replay/memory/memory-counters.ts';
import { noUnits } from '../../replay/memory/units.ts';
import { event, mondayMs } from '../fakes/bursts/scene.ts';

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
  const levelsOf = (events: readonly TrafficEvent[]) =>
    additionsOf(events).map(({ key, add }) => `${key.level} ${[...add].map(([name, by]) => `${name}${by}`)}`);
  const sender = { phone: '+447700123456' };
  const started = (more: Partial<TrafficEvent> = {}) => event('started', sender, mondayMs, more);
  const [inRange, inPrefix] = [partSlotOf('+44770012'), partSlotOf('+447700')].map((slot) => `u${slot}`);
  test.each([
    [
      'an unverified number from an untrusted IP counts for its groups and the IP',
      {},
      ['range s01', `prefix s01,${inRange}1`, `country s01,${inPrefix}1`, 'ip s01'],
    ],
    [
      'an unverified number from a trusted IP counts for the range and the IP',
      { trustedIp: true },
      ['range s01', 'ip s01', 'country others1'],
    ],
    [
      'a trusted number from elsewhere counts for new networks and the IP',
      { unverified: false },
      ['new-network s01', 'ip s01', 'country others1'],
    ],
    [
      'a trusted number from a trusted IP counts for the IP',
      { unverified: false, trustedIp: true },
      ['ip s01', 'country others1'],
    ],
    [
      'a pair counts for nobody, except that it is the control group of its country',
      { unverified: false, pair: true },
      ['country others1,pairStarted1', 'ip others1'],
    ],
    [
      'a pair that has lost its trust counts as unverified',
      { pair: true },
      ['range s01', `prefix s01,${inRange}1`, `country s01,${inPrefix}1`, 'ip s01'],
    ],
  ] as const)('an event adds to its keys: %s', (_, more, lines) => {
    expect(levelsOf([started(more)])).toEqual(lines);
  });
  test('an IP that all users of a back end share counts for nothing, and their unverified numbers for their ranges', () => {
    const ofBackEnd = (more: Partial<TrafficEvent> = {}) =>
      levelsOf([event('started', { ...sender, sharedIp: true }, mondayMs, more)]);
    expect(ofBackEnd({ unverified: false })).toEqual(['country others1']);
    expect(ofBackEnd()).toEqual(['range s01', 'country others1']);
  });
  test.each([
    ['asked a minute ago', 60_000, 60_000, 'range again1'],
    ['asked first three hours ago, and last a minute ago', 60_000, 3.5 * 3_600_000, 'range again1'],
    ['asked hourly, for three hours and more', 3_600_000, 4 * 3_600_000, 'range again1'],
    ['asked hourly, and comes again in the fourth hour', 3_600_000, 3.5 * 3_600_000, 'range s01'],
    ['asked three hours ago, and not since', 3 * 3_600_000, 3 * 3_600_000, 'range s01'],
  ])('a number is one person in three hours: one that %s', (_, sincePreviousSendMs, sinceFirstSendMs, line) => {
    expect(levelsOf([started({ sincePreviousSendMs, sinceFirstSendMs })])[0]).toBe(line);
  });
  test('ten requests and ten resends of one number are one person, at every key', () => {
    const again = (index: number) => started({ sincePreviousSendMs: 1000, sinceFirstSendMs: 1000 * (index + 1) });
    const all = [
      started(),
      ...Array.from({ length: 9 }, (_, index) => again(index)),
      ...Array.from({ length: 10 }, (_, index) => event('resent', sender, mondayMs, { sends: 3 + index })),
    ];
    const [first] = additionsOf(all);
    expect([...(first?.add ?? [])]).toEqual([
      ['s0', 1],
      ['again', 9],
      ['resent', 10],
    ]);
  });
  test.each([
    ['a second request', [started({ sincePreviousSendMs: 9000, sinceFirstSendMs: 9000 })]],
    ['a first resend', [event('resent', sender, mondayMs, { sends: 2 })]],
  ] as const)('%s makes a person one who insists, until the person verifies', (_, second) => {
    const first = (events: readonly TrafficEvent[]) => new Map(additionsOf(events).flatMap(({ add }) => [...add]));
    expect(first(second).get('insisting')).toBe(1);
    const facts = second[0].kind === 'resent' ? { sends: 2 } : { sincePreviousSendMs: 9000, sinceFirstSendMs: 9000 };
    const approved = event('approved', sender, mondayMs + 9000, { ...facts, startedAtMs: mondayMs });
    expect(first([...second, approved]).get('insisting')).toBe(0);
  });
  test('later SMS of a person change nothing about that', () => {
    const later = [
      started({ sincePreviousSendMs: 9000, sinceFirstSendMs: 18_000 }),
      event('resent', sender, mondayMs, { sends: 3 }),
    ];
    expect(additionsOf(later).filter(({ add }) => add.has('insisting'))).toEqual([]);
  });
  test('a probe counts as such at the key that it passed, and as a person elsewhere', () => {
    const probe = { probes: ['range'] } as const;
    expect(levelsOf([started(probe)]).slice(0, 2)).toEqual(['range probed1', `prefix s01,${inRange}1`]);
    const approved = event('approved', sender, mondayMs + 9000, { ...probe, startedAtMs: mondayMs });
    expect(levelsOf([approved]).slice(0, 2)).toEqual(['range probeVerified1', `prefix v01,${inRange}-1`]);
  });
  test('a call counts as a send, and as a call beside it', () => {
    expect(levelsOf([started({ channel: 'voice' })])[0]).toBe('range s01,called1');
    const again = { channel: 'voice', sincePreviousSendMs: 9000, sinceFirstSendMs: 18_000 } as const;
    expect(levelsOf([started(again)])[0]).toBe('range again1,called1');
    const unsent = event('unsent', sender, mondayMs, { channel: 'voice' });
    expect(levelsOf([unsent])[0]).toBe('range s0-1,called-1');
  });
  test('wrong codes that the right one follows are rolled back, except for the number', () => {
    const wrong = event('wrong', sender, mondayMs + 30_000, { startedAtMs: mondayMs, unverified: false });
    const right = { startedAtMs: mondayMs, unverified: false, mistyped: 1 };
    const approved = event('approved', sender, mondayMs + 40_000, right);
    const slot = `w${networkSlotOf('a-+447700123456')}`;
    expect(levelsOf([wrong])).toEqual(['phone wrong1', `country wrong1,${slot}1`, 'ip wrong1']);
    expect(levelsOf([wrong, approved])).toEqual([
      'phone wrong1',
      `country wrong0,${slot}0`,
      'ip wrong0,v01',
      'new-network v01',
    ]);
  });
  test('an approval counts in the ten seconds of its request', () => {
    const approved = event('approved', sender, mondayMs + 42_000, { startedAtMs: mondayMs + 12_000 });
    expect(levelsOf([approved])[0]).toBe('range v11');
  });
  test('an approval counts where its person does, and by itself if that is long ago', () => {
    const at = (sinceFirstSendMs: number) =>
      levelsOf([event('approved', sender, mondayMs + 90_000, { startedAtMs: mondayMs + 60_000, sinceFirstSendMs })])[0];
    expect(at(50_000)).toBe('range v11');
    expect(at(21 * 60_000)).toBe('range v61');
  });
  test('an SMS that was surely not sent is rolled back', () => {
    expect(levelsOf([event('started', sender, mondayMs), event('unsent', sender, mondayMs)])[0]).toBe('range s00');
  });
  test.each([
    ['block-prefix', 'block', 'prefix blocked1'],
    ['block-new-network', 'block', 'new-network blocked1'],
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
      facts: fc.record(
        {
          unverified: fc.boolean(),
          trustedIp: fc.constant(true),
          pair: fc.constant(true),
          sincePreviousSendMs: fc.integer({ min: 1, max: 20_000_000 }),
          sinceFirstSendMs: fc.integer({ min: 1, max: 20_000_000 }),
          probes: fc.subarray(['range', 'prefix', 'country', 'ip', 'new-network'] as const),
          mistyped: fc.integer({ min: 0, max: 3 }),
          sends: fc.integer({ min: 1, max: 4 }),
        },
        { requiredKeys: ['unverified'] },
      ),
    }),
    { maxLength: 60 },
  );
  const eventsOf = (
    drawn: readonly { kind: (typeof kinds)[number]; phone: number; afterMs: number; facts: Partial<TrafficEvent> }[],
  ) =>
    drawn.map(({ kind, phone, afterMs, facts }) =>
      event(kind, { phone: `+4477001${phone}0000` }, mondayMs + afterMs, {
        ...facts,
        reason: 'phone',
        limit: 'cooldown',
      }),
    );
  const countsAfter = async (batches: readonly (readonly TrafficEvent[])[]) => {
    const counters = memoryCounters(noUnits(), Number.POSITIVE_INFINITY);
    for (const batch of batches) counters.count(batch, 0);
    const keys = additionsOf(batches.flat()).map(({ key }) => key);
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

test.each([
  ['five seconds old', 5000, false],
  ['older', 5001, true],
  ['of a clock that is ahead', -1000, false],
] as const)('the newest event alone says whether the detector is behind: it is %s', (_, ageMs, behind) => {
  const old = event('started', { phone: '+447700900123' }, mondayMs - 60_000);
  const newest = event('approved', { phone: '+447700900123' }, mondayMs);
  for (const batch of [[newest], [old, newest], [newest, old]]) expect(isBehind(batch, mondayMs + ageMs)).toBe(behind);
});
