import { describe, expect, test } from 'vitest';
import type { Visible } from '../contenders/contender.ts';
import { run } from '../play/run.ts';
import { calendarOf, dayMs, hourMs, quick, type Size, startMs } from '../traffic/calendar.ts';
import { rhythm } from '../traffic/rhythm.ts';
import { worldOf } from '../traffic/world.ts';
import { alone, type Judge, type Noted, noAttacks, of, recorder, sendsAll, unhindered } from './recorder.ts';

const peaceful: Size = { ...quick, traps: {}, attacks: noAttacks };

const recorded = (seed: number, size: Size, judge: Judge = sendsAll) => {
  const { noted, entry } = recorder(judge);
  const score = run({ entry, seed, size });
  return { noted, asks: of(noted, 'ask'), score };
};

const peace = recorded(1, peaceful);

const share = (some: readonly unknown[], all: readonly unknown[]) => some.length / all.length;

describe('seeds', () => {
  const small: Size = { ...quick, startsPerDay: 300, attacks: { ...noAttacks, A7: 1, A11: 1 } };

  test('the same seed gives the same events', () => {
    expect(recorded(7, small).noted).toEqual(recorded(7, small).noted);
  });

  test('another seed gives other events', () => {
    const [one, other] = [recorded(7, small), recorded(8, small)];
    expect(one.asks.slice(0, 5)).not.toEqual(other.asks.slice(0, 5));
  });

  test('the same people come, whatever is refused', () => {
    const [free, strict] = [recorded(7, small), recorded(7, small, () => 'refused')];
    const warmUp = ({ attempt }: Noted) => attempt.atMs < startMs + 3 * dayMs;
    const first = (asks: readonly Noted[]) =>
      new Set(asks.filter(warmUp).map(({ attempt }) => `${attempt.atMs} ${attempt.phone}`));
    const [came, cameToo] = [first(free.asks), first(strict.asks)];
    expect(came.size).toBeGreaterThan(700);
    expect([...came].filter((person) => !cameToo.has(person))).toEqual([]);
  });
});

describe('what a contender sees', () => {
  test('a contender sees no label', () => {
    const [people, attackers] = [peace.asks.slice(0, 2000), unhindered('A3').asks];
    const fields = new Set([...people, ...attackers].flatMap(({ attempt }) => Object.keys(attempt)));
    expect([...fields].toSorted()).toEqual([
      'application',
      'atMs',
      'country',
      'id',
      'ip',
      'ipVerifiers',
      'network',
      'phone',
      'prefix',
      'priceUsd',
      'range',
      'verifiedBefore',
      'verifiedFrom',
    ]);
  });

  test('a contender sees ranges and prefixes as the service cuts them', () => {
    for (const { attempt } of peace.asks.slice(0, 2000)) {
      expect(attempt.range).toBe(attempt.phone.slice(0, -4));
      expect(attempt.range.startsWith(attempt.prefix)).toBe(true);
      if (attempt.country === 'US') expect(attempt.prefix).toMatch(/^\+1\d{3}$/);
      if (attempt.country === 'IN') expect(attempt.prefix).toMatch(/^\+91\d{4}$/);
    }
  });

  test('a contender sees events in the order of time', () => {
    expect(peace.noted.every(({ atMs }, index) => atMs >= (peace.noted[index - 1]?.atMs ?? 0))).toBe(true);
  });
});

describe('ordinary traffic', () => {
  test('each country has as many people as its share', () => {
    const days = peaceful.warmUpDays + peaceful.testDays;
    const world = worldOf(1, peaceful.startsPerDay);
    const found = Map.groupBy(peace.asks, ({ attempt }) => attempt.country);
    for (const country of world.main) {
      // Six days from Monday to Saturday: the weekday factors do not cancel out.
      const expected = peaceful.startsPerDay * country.share * days;
      expect(Math.abs((found.get(country.code)?.length ?? 0) - expected)).toBeLessThan(
        5 * Math.sqrt(expected) + 0.03 * expected,
      );
    }
    const inMain = peace.asks.filter(({ attempt }) => world.main.some(({ code }) => code === attempt.country));
    expect(share(inMain, peace.asks)).toBeCloseTo(0.92, 2);
    expect(found.size).toBe(46);
  });

  test('traffic follows the local day', () => {
    const local = peace.asks
      .filter(({ attempt }) => attempt.country === 'US')
      .map(({ atMs }) => (atMs - 6 * hourMs) % dayMs);
    const night = local.filter((time) => time >= hourMs && time < 5 * hourMs);
    const evening = local.filter((time) => time >= 17 * hourMs && time < 21 * hourMs);
    expect(evening.length / night.length).toBeGreaterThan(8);
  });

  test('the rhythm is lower at weekends, and its mean is one', () => {
    const weekly = Array.from({ length: 7 * 24 }, (_, hour) => rhythm(startMs + hour * hourMs));
    expect(weekly.reduce((sum, factor) => sum + factor, 0) / weekly.length).toBeCloseTo(1, 6);
    expect(rhythm(startMs + 6 * dayMs + 12 * hourMs)).toBeLessThan(rhythm(startMs + 12 * hourMs));
  });

  test('nobody has verified before a service opens', () => {
    expect(peace.asks.some(({ attempt }) => attempt.verifiedBefore)).toBe(false);
  });

  test('86 of 100 people enter the code, and 6 of 100 mistype', () => {
    const verified = of(peace.noted, 'verified');
    expect(share(verified, peace.asks)).toBeGreaterThan(0.82);
    expect(share(verified, peace.asks)).toBeLessThan(0.9);
    const mistyped = new Set(of(peace.noted, 'wrong').map(({ attempt }) => attempt.id));
    expect(mistyped.size / verified.length).toBeCloseTo(0.06, 2);
  });

  test('codes are entered after 18 seconds in the median, and never after they expire', () => {
    const delays = of(peace.noted, 'verified')
      .map(({ attempt, atMs }) => atMs - attempt.atMs)
      .toSorted((one, other) => one - other);
    expect((delays[Math.floor(delays.length / 2)] ?? 0) / 1000).toBeCloseTo(18, 0);
    expect(delays.at(-1)).toBeLessThan(310_000);
  });

  test('people ask for another SMS after 30 to 90 seconds, at most three times', () => {
    const perAttempt = Map.groupBy(of(peace.noted, 'resend'), ({ attempt }) => attempt.id);
    expect(perAttempt.size).toBeGreaterThan(1000);
    for (const resends of perAttempt.values()) {
      expect(resends.length).toBeLessThanOrEqual(3);
      const times = [resends[0]?.attempt.atMs ?? 0, ...resends.map(({ atMs }) => atMs)];
      for (const [index, atMs] of times.slice(1).entries()) {
        expect(atMs - (times[index] ?? 0)).toBeGreaterThanOrEqual(30_000);
        expect(atMs - (times[index] ?? 0)).toBeLessThanOrEqual(90_000);
      }
    }
  });

  test('two of five people share their IP', () => {
    const perIp = Map.groupBy(peace.asks, ({ attempt }) => attempt.ip);
    const shared = peace.asks.filter(({ attempt }) => {
      const others = perIp.get(attempt.ip) ?? [];
      return new Set(others.map((other) => other.attempt.phone)).size > 1;
    });
    expect(share(shared, peace.asks)).toBeGreaterThan(0.33);
    expect(share(shared, peace.asks)).toBeLessThan(0.42);
  });

  test('a country has 24 prefixes, and the first is the busiest', () => {
    const perPrefix = Map.groupBy(
      peace.asks.filter(({ attempt }) => attempt.country === 'IN'),
      ({ attempt }) => attempt.prefix,
    );
    const counts = [...perPrefix.values()].map((some) => some.length).toSorted((one, other) => other - one);
    expect(counts).toHaveLength(24);
    expect((counts[0] ?? 0) / (counts[1] ?? 1)).toBeCloseTo(2, 0);
  });
});

describe('refused people', () => {
  test('one of two refused people tries once more after 30 to 60 seconds', () => {
    const { asks, score } = recorded(2, peaceful, () => 'refused');
    const perPhone = Map.groupBy(asks, ({ attempt }: { attempt: Visible }) => attempt.phone);
    const tests = score.places.filter(([place]) => place !== 'warm-up').map(([, tally]) => tally);
    expect(tests.every(({ total, undelivered }) => total === undelivered)).toBe(true);
    const sessions = score.places.reduce((sum, [, { total }]) => sum + total, 0);
    expect((asks.length - sessions) / sessions).toBeCloseTo(0.5, 1);
    expect(perPhone.size).toBeLessThanOrEqual(sessions);
  });

  test('a person whose second try is sent counts as served', () => {
    const seen = new Set<string>();
    const { score } = recorded(2, peaceful, ({ phone }) => {
      if (seen.has(phone)) return 'sent';
      seen.add(phone);
      return 'refused';
    });
    const clean = score.places.find(([place]) => place === 'clean day')?.[1];
    expect((clean?.undelivered ?? 0) / (clean?.total ?? 1)).toBeLessThan(0.5);
    expect(clean?.undelivered).toBeGreaterThan(0);
  });
});

describe('traps', () => {
  const traps = (kinds: Size['traps'], size: Size = peaceful) => recorded(1, { ...size, traps: kinds });
  const placeOf = ({ score }: ReturnType<typeof recorded>, place: string) =>
    score.places.find(([name]) => name === place)?.[1];

  test('a spike brings 12% of a day', () => {
    expect(placeOf(traps({ spike: 1 }), 'spike')?.total).toBe(480);
  });

  test('a launch happens in a country where nobody has verified', () => {
    const launched = traps({ launch: 1 });
    expect(placeOf(launched, 'launch')?.total).toBe(300);
    const there = launched.asks.filter(({ attempt }) => ['LK', 'GE'].includes(attempt.country));
    expect(there.length).toBe(300);
    expect(there.some(({ attempt }) => attempt.verifiedBefore)).toBe(false);
  });

  test.each([
    ['onboarding in an hour', 3600],
    ['onboarding in minutes', 240],
  ] as const)('%s brings 180 consecutive numbers from one IP', (kind, lastsSeconds) => {
    const { noted, entry } = recorder(sendsAll);
    run({ entry, seed: 3, size: { ...alone('A6'), attacks: noAttacks, traps: { [kind]: 1 } } });
    const asks = of(noted, 'ask');
    expect(asks).toHaveLength(180);
    expect(new Set(asks.map(({ attempt }) => attempt.ip)).size).toBe(1);
    const numbers = asks.map(({ attempt }) => Number(attempt.phone.slice(-4)));
    expect(numbers.every((number, index) => index === 0 || number === (numbers[index - 1] ?? 0) + 1)).toBe(true);
    expect(((asks.at(-1)?.atMs ?? 0) - (asks[0]?.atMs ?? 0)) / 1000).toBeCloseTo(lastsSeconds * (179 / 180), 0);
  });

  describe('outages', () => {
    const busy: Size = { ...peaceful, startsPerDay: 20_000, warmUpDays: 0, testDays: 2, traps: { outage: 3 } };
    const { noted, asks, score } = recorded(1, busy);
    const outages = calendarOf(worldOf(1, busy.startsPerDay), busy).traps;
    const isIn = ({ attempt, atMs }: Noted) =>
      outages.some(
        ({ country, startMs: fromMs, endMs }) =>
          country.prefixes.slice(0, 8).includes(attempt.prefix) && atMs >= fromMs && atMs < endMs,
      );
    const silent = asks.filter(isIn);

    test('one of eight SMS arrives in an outage, and its code is entered', () => {
      const ids = new Set(silent.map(({ attempt }) => attempt.id));
      expect(ids.size).toBeGreaterThan(300);
      const entered = of(noted, 'verified').filter(({ attempt }) => ids.has(attempt.id));
      const resent = of(noted, 'resend').filter(({ attempt }) => ids.has(attempt.id));
      expect(entered.length / (ids.size + resent.length)).toBeGreaterThan(0.09);
      expect(entered.length / (ids.size + resent.length)).toBeLessThan(0.16);
    });

    test('people come back up to twice in an outage, and count once', () => {
      const visits = [...Map.groupBy(silent, ({ attempt }) => attempt.phone).values()].map((some) => some.length);
      // A person may come on both days.
      expect(visits.filter((count) => count > 3).length).toBeLessThan(5);
      expect(visits.filter((count) => count === 3).length).toBeGreaterThan(10);
      const people = score.places.find(([place]) => place === 'outage')?.[1].total ?? 0;
      expect(people).toBeLessThan(silent.length);
    });
  });

  test('a new office brings a hundred sequential numbers behind two IPs of one network', () => {
    const { noted, entry } = recorder(sendsAll);
    run({ entry, seed: 3, size: { ...alone('A6'), attacks: noAttacks, traps: { 'new office': 1 } } });
    const asks = of(noted, 'ask').map(({ attempt }) => attempt);
    expect(asks).toHaveLength(100);
    expect(new Set(asks.map(({ ip }) => ip)).size).toBe(2);
    expect(new Set(asks.map(({ network }) => network)).size).toBe(1);
    const numbers = asks.map(({ phone }) => Number(phone.slice(-4)));
    expect(numbers.every((number, index) => index === 0 || number === (numbers[index - 1] ?? 0) + 1)).toBe(true);
  });

  test('a marketing push brings half as many people again as an ordinary day has', () => {
    const pushed = traps({ 'marketing day': 1 });
    const [{ country } = { country: undefined }] = calendarOf(worldOf(1, peaceful.startsPerDay), {
      ...peaceful,
      traps: { 'marketing day': 1 },
    }).traps;
    expect(placeOf(pushed, 'marketing day')?.total).toBe(
      Math.round(1.5 * peaceful.startsPerDay * (country?.share ?? 0)),
    );
  });

  test('nobody enters a code while a bug prevents it, and all countries have it', () => {
    const size: Size = { ...peaceful, warmUpDays: 0, traps: { 'code bug': 1 } };
    const { noted, asks } = recorded(1, size);
    const [{ startMs: fromMs, endMs } = { startMs: 0, endMs: 0 }] = calendarOf(
      worldOf(1, size.startsPerDay),
      size,
    ).traps;
    const ids = new Set(asks.filter(({ atMs }) => atMs >= fromMs && atMs < endMs).map(({ attempt }) => attempt.id));
    expect(ids.size).toBeGreaterThan(100);
    expect(of(noted, 'verified').filter(({ attempt }) => ids.has(attempt.id))).toEqual([]);
  });

  test('a carrier that merges its gateways has its subscribers share four IPs', () => {
    const size: Size = { ...peaceful, startsPerDay: 20_000, warmUpDays: 0, testDays: 2, traps: { 'gateway merge': 1 } };
    const { asks, score } = recorded(1, size);
    const people = score.places.find(([place]) => place === 'gateway merge')?.[1].total ?? 0;
    const [trap] = calendarOf(worldOf(1, size.startsPerDay), size).traps;
    const [from, until] = [trap?.startMs ?? 0, trap?.endMs ?? 0];
    const during = asks.filter(
      ({ attempt, atMs }) => attempt.country === trap?.country.code && atMs >= from && atMs < until,
    );
    const perNetwork = [...Map.groupBy(during, ({ attempt }) => attempt.network).values()];
    const merged = perNetwork.toSorted((one, other) => other.length - one.length)[0] ?? [];
    expect(people).toBeGreaterThan(30);
    expect(merged.length).toBeGreaterThanOrEqual(people);
    expect(new Set(merged.map(({ attempt }) => attempt.ip)).size).toBe(4);
  });

  test('an app with a bug asks ten times too often', () => {
    const { noted, entry } = recorder(sendsAll);
    run({ entry, seed: 3, size: { ...alone('A6'), attacks: noAttacks, traps: { 'retry bug': 1 } } });
    expect(of(noted, 'ask')).toHaveLength(150 * 11);
  });
});
