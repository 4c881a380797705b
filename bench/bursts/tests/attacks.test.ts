import { describe, expect, test } from 'vitest';
import type { Entry, Visible } from '../contenders/contender.ts';
import { run } from '../play/run.ts';
import { calendarOf, type Family, hourMs } from '../traffic/calendar.ts';
import { trustedShare } from '../traffic/people.ts';
import { worldOf } from '../traffic/world.ts';
import { alone, attacked, type Noted, of, recorder, sendsAll, unhindered } from './recorder.ts';

const distinct = (asks: readonly Noted[], of: (attempt: Visible) => string) =>
  new Set(asks.map(({ attempt }) => of(attempt))).size;

const seconds = (asks: readonly Noted[]) => ((asks.at(-1)?.atMs ?? 0) - (asks[0]?.atMs ?? 0)) / 1000;

/** Count of the asks within a part of the time, between 0 and 1. */
const within = (asks: readonly Noted[], from: number, to: number) => {
  const [firstMs, lastMs] = [asks[0]?.atMs ?? 0, asks.at(-1)?.atMs ?? 0];
  const at = (part: number) => firstMs + part * (lastMs - firstMs);
  return asks.filter(({ atMs }) => atMs >= at(from) && atMs < at(to)).length;
};

describe('volumes and durations', () => {
  test.each<[Family, number, number]>([
    ['A1', 13_000, 1300],
    ['A2', 8000, 12 * 3600],
    ['A3', 1500, 180],
    ['A4', 960, 48 * 3600],
    ['A5', 50_000, 50_000 / 2.3],
    ['A6', 540, 3 * 3600],
    ['A7', 4000, 20_000],
    ['A8', 720, 23 * 3600 + 145],
    ['A9', 1440, 48 * 3600],
    ['A10 guess', 20_000, 5000],
    ['A10 spray', 100_000, 20_000],
    ['A12', 3600, 3600],
    ['A13', 8000, 12 * 3600],
    ['A15', 2688, 60 * 3600],
    ['A17', 8000, 24 * 3600],
    ['A18', 5760, 48 * 3600],
    ['A19', 3600, 6 * 3600],
  ])('%s asks for %d messages in %d s', (family, messages, lastsSeconds) => {
    const { asks, attack } = unhindered(family);
    expect(asks).toHaveLength(messages);
    expect(attack).toMatchObject({ asked: messages, sent: messages });
    expect(seconds(asks) / lastsSeconds).toBeGreaterThan(0.95);
    expect(seconds(asks) / lastsSeconds).toBeLessThanOrEqual(1);
  });
});

describe('shapes of attacks', () => {
  test('A1 goes through one range in order, from changing IPs', () => {
    const { asks } = unhindered('A1');
    expect(distinct(asks, ({ range }) => range)).toBe(1);
    expect(distinct(asks, ({ phone }) => phone)).toBe(10_000);
    const digits = asks.slice(0, 100).map(({ attempt }) => Number(attempt.phone.slice(-4)));
    expect(digits).toEqual(Array.from({ length: 100 }, (_, index) => index));
    expect(distinct(asks, ({ ip }) => ip)).toBeGreaterThan(9000);
  });

  test('A2 stays in one prefix and begins slowly', () => {
    const { asks } = unhindered('A2');
    expect(distinct(asks, ({ prefix }) => prefix)).toBe(1);
    expect(distinct(asks, ({ phone }) => phone)).toBeGreaterThan(7000);
    expect(within(asks, 0, 0.1)).toBeLessThan(0.02 * asks.length);
  });

  test('A3 comes from one IP, 90% to one country', () => {
    const { asks, attack } = unhindered('A3');
    expect(distinct(asks, ({ ip }) => ip)).toBe(1);
    const mostly = asks.filter(({ attempt }) => attempt.country === asks[0]?.attempt.country).length;
    expect(Math.max(mostly, attack.asked - mostly) / attack.asked).toBeCloseTo(0.9, 1);
  });

  test('A4 stays in one prefix', () => {
    expect(distinct(unhindered('A4').asks, ({ prefix }) => prefix)).toBe(1);
  });

  test('A5 sends one or two messages per IP, to 100,000 consecutive numbers in each of eight countries', () => {
    const { asks } = unhindered('A5');
    expect(distinct(asks, ({ country }) => country)).toBe(8);
    expect(distinct(asks, ({ phone }) => phone.slice(0, -5))).toBe(8);
    const perIp = Map.groupBy(asks, ({ attempt }) => attempt.ip);
    expect(Math.max(...[...perIp.values()].map((some) => some.length))).toBeLessThanOrEqual(2);
  });

  test('A6 sends to one number', () => {
    const { asks } = unhindered('A6');
    expect(distinct(asks, ({ phone }) => phone)).toBe(1);
    expect(distinct(asks, ({ ip }) => ip)).toBeGreaterThan(400);
  });

  test('A7 enters 70% of the codes of one range', () => {
    const { asks, noted } = unhindered('A7');
    expect(distinct(asks, ({ range }) => range)).toBe(1);
    expect(of(noted, 'verified').length / asks.length).toBeCloseTo(0.7, 1);
  });

  test('A8 takes 1,000 fresh numbers every hour', () => {
    const { asks } = unhindered('A8');
    const hours = Map.groupBy(asks, ({ atMs }) => Math.floor((atMs - (asks[0]?.atMs ?? 0)) / hourMs));
    expect(hours.size).toBe(24);
    for (const some of hours.values()) {
      expect(some).toHaveLength(30);
      expect(distinct(some, ({ phone }) => phone.slice(0, -3))).toBe(1);
    }
  });

  test('A9 sends one an hour into each of 30 countries', () => {
    const { asks } = unhindered('A9');
    const countries = Map.groupBy(asks, ({ attempt }) => attempt.country);
    expect(countries.size).toBe(30);
    for (const some of countries.values()) expect(some).toHaveLength(48);
  });

  test('A10 guesses five times per code at one number, and three times each at many', () => {
    const one = unhindered('A10 guess');
    expect(distinct(one.asks, ({ phone }) => phone)).toBe(1);
    expect(one.attack.guesses).toBe(100_000);
    const many = unhindered('A10 spray');
    expect(distinct(many.asks, ({ phone }) => phone)).toBeGreaterThan(45_000);
    expect(many.attack.guesses).toBe(300_000);
    const old = attacked('A10 spray', sendsAll, 90).asks;
    const trusted = old.filter(({ attempt }) => attempt.verifiedBefore).length;
    // Half of the numbers are customers', and most of these are trusted after 90 days.
    expect(trusted / old.length).toBeCloseTo(0.5 * trustedShare[90], 1);
  });

  test('A12 attacks all prefixes of a country', () => {
    const { asks } = unhindered('A12');
    expect(distinct(asks, ({ country }) => country)).toBe(1);
    expect(distinct(asks, ({ prefix }) => prefix)).toBe(24);
  });
});

describe('attacks that spread, or look like people', () => {
  test('A14 asks once for each number and resends two to four times', () => {
    const { asks, noted } = unhindered('A14');
    const perAttempt = Map.groupBy(of(noted, 'resend'), ({ attempt }) => attempt.id);
    expect(asks).toHaveLength(300);
    expect(perAttempt.size).toBe(300);
    const counts = [...perAttempt.values()].map((some) => some.length);
    expect([Math.min(...counts), Math.max(...counts)]).toEqual([2, 4]);
  });

  test('A15 enters codes for two days, and none afterwards', () => {
    const { asks, noted } = unhindered('A15');
    const verified = of(noted, 'verified');
    expect(verified).toHaveLength(288);
    expect((verified.at(-1)?.atMs ?? 0) - (asks[0]?.atMs ?? 0)).toBeLessThanOrEqual(48 * hourMs);
    expect(distinct(asks, ({ prefix }) => prefix)).toBe(1);
  });

  test('A16 verifies each number once', () => {
    const { asks, noted } = unhindered('A16');
    expect(distinct(asks, ({ phone }) => phone)).toBe(asks.length);
    expect(of(noted, 'verified').length / asks.length).toBeGreaterThan(0.9);
  });

  test('A17 goes through hundreds of prefixes of a country', () => {
    const { asks } = unhindered('A17');
    expect(distinct(asks, ({ country }) => country)).toBe(1);
    expect(distinct(asks, ({ prefix }) => prefix)).toBeGreaterThan(200);
    expect(within(asks, 0, 0.5)).toBeLessThan(0.3 * asks.length);
    for (const { attempt } of asks.slice(0, 100)) expect(attempt.range.startsWith(attempt.prefix)).toBe(true);
  });

  test('A18 sends three an hour to each of forty countries, some to customers', () => {
    const { asks } = unhindered('A18');
    expect(distinct(asks, ({ country }) => country)).toBe(40);
    const old = attacked('A18', sendsAll, 90).asks.filter(({ attempt }) => attempt.verifiedBefore);
    expect(old.length / asks.length).toBeCloseTo(0.2 * trustedShare[90], 1);
  });

  test('A19 sends to customers alone, from networks that they never used', () => {
    const old = attacked('A19', sendsAll, 90).asks;
    expect(old.filter(({ attempt }) => attempt.verifiedBefore).length / old.length).toBeCloseTo(trustedShare[90], 1);
    expect(old.some(({ attempt }) => attempt.verifiedFrom.includes(attempt.network))).toBe(false);
  });

  test('A20 takes another country, range and network for each message', () => {
    const asks = unhindered('A20').asks.slice(0, 1000);
    expect(distinct(asks, ({ country }) => country)).toBe(12);
    expect(distinct(asks, ({ range }) => range)).toBeGreaterThan(700);
    expect(distinct(asks, ({ network }) => network)).toBeGreaterThan(900);
  });

  test('A21 follows the day of its country', () => {
    const { noted, entry } = recorder(sendsAll);
    const { attacks } = run({ entry, seed: 1, size: { ...alone('A21'), startsPerDay: 4000, warmUpDays: 0 } });
    expect(attacks[0]?.asked).toBeGreaterThan(50);
    const [country = ''] = calendarOf(worldOf(1, 4000), alone('A21')).attacks.map(({ countries }) => countries[0].code);
    const hours = Map.groupBy(
      noted.filter(({ what, attempt }) => what === 'ask' && attempt.country === country && attempt.ipVerifiers === 0),
      ({ atMs }) => Math.floor(atMs / hourMs) % 24,
    );
    const counts = [...hours.values()].map((some) => some.length);
    expect(Math.max(...counts)).toBeGreaterThan(4 * Math.min(...counts));
  });
});

describe('closed loop', () => {
  test('a refused message does not leak, and nobody guesses at its code', () => {
    const { attack } = attacked('A10 guess', () => 'refused');
    expect(attack).toMatchObject({ asked: 20_000, sent: 0, guesses: 0, sentBeforeRefusal: 0 });
    expect(attack.refusedAtMs).toBe(attack.startMs);
  });

  test('messages that pass behind the first refusal are counted apart, without probes', () => {
    let asked = 0;
    const judge = () => {
      asked += 1;
      return asked > 40 && asked % 100 > 1 ? 'refused' : 'sent';
    };
    const { entry } = recorder(judge);
    const all = run({ entry, seed: 1, size: alone('A1') }).attacks[0];
    expect(all).toMatchObject({ sentBeforeRefusal: 40, sentBehindRefusal: (all?.sent ?? 0) - 40 });
    expect(all?.sentBehindRefusal).toBeGreaterThan(100);
    asked = 0;
    let probes = 0;
    const withProbes: Entry = {
      ...entry,
      enter: (...given) => ({
        ...entry.enter(...given),
        isProbe: () => {
          probes += asked > 40 && asked % 100 === 1 ? 1 : 0;
          return asked > 40 && asked % 100 === 1;
        },
      }),
    };
    const some = run({ entry: withProbes, seed: 1, size: alone('A1') }).attacks[0];
    expect(some?.sent).toBe(all?.sent);
    expect(some?.sentBehindRefusal).toBe((some?.sent ?? 0) - 40 - probes);
    expect(probes).toBeGreaterThan(50);
  });

  test('a block during an attack ends the leak, and its time is noted', () => {
    let asked = 0;
    const { attack } = attacked('A1', () => {
      asked += 1;
      return asked > 40 ? 'refused' : 'sent';
    });
    expect(attack).toMatchObject({ sent: 40, sentBeforeRefusal: 40, sentBehindRefusal: 0 });
    expect((attack.refusedAtMs ?? 0) - attack.startMs).toBe(4000);
  });

  test('A7 enters no code of a refused message', () => {
    const { noted } = attacked('A7', ({ ip }) => (ip.length % 2 === 0 ? 'sent' : 'refused'));
    const refused = new Set(
      of(noted, 'ask').flatMap(({ attempt, outcome }) => (outcome === 'sent' ? [] : [attempt.id])),
    );
    expect(refused.size).toBeGreaterThan(0);
    expect(of(noted, 'verified').filter(({ attempt }) => refused.has(attempt.id))).toEqual([]);
  });

  test('A11 moves to another prefix and slows down when it is refused', () => {
    const { asks, attack } = attacked('A11', ({ prefix }) => (prefix.endsWith('5') ? 'sent' : 'refused'));
    const refusedAt = asks.findIndex(({ outcome }) => outcome === 'refused');
    expect(asks[refusedAt + 1]?.attempt.prefix).not.toBe(asks[refusedAt]?.attempt.prefix);
    expect(attack.sent).toBeLessThan(attack.asked);
  });

  test('A11 gives up early if everything is refused, and takes 4,000 messages if nothing is', () => {
    expect(attacked('A11', () => 'refused').attack.asked).toBeLessThan(200);
    expect(unhindered('A11').attack.sent).toBe(4000);
  });
});
