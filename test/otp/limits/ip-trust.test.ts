import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ipShareOf } from '../../../lambdas/otp/limits/ip-limit.ts';
import {
  type IpHistory,
  isTrustedIp,
  maxAskersPerDay,
  maxAskersWhileTrusted,
  nameOfNumber,
  newAsker,
  noIpHistory,
} from '../../../lambdas/otp/limits/ip-trust.ts';
import { samplePolicy } from '../../fakes/policy.ts';

const names = (count: number, of: string): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${of}${index}`.padEnd(12, '_'));
const trusts = (history: Partial<IpHistory>) => isTrustedIp({ ...noIpHistory, ...history }, samplePolicy.ips);

describe('an IP is trusted', () => {
  test.each([
    [2, 0, false],
    [3, 0, true],
    [3, 10, true],
    [3, 11, false],
    [10, 24, true],
    [10, 25, false],
    [30, 64, true],
    [30, 65, false],
  ])('%i numbers verified from it, %i asked and did not: %s', (verified, failed, expected) => {
    const verifiers = names(verified, 'good');
    const half = Math.floor(failed / 2);
    const askers = names(failed, 'bad');
    // The askers of two days count, and those that verified are no failures.
    const history = {
      verifiers,
      askersToday: [...askers.slice(0, half), ...verifiers.slice(0, 5)],
      askersYesterday: [...askers.slice(half), ...verifiers.slice(0, 9)],
    };
    expect(trusts(history)).toBe(expected);
  });

  test('a number that asked on both days is one failure', () => {
    const askers = names(3, 'bad');
    expect(trusts({ verifiers: names(3, 'good'), askersToday: askers, askersYesterday: askers })).toBe(true);
  });

  test('an IP that three numbers made trusted loses that by the next eleven that do not verify', () => {
    const verifiers = names(3, 'mine');
    const pumped = names(12, 'pumped');
    const trusted = pumped.map((_, count) => trusts({ verifiers, askersToday: pumped.slice(0, count + 1) }));
    expect(trusted).toEqual(pumped.map((_, count) => count < 10));
  });

  test('a trusted IP takes as many askers at once as would end its trust one after the other', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 130 }), fc.integer({ min: 0, max: 40 }), (verified, failed) => {
        const before = { ...noIpHistory, verifiers: names(verified, 'good'), askersToday: names(failed, 'bad') };
        fc.pre(trusts(before));
        const max = maxAskersWhileTrusted(before) ?? maxAskersPerDay;
        const [last, over] = [max - 1, max].map((size) => ({ ...before, askersToday: names(size, 'bad') }));
        expect(trusts(last ?? {})).toBe(true);
        expect(max === maxAskersPerDay || !trusts(over ?? {})).toBe(true);
      }),
    );
  });

  test('more verifications never end the trust of an IP, and more failures never make it', () => {
    const counts = fc.integer({ min: 0, max: maxAskersPerDay });
    fc.assert(
      fc.property(counts, counts, counts, (verified, failed, more) => {
        const history = { verifiers: names(verified, 'good'), askersToday: names(failed, 'bad') };
        const better = { ...history, verifiers: names(verified + more, 'good') };
        const worse = { ...history, askersYesterday: names(more, 'worse') };
        expect([!trusts(history) || trusts(better), !trusts(worse) || trusts(history)]).toEqual([true, true]);
      }),
    );
  });
});

describe('the askers of a day', () => {
  const subject = {
    phoneKey: 'a number’s keyed hash',
    range: '+91987654',
    prefix: '+919876',
    country: 'IN',
    ip: 'ip',
    network: 'network',
    application: 'app',
  };
  const facts = { ...noIpHistory, tatMs: 0, trustedTatMs: 0, countriesToday: [] };
  const trust = { isTrustedNumber: false, isPair: false, isTrustedIp: false, isSharedIp: false };
  const share = (more: Partial<typeof trust>) => ipShareOf(facts, subject, samplePolicy, { ...trust, ...more });

  test('an unverified number is noted, and a trusted one is not', () => {
    expect(share({})).toMatchObject({ asker: nameOfNumber(subject.phoneKey) });
    expect(share({ isTrustedNumber: true })).toMatchObject({ asker: undefined });
  });

  test('a number that verified from there takes none of the room, although it is no pair any more', () => {
    const verifiers = [nameOfNumber(subject.phoneKey)];
    const noTrust = { isTrustedNumber: false, isPair: false, isTrustedIp: true, isSharedIp: false };
    expect(ipShareOf({ ...facts, verifiers }, subject, samplePolicy, noTrust)?.asker).toBeUndefined();
  });

  test('a pair takes nothing from its IP, worn or not', () => {
    expect(share({ isTrustedNumber: true, isPair: true })).toBeUndefined();
    expect(share({ isPair: true })).toBeUndefined();
  });

  test('the set takes each number once, and forty in all', () => {
    expect(newAsker('a', ['b'])).toBe('a');
    expect(newAsker('a', ['b', 'a'])).toBeUndefined();
    expect(newAsker('a', names(maxAskersPerDay, 'other'))).toBeUndefined();
    expect(newAsker(undefined, [])).toBeUndefined();
  });
});
