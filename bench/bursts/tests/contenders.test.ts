import { describe, expect, test } from 'vitest';
import { authgear, countryBudgets, ipBudgets, leakyBuckets } from '../contenders/authgear.ts';
import { awsSample, riskOf } from '../contenders/aws-sample.ts';
import type { Entry, Outcome, Visible } from '../contenders/contender.ts';
import { noGuard } from '../contenders/no-guard.ts';
import { hourlyCap, plivoStyle } from '../contenders/plivo.ts';
import { slidingCount } from '../contenders/sliding.ts';
import { estimateOf, slidingWindow } from '../contenders/sliding-window.ts';
import { abnormalFrom, volumesOf, vonageVolumetric } from '../contenders/vonage.ts';
import { exceedsAcfp, wafAcfp } from '../contenders/waf-acfp.ts';
import { dayMs, hourMs, minuteMs, startMs } from '../traffic/calendar.ts';

type Fields = Partial<Omit<Visible, 'id'>>;

const attemptOf = (fields: Fields, id: number): Visible => {
  const phone = fields.phone ?? `+9989939${String(40_000 + id).padStart(5, '0')}`;
  return {
    id,
    atMs: startMs,
    phone,
    range: phone.slice(0, -4),
    prefix: phone.slice(0, 8),
    country: 'UZ',
    ip: `ip ${id}`,
    network: `network ${id}`,
    application: 'app',
    priceUsd: 0.1,
    verifiedBefore: false,
    verifiedFrom: [],
    ipVerifiers: 0,
    ...fields,
  };
};

/** Asks one after the other, with the same gap between all. */
const asks = (entry: Entry, count: number, gapMs: number, fieldsOf: (index: number) => Fields): readonly Outcome[] => {
  const contender = entry.enter(1);
  return Array.from({ length: count }, (_, index) =>
    contender.ask(attemptOf({ atMs: startMs + index * gapMs, ...fieldsOf(index) }, index)),
  );
};

const sent = (outcomes: readonly Outcome[]) => outcomes.filter((outcome) => outcome === 'sent').length;

describe('sliding counts', () => {
  test('a sliding count holds what is younger than its window, by key', () => {
    const count = slidingCount(1000);
    for (const atMs of [0, 400, 800]) count.add('a', atMs);
    expect(count.count('a', 999)).toBe(3);
    expect(count.count('a', 1000)).toBe(2);
    expect(count.count('a', 1799)).toBe(1);
    expect(count.count('a', 1800)).toBe(0);
    expect(count.count('b', 0)).toBe(0);
  });

  test('a sliding count equals a count over all times', () => {
    const [count, all] = [slidingCount(1000), [] as number[]];
    for (let index = 0; index < 5000; index += 1) {
      const atMs = index * 3 + (index % 7);
      const later = Math.max(atMs, all.at(-1) ?? 0);
      count.add('a', later);
      all.push(later);
      expect(count.count('a', later)).toBe(all.filter((at) => at > later - 1000).length);
    }
  });
});

test('no guard sends everything', () => {
  expect(sent(asks(noGuard, 100, 0, () => ({ phone: '+998993940000' })))).toBe(100);
});

describe('sliding window', () => {
  const phone = '+998993940000';
  const edge = startMs + 10 * minuteMs;

  // Cloudflare's example: 42 in the minute before, 18 in the first 15 seconds of this one.
  test('a sliding window weighs the earlier bucket by the share that it covers', () => {
    expect(estimateOf(42, 18, 15 / 60)).toBe(49.5);
  });

  test('a sliding window sends five in ten minutes, also across two buckets', () => {
    expect(sent(asks(slidingWindow, 9, 1000, () => ({ phone })))).toBe(5);
    expect(sent(asks(slidingWindow, 10, 0, (index) => ({ phone, atMs: edge + (index < 5 ? -1 : 0) })))).toBe(5);
  });

  test('a sliding window forgets messages of two buckets ago', () => {
    const atMs = (index: number) => startMs + (index < 5 ? 0 : 20 * minuteMs);
    expect(sent(asks(slidingWindow, 10, 0, (index) => ({ phone, atMs: atMs(index) })))).toBe(10);
  });
});

describe('WAF ACFP', () => {
  test('WAF ACFP refuses the 21st request of an IP in ten minutes and the 11th of a number in thirty', () => {
    expect(exceedsAcfp({ perIp: 20, perPhone: 10 })).toBe(false);
    expect(exceedsAcfp({ perIp: 21, perPhone: 1 })).toBe(true);
    expect(exceedsAcfp({ perIp: 1, perPhone: 11 })).toBe(true);
  });

  test('WAF ACFP counts within its windows', () => {
    expect(sent(asks(wafAcfp, 30, 1000, () => ({ ip: 'one' })))).toBe(20);
    expect(sent(asks(wafAcfp, 30, 30_000, () => ({ ip: 'one' })))).toBe(30);
    expect(sent(asks(wafAcfp, 30, 1000, () => ({ phone: '+998993940000' })))).toBe(10);
  });
});

describe('AWS sample', () => {
  test('the AWS sample multiplies the velocities over their thresholds', () => {
    expect(riskOf({ ip: 5, phone: 5, prefix: 10 })).toBe(1);
    expect(riskOf({ ip: 10, phone: 1, prefix: 1 })).toBe(4);
    expect(riskOf({ ip: 6, phone: 1, prefix: 20 })).toBeCloseTo(2.4 * 4, 10);
  });

  test('the AWS sample sends five per IP or number and ten per prefix in a day', () => {
    expect(sent(asks(awsSample, 20, 1000, () => ({ ip: 'one' })))).toBe(5);
    expect(sent(asks(awsSample, 20, 1000, () => ({ phone: '+998993940000' })))).toBe(5);
    expect(
      sent(asks(awsSample, 1000, 1000, (index) => ({ phone: `+998993940${String(index).padStart(3, '0')}` }))),
    ).toBe(10);
  });

  test('the AWS sample refuses an IP for as long as it keeps asking', () => {
    expect(sent(asks(awsSample, 100, hourMs, () => ({ ip: 'one' })))).toBe(5);
  });
});

describe('Plivo-style', () => {
  test('the cap after Plivo is twice the busiest hour, and at least 50', () => {
    expect(hourlyCap(0)).toBe(50);
    expect(hourlyCap(25)).toBe(50);
    expect(hourlyCap(40)).toBe(80);
  });

  test('the cap after Plivo blocks a country for 12 hours', () => {
    const contender = plivoStyle.enter(1);
    const ask = (id: number, atMs: number, country = 'UZ') => contender.ask(attemptOf({ atMs, country }, id));
    const first = Array.from({ length: 60 }, (_, index) => ask(index, startMs + index));
    expect(sent(first)).toBe(50);
    expect(ask(100, startMs + 60, 'KG')).toBe('sent');
    expect(ask(101, startMs + 12 * hourMs)).toBe('refused');
    expect(ask(102, startMs + 12 * hourMs + 50)).toBe('sent');
  });

  test('the cap after Plivo grows with the traffic', () => {
    const contender = plivoStyle.enter(1);
    for (let index = 0; index < 50; index += 1) contender.ask(attemptOf({ atMs: startMs + index }, index));
    const next = Array.from({ length: 150 }, (_, index) =>
      contender.ask(attemptOf({ atMs: startMs + hourMs + index }, index)),
    );
    expect(sent(next)).toBe(100);
  });
});

describe('Vonage v1.0', () => {
  test('the alert of Vonage adds up each twelve consecutive hours', () => {
    expect(volumesOf(new Array(11).fill(1))).toEqual([]);
    expect(volumesOf([...new Array(12).fill(1), 5])).toEqual([12, 16]);
  });

  test('the alert of Vonage needs 1,000 messages, six deviations above the mean and 48 hours of history', () => {
    expect(abnormalFrom(new Array(47).fill(1))).toBe(Number.POSITIVE_INFINITY);
    expect(abnormalFrom(new Array(48).fill(1))).toBe(1000);
    expect(abnormalFrom(new Array(96).fill(200))).toBe(2400);
    // Volumes of 12 hours go from 0 to 1,200 and back: mean 600 over whole days, deviation about 400.
    const days = Array.from({ length: 24 * 50 }, (_, hour) => (hour % 24 < 12 ? 100 : 0));
    expect(abnormalFrom(days)).toBeGreaterThan(600 + 6 * 340);
    expect(abnormalFrom(days)).toBeLessThan(600 + 6 * 480);
  });

  test('the alert of Vonage sends 1,000 messages to a country without traffic, once it has a history', () => {
    const contender = vonageVolumetric.enter(1);
    contender.ask(attemptOf({ country: 'KG' }, 0));
    const young = Array.from({ length: 1500 }, (_, id) =>
      contender.ask(attemptOf({ atMs: startMs + dayMs, country: 'MM' }, id)),
    );
    expect(sent(young)).toBe(1500);
    const later = Array.from({ length: 1500 }, (_, id) => contender.ask(attemptOf({ atMs: startMs + 3 * dayMs }, id)));
    expect(sent(later)).toBe(1000);
  });
});

describe('Authgear', () => {
  test('Authgear has the budgets of its specification', () => {
    expect(countryBudgets({ busiestDay: 0, lastDay: 0, lastHour: 0 })).toEqual({ day: 20, hour: 20 / 6 });
    expect(countryBudgets({ busiestDay: 1000, lastDay: 500, lastHour: 200 })).toEqual({ day: 300, hour: 50 });
    expect(countryBudgets({ busiestDay: 0, lastDay: 300, lastHour: 300 })).toEqual({ day: 90, hour: 60 });
    expect(ipBudgets(0)).toEqual({ day: 10, hour: 5 });
    expect(ipBudgets(300)).toEqual({ day: 60, hour: 10 });
  });

  test('the buckets of Authgear leak in proportion to their size, and count as full after they ran over', () => {
    const buckets = leakyBuckets(hourMs);
    const pour = (atMs: number, amount: 1 | -1 = 1) => buckets.pour('a', 3, atMs, amount);
    expect([pour(0), pour(0), pour(0), pour(0), pour(0)]).toEqual([true, true, true, false, false]);
    expect(pour(hourMs / 6)).toBe(false);
    expect(pour(hourMs / 6 + hourMs / 3)).toBe(true);
    expect(pour(hourMs / 2, -1)).toBe(true);
    expect(pour(hourMs / 2)).toBe(true);
    expect(buckets.pour('b', 3, 0, 1)).toBe(true);
  });

  test('Authgear denies the fourth unverified code of a country in an hour', () => {
    expect(sent(asks(authgear, 20, 1000, () => ({})))).toBe(3);
  });

  test('Authgear spares numbers that have verified, before the run or in it', () => {
    expect(sent(asks(authgear, 20, 1000, () => ({ verifiedBefore: true })))).toBe(20);
    const contender = authgear.enter(1);
    const first = attemptOf({}, 0);
    contender.ask(first);
    contender.verified(first, startMs + 1000);
    for (let id = 1; id < 10; id += 1) contender.ask(attemptOf({ atMs: startMs + 2000 }, id));
    expect(contender.ask(attemptOf({ atMs: startMs + 3000, phone: first.phone }, 10))).toBe('sent');
    expect(contender.ask(attemptOf({ atMs: startMs + 3000 }, 11))).toBe('refused');
  });

  test('Authgear sends all codes that are verified at once', () => {
    const contender = authgear.enter(1);
    const outcomes = Array.from({ length: 50 }, (_, id) => {
      const attempt = attemptOf({ atMs: startMs + id * 1000 }, id);
      const outcome = contender.ask(attempt);
      contender.verified(attempt, startMs + id * 1000 + 500);
      return outcome;
    });
    expect(sent(outcomes)).toBe(50);
  });

  test('Authgear denies an IP its fourth country without a verification', () => {
    const countries = ['UZ', 'KG', 'MM', 'MA', 'KE'];
    expect(asks(authgear, 5, 1000, (index) => ({ ip: 'one', country: countries[index] ?? '' }))).toEqual([
      'sent',
      'sent',
      'sent',
      'refused',
      'refused',
    ]);
  });
});
