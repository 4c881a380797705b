import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoClient } from '../../lambdas/aws/clients.ts';
import { readFacts } from '../../lambdas/aws/stores/send-facts.ts';
import type { TrafficEvent } from '../../lambdas/bursts/counts/events.ts';
import { noHistory } from '../../lambdas/bursts/counts/history.ts';
import { type Key, nameOf } from '../../lambdas/bursts/counts/keys.ts';
import { partSlotOf } from '../../lambdas/bursts/counts/slots.ts';
import { timeBucketMs, timeBucketOf } from '../../lambdas/bursts/counts/time-buckets.ts';
import { commitRuling } from '../../lambdas/bursts/detect.ts';
import { decide, type RulingDecision } from '../../lambdas/bursts/findings/decision.ts';
import { lastBlockNow } from '../../lambdas/bursts/judge/blocks.ts';
import type { Ruling } from '../../lambdas/bursts/judge/ruling.ts';
import { Unavailable } from '../../lambdas/otp/ports.ts';
import { type Dynamo, startDynamo } from '../../local/aws/dynamo.ts';
import { askInstead } from '../fakes/aws/environment.ts';
import { type AwsProxy, awsProxy } from '../fakes/aws/proxy.ts';
import { sampleDeployment } from '../fakes/bursts/deployment.ts';
import { aRuling as anyRuling } from '../fakes/bursts/rulings.ts';
import { event } from '../fakes/bursts/scene.ts';
import { inMemory, onTables as onTablesOf, type Place, seconds } from './detector-places.ts';

let dynamo: Dynamo;
let proxy: AwsProxy;
let unreadable = 0;
beforeAll(async () => {
  dynamo = await startDynamo();
  proxy = await awsProxy(dynamo.url);
  askInstead({
    AWS_ENDPOINT_URL_DYNAMODB: proxy.url,
  });
});
afterAll(async () => {
  await proxy.stop();
  await dynamo.stop();
});

const onTables = (): Place =>
  onTablesOf(dynamo, () => {
    unreadable += 1;
  });

const places: [string, () => Place][] = [
  ['in memory', inMemory],
  ['on the emulator', onTables],
];

/** The middle of a time bucket, so that seconds before and after are in it as well. */
const nowMs = (timeBucketOf(Date.now()) + 0.5) * timeBucketMs;

let ranges = 0;
/** A range that no other test has used, in a country of its own where it is counted in. */
const freshRange = (): string => {
  ranges += 1;
  return `+4477${String(10_000 + ranges)}`;
};
const phoneIn = (range: string, index = 0): string => `${range}${String(index).padStart(4, '0')}`;
const rangeKeyOf = (of: string): Key => ({ level: 'range', of });

const aRuling = (key: Key, more: Partial<Ruling> = {}): Ruling => anyRuling(key, nowMs, more);
const laterBy = (ms: number, more: Partial<Ruling> = {}): Partial<Ruling> => ({
  atMs: nowMs + ms,
  untilMs: nowMs + ms + 900_000,
  ...more,
});

/** What the detector does with a ruling. */
const commit = ({ store }: Place, ruling: Ruling) => commitRuling(store, ruling, sampleDeployment);
/** A decision on the facts of now. */
const decided = async ({ store }: Place, ruling: Ruling): Promise<RulingDecision> =>
  decide(ruling, await store.readCase(ruling.uid, { withCampaign: true }), sampleDeployment);
const count = ({ store }: Place, events: readonly TrafficEvent[]) => store.count(events, [], nowMs);

const factsOf = async ({ store }: Place, key: Key, atMs = nowMs) => {
  const facts = (await store.readFacts([key], atMs)).get(nameOf(key));
  if (facts === undefined) throw new Error(`Nothing was read of ${nameOf(key)}.`);
  return { ...facts, last: lastBlockNow(facts.lastBlock, facts.block, atMs) };
};

const sum = (counts: readonly number[] = []): number => counts.reduce((total, each) => total + each, 0);

describe.each(places)('the store of the detector %s', (_, open) => {
  test('each event is counted once, however often and in however many calls at a time it comes', async () => {
    const place = open();
    const range = freshRange();
    const events = [0, 1, 2].map((index) => event('started', { phone: phoneIn(range, index) }, nowMs));
    await Promise.all([count(place, events), count(place, events), count(place, [...events, ...events])]);
    await count(place, events.toReversed());
    const { counts } = await factsOf(place, rangeKeyOf(range));
    expect(counts.map(({ started }) => sum(started))).toEqual([3]);
    expect(counts[0]?.ips).toHaveLength(3);
    expect(counts[0]?.applications).toEqual(['app']);
  });

  test('the counts of a key name each application once, whatever runs in parallel', async () => {
    const place = open();
    const range = freshRange();
    const events = ['web', 'shop', 'web', 'ios'].map((application, index) =>
      event('started', { phone: phoneIn(range, index), application }, nowMs),
    );
    await Promise.all([count(place, events), ...events.map((each) => count(place, [each]))]);
    const { counts } = await factsOf(place, rangeKeyOf(range));
    expect(counts.map(({ applications }) => applications)).toEqual([['ios', 'shop', 'web']]);
  });

  test('the trail says of each event when its batch was judged, how far the stream was read, and the place in it', async () => {
    const place = open();
    const range = freshRange();
    const [first, second, third] = [0, 1, 2].map((index) =>
      event('started', { phone: phoneIn(range, index) }, nowMs - 60_000 + index * 1000),
    ) as [TrafficEvent, TrafficEvent, TrafficEvent];
    const canceled = event('canceled', { phone: phoneIn(range, 3) }, nowMs - 50_000);
    await place.store.count([second, first, second, canceled], [], nowMs);
    const batch = { batch: second.id, records: 3, judgedAtMs: nowMs, streamAtMs: nowMs - 45_000 };
    const places = () => Promise.all([second, first, canceled, third].map(place.batchPlaceOf));
    const counted = [0, 1, 2].map((each) => ({ ...batch, place: each }));
    expect(await places()).toEqual([...counted, undefined]);
    // Counted events that come again, with one that does not, say where they were counted first.
    await place.store.count([first, second, third], [], nowMs + 1000);
    const again = { batch: first.id, place: 2, records: 3, judgedAtMs: nowMs + 1000, streamAtMs: nowMs - 53_000 };
    expect(await places()).toEqual([...counted, again]);
  });

  test('a count answers with the facts after it, of the keys that are asked for', async () => {
    const { store } = open();
    const [range, other] = [freshRange(), freshRange()];
    const events = [0, 1].map((index) => event('started', { phone: phoneIn(range, index) }, nowMs));
    const { facts } = await store.count(events, [rangeKeyOf(range), rangeKeyOf(other)], nowMs);
    expect([...facts.keys()]).toEqual([range, other].map((of) => nameOf(rangeKeyOf(of))));
    expect([...facts.values()].map(({ counts }) => sum(counts[0]?.started))).toEqual([2, 0]);
    expect(facts).toEqual(await store.readFacts([rangeKeyOf(range), rangeKeyOf(other)], nowMs));
  });

  test('the count of an SMS that was surely not sent is rolled back', async () => {
    const place = open();
    const range = freshRange();
    const of = (kind: TrafficEvent['kind']) => event(kind, { phone: phoneIn(range) }, nowMs);
    await count(place, [of('unsent')]);
    await count(place, [of('started'), of('started')]);
    const { counts } = await factsOf(place, rangeKeyOf(range));
    expect(counts.map(({ started }) => sum(started))).toEqual([1]);
  });

  test('a hundred events of a hundred ranges are counted, more than one transaction holds', async () => {
    const place = open();
    const all = Array.from({ length: 100 }, () => freshRange());
    await count(
      place,
      all.map((range) => event('started', { phone: phoneIn(range) }, nowMs)),
    );
    const read = await place.store.readFacts(all.map(rangeKeyOf), nowMs);
    expect([...read.values()].map(({ counts }) => sum(counts[0]?.started))).toEqual(all.map(() => 1));
  });

  test('a key has the history that was rolled up last, and no counts of before', async () => {
    const place = open();
    const { store } = place;
    const range = freshRange();
    const key = rangeKeyOf(range);
    const timeBucket = timeBucketOf(nowMs);
    const earlier = (timeBucket - 4 + 0.5) * timeBucketMs;
    await count(place, [
      event('started', { phone: phoneIn(range) }, earlier),
      event('started', { phone: phoneIn(range) }, nowMs),
    ]);
    expect((await factsOf(place, key)).counts.map((each) => each.timeBucket)).toEqual([timeBucket - 4, timeBucket]);
    const history = {
      ...noHistory(timeBucket - 4),
      slow: 1e-200,
      recent: [1, 2, 3],
      probes: [[timeBucket - 4, 1, 0]] as const,
    };
    await Promise.all([store.rollUp({ key, history }), store.rollUp({ key, history })]);
    await store.rollUp({ key, history: { ...noHistory(timeBucket - 5), slow: 7 } });
    const facts = await factsOf(place, key);
    expect(facts.history).toEqual(history);
    expect(facts.counts.map((each) => each.timeBucket)).toEqual([timeBucket]);
  });

  test('the detector has one first event, whichever call asks', async () => {
    const { store } = open();
    const since = async (atMs: number) => {
      const range = freshRange();
      const events = [event('started', { phone: phoneIn(range) }, nowMs)];
      return (await store.count(events, [rangeKeyOf(range)], atMs)).runningSinceMs;
    };
    const first = await since(nowMs);
    expect(first).toBeLessThanOrEqual(nowMs);
    expect(await since(nowMs + 1000)).toBe(first);
  });

  test('one of two rulings that race is committed', async () => {
    const place = open();
    const key = rangeKeyOf(freshRange());
    const outcomes = await Promise.all([commit(place, aRuling(key)), commit(place, aRuling(key, laterBy(5)))]);
    expect(outcomes.filter((outcome) => outcome !== undefined)).toHaveLength(1);
    expect((await factsOf(place, key)).last).toMatchObject({
      step: 0,
      action: 'block',
      uid: `case-of-${nameOf(key)}`,
    });
    expect(await commit(place, aRuling(key, { action: 'none', atMs: nowMs + 1000 }))).toBeUndefined();
    expect(
      await commit(place, aRuling(key, { atMs: nowMs + 902_000, untilMs: nowMs + 4_500_000, step: 1 })),
    ).toBeDefined();
    expect((await factsOf(place, key)).last).toMatchObject({ step: 1, untilMs: nowMs + 4_500_000 });
  });

  test('a commit says which condition did not hold, and then writes nothing', async () => {
    const place = open();
    const { store } = place;
    const [key, severe, prefix] = [rangeKeyOf(freshRange()), rangeKeyOf(freshRange()), rangeKeyOf(freshRange())];
    // Long before the severe cases of other tests.
    const at = laterBy(-100 * 3_600_000);
    const [first, second] = [await decided(place, aRuling(key, at)), await decided(place, aRuling(key, at))];
    expect([await store.commit(first), await store.commit(second)]).toEqual(['committed', 'already-blocked']);
    const again = aRuling(key, { ...at, action: 'none', atMs: (at.untilMs ?? 0) + 1000 });
    expect(await store.commit({ ...(await decided(place, again)), step: second.step })).toBe('changed');
    expect((await factsOf(place, key)).lastNotified).toBeUndefined();
    const orphan = await decided(place, aRuling(prefix, { ...at, parent: 'nobody' }));
    expect(await store.commit(orphan)).toBe('parent-closed');
    expect((await factsOf(place, prefix)).lastBlock).toBeUndefined();
    const before = await decided(place, aRuling(severe, { ...at, severity: 'high' }));
    expect(await commit(place, aRuling(rangeKeyOf(freshRange()), { ...at, severity: 'high' }))).toBeDefined();
    expect(await store.commit(before)).toBe('changed');
    expect((await factsOf(place, severe)).lastBlock).toBeUndefined();
  });

  test('a block takes the place of a restriction, and of nothing else', async () => {
    const place = open();
    const key: Key = { level: 'prefix', of: freshRange() };
    const later = (seconds: number, more: Partial<Ruling> = {}) =>
      commit(place, aRuling(key, laterBy(seconds * 1000, more)));
    expect(await later(0, { action: 'restrict' })).toBeDefined();
    expect(await later(100, { action: 'restrict' })).toBeUndefined();
    expect(await later(110, { action: 'none' })).toBeUndefined();
    expect(await later(120)).toBeDefined();
    expect(await later(130)).toBeUndefined();
    expect((await factsOf(place, key)).last).toMatchObject({ action: 'block', untilMs: nowMs + 1_020_000 });
  });

  test('the last notification is remembered beside the last block', async () => {
    const place = open();
    const key = rangeKeyOf(freshRange());
    await commit(place, aRuling(key));
    const atMs = nowMs + 901_000;
    const noted = aRuling(key, { action: 'none', atMs, untilMs: atMs });
    expect(await commit(place, noted)).toBeDefined();
    const { last, lastNotified } = await factsOf(place, key);
    expect([last?.atMs, lastNotified?.atMs]).toEqual([nowMs, atMs]);
    expect(await commit(place, { ...noted, atMs: atMs + 59_000 })).toBeUndefined();
    expect(await commit(place, { ...noted, atMs: atMs + 60_000 })).toBeDefined();
  });

  test('two new severe cases of a campaign stay severe, and one of its country, in parallel as well', async () => {
    const place = open();
    // Hours that no other test has severe cases in.
    const atMs = nowMs + 50 * 3_600_000;
    const severe = (more: Partial<Ruling> = {}, key = rangeKeyOf(freshRange())) =>
      commit(place, aRuling(key, { severity: 'high', atMs, untilMs: atMs + 900_000, ...more }));
    const before = await Promise.all([severe(), severe(), severe()]);
    const severities = before.map((decision) => decision?.ruling.severity).toSorted();
    expect(severities).toEqual(['high', 'high', 'medium']);
    const severityOf = async (hours: number, more: Partial<Ruling> = {}, key?: Key) =>
      (await severe({ atMs: atMs + hours * 3_600_000, ...more }, key))?.ruling.severity;
    expect(await severityOf(1, { country: 'FR' })).toBe('medium');
    expect(await severityOf(2, { country: 'FR' }, { level: 'country', of: `F${ranges}` })).toBe('medium');
    // Elsewhere, hours later, it is another one; where it was, it is the same for a day.
    expect(await severityOf(6, { country: 'DE' })).toBe('high');
    expect(await severityOf(20)).toBe('medium');
    expect(await severityOf(50)).toBe('high');
  });

  test('one of thirty ranges that are held in parallel is a mail, and the campaign remembers that it is minor', async () => {
    const place = open();
    // Days that no other test has cases in.
    const atMs = nowMs + 300 * 3_600_000;
    let last = 1000;
    const held = (more: Partial<Ruling> = {}) => {
      last += 1;
      return commit(place, aRuling(rangeKeyOf(`+3367${last}`), { atMs, untilMs: atMs + 900_000, ...more }));
    };
    const all = await Promise.all(Array.from({ length: 30 }, () => held()));
    const mailed = all.map((decision) => decision?.step.finding.unmapped.is_mailed);
    expect(mailed.filter((is) => is === true)).toHaveLength(1);
    expect(mailed.filter((is) => is === false)).toHaveLength(29);
    const severe = await Promise.all([held({ severity: 'high' }), held({ severity: 'high' })]);
    expect(severe.map((decision) => decision?.ruling.severity)).toEqual(['high', 'high']);
    expect((await held({ severity: 'high' }))?.ruling.severity).toBe('medium');
  });

  test('a country has its blocked prefixes among its facts', async () => {
    const place = open();
    const country = `Z${ranges}`;
    const within = { level: 'country', of: country } as const;
    const prefix = (of: string) =>
      commit(place, aRuling({ level: 'prefix', of: `${of}-${country}` }, { country, within }));
    await Promise.all([prefix('+447700'), prefix('+447701')]);
    const { parts } = await factsOf(place, within);
    const slots = ['+447700', '+447701'].map((of) => partSlotOf(`${of}-${country}`));
    expect(parts.toSorted((one, other) => one.slot - other.slot)).toEqual(
      slots.toSorted((one, other) => one - other).map((slot) => ({ slot, atMs: nowMs })),
    );
  });

  test('a block is renewed if it has not changed, and only then', async () => {
    const place = open();
    const key = rangeKeyOf(freshRange());
    await commit(place, aRuling(key));
    const { last: before } = await factsOf(place, key);
    if (before === undefined) throw new Error('no block');
    const after = { ...before, untilMs: before.untilMs + 900_000 };
    const renew = (untilMs: number) =>
      place.store.commit({ kind: 'renewal', key, before, after: { ...after, untilMs } });
    expect(await renew(after.untilMs)).toBe('committed');
    expect(await renew(after.untilMs + 900_000)).toBe('changed');
    expect((await factsOf(place, key)).last?.untilMs).toBe(nowMs + 1_800_000);
  });

  test('a block the item of a block of staff that holds is not changed, whichever ends later', async () => {
    for (const untilMs of [nowMs + 60_000, nowMs + 86_400_000]) {
      const place = open();
      const key = rangeKeyOf(freshRange());
      await place.staff.block(key, untilMs);
      expect(await commit(place, aRuling(key))).toBeUndefined();
      expect((await factsOf(place, key)).lastBlock).toBeUndefined();
      expect(await commit(place, aRuling(key, { atMs: untilMs + 1000, untilMs: untilMs + 901_000 }))).toBeDefined();
    }
  });

  test('a block of staff in the place of a restriction ends for the detector when it ends, if that is sooner', async () => {
    const place = open();
    const key = rangeKeyOf(freshRange());
    const ruling = aRuling(key);
    await commit(place, ruling);
    expect((await factsOf(place, key)).last?.untilMs).toBe(ruling.untilMs);
    const sooner = nowMs + 60_000;
    await place.staff.block(key, sooner);
    expect((await factsOf(place, key)).last?.untilMs).toBe(sooner);
    expect(await commit(place, aRuling(key, laterBy(30_000)))).toBeUndefined();
    expect(await commit(place, aRuling(key, laterBy(61_000)))).toBeDefined();
    await place.staff.block(key, nowMs + 86_400_000);
    expect((await factsOf(place, key)).last?.untilMs).toBe(laterBy(61_000).untilMs);
  });

  test('a block that staff lifted is not written again until they say so, even if they were quicker', async () => {
    const place = open();
    const key = rangeKeyOf(freshRange());
    await commit(place, aRuling(key, { untilMs: nowMs + 43_200_000, step: 3 }));
    const liftedUntilMs = nowMs + 3_600_000;
    await place.staff.lift(key, liftedUntilMs);
    expect((await factsOf(place, key)).last).toMatchObject({ untilMs: nowMs, liftedUntilMs });
    expect(await commit(place, aRuling(key, { atMs: nowMs + 1000 }))).toBeUndefined();
    expect(await commit(place, aRuling(key, { atMs: liftedUntilMs - 1000 }))).toBeUndefined();
    const again = liftedUntilMs + 1000;
    expect(await commit(place, aRuling(key, { atMs: again, untilMs: again + 900_000 }))).toBeDefined();
    expect((await factsOf(place, key, again)).last).toMatchObject({ untilMs: again + 900_000 });
  });

  test('a block that staff lifted, or wrote, is not renewed', async () => {
    const place = open();
    for (const act of [place.staff.lift, place.staff.block]) {
      const key = rangeKeyOf(freshRange());
      await commit(place, aRuling(key));
      const { last: before } = await factsOf(place, key);
      if (before === undefined) throw new Error('no block');
      await act(key, before.untilMs);
      const { block } = await factsOf(place, key);
      const after = { ...before, untilMs: before.untilMs + 900_000 };
      expect(await place.store.commit({ kind: 'renewal', key, before, after })).toBe('changed');
      expect(await factsOf(place, key)).toMatchObject({ block, lastBlock: before });
    }
  });

  test('a block whose item was deleted does not hold, and the detector may write another', async () => {
    const place = open();
    const key = rangeKeyOf(freshRange());
    await commit(place, aRuling(key, { untilMs: nowMs + 43_200_000, step: 3 }));
    await place.staff.unblock(key);
    const later = nowMs + 60_000;
    expect((await factsOf(place, key, later)).last).toMatchObject({ untilMs: later, step: 3 });
    expect(await commit(place, aRuling(key, laterBy(60_000, { isUpdate: true })))).toBeDefined();
  });
});

type Kind = TrafficEvent['kind'];
const kinds: readonly Kind[] = ['started', 'unsent', 'approved', 'resent', 'wrong', 'refused', 'canceled'];

/** What happened, in which order it comes, what comes twice, and where batches end and crash. */
const deliveries = fc
  .array(fc.record({ kind: fc.constantFrom(...kinds), phone: fc.nat(5), slot: fc.integer({ min: -40, max: 29 }) }), {
    minLength: 1,
    maxLength: 30,
  })
  .chain((happened) =>
    fc.record({
      happened: fc.constant(happened),
      order: fc.array(fc.nat(happened.length - 1), { maxLength: 40 }),
      cuts: fc.array(fc.nat(20), { maxLength: 8 }),
    }),
  );

test('any order, repetition and split of the same events leaves the counts that they have once', async () => {
  await fc.assert(
    fc.asyncProperty(deliveries, async ({ happened, order, cuts }) => {
      const range = freshRange();
      const events = happened.map(({ kind, phone, slot }) =>
        event(
          kind,
          { phone: phoneIn(range, phone), ip: `${range}-${phone}`, country: `C${ranges}` },
          nowMs + slot * 10_000,
          {
            ...(kind === 'refused' ? { reason: 'block', limit: 'block-range' } : {}),
          },
        ),
      );
      const [once, often] = [inMemory(), onTables()];
      await count(once, events);
      const shuffled = [...order.flatMap((at) => events[at] ?? []), ...events];
      for (let from = 0, cut = 0; from < shuffled.length; cut += 1) {
        const size = (cuts[cut % Math.max(1, cuts.length)] ?? 5) + 1;
        await count(often, shuffled.slice(from, from + size));
        from += size;
      }
      const keys: Key[] = [
        rangeKeyOf(range),
        { level: 'country', of: `C${ranges}` },
        ...[0, 1, 2, 3, 4, 5].flatMap((phone): Key[] => [
          { level: 'phone', of: `key of ${phoneIn(range, phone)}` },
          { level: 'ip', of: `${range}-${phone}` },
        ]),
      ];
      const [expected, found] = await Promise.all([once, often].map(({ store }) => store.readFacts(keys, nowMs)));
      const countsIn = (facts: typeof expected, key: Key) =>
        (facts?.get(nameOf(key))?.counts ?? []).map((each) => ({
          ...each,
          ips: each.ips.toSorted((one, other) => one - other),
        }));
      for (const key of keys) expect(countsIn(found, key)).toEqual(countsIn(expected, key));
    }),
    { numRuns: 40 },
  );
});

describe('on the wire', () => {
  test('nothing is counted twice after a crash behind the commit, or after a lost answer', async () => {
    const range = freshRange();
    const events = [0, 1, 2].map((index) => event('started', { phone: phoneIn(range, index) }, nowMs));
    // Three events, and three tries of each.
    proxy.failAt(0, 'lost-answer', 9);
    await expect(count(onTables(), events)).rejects.toBeInstanceOf(Unavailable);
    proxy.heal();
    await count(onTables(), events);
    const { counts } = await factsOf(onTables(), rangeKeyOf(range));
    expect(sum(counts[0]?.started)).toBe(3);
  });

  test('conflicts with other transactions are waited out', async () => {
    const range = freshRange();
    proxy.failAt(0, 'conflict', 3);
    await count(onTables(), [event('started', { phone: phoneIn(range) }, nowMs)]);
    proxy.heal();
    expect(sum((await factsOf(onTables(), rangeKeyOf(range))).counts[0]?.started)).toBe(1);
    const key = rangeKeyOf(freshRange());
    proxy.failAt(0, 'conflict', 2);
    expect(await commit(onTables(), aRuling(key, { severity: 'medium' }))).toBeDefined();
    proxy.heal();
  });

  test('a notification is dropped, although a transaction holds it for a moment', async () => {
    const { store, outbox } = onTables();
    const decision = await commitRuling(store, aRuling(rangeKeyOf(freshRange())), sampleDeployment);
    const id = decision?.step.notification?.id ?? expect.fail('The ruling has no notification.');
    proxy.failAt(0, 'conflict', 2, 'DeleteItem');
    await outbox.drop([id]);
    proxy.heal();
    expect((await outbox.pending(nowMs + 365 * 86_400_000, 1000)).map((each) => each.id)).not.toContain(id);
  });

  test('an item that a batch of reads leaves out is read again, and never counts as absent', async () => {
    const key = rangeKeyOf(freshRange());
    await commit(onTables(), aRuling(key));
    proxy.failAt(0, 'unprocessed', 2);
    expect((await factsOf(onTables(), key)).last).toBeDefined();
    proxy.heal();
  });

  test('an outage is answered as one', async () => {
    proxy.failAt(0, 'internal-error', 100);
    const events = [event('started', { phone: phoneIn(freshRange()) }, nowMs)];
    await expect(count(onTables(), events)).rejects.toBeInstanceOf(Unavailable);
    proxy.heal();
  });
});

const itemAt = async (table: 'guards' | 'security' | 'traffic', Key: object) => {
  const { Item } = await dynamo.call('DynamoDB_20120810.GetItem', { TableName: dynamo.tables[table], Key });
  return Item as Record<string, { S?: string; N?: string; BOOL?: boolean }> | undefined;
};
const putItem = (table: 'guards' | 'security' | 'traffic', Item: object) =>
  dynamo.call('DynamoDB_20120810.PutItem', { TableName: dynamo.tables[table], Item });

describe('a block', () => {
  test('a block stands with its finding, and says why, until when and by whom', async () => {
    const key = rangeKeyOf(freshRange());
    await commit(onTables(), aRuling(key, { action: 'restrict', probeIntervalMs: 720_000 }));
    const uid = `case-of-${nameOf(key)}`;
    expect(await itemAt('guards', { pk: { S: `block#range#${key.of}` } })).toMatchObject({
      expiresAt: seconds(nowMs + 900_000),
      author: { S: 'burst-detector' },
      finding: { S: uid },
      restriction: { BOOL: true },
      probeIntervalMs: { N: '720000' },
      reason: { S: expect.stringContaining('Unverified numbers request many codes') },
    });
    const found = await itemAt('security', { pk: { S: 'finding' }, sk: { S: uid } });
    expect(found).toMatchObject({ level: { S: 'range' }, severity: { S: 'medium' }, version: { N: '1' } });
    expect(JSON.parse(found?.['finding']?.S ?? '')).toMatchObject({ class_uid: 2004, finding_info: { uid } });
  });

  test.each([
    ['restrict', true],
    ['block', undefined],
  ] as const)('a block by the action %s is read by a send as what it is', async (action, restriction) => {
    const range = freshRange();
    await commit(onTables(), aRuling(rangeKeyOf(range), { action }));
    const subject = { phoneKey: 'p', ip: 'i', network: 'n', range, prefix: 'x', country: 'XX', application: 'a' };
    const { blocks } = await readFacts(
      { client: dynamoClient(), table: dynamo.tables.guards, totalShards: 1 },
      subject,
      undefined,
      nowMs,
    );
    expect(blocks).toMatchObject([{ level: 'range', by: 'burst-detector' }]);
    expect(blocks[0]?.restriction).toBe(restriction);
  });

  test('the item of a block of staff that holds is not changed, whichever ends later', async () => {
    for (const untilMs of [nowMs + 60_000, nowMs + 86_400_000]) {
      const key = rangeKeyOf(freshRange());
      const block = { pk: { S: `block#range#${key.of}` }, expiresAt: seconds(untilMs), author: { S: 'staff' } };
      await putItem('guards', block);
      expect(await commit(onTables(), aRuling(key))).toBeUndefined();
      expect(await itemAt('guards', { pk: block.pk })).toEqual(block);
      expect(
        await commit(onTables(), aRuling(key, { atMs: untilMs + 1000, untilMs: untilMs + 901_000 })),
      ).toBeDefined();
    }
  });

  test('the item of a block that staff lifted is not changed by a renewal', async () => {
    const key = rangeKeyOf(freshRange());
    await commit(onTables(), aRuling(key));
    const { last: before } = await factsOf(onTables(), key);
    if (before === undefined) throw new Error('no block');
    const pk = { S: `block#range#${key.of}` };
    const lifted = { pk, liftedUntil: seconds(nowMs + 3_600_000), expiresAt: seconds(nowMs + 86_400_000) };
    await putItem('guards', lifted);
    const after = { ...before, untilMs: before.untilMs + 900_000 };
    expect(await onTables().store.commit({ kind: 'renewal', key, before, after })).toBe('changed');
    expect(await itemAt('guards', { pk })).toEqual(lifted);
  });
});

test('a history that cannot be read counts as none, is reported, and is written over', async () => {
  const timeBucket = timeBucketOf(nowMs);
  const broken = [
    { timeBucket: { N: String(timeBucket - 4) }, history: { S: '{"timeBucket":' } },
    {
      timeBucket: { N: String(timeBucket - 4) },
      history: { S: JSON.stringify({ ...noHistory(timeBucket - 4), slow: 'much' }) },
    },
    { timeBucket: { S: 'yesterday' }, history: { S: JSON.stringify(noHistory(timeBucket - 4)) } },
    { timeBucket: { N: '99999999' }, history: { S: JSON.stringify(noHistory(99_999_999)) } },
    {},
  ];
  for (const item of broken) {
    const key = rangeKeyOf(freshRange());
    await putItem('traffic', { pk: { S: nameOf(key) }, sk: { S: 'history' }, ...item });
    const before = unreadable;
    expect((await factsOf(onTables(), key)).history).toBeUndefined();
    expect(unreadable).toBe(before + 1);
    const history = noHistory(timeBucket - 3);
    await onTables().store.rollUp({ key, history });
    expect((await factsOf(onTables(), key)).history).toEqual(history);
  }
});

describe('items that are not what the detector wrote', () => {
  const huge = { N: '123456789012345678901234567890' };
  const versions = [{ S: 'seven' }, { N: '0' }, { N: '-3' }, huge, { BOOL: true }, { NULL: true }, { L: [] }];

  test.each(versions)('a finding whose version is %j is written over by the next ruling', async (version) => {
    const key = rangeKeyOf(freshRange());
    const ruling = aRuling(key, { action: 'restrict', probeIntervalMs: 3_600_000 });
    await putItem('security', { pk: { S: 'finding' }, sk: { S: ruling.uid }, version, finding: { S: 'no JSON' } });
    expect(await commit(onTables(), ruling)).toBeDefined();
    expect(await itemAt('security', { pk: { S: 'finding' }, sk: { S: ruling.uid } })).toMatchObject({
      version: { N: '1' },
      severity: { S: 'medium' },
    });
  });

  test.each(versions)('a campaign whose version is %j stops no severe ruling', async (version) => {
    await putItem('traffic', { pk: { S: 'detector' }, sk: { S: 'campaign' }, version, cases: { S: 'none' } });
    expect(await commit(onTables(), aRuling(rangeKeyOf(freshRange()), { severity: 'high' }))).toBeDefined();
  });

  test.each([
    ['an end that is no number', { expiresAt: { S: 'tomorrow' } }],
    ['no end', {}],
    ['a lift that is no number', { liftedUntil: { S: 'never' }, expiresAt: { N: '9999999999' } }],
  ])('an item of a block with %s holds nobody, and gives way to a restriction', async (_, attributes) => {
    const key = rangeKeyOf(freshRange());
    await putItem('guards', { pk: { S: `block#range#${key.of}` }, author: { S: 'staff' }, ...attributes });
    expect(await commit(onTables(), aRuling(key, { action: 'restrict' }))).toBeDefined();
  });

  test('memory of a key that cannot be read counts as none', async () => {
    const key = rangeKeyOf(freshRange());
    const broken = Object.fromEntries(
      ['blockUid', 'blockFirst', 'blockAt', 'blockUntil', 'blockStep', 'blockAction', 'blockRule', 'notifiedUid'].map(
        (name) => [name, { L: [] }],
      ),
    );
    await putItem('traffic', { pk: { S: nameOf(key) }, sk: { S: 'last' }, ...broken, notifiedAt: { S: 'now' } });
    expect(await factsOf(onTables(), key)).toMatchObject({ lastBlock: undefined, lastNotified: undefined });
    expect(await commit(onTables(), aRuling(key, { action: 'none', untilMs: nowMs }))).toBeDefined();
    expect(await commit(onTables(), aRuling(key, laterBy(1000)))).toBeDefined();
  });

  test('a parent whose children are no number gets no child, and the ruling stands by itself', async () => {
    const [key, prefix] = [rangeKeyOf(freshRange()), { level: 'prefix', of: freshRange() } as const];
    const parent = aRuling(prefix, { action: 'restrict' });
    await commit(onTables(), parent);
    await dynamo.call('DynamoDB_20120810.UpdateItem', {
      TableName: dynamo.tables.security,
      Key: { pk: { S: 'finding' }, sk: { S: parent.uid } },
      UpdateExpression: 'SET children = :many',
      ExpressionAttributeValues: { ':many': { S: 'many' } },
    });
    const decision = await commit(onTables(), aRuling(key, { parent: parent.uid }));
    expect(decision?.ruling.parent).toBeUndefined();
  });
});

test('the approvals of a country and day are counted once, where the send path reads them', async () => {
  const country = `V${ranges}`;
  const events = [0, 1, 2].map((index) => event('approved', { phone: phoneIn(freshRange(), index), country }, nowMs));
  await count(onTables(), events);
  await Promise.all([count(onTables(), events), count(onTables(), events)]);
  const day = new Date(nowMs).toISOString().slice(0, 10);
  expect(await itemAt('guards', { pk: { S: `verified#${country}#${day}` } })).toMatchObject({
    verifiedCount: { N: '3' },
  });
});
