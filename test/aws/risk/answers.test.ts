import { describe, expect, test } from 'vitest';
import { readAnswer } from '../../../lambdas/aws/risk/answers.ts';
import { createPauses } from '../../../lambdas/aws/risk/pauses.ts';

const nowMs = Date.parse('2027-01-15T08:00:00Z');
const asked = { name: 'carrier', maxAgeHours: 240 } as const;
type Body = Readonly<Record<string, unknown>> | undefined;
const read = (question: 'check' | 'retrieve-date', status: number, body: Body) =>
  readAnswer({ ...asked, question }, { status, body, retryAfter: undefined }, nowMs);
const unknown = (reason: string) => ({ kind: 'unknown', provider: 'carrier', reason });

describe('an answer that is not clear is unknown, never clean', () => {
  test.each<readonly [string, Body]>([
    ['no JSON', undefined],
    ['nothing', {}],
    ['a text in place of a boolean', { swapped: 'false' }],
    ['a number in place of a boolean', { swapped: 0 }],
    ['null in place of a boolean', { swapped: null }],
  ])('%s is no answer to a check', (_, body) => {
    expect(read('check', 200, body)).toEqual(unknown('unavailable'));
  });

  test.each<readonly [string, Body]>([
    ['no date', {}],
    ['a number', { latestSimChange: 1_700_000_000 }],
    ['a day without a time', { latestSimChange: '2027-01-15' }],
    ['a time without a zone', { latestSimChange: '2027-01-15T07:00:00' }],
    ['a day that no month has', { latestSimChange: '2027-13-41T07:00:00Z' }],
  ])('%s is no answer to the question for a date', (_, body) => {
    expect(read('retrieve-date', 200, body)).toEqual(unknown('unavailable'));
  });

  test.each<readonly [string, number, unknown, string]>([
    ['a range that the operator does not take', 400, 'OUT_OF_RANGE', 'misconfigured'],
    ['a wrong argument', 400, 'INVALID_ARGUMENT', 'misconfigured'],
    ['a missing permission', 403, 'PERMISSION_DENIED', 'misconfigured'],
    ['an unknown number', 404, 'IDENTIFIER_NOT_FOUND', 'not-known'],
    ['an unknown resource', 404, 'NOT_FOUND', 'not-known'],
    ['a page of a gateway', 404, undefined, 'misconfigured'],
    ['a number without the service', 422, 'SERVICE_NOT_APPLICABLE', 'not-known'],
    ['a token without a number', 422, 'MISSING_IDENTIFIER', 'misconfigured'],
    ['a token with a number', 422, 'UNNECESSARY_IDENTIFIER', 'misconfigured'],
    ['a code that nobody has published', 422, 'OTHER', 'misconfigured'],
    ['a redirect', 307, undefined, 'unavailable'],
    ['an answer without a body', 204, undefined, 'unavailable'],
    ['a failed gateway', 502, undefined, 'unavailable'],
  ])('%s (%i %s) is %s', (_, status, code, reason) => {
    for (const question of ['check', 'retrieve-date'] as const)
      expect(read(question, status, code === undefined ? undefined : { status, code, message: '' })).toEqual(
        unknown(reason),
      );
  });
});

test.each([
  '2027-01-15T07:00:00Z',
  '2027-01-15T07:00:00.000000000Z',
  '2027-01-15t08:00:00.0+01:00',
  '2027-01-15T01:30:00-05:30',
])('the date %s is read to the same millisecond', (latestSimChange) => {
  const swappedAtMs = nowMs - 3_600_000;
  expect(read('retrieve-date', 200, { latestSimChange })).toEqual({
    kind: 'swapped',
    provider: 'carrier',
    swappedAtMs,
  });
});

test('look-ups that fail on their way do not shorten the time that a provider asked for', () => {
  let now = 0;
  const pauses = createPauses(() => now);
  pauses.heard({ status: 429, body: { code: 'TOO_MANY_REQUESTS' }, retryAfter: 60 });
  for (let call = 0; call < 5; call += 1) pauses.ended({ kind: 'unknown', provider: 'carrier', reason: 'no-answer' });
  now = 59_999;
  expect(pauses.now()).toBe('throttled');
  now = 60_000;
  expect(pauses.now()).toBeUndefined();
});
