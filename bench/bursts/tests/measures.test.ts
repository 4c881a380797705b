import { describe, expect, test } from 'vitest';
import { callsOf } from '../../../docs/generate/calls.ts';
import { readChange } from '../../../lambdas/aws/tables/stream-records.ts';
import { isBehind } from '../../../lambdas/bursts/counts/batch.ts';
import { type Counts, noCounts } from '../../../lambdas/bursts/counts/counts.ts';
import { trafficKinds } from '../../../lambdas/bursts/counts/events.ts';
import type { Key } from '../../../lambdas/bursts/counts/keys.ts';
import { partSlotOf } from '../../../lambdas/bursts/counts/slots.ts';
import { decodeChange } from '../../../lambdas/bursts/stream.ts';
import { parsePhone } from '../../../lambdas/otp/number/phone.ts';
import { decidingOf } from '../../../test/fakes/bursts/deciding.ts';
import { event } from '../../../test/fakes/bursts/scene.ts';
import { noGuard } from '../contenders/no-guard.ts';
import { delaysOf, freshRanges, percentileOf } from '../measures/block-delay.ts';
import { linesOf, type Scenario, unitsOf, usdOf, usual, worst } from '../measures/cost.ts';
import { calm, exactInMemory } from '../measures/exactness.ts';
import { wholeMeasures } from '../measures/measures.ts';
import { recordsOf } from '../measures/pace/traffic.ts';
import { calmShards, readShards, wildShards } from '../measures/shards.ts';
import { tally } from '../measures/tally.ts';
import { throng } from '../measures/throng.ts';
import { randomFrom } from '../play/random.ts';
import { run } from '../play/run.ts';
import { sweepTable, sweptHabits } from '../report/sweep.ts';
import { measuredTable, targetTable, verdictOn } from '../report/table.ts';
import { minuteMs, startMs } from '../traffic/calendar.ts';
import { type Habits, usualHabits } from '../traffic/world.ts';
import { alone } from './recorder.ts';

const crowd = (count: number) => throng(count, () => randomFrom(1, 'test'));

describe('exact counters under all faults', () => {
  test('each event is counted once, whatever stream and function do to it', async () => {
    const { fed, compared, notifiedTwice } = await exactInMemory({ events: 8000, seed: 1 });
    expect(compared.wrong).toBe(0);
    expect(compared.counters).toBeGreaterThan(10_000);
    expect([fed.lost, notifiedTwice]).toEqual([0, 0]);
    const { duplicates, overtaken, stalls, splits, repeats, struck } = fed;
    for (const count of [duplicates, overtaken, stalls, splits, repeats, ...Object.values(struck)])
      expect(count).toBeGreaterThan(0);
    expect(fed.deliveries).toBeGreaterThan(8000);
  });

  test('a ledger without marks is caught', async () => {
    expect((await exactInMemory({ events: 2000, seed: 1, isForgetful: true })).compared.wrong).toBeGreaterThan(10);
  });

  test('a pumped range is blocked, with faults as without', async () => {
    const [wild, still] = [
      await exactInMemory({ events: 12_000, seed: 2 }),
      await exactInMemory({ events: 12_000, seed: 2, ...calm }),
    ];
    expect([wild.pumped, wild.stopped]).toEqual([1, 1]);
    expect([still.pumped, still.stopped]).toEqual([1, 1]);
    expect([wild.compared, wild.late]).toEqual([still.compared, still.late]);
    expect(still.fed).toMatchObject({ deliveries: 12_000, overtaken: 0, repeats: 0 });
  });

  test('the same seed has the same faults', async () => {
    const [one, other] = [
      await exactInMemory({ events: 1000, seed: 3 }),
      await exactInMemory({ events: 1000, seed: 3 }),
    ];
    expect(one).toEqual(other);
    expect((await exactInMemory({ events: 1000, seed: 4 })).fed).not.toEqual(one.fed);
  });
});

describe('the oracle', () => {
  const started = event('started', { phone: '+447700123456' }, startMs);
  const counts = { ...noCounts(startMs / 600_000), started: [1] };
  const keys = [
    { level: 'range', of: '+44770012' },
    { level: 'prefix', of: '+447700' },
    { level: 'country', of: 'GB' },
    { level: 'ip', of: 'a-+447700123456' },
  ] as const;

  /** A person without an approval stands in the slot of the range or the prefix as well. */
  const countsOf = ({ level }: Key): Counts => {
    const part = { prefix: '+44770012', country: '+447700' }[String(level)];
    if (part === undefined) return counts;
    return { ...counts, unentered: counts.unentered.map((_, slot) => (slot === partSlotOf(part) ? 1 : 0)) };
  };

  test('the oracle finds missing counts, and counts of another key', () => {
    const sums = tally();
    sums.expect(started);
    expect(sums.compared()).toEqual({ counters: 7, wrong: 7 });
    for (const key of keys.slice(1)) sums.find(key, countsOf(key));
    expect(sums.compared().wrong).toBe(2);
    sums.find({ level: 'range', of: '+44770013' }, counts);
    expect(sums.compared()).toEqual({ counters: 8, wrong: 3 });
  });

  test('the oracle finds an IP without its slot', () => {
    const sums = tally();
    sums.expect(started);
    for (const key of keys) sums.find(key, countsOf(key));
    expect(sums.compared()).toEqual({ counters: 7, wrong: 1 });
  });
});

describe('the events', () => {
  test('events are of every kind, of unverified and trusted numbers, and of a back end that names no end users', () => {
    const all = [...crowd(20_000).events()];
    expect(all).toHaveLength(20_000);
    expect(new Set(all.map(({ kind }) => kind))).toEqual(new Set(trafficKinds));
    expect(new Set(all.map(({ id }) => id)).size).toBe(20_000);
    expect(all.map(({ atMs }) => atMs)).toEqual(all.map(({ atMs }) => atMs).toSorted((one, other) => one - other));
    expect(all.some(({ subject }) => subject.sharedIp)).toBe(true);
    const unverified = all.filter(({ unverified }) => unverified).length;
    expect(unverified / all.length).toBeGreaterThan(0.4);
    expect(unverified / all.length).toBeLessThan(0.5);
  });
});

describe('the stream', () => {
  const read = async (faults: typeof wildShards) => {
    const eventOf = new WeakMap();
    const ids: string[] = [];
    const report = await readShards(crowd(5000).events(), eventOf, faults, randomFrom(1, 'shards'), async (records) => {
      for (const record of records) ids.push(eventOf.get(record).id);
      return undefined;
    });
    return { ids, report };
  };

  test('the stream brings every record, and without faults none twice', async () => {
    const [wild, still] = [await read(wildShards), await read(calmShards)];
    expect(new Set(wild.ids).size).toBe(5000);
    expect(wild.ids.length).toBe(wild.report.deliveries);
    expect(wild.ids.length).toBeGreaterThan(5000);
    expect([still.ids.length, new Set(still.ids).size]).toEqual([5000, 5000]);
  });

  test('a batch comes again from the record that failed, which is given up after its retries', async () => {
    const eventOf = new WeakMap();
    const seen: string[] = [];
    const poison = 'event-40';
    const report = await readShards(
      crowd(200).events(),
      eventOf,
      calmShards,
      randomFrom(1, 'shards'),
      async (records) => {
        const ids = records.map((record) => String(eventOf.get(record).id));
        const failed = ids.indexOf(poison);
        seen.push(...ids.slice(0, failed < 0 ? undefined : failed));
        return failed < 0 ? undefined : failed;
      },
    );
    expect(report.lost).toBe(1);
    expect(new Set(seen).size).toBe(199);
    expect(seen).not.toContain(poison);
  });
});

describe('cost of a million verifications', () => {
  const small = (scenario: Scenario): Scenario => ({ ...scenario, hours: 0.5, warmUpHours: 0 });

  test('request and check of an unverified number cost what the calls of the functions add up to', async () => {
    const { units, perBatch } = await unitsOf({ ...small(worst), hours: 0.1 });
    const { request, 'check, right': check } = callsOf;
    const perVerification = (count: number) => Math.round(count * 10) / 10;
    expect(perBatch).toBe(1);
    // The last ones have not been checked when the time is over.
    expect(units.counts).toBeGreaterThan((request.units.trafficWrites + check.units.trafficWrites) * 0.9);
    expect(units.counts).toBeLessThanOrEqual(request.units.trafficWrites + check.units.trafficWrites);
    // The blocks of four keys, and the approvals of the country.
    expect(perVerification(units.reads)).toBe(request.units.trafficReads + 2 + 0.5);
  });

  test('trusted numbers cost less, and every cost has a line', async () => {
    const [trusted, unverified] = [await unitsOf(small(usual)), await unitsOf(small(worst))];
    expect(trusted.units.counts).toBeLessThan(unverified.units.counts * 0.8);
    const lines = linesOf(unverified);
    expect(lines.every(({ amount }) => Number.isFinite(amount))).toBe(true);
    expect(usdOf(lines)).toBeCloseTo(
      lines.reduce((sum, { usd }) => sum + usd, 0),
      12,
    );
    const counted = lines.find(({ what }) => what === 'detector: counts');
    // In us-east-1, on demand.
    expect(counted?.usd).toBeCloseTo(unverified.units.counts * 0.625, 12);
  });
});

describe('delay of a block', () => {
  const sent = Array.from({ length: 60 }, (_, index) => ({
    phoneNumber: `+91981240${1000 + index}`,
    answeredAtMs: startMs + 5 * minuteMs + index * 30,
  }));

  test('the deciding request is the first one at which the detector could have blocked', async () => {
    const deciding = await decidingOf(sent);
    expect(deciding).toBeGreaterThan(5);
    expect(await decidingOf(sent.slice(0, deciding + 1))).toBe(deciding);
    await expect(decidingOf(sent.slice(0, deciding))).rejects.toThrow('none of');
  });

  test('each of sixty bursts has a range and a prefix of its own', () => {
    const phones = [...freshRanges()].map((range) => parsePhone(`${range}1000`));
    const prefixes = phones.map((parsed) => parsed.kind === 'phone' && parsed.phone.prefix);
    expect(phones.length).toBeGreaterThanOrEqual(wholeMeasures.bursts);
    expect(new Set(prefixes).size).toBe(phones.length);
  });

  test('percentiles are those of the nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, index) => index + 1);
    expect([0.5, 0.99, 1].map((share) => percentileOf(values, share))).toEqual([50, 99, 100]);
    const delays = [30, 10, 20].map((ms) => ({ ms, sent: 20, deciding: 15 }));
    expect(delaysOf(delays)).toEqual({ bursts: 3, medianMs: 20, p99Ms: 30, maxMs: 30 });
  });
});

describe('sweeps', () => {
  test('a sweep changes one habit at a time, and plays the usual habits once', () => {
    const isUsual = ({ conversion, delayMedianSeconds }: Habits) =>
      [conversion === usualHabits.conversion, delayMedianSeconds === usualHabits.delayMedianSeconds].filter(Boolean)
        .length;
    expect(sweptHabits.map(isUsual).toSorted()).toEqual([1, 1, 1, 1, 1, 1, 2]);
    expect(sweptHabits.map(({ conversion }) => conversion)).toEqual(expect.arrayContaining([0.6, 0.75, 0.86, 0.95]));
    expect(sweptHabits.map((each) => each.delayMedianSeconds)).toEqual(expect.arrayContaining([9, 18, 36, 60]));
  });

  test('a sweep has a row for each habit, with its own figures', () => {
    const size = alone('A1');
    const [slow = usualHabits] = sweptHabits;
    const played = [
      {
        job: { name: 'no guard', seed: 1, size, habits: slow, behindDays: 0 as const },
        score: run({ entry: noGuard, seed: 1, size }),
        seconds: 1,
      },
    ];
    const [, , first, ...others] = sweepTable(played).split('\n');
    expect(first).toMatch(/^\| 0\.6 \| 18 \|.*\| 100\.0% \(13,000\) \|/);
    expect(others).toHaveLength(6);
    for (const line of others) expect(line).not.toContain('13,000');
  });
});

describe('measured figures', () => {
  const measured = [{ measure: 'errors', target: { text: '0', bound: 0 }, text: '2 of 10', value: 2 }];

  test('measured figures stand in the table of targets, in our column only', () => {
    expect(measuredTable(measured)).toContain('| errors | 0 | missed | 2 of 10 |');
    expect(targetTable([], 'ours', measured)).toContain('| errors | 0 |');
  });

  test('one error misses a target of zero', () => {
    expect(verdictOn({ text: '0', bound: 0 }, 0)).toBe('met');
    expect(verdictOn({ text: '0', bound: 0 }, 1)).toBe('missed');
  });
});

test.each([
  [0, false],
  [minuteMs, true],
] as const)(
  'the detector reads each record of the bench of the pace, and is behind with old ones: %d ms',
  (ageMs, behind) => {
    const coming = recordsOf('shard', ageMs)[Symbol.iterator]();
    const events = Array.from({ length: 300 }, () => decodeChange(readChange(coming.next().value)).event);
    const known = events.filter((each) => each !== undefined);
    expect(known).toHaveLength(events.length);
    expect(new Set(known.map(({ kind }) => kind))).toEqual(new Set(['started', 'wrong', 'approved']));
    expect(isBehind(known, Date.now())).toBe(behind);
  },
);
