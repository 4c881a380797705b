import { describe, expect, test } from 'vitest';
import { boundOf, isMet, shown, withUnit } from './cells.ts';
import { commandOf, refusalOf } from './command.ts';
import { quantile } from './statistics.ts';

describe('figures', () => {
  test.each([
    [8, '8'],
    [1234, '1,234'],
    [12.34, '12.3'],
    [0.701, '0.70'],
    [{ middle: 9.994, low: 9.1, high: 12.2 }, '9.99 (9.10–12.20)'],
    ['no', 'no'],
  ])('%j is shown as %s', (cell, text) => {
    expect(shown(cell)).toBe(text);
  });

  test('a unit is shown where readers expect it', () => {
    expect([withUnit('4', 'ms'), withUnit('1.7', '×'), withUnit('52', 'USD'), withUnit('0', '')]).toEqual([
      ...['4 ms', '1.7 ×', '$52', '0'],
    ]);
  });

  test('the middle of an interval decides whether a target is met', () => {
    const value = { middle: 4.1, low: 3.9, high: 4.3 };
    expect(isMet({ bound: { atMost: 4 }, value })).toBe(false);
    expect(isMet({ bound: { atLeast: 4 }, value })).toBe(true);
    expect(isMet({ bound: { atMost: 0 }, value: 0 })).toBe(true);
    expect(boundOf({ bound: { atMost: 128 }, unit: 'MiB' })).toBe('≤ 128 MiB');
  });

  test('the 99th percentile of a hundred samples is the second largest', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect([quantile(hundred, 0.99), quantile(hundred, 0.5), quantile([7], 0.99)]).toEqual([99, 50, 7]);
  });
});

describe('a command', () => {
  const counts = { rounds: { usual: 300, quick: 5 } };

  test('a command takes a count, or its default, and says how it was called', () => {
    const typed = commandOf('bench:race', counts, ['--rounds', '7']);
    expect([typed.count('rounds'), typed.command]).toEqual([7, 'npm run bench:race -- --rounds 7']);
    expect(commandOf('bench:race', counts, []).count('rounds')).toBe(300);
    const quick = commandOf('bench:race', counts, ['--quick']);
    expect([quick.count('rounds'), quick.command]).toEqual([5, 'npm run bench:race -- --quick']);
  });

  test('a command takes a text that changes no figure of this service, and does not repeat it', () => {
    const typed = commandOf('bench:flow', counts, ['--before', 'elsewhere'], ['before', 'profile']);
    expect([typed.text('before'), typed.text('profile')]).toEqual(['elsewhere', undefined]);
    expect(typed.command).toBe('npm run bench:flow -- --rounds 300');
    expect(() => commandOf('bench:flow', counts, ['--before', 'elsewhere'])).toThrow('--before');
  });

  test.each(['0', '-1', '1.5', 'many'])('a command refuses --rounds=%s, and says what is allowed', (text) => {
    const typed = () => commandOf('bench:race', counts, [`--rounds=${text}`]);
    expect(typed).toThrow(`--rounds is ${text}. Allowed are whole numbers from 1: for example --rounds 300.`);
  });

  test('a command keeps no figure of a quick run, and none of a busy machine unless asked', () => {
    const [quiet, busy] = [{ loads: { before: 0.1, highest: 2 } }, { loads: { before: 3, highest: 3 } }];
    expect(refusalOf(quiet, { isQuick: true, takesNoise: true })).toContain('QUICK');
    expect(refusalOf(busy, { isQuick: false, takesNoise: false })).toContain('NOISY');
    expect(refusalOf(busy, { isQuick: false, takesNoise: true })).toBeUndefined();
    expect(refusalOf(quiet, { isQuick: false, takesNoise: false })).toBeUndefined();
  });
});
