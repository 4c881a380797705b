import fc from 'fast-check';
import { expect, test } from 'vitest';
import { codeMessage, drawCode, drawSecurely, lengthPrefixed, randomId } from '../../lambdas/otp/record/code.ts';

test.each([4, 5, 6, 7, 8, 9, 10])('a code of %i digits has exactly that many, leading zeros included', (digits) => {
  expect(drawCode(digits, () => 7).reveal()).toBe('7'.padStart(digits, '0'));
  expect(drawCode(digits, (below) => below - 1).reveal()).toBe('9'.repeat(digits));
  expect(drawCode(digits, drawSecurely).reveal()).toMatch(new RegExp(`^[0-9]{${digits}}$`));
});

test('a code is drawn once from all codes, never digit by digit', () => {
  const ranges: number[] = [];
  drawCode(6, (below) => {
    ranges.push(below);
    return 0;
  });
  expect(ranges).toEqual([1_000_000]);
});

test('all digits are equally likely at all places (chi-square, 9 degrees of freedom each, p > 1e-9)', () => {
  const draws = 30_000;
  const counts = Array.from({ length: 6 }, () => new Array<number>(10).fill(0));
  for (let index = 0; index < draws; index += 1) {
    for (const [place, digit] of [...drawCode(6, drawSecurely).reveal()].entries()) {
      const row = counts[place];
      if (row !== undefined) row[Number(digit)] = (row[Number(digit)] ?? 0) + 1;
    }
  }
  for (const row of counts) {
    const expected = draws / 10;
    const chiSquare = row.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeLessThan(62);
  }
});

test('a code cannot be printed by accident', () => {
  const code = drawCode(6, () => 123_456);
  expect(`${code} ${JSON.stringify({ code })}`).not.toContain('123456');
});

test('no two different sets of parts give the same message', () => {
  const parts = fc.array(fc.string({ maxLength: 6 }), { maxLength: 4 });
  fc.assert(
    fc.property(parts, parts, (a, b) => {
      const same = Buffer.from(lengthPrefixed(a)).equals(lengthPrefixed(b));
      expect(same).toBe(JSON.stringify(a) === JSON.stringify(b));
    }),
  );
});

test('a code is bound to its verification and to amount, currency and payee', () => {
  const pay = { amount: '1499.00', currency: 'INR', payee: 'Acme' };
  const messages = [
    codeMessage('a1', '123456', undefined),
    codeMessage('a2', '123456', undefined),
    codeMessage('a1', '123457', undefined),
    codeMessage('a1', '123456', pay),
    codeMessage('a1', '123456', { ...pay, amount: '1499.0' }),
    codeMessage('a1', '123456', { ...pay, currency: 'USD' }),
    codeMessage('a1', '123456', { ...pay, payee: 'Acme2' }),
    codeMessage('a1', '123456', { amount: '1499.00I', currency: 'NR', payee: 'Acme' }),
  ].map((message) => Buffer.from(message).toString('hex'));
  expect(new Set(messages).size).toBe(messages.length);
});

test('an id has 160 bits and no two are alike', () => {
  const ids = Array.from({ length: 1000 }, randomId);
  expect(new Set(ids).size).toBe(1000);
  expect(ids.every((id) => /^[A-Za-z0-9_-]{27}$/.test(id))).toBe(true);
  const bytes = ids.map((id) => Buffer.from(id, 'base64url'));
  for (let place = 0; place < 20; place += 1) {
    expect(new Set(bytes.map((id) => id[place])).size).toBeGreaterThan(200);
  }
});
