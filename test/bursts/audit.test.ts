import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { auditItem, countedMark } from '../../lambdas/aws/tables/security/audit.ts';
import { auditEntryOf } from '../../lambdas/bursts/audit.ts';
import { placesOf } from '../../lambdas/bursts/counts/batch.ts';
import { referenceOf, type TrafficEvent, trafficKinds } from '../../lambdas/bursts/counts/events.ts';
import { event, mondayMs } from '../fakes/bursts/scene.ts';

const phone = '+447700123456';
const entry = (more: Parameters<typeof event>[3] = {}) => auditEntryOf(event('started', { phone }, mondayMs, more), 90);

/** DynamoDB adds a byte for each element and 3 for a list; a number has a byte for two digits, and one more. */
const bytesOf = (value: AttributeValue): number => {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return Math.ceil(value.N.length / 2) + 1;
  if (value.L !== undefined) return 3 + value.L.reduce((sum, each) => sum + 1 + bytesOf(each), 0);
  if (value.BOOL !== undefined) return 1;
  if (value.M === undefined) throw new Error('The entry has an attribute of another type.');
  return Object.entries(value.M).reduce((sum, [name, each]) => sum + Buffer.byteLength(name) + bytesOf(each), 0);
};

/** The table after entries were put into it, in their order. */
const tableAfter = (entries: readonly ReturnType<typeof entry>[]) =>
  new Map(entries.map(auditItem).map((item) => [`${item['pk']?.S} ${item['sk']?.S}`, item]));

describe('the audit trail', () => {
  test('the trail is the same, whatever comes twice, late, or in another order', () => {
    const events = trafficKinds.map((kind, index) => event(kind, { phone }, mondayMs + index * 1000));
    const once = tableAfter(events.map((each) => auditEntryOf(each, 90)));
    expect(once.size).toBe(trafficKinds.length);
    const anyDelivery = fc.tuple(
      fc.shuffledSubarray(events, { minLength: events.length }),
      fc.array(fc.constantFrom(...events)),
      fc.array(fc.constantFrom(...events)),
    );
    fc.assert(
      fc.property(anyDelivery, ([all, before, after]) => {
        const table = tableAfter([...before, ...all, ...after].map((each) => auditEntryOf(each, 90)));
        expect([...table].toSorted(([a], [b]) => (a < b ? -1 : 1))).toEqual(
          [...once].toSorted(([a], [b]) => (a < b ? -1 : 1)),
        );
      }),
    );
  });

  test('the entries of a number stand under one key, in the order in which they happened', () => {
    const items = [3000, 1000, 2000].map((ms) => auditItem(auditEntryOf(event('wrong', { phone }, mondayMs + ms), 90)));
    expect(new Set(items.map(({ pk }) => pk?.S))).toEqual(new Set([`phone#key of ${phone}`]));
    expect(items.toSorted((a, b) => ((a['sk']?.S ?? '') < (b['sk']?.S ?? '') ? -1 : 1)).map(({ at }) => at?.N)).toEqual(
      [1000, 2000, 3000].map((ms) => String(mondayMs + ms)),
    );
  });

  test('an entry says what was refused, and by which limit', () => {
    const refused = event('refused', { phone }, mondayMs, { reason: 'block', limit: 'block-prefix' });
    expect(auditEntryOf(refused, 90)).toMatchObject({ kind: 'refused', reason: 'block', limit: 'block-prefix' });
  });

  test('an entry holds every input of a ruling that its event has', () => {
    const { subject, ...rest } = event('started', { phone }, mondayMs, {
      ...{ trustedIp: true, pair: true, sincePreviousSendMs: 1, sinceFirstSendMs: 2, probes: ['range'] },
    });
    expect(entry()).not.toHaveProperty('subject');
    expect(auditEntryOf({ subject, ...rest }, 90)).toMatchObject({ ...subject, ...rest });
  });

  test('an event is kept for as long as the settings say', () => {
    const { expiresAt } = auditEntryOf(event('approved', { phone }, mondayMs), 7);
    expect(expiresAt).toBe(mondayMs / 1000 + 7 * 86_400);
  });

  test('an entry names its verification so that the record’s key leads to its events, and not back', () => {
    const key = 'k'.repeat(43);
    const verification = referenceOf(key);
    expect(verification).toMatch(/^[0-9a-f]{32}$/);
    expect(referenceOf(`${key}x`)).not.toBe(verification);
    expect(entry({ verification }).verification).toBe(verification);
    expect(entry().verification).toBeUndefined();
  });

  test('an entry has the attributes that are listed here, and no other', () => {
    const all = event('refused', { phone }, mondayMs, {
      ...{
        reason: 'block',
        limit: 'block-prefix',
        verification: 'k',
        mistyped: 1,
        sends: 2,
        trustedIp: true,
        pair: true,
      },
      ...{ sincePreviousSendMs: 1, sinceFirstSendMs: 2, probes: ['range', 'new-network'] },
      ...{ risk: 'swapped', stepUp: true },
    });
    const place = placesOf([all], mondayMs).get(all.id);
    expect(Object.keys(auditItem(auditEntryOf(all, 90, place))).toSorted()).toEqual(
      [
        ...['ip', 'application', 'at', 'range', 'country', 'expiresAt', 'kind', 'limit', 'prefix', 'pk'],
        ...['purpose', 'reason', 'sk', 'unverified', 'verification', 'version', 'network', 'trustedIp', 'pair'],
        ...['sincePreviousSendMs', 'sinceFirstSendMs', 'probes', 'startedAt', 'mistyped', 'sends'],
        ...['risk', 'stepUp'],
        ...['batch', 'place', 'records', 'judgedAt', 'streamAt'],
      ].toSorted(),
    );
  });

  test('an entry with all that it may have is written for one unit, which a transaction doubles', () => {
    const hash = 'k'.repeat(43);
    const longest = event('refused', { phone, ip: hash }, mondayMs, {
      ...{ id: 'i'.repeat(32), purpose: 'p'.repeat(64), reason: 'destination', limit: 'block-new-network' },
      ...{ verification: hash, mistyped: 10, sends: 10, trustedIp: true, pair: true },
      ...{ sincePreviousSendMs: 86_400_000, sinceFirstSendMs: 86_400_000 },
      probes: ['range', 'prefix', 'country', 'new-network', 'ip'],
    });
    const subject = { ...longest.subject, phoneKey: hash, network: hash, application: 'a'.repeat(128) };
    const [place] = placesOf([longest], mondayMs).values();
    if (place === undefined) throw new Error('The event has no place.');
    const inBatch = { ...place, place: 999, records: 1000 };
    const item = { ...auditItem(auditEntryOf({ ...longest, subject }, 90, inBatch)), ...countedMark };
    const bytes = bytesOf({ M: item });
    expect(bytes).toBeGreaterThan(800);
    expect(bytes).toBeLessThan(1024);
  });

  test('an event has the time that judging took, and its place in a batch whose events stand in any order', () => {
    const [a, b] = [2000, 1000].map((ms) => event('started', { phone }, mondayMs + ms)) as [TrafficEvent, TrafficEvent];
    const late = placesOf([b, a, b], mondayMs + 60_000);
    const shared = { batch: b.id, records: 2, judgedAtMs: mondayMs + 60_000, streamAtMs: mondayMs + 7000 };
    expect([...late]).toEqual([
      [b.id, { ...shared, place: 0 }],
      [a.id, { ...shared, place: 1 }],
    ]);
    // The stream is never read beyond now, whatever the clocks of others say.
    expect(placesOf([a], mondayMs).get(a.id)?.streamAtMs).toBe(mondayMs);
  });

  test('an event that was not judged has no place in a batch', () => {
    expect(Object.keys(auditItem(entry()))).not.toEqual(expect.arrayContaining(['batch']));
  });
});
