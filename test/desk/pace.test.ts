import { describe, expect, test } from 'vitest';
import { noCounts } from '../../lambdas/bursts/counts/counts.ts';
import { timeBucketMs, timeBucketOf } from '../../lambdas/bursts/counts/time-buckets.ts';
import { hasCounts, paceFrom, paceText } from '../../lambdas/desk/pace.ts';

const nowMs = 100 * timeBucketMs + 180_000;
const bucket = timeBucketOf(nowMs);

describe('the pace of a finding', () => {
  test('a finding says that it goes on, by what came in the last ten to twenty minutes', () => {
    const before = { ...noCounts(bucket - 1), started: [19], blocked: 3 };
    const now = { ...noCounts(bucket), again: 1, blocked: 37, limited: 1, verified: [1] };
    expect(paceText([before, now], nowMs)).toBe(
      '20 requests got a code in the last 13 minutes, the latest about 13 minutes ago. 41 were refused. 1 code was entered. Look again in a minute: it goes on if these counts rise. These are all requests until now; the first line ends when the detector judged it.',
    );
  });
  test('a finding says that it does not go on', () => {
    expect(paceText([], nowMs)).toBe('It does not go on: no request came in the last 13 minutes.');
    expect(paceText([noCounts(bucket)], nowMs)).toBe('It does not go on: no request came in the last 13 minutes.');
  });
  test('a pace is of one request as of many', () => {
    expect(paceText([{ ...noCounts(bucket), started: [1], blocked: 1 }], nowMs)).toBe(
      '1 request got a code in the last 13 minutes, the latest about 3 minutes ago. 1 was refused. 0 codes were entered. Look again in a minute: it goes on if these counts rise. These are all requests until now; the first line ends when the detector judged it.',
    );
    expect(paceFrom(nowMs)).toBe(bucket - 1);
  });
  test.each([
    ['within the latest ten minutes', { ...noCounts(bucket), started: [4, 0, 1] }, ', the latest about 3 minutes ago.'],
    ['of numbers that count already alone', { ...noCounts(bucket), again: 2 }, ' in the last 13 minutes. 0'],
    ['of this moment', { ...noCounts(bucket), started: [...Array(18).fill(0), 1] }, ', the latest about 1 second ago.'],
  ])('a finding says when the latest code went out, of requests %s', (_, counts, latest) => {
    expect(
      paceText([{ ...noCounts(bucket - 1), started: [1] }, counts].slice(latest.startsWith(',') ? 0 : 1), nowMs),
    ).toContain(latest);
  });
  test('codes and all countries have no counts of their own', () => {
    expect([hasCounts({ level: 'codes', of: 'IN' }), hasCounts({ level: 'everywhere', of: 'all' })]).toEqual([
      false,
      false,
    ]);
    expect(hasCounts({ level: 'range', of: '+91987654' })).toBe(true);
  });
});
