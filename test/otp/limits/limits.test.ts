import fc from 'fast-check';
import { decodeJwt } from 'jose';
import { type CountryCode, getExampleNumber } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { describe, expect, test } from 'vitest';
import { dayOf, microUsd } from '../../../lambdas/otp/limits/caps.ts';
import { parsePhone } from '../../../lambdas/otp/number/phone.ts';
import { recordKey } from '../../../lambdas/otp/number/pseudonyms.ts';
import { secret } from '../../../lambdas/otp/number/secret.ts';
import { Unavailable } from '../../../lambdas/otp/ports.ts';
import type { SendRequest } from '../../../lambdas/otp/request/context.ts';
import { requestVerification } from '../../../lambdas/otp/request.ts';
import type { Policy } from '../../../lambdas/policy.ts';
import { inParallel } from '../../fakes/in-parallel.ts';
import { samplePolicy } from '../../fakes/policy.ts';
import { phone, requested, type World, world, wrongCode } from '../../fakes/world.ts';

const kinds = (outcomes: readonly { kind: string }[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { kind } of outcomes) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
};

/** Mobile numbers of India, each another. */
const indian = (index: number) => phone(`+9198${String(10_000_000 + index)}`);
const ipOf = (index: number) => `10.${Math.floor(index / 65_536)}.${Math.floor(index / 256) % 256}.${index % 256}`;

/** Checks a code, and does with the change what the stream does. */
let changes = 0;
const check = async (here: World, id: string, code: string) => {
  const key = recordKey('app', id);
  const before = here.ledger.records.get(key);
  const outcome = await here.check({ id, code: secret(code), application: 'app' });
  changes += 1;
  await here.stream(`change ${changes}`, before, here.ledger.records.get(key));
  return outcome;
};

describe('one number', () => {
  test('exactly one of 1,000 parallel requests for one number from 200 IPs sends an SMS', async () => {
    const here = world();
    const outcomes = await inParallel(1000, (index) => here.request({ ip: ipOf(index % 200) }));
    expect(kinds(outcomes)['created']).toBe(1);
    expect(here.inbox).toHaveLength(1);
  });

  test('unlimited IPs get at most 10 SMS to one number and 50 guesses at it in 24 hours, and its holder gets through', async () => {
    const here = world();
    let ips = 0;
    let sends = 0;
    let guesses = 0;
    let approvals = 0;
    const start = here.state.nowMs;
    const attack = async () => {
      ips += 1;
      const outcome = await here.request({ ip: ipOf(ips), application: `app ${ips}` });
      if (outcome.kind !== 'created') return;
      sends += 1;
      const code = here.lastCode();
      for (let nth = 1; nth <= 6; nth += 1) {
        const { kind } = await check(here, outcome.view.id, wrongCode(code, nth));
        const attempts = outcome.view.attemptsRemaining;
        if (kind === 'wrong' || (kind === 'exhausted' && nth <= attempts)) guesses += 1;
      }
    };
    const holder = await requested(here);
    while (here.state.nowMs < start + 86_400_000) {
      await attack();
      // The holder's own live code works, whatever unverified numbers did meanwhile.
      if (here.state.nowMs === start + 240_000) {
        expect(await check(here, holder.id, holder.code)).toMatchObject({ kind: 'approved' });
        approvals += 1;
      }
      here.pass(60);
    }
    expect(approvals).toBe(1);
    expect(sends).toBe(10);
    expect(guesses).toBeLessThanOrEqual(50);
  });

  test('wrong guesses leave the number’s next verifications fewer attempts, 5 → 3 → 1, for 24 hours, whoever signs in meanwhile', async () => {
    const here = world();
    const left: number[] = [];
    const attempts = async (wrong: number) => {
      const { id, code, attemptsRemaining } = await requested(here, { ip: '203.0.113.7' });
      left.push(attemptsRemaining);
      for (let nth = 1; nth <= wrong; nth += 1) await check(here, id, wrongCode(code, nth));
      here.pass(700);
      return { id, code };
    };
    await attempts(5);
    await attempts(3);
    await attempts(1);
    await attempts(0);
    here.pass(86_400);
    await attempts(5);
    const { id, code, attemptsRemaining } = await requested(here);
    left.push(attemptsRemaining);
    // A person who mistypes, and then gets in, is forgiven what is theirs, and nothing else.
    for (let nth = 1; nth <= 2; nth += 1) await check(here, id, wrongCode(code, nth));
    expect(await check(here, id, code)).toMatchObject({ kind: 'approved' });
    here.pass(700);
    await attempts(0);
    here.pass(86_400);
    await attempts(0);
    expect(left).toEqual([5, 3, 1, 1, 5, 3, 3, 5]);
  });
});

describe('one IP', () => {
  test('an IP that asks for 1,000 numbers in a minute gets at most 10 SMS, and another IP is not affected', async () => {
    const here = world();
    for (let index = 0; index < 1000; index += 1) {
      await here.request({ phone: indian(index), ip: '203.0.113.7' });
      if (index % 17 === 0) here.pass(1);
    }
    expect(here.inbox.length).toBeGreaterThan(0);
    expect(here.inbox.length).toBeLessThanOrEqual(10);
    expect(await here.request({ phone: indian(5000), ip: '203.0.113.8' })).toMatchObject({ kind: 'created' });
  });

  test('an IP that asks for 300 numbers in parallel gets five SMS', async () => {
    const here = world();
    const outcomes = await inParallel(300, (index) => here.request({ phone: indian(index), ip: '203.0.113.7' }));
    expect(kinds(outcomes)).toEqual({ created: 5, limited: 295 });
    expect(here.inbox).toHaveLength(5);
  });

  test('an IPv6 /64 is one IP', async () => {
    const here = world();
    for (let index = 0; index < 20; index += 1) {
      await here.request({ phone: indian(index), ip: `2001:db8:0:1::${index.toString(16)}` });
    }
    expect(here.inbox).toHaveLength(5);
    expect(await here.request({ phone: indian(99), ip: '2001:db8:0:2::1' })).toMatchObject({ kind: 'created' });
  });

  test('an IP’s fourth country in a day is refused, and the next day it is not', async () => {
    const countries = {
      ...samplePolicy.countries,
      DE: samplePolicy.countries['IN'],
      FR: samplePolicy.countries['IN'],
    } as Policy['countries'];
    const here = world({ countries });
    const to = (number: string) => here.request({ phone: phone(number), ip: '203.0.113.7' });
    for (const number of ['+919876543210', '+14155552671', '+447400123456']) {
      expect(await to(number)).toMatchObject({ kind: 'created' });
    }
    here.pass(600);
    const refused = await to('+4915112345678');
    expect(refused).toMatchObject({ kind: 'limited', limit: 'ip-countries' });
    expect(await to('+919876543211')).toMatchObject({ kind: 'created' });
    if ('retryAfterSeconds' in refused) here.pass(refused.retryAfterSeconds - 1);
    expect(await to('+4915112345678')).toMatchObject({ kind: 'limited' });
    here.pass(1);
    expect(await to('+4915112345678')).toMatchObject({ kind: 'created' });
  });

  test('an IP from which three people have verified may ask for more', async () => {
    const here = world();
    for (let index = 0; index < 3; index += 1) {
      const { id, code } = await requested(here, { phone: indian(index), ip: '203.0.113.7' });
      await check(here, id, code);
    }
    here.pass(600);
    const many = () => inParallel(40, (index) => here.request({ phone: indian(100 + index), ip: '203.0.113.7' }));
    // Three that verified allow ten failures: with the eleventh, the IP is trusted no more.
    expect(kinds(await many())).toEqual({ created: 11, limited: 29 });
    const verifiers = here.ledger.verifiersOf(here.pseudonyms.ipKey('203.0.113.7'));
    for (let index = 0; index < 70; index += 1) verifiers.add(String(index).padStart(12, '_'));
    here.pass(600);
    expect(kinds(await many())).toEqual({ created: 30, limited: 10 });
  });

  test('an IP is not trusted because one person verifies again and again', async () => {
    const here = world();
    for (let index = 0; index < 4; index += 1) {
      const { id, code } = await requested(here, { ip: '203.0.113.7' });
      await check(here, id, code);
      here.pass(700);
    }
    const outcomes = await inParallel(40, (index) => here.request({ phone: indian(100 + index), ip: '203.0.113.7' }));
    expect(kinds(outcomes)).toEqual({ created: 5, limited: 35 });
  });

  test('an exempt back end is recognized by its API key and has no limit of an IP', async () => {
    const here = world();
    const request = { ip: '203.0.113.7', application: 'backend' };
    const outcomes = await inParallel(45, (index) => here.request({ ...request, phone: indian(index) }));
    expect(kinds(outcomes)).toEqual({ created: 45 });
  });

  test('an IP over its limit is refused before any write, so that the number’s guard stays as it was', async () => {
    const here = world();
    for (let index = 0; index < 6; index += 1) await here.request({ phone: indian(index), ip: '203.0.113.7' });
    const writes = here.ledger.calls.filter((call) => call.startsWith('transact')).length;
    expect(await here.request({ phone: indian(99), ip: '203.0.113.7' })).toMatchObject({ kind: 'limited' });
    expect(here.ledger.calls.filter((call) => call.startsWith('transact'))).toHaveLength(writes);
    expect(here.ledger.guards.has(here.pseudonyms.phoneKey(indian(99)))).toBe(false);
  });
});

const twenty = 'IN GB DE FR ES IT NL SE PL PT AT CH BE DK NO FI IE AU BR ZA'.split(' ') as CountryCode[];
const countryPolicy = { maxPriceUsd: 0.2, priceUsd: 0.05, caps: { hourUsd: 10, dayUsd: 50 } };
const wide = Object.fromEntries(twenty.map((country) => [country, countryPolicy]));
const openRange = { lowVolume: { verifications: 0, unverifiedSendsPerDay: 0 } };

describe('money', () => {
  /** Ten mobile numbers of each country: the example of its numbering plan, with other last digits. */
  const numbers = twenty.flatMap((country) => {
    const example = getExampleNumber(country, examples)?.number ?? '';
    const near = Array.from({ length: 100 }, (_, index) => `${example.slice(0, -2)}${String(index).padStart(2, '0')}`);
    return near
      .map((text) => parsePhone(text))
      .flatMap((p) => (p.kind === 'phone' ? [p.phone] : []))
      .slice(0, 10);
  });

  test('no SMS goes out above the cap, under 200 parallel requests across 20 countries', async () => {
    const here = world({ ...openRange, countries: wide, caps: { hourUsd: 2, dayUsd: 50 } });
    expect(numbers).toHaveLength(200);
    expect(new Set(numbers.map(({ country }) => country)).size).toBe(20);
    const ask = (index: number) => here.request({ phone: numbers[index] ?? phone(), ip: ipOf(index) });
    const outcomes = await inParallel(200, ask);
    // 4/5 of 2 USD, at 5 cents each.
    expect(here.inbox).toHaveLength(32);
    expect(kinds(outcomes)).toEqual({ created: 32, 'cap-reached': 168 });
    expect(here.ledger.counts.get(`spent total ${dayOf(here.state.nowMs)}`)).toBe(microUsd(1.6));
    const guarded = [...here.ledger.guards.values()].filter(({ sends }) => sends.length > 0);
    expect(guarded).toHaveLength(32);
    const again = await ask(199);
    expect(again).toMatchObject({ kind: 'cap-reached', limit: 'cap-total', retryAfterSeconds: 3600 });
    here.pass(3599);
    expect(await ask(199)).toMatchObject({ kind: 'cap-reached' });
    here.pass(1);
    expect(await ask(199)).toMatchObject({ kind: 'created' });
  });

  test('the last fifth of a cap is kept for trusted numbers', async () => {
    const here = world({ ...openRange, countries: wide, caps: { hourUsd: 0.5, dayUsd: 50 } });
    const { id, code } = await requested(here, { ip: ipOf(9999) });
    await check(here, id, code);
    here.pass(60);
    for (let index = 0; index < 20; index += 1) await here.request({ phone: indian(index), ip: ipOf(index) });
    expect(here.inbox).toHaveLength(8);
    expect(await here.request({ ip: ipOf(9998) })).toMatchObject({ kind: 'created' });
    here.pass(90 * 86_400);
    for (let index = 0; index < 20; index += 1) await here.request({ phone: indian(index), ip: ipOf(index) });
    expect(await here.request({ ip: ipOf(9998) })).toMatchObject({ kind: 'cap-reached' });
  });

  test.each<['read' | 'reserve', number]>([
    ['read', 0],
    ['reserve', 2],
  ])('a request whose caps cannot be read or written (%s) sends nothing and counts nothing', async (_, call) => {
    const here = world();
    here.ledger.failAt(call, 'unavailable');
    await expect(here.request()).rejects.toThrow(Unavailable);
    expect(here.inbox).toHaveLength(0);
    expect([...here.ledger.guards.values()].flatMap(({ sends }) => sends)).toEqual([]);
    expect(await here.request()).toMatchObject({ kind: 'created' });
  });

  test('200 people behind one exempt IP in one country all succeed, without a conflict', async () => {
    const here = world();
    const request = { ip: '203.0.113.7', application: 'backend' };
    const outcomes = await inParallel(200, (index) => here.request({ ...request, phone: indian(index) }));
    expect(kinds(outcomes)).toEqual({ created: 200 });
    expect(here.ledger.calls.filter((call) => call === 'commit')).toEqual([]);
    expect(here.ledger.calls.filter((call) => call === 'transact commit')).toHaveLength(200);
  });

  test('the cap of the day holds to the last cent, and starts anew at midnight UTC', async () => {
    const here = world({ ...openRange, countries: wide, caps: { hourUsd: 0.5, dayUsd: 1 } });
    const ask = (index: number) => here.request({ phone: indian(index), ip: ipOf(index) });
    const inThisHour = async (from: number) => kinds(await inParallel(30, (index) => ask(from + index)));
    // 4/5 of 0.50 an hour and of 1.00 a day, at 5 cents each.
    expect(await inThisHour(0)).toEqual({ created: 8, 'cap-reached': 22 });
    here.pass(3600);
    expect(await inThisHour(100)).toEqual({ created: 8, 'cap-reached': 22 });
    const refused = await ask(999);
    expect(refused).toMatchObject({ kind: 'cap-reached', limit: 'cap-total' });
    const untilMidnight = 86_400 - ((here.state.nowMs / 1000) % 86_400);
    expect(refused).toMatchObject({ retryAfterSeconds: untilMidnight });
    here.pass(untilMidnight - 1);
    expect(await ask(999)).toMatchObject({ kind: 'cap-reached', retryAfterSeconds: 1 });
    here.pass(1);
    expect(await ask(999)).toMatchObject({ kind: 'created' });
    expect(here.inbox).toHaveLength(17);
  });

  test('the wait ends when no cap is reached: a country’s day outlasts the total of an hour', async () => {
    const caps = { hourUsd: 1, dayUsd: 0.25 };
    const countries = { ...wide, IN: { ...countryPolicy, caps } };
    const here = world({ ...openRange, countries, caps: { hourUsd: 0.25, dayUsd: 50 } });
    for (let index = 0; index < 6; index += 1) await here.request({ phone: indian(index), ip: ipOf(index) });
    const untilMidnight = 86_400 - ((here.state.nowMs / 1000) % 86_400);
    expect(await here.request({ phone: indian(9), ip: ipOf(9) })).toMatchObject({
      kind: 'cap-reached',
      retryAfterSeconds: untilMidnight,
    });
  });

  test('a low-volume country has a small number of sends a day that may stay without a verification', async () => {
    const here = world({ lowVolume: { verifications: 5, unverifiedSendsPerDay: 4 } });
    const ask = (index: number) => requested(here, { phone: indian(index), ip: ipOf(index) });
    const first = await ask(0);
    await check(here, first.id, first.code);
    for (const index of [1, 2, 3, 4, 6]) await ask(index);
    // Unverified numbers cannot lock trusted ones out.
    expect(await here.request({ phone: indian(7), ip: ipOf(7), application: 'backend' })).toMatchObject({
      kind: 'created',
    });
    expect(await here.request({ phone: indian(5), ip: ipOf(5) })).toMatchObject({
      kind: 'suspended',
      limit: 'low-volume',
    });
    here.pass(60);
    expect(await here.request({ phone: indian(0), ip: ipOf(0) })).toMatchObject({ kind: 'created' });
    here.pass(86_400);
    expect(await here.request({ phone: indian(5), ip: ipOf(5) })).toMatchObject({ kind: 'created' });
  });
});

describe('a send that surely failed', () => {
  const rejected = { kind: 'rejected', reason: 'throttled' } as const;
  const sums = (here: World) => Object.fromEntries(here.ledger.counts);

  test('a send that surely failed releases guard, IP, country and caps', async () => {
    const here = world();
    await requested(here, { phone: indian(1) });
    const before = sums(here);
    here.state.network.push(rejected, rejected);
    expect(await here.request()).toMatchObject({ kind: 'not-sent' });
    expect(sums(here)).toEqual(before);
    expect(here.ledger.guards.get(here.pseudonyms.phoneKey(phone()))?.sends).toEqual([]);
  });

  test('a send that surely failed never raises a cap: no counter is lower than what was sent, whatever fails on the way', async () => {
    const faults = ['unavailable', 'lost', 'conflict'] as const;
    const runs = fc.record({
      call: fc.integer({ min: 0, max: 6 }),
      fault: fc.constantFrom(...faults),
      forever: fc.boolean(),
      fails: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(runs, { maxLength: 6 }), async (list) => {
        const here = world(openRange);
        for (const [index, { call, fault, forever, fails }] of list.entries()) {
          if (fails) here.state.network.push(rejected, rejected);
          here.ledger.failAt(here.ledger.calls.length + call, fault, forever);
          await here.request({ phone: indian(index), ip: ipOf(index) }).catch(() => undefined);
          here.state.network.length = 0;
          here.ledger.failAt(Number.MAX_SAFE_INTEGER, fault);
        }
        const spent = here.ledger.counts.get(`spent total ${dayOf(here.state.nowMs)}`) ?? 0;
        expect(spent).toBeGreaterThanOrEqual(here.inbox.length * microUsd(0.02));
        const counted = [...here.ledger.guards.values()].flatMap(({ sends }) => sends).length;
        expect(counted).toBeGreaterThanOrEqual(here.inbox.length);
      }),
      { numRuns: 150 },
    );
  });
});

test('a retry with the same key after a crash behind the SMS sends no second SMS', async () => {
  const here = world();
  const crashing = requestVerification(
    {
      ...here.ports,
      sender: {
        send: async (sms) => {
          await here.ports.sender.send(sms);
          throw new Error('the sandbox is gone');
        },
      },
    },
    here.rules,
  );
  const request = {
    phone: phone(),
    purpose: 'login',
    application: 'app',
    ip: '192.0.2.1',
    idempotencyKey: 'send-0123456789-abcdef',
  };
  await expect(crashing(request)).rejects.toThrow('gone');
  expect(await here.request(request)).toMatchObject({ kind: 'in-progress' });
  here.pass(30);
  const again = await here.request(request);
  expect(again).toMatchObject({ kind: 'repeated', view: { status: 'pending', delivery: 'unconfirmed' } });
  expect(here.inbox).toHaveLength(1);
  if (again.kind !== 'repeated') return;
  expect(await check(here, again.view.id, here.lastCode())).toMatchObject({ kind: 'approved' });
});

describe('a block', () => {
  const until = (here: World, seconds: number) => Math.floor(here.state.nowMs / 1000) + seconds;
  const blockOn = (here: World, level: 'phone' | 'ip' | 'range' | 'prefix' | 'country') => {
    const keys = {
      phone: here.pseudonyms.phoneKey(phone()),
      ip: here.pseudonyms.ipKey('192.0.2.1'),
      range: '+91987654',
      prefix: '+919876',
      country: 'IN',
    };
    here.ledger.blocks.push({ level, of: keys[level], until: until(here, 900), reason: 'test', by: 'staff' });
  };

  test.each(['phone', 'ip', 'range', 'prefix', 'country'] as const)(
    'a block on a %s stops it, says until when, and expires by itself',
    async (level) => {
      const here = world();
      blockOn(here, level);
      expect(await here.request()).toMatchObject({ kind: 'suspended', retryAfterSeconds: 900 });
      expect(here.ledger.refusals).toMatchObject([{ reason: 'block', limit: `block-${level}` }]);
      expect(here.ledger.guards.size + here.ledger.records.size).toBe(0);
      expect(await here.request({ phone: phone('+447400123456'), ip: '192.0.2.2' })).toMatchObject({
        kind: 'created',
      });
      here.pass(899);
      expect(await here.request()).toMatchObject({ kind: 'suspended', retryAfterSeconds: 1 });
      here.pass(1);
      expect(await here.request()).toMatchObject({ kind: 'created' });
    },
  );

  test.each([
    ['range', 'created'],
    ['prefix', 'created'],
    ['country', 'created'],
    ['phone', 'suspended'],
    ['ip', 'suspended'],
  ] as const)('a block on a %s leaves a number whose holder has verified: %s', async (level, kind) => {
    const here = world();
    const { id, code } = await requested(here);
    await check(here, id, code);
    here.pass(60);
    blockOn(here, level);
    expect(await here.request()).toMatchObject({ kind });
  });

  test('a block stops a resend as well', async () => {
    const here = world();
    const { id } = await requested(here);
    blockOn(here, 'range');
    here.pass(31);
    expect(await here.resend({ id })).toMatchObject({ kind: 'suspended' });
    expect(here.inbox).toHaveLength(1);
  });
});

test('Retry-After of the limit of an IP is true', async () => {
  const here = world();
  for (let index = 0; index < 5; index += 1) await here.request({ phone: indian(index) });
  here.state.nowMs += 12_345;
  const refused = await here.request({ phone: indian(9) });
  const seconds = 'retryAfterSeconds' in refused ? refused.retryAfterSeconds : 0;
  expect(seconds).toBe(108);
  here.pass(seconds - 1);
  expect(await here.request({ phone: indian(9) })).toMatchObject({ kind: 'limited' });
  here.pass(1);
  expect(await here.request({ phone: indian(9) })).toMatchObject({ kind: 'created' });
});

test('Retry-After waits for all limits that are broken, not for the first one only', async () => {
  const here = world();
  for (let index = 0; index < 4; index += 1) await here.request({ phone: indian(index) });
  await requested(here);
  const until = Math.floor(here.state.nowMs / 1000) + 77;
  here.ledger.blocks.push({ level: 'phone', of: here.pseudonyms.phoneKey(phone()), until, reason: '', by: '' });
  const refused = await here.request();
  // The block for 77 seconds, the cooldown for 30, the IP for 120.
  expect(refused).toMatchObject({ kind: 'limited', limit: 'ip', retryAfterSeconds: 120 });
  here.pass(119);
  expect(await here.request()).toMatchObject({ kind: 'limited', retryAfterSeconds: 1 });
  here.pass(1);
  expect(await here.request()).toMatchObject({ kind: 'created' });
});

test('every answer says what is left, of the IP as well', async () => {
  const here = world();
  const named = async (request: Partial<SendRequest>) => {
    const outcome = await here.request(request);
    return 'allowances' in outcome ? outcome.allowances.map(({ name, remaining }) => [name, remaining]) : [];
  };
  const left = (phone10: number, phone24: number, all: number, ip: number) => [
    ['phone-10m', phone10],
    ['phone-24h', phone24],
    ['phone-24h-all', all],
    ['ip', ip],
  ];
  expect(await named({})).toEqual(left(4, 9, 29, 4));
  expect(await named({})).toEqual(left(4, 9, 29, 4));
  expect(await named({ phone: indian(1) })).toEqual(left(4, 9, 29, 3));
  expect(await named({ phone: indian(2), application: 'backend' })).toEqual(left(4, 9, 29, 0).slice(0, 3));
});

describe('test numbers', () => {
  const entry = { from: '+12025550100', to: '+12025550109', code: '123456', expiresAt: 2_000_000_000, uses: 3 };
  const number = phone('+12025550105');

  test('test numbers get no SMS, have a fixed code and no limit except their uses, and their proofs say that they are tests', async () => {
    const here = world({ testNumbers: [entry] });
    const outcomes = await inParallel(5, () => here.request({ phone: number }));
    expect(kinds(outcomes)).toEqual({ created: 3, 'destination-not-allowed': 2 });
    expect(here.inbox).toHaveLength(0);
    expect(here.ledger.guards.size).toBe(0);
    const first = outcomes.find((outcome) => outcome.kind === 'created');
    const approved = first?.kind === 'created' ? await check(here, first.view.id, '123456') : undefined;
    expect(decodeJwt(approved?.kind === 'approved' ? approved.proof : '')).toMatchObject({
      aud: 'https://backend.example.com/test',
    });
    expect([...here.ledger.records.values()].every((record) => record.test === true)).toBe(true);
  });

  test('test numbers make neither a number nor an IP trusted, and wrong guesses leave them their attempts', async () => {
    const here = world({ testNumbers: [entry] });
    const { id } = await requested(here, { phone: number });
    await check(here, id, '000000');
    await check(here, id, '123456');
    expect(here.ledger.reputations.size).toBe(0);
    expect(here.ledger.verifiersOf(here.pseudonyms.ipKey('192.0.2.1')).size).toBe(0);
  });

  test('test numbers that have expired are refused, because a person may hold the number', async () => {
    const here = world({ testNumbers: [{ ...entry, expiresAt: Math.floor(Date.UTC(2026, 0, 1) / 1000) }] });
    expect(await here.request({ phone: number })).toEqual({ kind: 'destination-not-allowed', reason: 'test-number' });
    expect(here.inbox).toHaveLength(0);
  });

  test('a test number that is not listed is a number like all others, with a code of its own', async () => {
    const here = world({ testNumbers: [entry] });
    const { code } = await requested(here, { phone: phone('+12025550110') });
    expect(here.inbox).toHaveLength(1);
    expect(code).not.toBe('123456');
  });

  test('a resend for a test number sends nothing and keeps the code', async () => {
    const here = world({ testNumbers: [entry] });
    const { id } = await requested(here, { phone: number });
    expect(await here.resend({ id })).toMatchObject({ kind: 'resent', test: true });
    expect(here.inbox).toHaveLength(0);
    expect(await check(here, id, '123456')).toMatchObject({ kind: 'approved' });
  });

  test('a retry with the same key for a test number is the same verification', async () => {
    const here = world({ testNumbers: [entry] });
    const key = { phone: number, idempotencyKey: 'send-0123456789-abcdef' };
    await here.request(key);
    expect(await here.request(key)).toMatchObject({ kind: 'repeated', test: true });
    expect(here.ledger.counts.get(`test ${entry.from}-${entry.to}`)).toBe(1);
  });
});

describe('a country under code spraying', () => {
  test('a country’s new codes are longer under code spraying and have fewer attempts, and nobody is refused', async () => {
    const here = world();
    here.ledger.codeSpraying.add('IN');
    const outcome = await here.request();
    expect(outcome).toMatchObject({ kind: 'created', view: { codeLength: 9, attemptsRemaining: 3 } });
    expect(here.lastCode()).toMatch(/^[0-9]{9}$/);
    if (outcome.kind !== 'created') return;
    expect(await check(here, outcome.view.id, '123456')).toMatchObject({ kind: 'wrong-length', codeLength: 9 });
    expect(await check(here, outcome.view.id, here.lastCode())).toMatchObject({ kind: 'approved' });
  });

  test('a resend keeps the length of the code, even if the code spraying has ended by then', async () => {
    const here = world();
    here.ledger.codeSpraying.add('IN');
    const outcome = await here.request();
    if (outcome.kind !== 'created') throw new Error('not created');
    here.ledger.codeSpraying.clear();
    here.pass(30);
    await here.resend({ id: outcome.view.id });
    expect(here.lastCode()).toMatch(/^[0-9]{9}$/);
    expect(await check(here, outcome.view.id, here.lastCode())).toMatchObject({ kind: 'approved' });
  });

  test('the codes of other countries stay as they are under code spraying', async () => {
    const here = world();
    here.ledger.codeSpraying.add('IN');
    expect(await here.request({ phone: phone('+447400123456') })).toMatchObject({ view: { codeLength: 6 } });
  });

  test('a test number keeps its code and its attempts under code spraying', async () => {
    const entry = { from: '+12025550100', to: '+12025550109', code: '123456', expiresAt: 2_000_000_000, uses: 3 };
    const here = world({ testNumbers: [entry] });
    here.ledger.codeSpraying.add('US');
    const outcome = await here.request({ phone: phone('+12025550105') });
    const { maxAttempts } = samplePolicy.code;
    expect(outcome).toMatchObject({ kind: 'created', view: { codeLength: 6, attemptsRemaining: maxAttempts } });
  });
});

describe('a restriction', () => {
  const restricted = (level: 'range' | 'prefix') => {
    const here = world();
    const of = { range: '+91987654', prefix: '+919876' }[level];
    const until = Math.floor(here.state.nowMs / 1000) + 900;
    here.ledger.blocks.push({ level, of, until, reason: 'test', by: 'staff', restriction: true });
    return here;
  };
  const trustIp = (here: World) => {
    const verifiers = here.ledger.verifiersOf(here.pseudonyms.ipKey('192.0.2.1'));
    for (const number of ['a', 'b', 'c']) verifiers.add(number);
    return here;
  };

  test.each(['range', 'prefix'] as const)(
    'a restriction on a %s stops unverified numbers, and spares trusted IPs',
    async (level) => {
      expect(await restricted(level).request()).toMatchObject({ kind: 'suspended' });
      expect(await trustIp(restricted(level)).request()).toMatchObject({ kind: 'created' });
    },
  );

  test('a restriction on a range holds for exempt back ends, and one on a prefix spares them', async () => {
    const backend = { application: 'backend' };
    expect(await trustIp(restricted('range')).request(backend)).toMatchObject({ kind: 'suspended' });
    expect(await restricted('prefix').request(backend)).toMatchObject({ kind: 'created' });
  });
});
