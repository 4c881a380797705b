import { describe, expect, test } from 'vitest';
import { readDayOrTime, readTime, timeText } from '../../lambdas/desk/times.ts';

describe('a time of staff', () => {
  test.each<readonly [string, string]>([
    ['2026-12-01T06:00:00Z', '2026-12-01T06:00:00.000Z'],
    ['2026-12-01t06:00:00z', '2026-12-01T06:00:00.000Z'],
    ['2026-12-01T06:00+05:30', '2026-12-01T00:30:00.000Z'],
    ['2026-12-01T06:00:00-00:00', '2026-12-01T06:00:00.000Z'],
    ['2024-02-29T23:59:59.999999999Z', '2024-02-29T23:59:59.999Z'],
    ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59.000Z'],
  ])('%s is read as it is', (text, time) => {
    expect(new Date(readTime(text) ?? Number.NaN).toISOString()).toBe(time);
  });

  test.each([
    ['a day that is of no calendar', '2026-02-30T00:00:00Z'],
    ['February 29 of a common year', '2026-02-29T00:00:00Z'],
    ['November 31', '2026-11-31T00:00:00Z'],
    ['month 13', '2026-13-01T00:00:00Z'],
    ['hour 24', '2026-12-01T24:00:00Z'],
    ['minute 60', '2026-12-01T23:60:00Z'],
    ['a leap second', '2026-12-31T23:59:60Z'],
    ['no zone', '2026-12-01T06:00:00'],
    ['a zone of 24 hours', '2026-12-01T06:00:00+24:00'],
    ['a zone of 99 minutes', '2026-12-01T06:00:00+05:99'],
    ['the year 10000 in UTC', '9999-12-31T23:59:59-23:59'],
    ['the year before 0 in UTC', '0000-01-01T00:00:00+23:59'],
    ['a year of six digits', '+012026-12-01T06:00:00Z'],
    ['a space for the T', '2026-12-01 06:00:00Z'],
    ['ten decimals', '2026-12-01T06:00:00.1234567890Z'],
    ['a line behind it', '2026-12-01T06:00:00Z\n'],
    ['a day alone', '2026-12-01'],
    ['nothing', ''],
  ])('%s is no time', (_, text) => {
    expect(readTime(text)).toBeUndefined();
  });

  test.each([
    [Number.MAX_SAFE_INTEGER, '9999-12-31T23:59:59.999Z'],
    [1e20, '9999-12-31T23:59:59.999Z'],
    [-1e20, '0000-01-01T00:00:00.000Z'],
    [0, '1970-01-01T00:00:00.000Z'],
  ])('the nearest time of a calendar stands for %d milliseconds', (atMs, text) => {
    expect(timeText(atMs)).toBe(text);
  });

  test('a day alone is its beginning in UTC, if the calendar has it', () => {
    expect(readDayOrTime('2026-12-01')).toBe(Date.parse('2026-12-01T00:00:00Z'));
    expect(readDayOrTime('2026-12-01T06:00:00Z')).toBe(Date.parse('2026-12-01T06:00:00Z'));
    for (const text of ['2026-02-30', '2026-12', '2026-12-01Z', '20261201'])
      expect(readDayOrTime(text), text).toBeUndefined();
  });
});
