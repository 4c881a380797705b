/**
 * The cost of guard and detector per million verifications, each one request and one right check: the units of DynamoDB
 * by the detector's ledger and by `docs/generate/calls.ts`, and Lambda.
 */

import { callsOf } from '../../../docs/generate/calls.ts';
import {
  batchRunOf,
  billedMsOf,
  detectorOfGuards,
  newTable,
  pollMs,
} from '../../../docs/generate/capacity/detector.ts';
import { chargeOf, priceList } from '../../../docs/generate/capacity/prices.ts';
import type { TrafficEvent } from '../../../lambdas/bursts/counts/events.ts';
import { detectBursts } from '../../../lambdas/bursts/detect.ts';
import { functions, streamFunctions } from '../../../lambdas/contract.ts';
import { enoughVerifications } from '../../../lambdas/otp/limits/low-volume.ts';
import { defaultBursts } from '../../../lib/settings/schema/bursts.ts';
import { memoryBursts } from '../../../replay/memory/memory-bursts.ts';
import type { Units } from '../../../replay/memory/units.ts';
import { sampleDeployment } from '../../../test/fakes/bursts/deployment.ts';
import { queue } from '../play/queue.ts';
import { hashed, type Random, randomFrom, weighted } from '../play/random.ts';
import { lone } from '../traffic/addresses.ts';
import { dayMs, hourMs, minuteMs, startMs } from '../traffic/calendar.ts';
import { peopleOf, returningShare } from '../traffic/ordinary.ts';
import {
  type Caller,
  type Country,
  callerAt,
  prefixBy,
  subscriberDigits,
  usualHabits,
  worldOf,
} from '../traffic/world.ts';

/** As the settings have it by default. */
const lowVolume = { verifications: 100, unverifiedSendsPerDay: 50 };

/** The traffic, and how its events come in batches. */
export type Scenario = {
  readonly name: string;
  readonly perDay: number;
  readonly hours: number;
  /** Hours before them: their counts are rolled up during the measured hours. */
  readonly warmUpHours: number;
  readonly batches: 'one record each' | 'as they come';
  /** Shards of the stream; as many as a new table has, by default. */
  readonly shards?: number;
  /** All numbers are new, and share a prefix or country at most. */
  readonly areAllUnverified?: true;
};

export const worst: Scenario = {
  name: 'unverified numbers only, one record a batch',
  perDay: 40_000,
  hours: 4,
  warmUpHours: 26,
  batches: 'one record each',
  areAllUnverified: true,
};
export const usual: Scenario = {
  name: '40,000 a day',
  perDay: 40_000,
  hours: 24,
  warmUpHours: 26,
  batches: 'as they come',
};
export const busy: Scenario = {
  name: '1,000,000 a day',
  perDay: 1_000_000,
  hours: 2,
  warmUpHours: 1,
  batches: 'as they come',
};

/** A service of some age, with the verifications from which on it trusts an IP. */
const daysBehind = 90;
const trustedAfter = 3;
const { batchSize } = streamFunctions['detect-bursts'];

type Happening = { readonly event: TrafficEvent; readonly shard: number };

const newPerson = (country: Country, random: Random): Caller =>
  callerAt(
    country,
    prefixBy(country, random.unit()),
    random.below(10 ** subscriberDigits(country)),
    lone(`address-${random.below(2 ** 31)}`),
  );

/** Requests, each followed by its right code, in the order of time. */
function* happenings(
  { perDay, hours, warmUpHours, areAllUnverified, shards = newTable.partitions }: Scenario,
  seed: number,
): Iterable<Happening> {
  const random = randomFrom(seed, 'cost');
  const world = worldOf(seed, perDay, usualHabits, daysBehind);
  const countries = [...world.main, ...world.tail];
  let sum = 0;
  const shares = Float64Array.from(countries, ({ share }) => {
    sum += share;
    return sum;
  });
  const people = countries.map((country) => peopleOf(world, country, random));
  const coming = queue<(atMs: number) => Happening>();
  const endMs = startMs + (warmUpHours + hours) * hourMs;
  let made = 0;

  const asks = (startedAtMs: number): Happening => {
    coming.add(startedAtMs + random.exponential(dayMs / perDay), asks);
    const at = weighted(shares, random.unit());
    const country = countries[at];
    if (country === undefined) throw new Error('There is no such country.');
    const caller = areAllUnverified ? newPerson(country, random) : people[at]?.(returningShare);
    if (caller === undefined) throw new Error('There is no such person.');
    made += 1;
    const id = made;
    const { phone, range, prefix, ip, network, verifiedBefore, verifiedFrom, ipVerifiers } = caller;
    const happens =
      (kind: 'started' | 'approved') =>
      (atMs: number): Happening => ({
        shard: hashed(id) % shards,
        event: {
          version: 1,
          id: `${kind} ${id}`,
          kind,
          atMs,
          startedAtMs,
          subject: { phoneKey: phone, range, prefix, country: country.code, ip, network, application: 'app' },
          purpose: 'login',
          unverified: !verifiedBefore,
          trustedIp: ipVerifiers >= trustedAfter ? true : undefined,
          pair: verifiedFrom.includes(network) ? true : undefined,
        },
      });
    const delayMs = 1000 * random.logNormal(usualHabits.delayMedianSeconds, usualHabits.delaySigma);
    coming.add(startedAtMs + Math.min(4 * minuteMs, delayMs), happens('approved'));
    return happens('started')(startedAtMs);
  };

  coming.add(startMs, asks);
  for (let atMs = startMs; atMs < endMs; ) {
    atMs = coming.nextAt();
    const happening = coming.take()?.(atMs);
    if (happening !== undefined && atMs < endMs) yield happening;
  }
}

type Batch = { readonly events: readonly TrafficEvent[]; readonly atMs: number };

/** The batch of each poll of a shard. */
function* batchesOf(all: Iterable<Happening>, how: Scenario['batches']): Iterable<Batch> {
  let waiting = new Map<number, TrafficEvent[]>();
  let pollAtMs = 0;
  const polled = () => [...waiting.values()].map((events) => ({ events, atMs: pollAtMs }));
  for (const { event, shard } of all) {
    if (how === 'one record each') {
      yield { events: [event], atMs: event.atMs + pollMs };
      continue;
    }
    const events = waiting.get(shard) ?? [];
    if (event.atMs >= pollAtMs || events.length === batchSize) {
      yield* polled();
      waiting = new Map();
      pollAtMs = (Math.floor(event.atMs / pollMs) + 1) * pollMs;
    }
    waiting.set(shard, [...(waiting.get(shard) ?? []), event]);
  }
  yield* polled();
}

export type Counted = {
  readonly verifications: number;
  /** Records in a batch, on average. */
  readonly perBatch: number;
  readonly batches: number;
  /** Units of the detector's ledger per verification. */
  readonly units: Units;
};

/** Counts the units of the detector's tables after the warm-up. */
export const unitsOf = async (scenario: Scenario, seed = 1): Promise<Counted> => {
  const memory = memoryBursts(enoughVerifications({ lowVolume }));
  let nowMs = 0;
  const detect = detectBursts(
    { now: () => nowMs, store: memory, notify: async () => {} },
    {
      bursts: defaultBursts,
      priceUsd: () => 0.05,
      hourCapUsd: () => Number.POSITIVE_INFINITY,
      deployment: sampleDeployment,
    },
  );
  const fromMs = startMs + scenario.warmUpHours * hourMs;
  let before: Units = { ...memory.units };
  let [verifications, records, batches] = [0, 0, 0];
  for (const { events, atMs } of batchesOf(happenings(scenario, seed), scenario.batches)) {
    nowMs = atMs;
    await detect(events);
    if (atMs < fromMs) {
      before = { ...memory.units };
      continue;
    }
    batches += 1;
    records += events.length;
    verifications += events.filter(({ kind }) => kind === 'started').length;
  }
  const per = (unit: keyof Units) => (memory.units[unit] - before[unit]) / verifications;
  const units = {
    entries: per('entries'),
    counts: per('counts'),
    days: per('days'),
    rollUps: per('rollUps'),
    rulings: per('rulings'),
    notifications: per('notifications'),
    reads: per('reads'),
  };
  return { verifications, perBatch: records / batches, batches: batches / verifications, units };
};

export type Line = { readonly what: string; readonly amount: number; readonly unit: string; readonly usd: number };

const writes = (what: string, amount: number): Line => ({
  what,
  amount,
  unit: 'writes',
  usd: chargeOf(priceList.write, amount * 1e6),
});
const reads = (what: string, amount: number): Line => ({
  what,
  amount,
  unit: 'reads',
  usd: chargeOf(priceList.read, amount * 1e6),
});

const { request, 'check, right': check } = callsOf;

/** USD per million verifications, line by line. */
export const linesOf = ({ units, batches, perBatch }: Counted): readonly Line[] => {
  const { memoryMegabytes } = functions['detect-bursts'];
  const gigabyteSeconds = (batches * billedMsOf(batchRunOf(perBatch), memoryMegabytes) * memoryMegabytes) / 1024 / 1000;
  return [
    reads(
      'guard: limits, blocks, caps, reputation',
      request.units.guardsReads + check.units.guardsReads - detectorOfGuards.reads,
    ),
    writes(
      'guard: limits, caps, reputation of number and IP',
      request.units.guardsWrites + check.units.guardsWrites - detectorOfGuards.writes,
    ),
    writes('detector: entries of the audit trail', units.entries),
    writes('detector: counts', units.counts),
    writes('detector: approvals of a country and day', units.days),
    writes('detector: history rolled up', units.rollUps),
    writes('detector: findings and blocks, in transactions', units.rulings),
    writes('detector: notifications', units.notifications),
    reads('detector: counts, history, blocks', units.reads),
    {
      what: 'detector: batches of the stream',
      amount: batches,
      unit: 'invocations',
      usd: chargeOf(priceList.invocation, batches * 1e6),
    },
    {
      what: 'detector: run time, by its pace',
      amount: gigabyteSeconds,
      unit: 'GB-seconds',
      usd: chargeOf(priceList.gigabyteSecond, gigabyteSeconds * 1e6),
    },
  ];
};

export const usdOf = (lines: readonly Line[]): number => lines.reduce((sum, { usd }) => sum + usd, 0);
