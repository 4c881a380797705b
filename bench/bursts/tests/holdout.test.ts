import { describe, expect, test } from 'vitest';
import { parsePhone } from '../../../lambdas/otp/number/phone.ts';
import type { Entry, Report } from '../contenders/contender.ts';
import { noGuard } from '../contenders/no-guard.ts';
import {
  type Attack,
  attackKinds,
  carrierIn,
  type HoldoutCalendar,
  type HoldoutSize,
  holdoutCalendarOf,
  quickWeek,
  startMs,
  trapKinds,
  week,
} from '../holdout/calendar.ts';
import { type HoldoutScore, holdoutLedgerOf } from '../holdout/ledger.ts';
import { holdoutRun } from '../holdout/run.ts';
import { holdoutTable, leakOf, visitsOf } from '../holdout/table.ts';
import { apps, shapeAt } from '../holdout/traffic.ts';
import {
  anyNumber,
  conversions,
  type HoldoutWorld,
  holdoutWorldOf,
  type Land,
  localMs,
  personOf,
  returningPerson,
  summerTimeMs,
} from '../holdout/world.ts';
import { randomFrom } from '../play/random.ts';
import { dayMs, hourMs } from '../traffic/calendar.ts';
import { type Judge, type Noted, of, recorder, sendsAll } from './recorder.ts';

/** As small as possible, with everything in it. */
const small: HoldoutSize = { ...quickWeek, startsPerDay: 3000, trapsPerKind: 1, volume: 0.1 };
const calm: HoldoutSize = { ...small, trapsPerKind: 0, attacksPerKind: 0 };
const refusesAll: Judge = () => 'refused';

const played = (size: HoldoutSize, judge: Judge = sendsAll, seed = 101) => {
  const { noted, entry } = recorder(judge);
  const score = holdoutRun({ entry, seed, size });
  return { noted, score };
};

const landIn = (world: HoldoutWorld, code: string): Land => {
  const land = world.lands.find((some) => some.code === code);
  if (land === undefined) throw new Error(`${code} is not served.`);
  return land;
};

const isFraud = ({ attempt }: Noted) => attempt.ip.includes(' proxy ');

describe('calendar of the hold-out', () => {
  const world = holdoutWorldOf(101, week.startsPerDay);
  const calendar = holdoutCalendarOf(world, week);

  test('the hold-out has at least three attacks of each of ten kinds, and three traps of each of eight', () => {
    expect(attackKinds.length).toBeGreaterThanOrEqual(10);
    expect(trapKinds.length).toBeGreaterThanOrEqual(8);
    for (const kind of attackKinds) expect(calendar.attacks.filter((some) => some.kind === kind)).toHaveLength(3);
    for (const kind of trapKinds)
      expect(calendar.traps.filter((some) => some.kind === kind).length).toBeGreaterThanOrEqual(3);
  });

  test.each([
    ['week', week],
    ['quick week', quickWeek],
  ])('a %s has all traps and attacks within the test, and no attack on quiet days', (_name, size) => {
    const { traps, attacks, testStartMs, endMs, isQuiet } = holdoutCalendarOf(world, size);
    for (const some of [...traps, ...attacks]) {
      expect(some.startMs).toBeGreaterThanOrEqual(testStartMs);
      expect(some.endMs).toBeLessThanOrEqual(endMs);
    }
    for (const attack of attacks) {
      expect(isQuiet(attack.startMs)).toBe(false);
      expect(isQuiet(attack.endMs - 1)).toBe(false);
    }
    expect(isQuiet(testStartMs)).toBe(true);
    expect(isQuiet(testStartMs - 1)).toBe(false);
  });

  test('a ticket sale begins at ten, local time', () => {
    for (const { lands, startMs } of calendar.traps.filter(({ kind }) => kind === 'ticket sale'))
      expect(((localMs(lands[0], startMs) % dayMs) + dayMs) % dayMs).toBe(10 * hourMs);
  });

  test('an attack has as many countries as its kind', () => {
    const countries = (kind: string) =>
      calendar.attacks.filter((some) => some.kind === kind).map(({ lands }) => new Set(lands).size);
    expect(countries('country hopping')).toEqual([10, 10, 10]);
    expect(countries('botnet')).toEqual([12, 12, 12]);
    expect(countries('ramp')).toEqual([1, 1, 1]);
  });

  test('an attack under an outage hides in an outage of its carrier', () => {
    for (const { lands, startMs, endMs } of calendar.attacks.filter(({ kind }) => kind === 'under an outage'))
      expect(calendar.traps).toContainEqual(expect.objectContaining({ kind: 'carrier outage', lands, startMs, endMs }));
  });
});

describe('world of the hold-out', () => {
  const world = holdoutWorldOf(101, 40_000);

  test('numbers of the hold-out belong to their country, and are cut as the service cuts them', () => {
    for (const land of world.lands)
      for (const carrier of land.carriers) {
        const { phone, range, prefix } = anyNumber(land, carrier, randomFrom('number', carrier.name));
        const parsed = parsePhone(phone);
        expect(parsed.kind === 'phone' && [parsed.phone.country, parsed.phone.range, parsed.phone.prefix]).toEqual([
          land.code,
          range,
          prefix,
        ]);
      }
  });

  test('the conversions of carriers spread over their whole bounds', () => {
    const all = world.lands.flatMap(({ carriers }) => carriers.map(({ conversion }) => conversion));
    expect(Math.min(...all)).toBeGreaterThanOrEqual(conversions.min);
    expect(Math.min(...all)).toBeLessThan(0.65);
    expect(Math.max(...all)).toBeLessThanOrEqual(conversions.max);
    expect(Math.max(...all)).toBeGreaterThan(0.95);
  });

  test('the shares of the countries add up to one', () => {
    expect(world.lands.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 10);
  });

  test('nearly all returning people have verified before, and few new ones', () => {
    const land = landIn(world, 'DE');
    const random = randomFrom('people');
    const count = 4000;
    const returning = Array.from({ length: count }, () => returningPerson(world, land, random));
    const fresh = Array.from({ length: count }, (_, index) => personOf(world, land, index, false));
    const share = (people: readonly { readonly verifiedBefore: boolean }[]) =>
      people.filter(({ verifiedBefore }) => verifiedBefore).length / count;
    expect(share(returning)).toBeGreaterThan(0.88);
    expect(share(fresh)).toBeLessThan(0.03);
    expect(share(fresh)).toBeGreaterThan(0.01);
  });

  test('summer time begins in Europe only', () => {
    const hours = (code: string, atMs: number) => (localMs(landIn(world, code), atMs) - atMs) / hourMs;
    expect([hours('FR', summerTimeMs - 1), hours('FR', summerTimeMs)]).toEqual([1, 2]);
    expect([hours('JP', summerTimeMs - 1), hours('JP', summerTimeMs)]).toEqual([9, 9]);
  });
});

describe('traffic of the hold-out', () => {
  test('the same seed gives the same traffic, and another seed other traffic', () => {
    const [once, again, other] = [played(small), played(small), played(small, sendsAll, 102)];
    expect(again.noted).toEqual(once.noted);
    expect(again.score).toEqual(once.score);
    expect(other.noted.slice(0, 50)).not.toEqual(once.noted.slice(0, 50));
  });

  test('the same visits come, whatever a contender refuses', () => {
    const visits = ({ score }: { readonly score: HoldoutScore }) =>
      score.places.reduce((sum, [, { total }]) => sum + total, 0);
    expect(visits(played(calm, refusesAll))).toBe(visits(played(calm)));
  });

  test('visits are as many as declared, and each app has hours of its own', () => {
    const { score } = played(calm);
    const visits = score.places.reduce((sum, [, { total }]) => sum + total, 0);
    const expected = calm.startsPerDay * (calm.warmUpDays + calm.testDays);
    expect(visits / expected).toBeGreaterThan(0.9);
    expect(visits / expected).toBeLessThan(1.1);

    const land = landIn(holdoutWorldOf(101, 1), 'JP');
    const busiest = apps.map((app) => {
      const hours = Array.from({ length: 24 }, (_, hour) => shapeAt(app, land, startMs - 9 * hourMs + hour * hourMs));
      return hours.indexOf(Math.max(...hours));
    });
    expect(busiest).toEqual([9, 19, 21]);
  });

  test('codes are entered as often as the carriers convert', () => {
    const { noted, score } = played(calm);
    const visits = score.places.reduce((sum, [, { total }]) => sum + total, 0);
    const { lands } = holdoutWorldOf(101, calm.startsPerDay);
    const declared = lands.reduce((sum, { share, carriers }) => {
      const weights = carriers.map((_, index) => 0.62 ** index);
      const all = weights.reduce((total, weight) => total + weight, 0);
      const mean = carriers.reduce(
        (total, { conversion }, index) => total + conversion * ((weights[index] ?? 0) / all),
        0,
      );
      return sum + share * mean;
    }, 0);
    expect(score.verified).toBe(of(noted, 'verified').length);
    // Some codes come too late, or are typed too late.
    expect(score.verified / visits).toBeGreaterThan(declared - 0.05);
    expect(score.verified / visits).toBeLessThan(declared + 0.02);
  });

  test('no person wants more codes in a day than people do', () => {
    const perDay = new Map<string, number>();
    for (const { attempt, atMs } of of(played({ ...calm, startsPerDay: 10_000 }).noted, 'ask')) {
      const key = `${attempt.phone} ${Math.floor(atMs / dayMs)}`;
      perDay.set(key, (perDay.get(key) ?? 0) + 1);
    }
    const counts = [...perDay.values()];
    expect(counts.every((count) => count <= 10)).toBe(true);
    expect(counts.filter((count) => count > 5).length / counts.length).toBeLessThan(0.001);
    expect(counts.filter((count) => count > 1).length / counts.length).toBeGreaterThan(0.05);
  });

  test('codes are entered within their lifetime, some after minutes', () => {
    const { noted } = played(calm);
    const asked = new Map<number, number>();
    const waits: number[] = [];
    for (const { what, attempt, atMs } of noted) {
      if (what === 'ask' || what === 'resend') asked.set(attempt.id, atMs);
      if (what === 'verified') waits.push((atMs - (asked.get(attempt.id) ?? Number.NaN)) / 1000);
    }
    const sorted = waits.toSorted((one, other) => one - other);
    expect(sorted.at(-1)).toBeLessThan(325);
    expect(sorted[Math.floor(sorted.length * 0.5)]).toBeLessThan(25);
    expect(sorted[Math.floor(sorted.length * 0.97)]).toBeGreaterThan(75);
  });
});

describe('traps of the hold-out', () => {
  const size: HoldoutSize = { ...small, startsPerDay: 20_000, attacksPerKind: 0, trapsPerKind: 2 };
  const { noted, score } = played(size);
  const world = holdoutWorldOf(101, size.startsPerDay);
  const { traps } = holdoutCalendarOf(world, size);
  const asks = of(noted, 'ask');
  const from = (place: string) => asks.filter(({ attempt }) => attempt.ip.endsWith(` ${place}`));

  test('people meet every kind of trap', () => {
    expect(score.places.map(([place]) => place)).toEqual(expect.arrayContaining([...trapKinds]));
  });

  test('a SIM series is consecutive new numbers from one IP', () => {
    const rows = Map.groupBy(from('desk'), ({ attempt }) => attempt.ip);
    expect(rows.size).toBe(2);
    for (const attempts of rows.values()) {
      const numbers = [...new Set(attempts.map(({ attempt }) => Number(attempt.phone.slice(-8))))].toSorted(
        (a, b) => a - b,
      );
      expect(numbers.length).toBeGreaterThanOrEqual(60);
      expect((numbers.at(-1) ?? 0) - (numbers[0] ?? 0)).toBe(numbers.length - 1);
      expect(attempts.some(({ attempt }) => attempt.verifiedBefore)).toBe(false);
    }
  });

  test('an airport has many countries behind one IP', () => {
    const rows = Map.groupBy(from('wireless'), ({ attempt }) => attempt.ip);
    expect(rows.size).toBe(2);
    for (const attempts of rows.values())
      expect(new Set(attempts.map(({ attempt }) => attempt.country)).size).toBeGreaterThan(12);
  });

  test('few codes of a carrier are entered in its outage, and more are asked for', () => {
    const [outage] = traps.filter(({ kind }) => kind === 'carrier outage');
    if (outage === undefined) throw new Error('There is no outage.');
    const leads = new Set(carrierIn(outage).leads);
    const callingCode = outage.lands[0].callingCode;
    const isTheirs = ({ attempt }: Noted) =>
      attempt.country === outage.lands[0].code &&
      [...leads].some((lead) => attempt.phone.startsWith(`+${callingCode}${lead}`));
    const rates = (shiftMs: number) => {
      const some = noted.filter(
        (one) => isTheirs(one) && one.atMs >= outage.startMs + shiftMs && one.atMs < outage.endMs + shiftMs,
      );
      const asked = of(some, 'ask').length;
      return { entered: of(some, 'verified').length / asked, resent: of(some, 'resend').length / asked };
    };
    const [during, dayBefore] = [rates(0), rates(-dayMs)];
    expect(during.entered).toBeLessThan(0.4);
    expect(dayBefore.entered).toBeGreaterThan(0.5);
    expect(during.resent).toBeGreaterThan(2 * dayBefore.resent);
  });
});

describe('attacks of the hold-out', () => {
  const { noted, score } = played(small);
  const attacks = holdoutCalendarOf(holdoutWorldOf(101, small.startsPerDay), small).attacks;
  const ofAttack = ({ id }: Attack) => noted.filter(({ attempt }) => attempt.ip.startsWith(`${id} proxy`));

  test('the ledger counts every message of an attack', () => {
    for (const attack of attacks.filter(({ kind }) => kind !== 'behind gateways')) {
      const raid = score.raids.find(({ id }) => id === attack.id);
      expect(raid?.asked).toBe(of(ofAttack(attack), 'ask').length);
      expect(raid?.asked).toBeGreaterThan(0);
      expect(raid?.sent).toBe(raid?.asked);
      expect(raid?.guesses).toBe(of(ofAttack(attack), 'wrong').length);
    }
  });

  test('a contender sees no label of an attack', () => {
    const keys = new Set(noted.flatMap(({ attempt }) => Object.keys(attempt)));
    expect([...keys].toSorted()).toEqual([
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

  test('attacks stay within their time and their countries', () => {
    for (const attack of attacks)
      for (const { attempt, atMs } of of(ofAttack(attack), 'ask')) {
        expect(atMs).toBeGreaterThanOrEqual(attack.startMs);
        expect(atMs).toBeLessThan(attack.endMs);
        expect(attack.lands.map(({ code }) => code)).toContain(attempt.country);
      }
  });

  test.each<[number, number, string]>([
    [0.65, 1, 'SIM farm'],
    [0.02, 0.25, 'seeded'],
    [0, 0, 'ramp'],
    [0, 0, 'patchwork'],
  ])('a share of %d to %d of the codes of a %s attack is entered', (min, max, kind) => {
    const some = attacks.filter((attack) => attack.kind === kind).flatMap(ofAttack);
    const share = of(some, 'verified').length / of(some, 'ask').length;
    expect(share).toBeGreaterThanOrEqual(min);
    expect(share).toBeLessThanOrEqual(max);
  });

  test('a patchwork attack has many ranges of several prefixes, a script has one range', () => {
    const keys = (kind: string, key: 'range' | 'prefix' | 'phone') =>
      new Set(
        attacks
          .filter((attack) => attack.kind === kind)
          .flatMap((attack) => ofAttack(attack).map(({ attempt }) => attempt[key])),
      );
    expect(keys('patchwork', 'range').size).toBeGreaterThan(40);
    expect(keys('patchwork', 'prefix').size).toBeGreaterThan(1);
    expect(keys('script', 'range').size).toBe(1);
    expect(keys('list bombing', 'phone').size).toBeLessThanOrEqual(200);
  });

  test('a hopping attack moves to the next country when it is refused, and asks less often', () => {
    const alone = { ...small, startsPerDay: 0, trapsPerKind: 0 };
    const free = played(alone).score.raids.find(({ kind }) => kind === 'country hopping');
    const { noted: refused, score } = played(alone, refusesAll);
    const hopping = score.raids.find(({ kind }) => kind === 'country hopping');
    const countries = refused.filter(({ attempt }) => attempt.ip.startsWith('country hopping'));
    expect(hopping?.sent).toBe(0);
    expect(new Set(countries.map(({ attempt }) => attempt.country)).size).toBe(10);
    expect(hopping?.asked).toBeLessThanOrEqual(free?.asked ?? 0);
  });

  test('an attack that no contender refuses leaks wholly and is not found', () => {
    expect(leakOf([score], () => true)).toMatchObject({ share: 1, found: 0 });
    expect(noted.filter(isFraud).length).toBeGreaterThan(1000);
  });
});

describe('scores of the hold-out', () => {
  const world = holdoutWorldOf(1, 100);
  const land = landIn(world, 'DE');
  const attack: Attack = {
    id: 'ramp 1',
    kind: 'ramp',
    place: 0,
    lands: [land],
    startMs: startMs + 2 * dayMs,
    endMs: startMs + 2 * dayMs + hourMs,
  };
  const calendar: HoldoutCalendar = {
    startMs,
    testStartMs: startMs + dayMs,
    endMs: startMs + 4 * dayMs,
    traps: [],
    attacks: [attack],
    isQuiet: (atMs) => atMs < startMs + 2 * dayMs,
  };

  test('each visit counts in one place, by country, time and trap', () => {
    const ledger = holdoutLedgerOf(calendar);
    const [inAttack, abroad] = [attack.startMs + 1, landIn(world, 'JP')];
    const calmly = { land, ip: 'DE home 1', trap: undefined };
    ledger.settled({ ...calmly, startedMs: startMs }, false);
    ledger.settled({ ...calmly, startedMs: calendar.testStartMs }, true);
    ledger.settled({ ...calmly, ip: 'tunnel 1', startedMs: calendar.testStartMs }, true);
    ledger.settled({ ...calmly, startedMs: inAttack }, false);
    ledger.settled({ ...calmly, startedMs: attack.endMs + 11 * hourMs }, true);
    ledger.settled({ ...calmly, startedMs: attack.endMs + 12 * hourMs }, true);
    ledger.settled({ ...calmly, land: abroad, trap: 'airport', startedMs: inAttack }, true);
    ledger.settled({ ...calmly, trap: 'airport', startedMs: inAttack }, true);
    const { places } = ledger.closed(undefined);
    expect(places).toEqual([
      ['warm-up', { total: 1, undelivered: 1 }],
      ['clean day', { total: 1, undelivered: 0 }],
      ['clean day, VPN', { total: 1, undelivered: 0 }],
      ['during an attack', { total: 1, undelivered: 1 }],
      ['after an attack', { total: 1, undelivered: 0 }],
      ['no attack near', { total: 1, undelivered: 0 }],
      ['airport', { total: 1, undelivered: 0 }],
      ['trap in an attack', { total: 1, undelivered: 0 }],
    ]);
  });

  const attempt = {
    id: 1,
    atMs: attack.startMs,
    ...anyNumber(land, land.carriers[0], randomFrom('one')),
    country: 'DE',
    ip: 'proxy',
    network: 'proxies',
    application: 'games',
    priceUsd: 0.5,
    verifiedBefore: false,
    verifiedFrom: [],
    ipVerifiers: 0,
  };

  const raided = (level: 'range' | 'ip', lateMs: number): HoldoutScore => {
    const ledger = holdoutLedgerOf(calendar);
    const label = { legit: false, kind: 'ramp', attack: attack.id } as const;
    ledger.asked(attempt, label, 'sent', false);
    ledger.resent(attempt, label, 'refused', attempt.atMs + 1000, false);
    ledger.asked(attempt, label, 'sent', false);
    ledger.guessed(label, 1);
    const key = level === 'range' ? attempt.range : 'another';
    const finding = { level, key, severity: 'high', atMs: attempt.atMs + lateMs } as const;
    const report: Report = { findings: [finding], blocks: 1 };
    return ledger.closed(report);
  };

  test('the score of an attack has the messages in all and before the first refusal', () => {
    expect(raided('range', 0).raids).toEqual([
      {
        id: 'ramp 1',
        kind: 'ramp',
        asked: 3,
        sent: 2,
        sentUsd: 1,
        sentFirst: 1,
        guesses: 1,
        isRefused: true,
        isFound: true,
      },
    ]);
  });

  test('a finding of another key, or of long after, is not about the attack', () => {
    expect(raided('ip', 0).raids[0]?.isFound).toBe(false);
    expect(raided('range', 2 * hourMs).raids[0]?.isFound).toBe(false);
  });

  test('a contender that refuses all has a million ppm and no leak, and one that refuses none the reverse', () => {
    const entry: Entry = recorder(refusesAll).entry;
    const closedDoor = { ...entry, enter: () => ({ ...entry.enter(0), resend: () => 'refused' as const }) };
    const columns = [closedDoor, noGuard].map((some) => ({
      name: some.name,
      scores: [holdoutRun({ entry: some, seed: 101, size: small })],
    }));
    const lines = holdoutTable(columns).split('\n');
    expect(lines[0]).toBe('|  | recorder | no guard |');
    expect(lines.find((line) => line.startsWith('| Whole test'))).toMatch(/ 1,000,000 \([\d,]+\) \| 0 \(≤ \d+\) \|$/);
    expect(lines.find((line) => line.startsWith('| Leak: ramp'))).toMatch(/ 0\.00% \(0\) \| 100\.0% \(400\) \|$/);
    expect(lines.filter((line) => line.startsWith('| Trap: '))).toHaveLength(trapKinds.length);
    expect(lines.filter((line) => line.startsWith('| Leak: '))).toHaveLength(attackKinds.length);
    const [first] = columns;
    expect(first && visitsOf(first.scores, () => true).undelivered).toBeGreaterThan(0);
  });
});
