import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recordKey } from '../../lambdas/otp/number/pseudonyms.ts';
import type { SendRequest } from '../../lambdas/otp/request/context.ts';
import { inParallel } from '../fakes/in-parallel.ts';
import { laggingStream } from '../fakes/lagging-stream.ts';
import { phone, requested, type World, world, wrongCode } from '../fakes/world.ts';

const home = '192.0.2.1';
const neighbor = '192.0.2.77';
const indian = (index: number) => phone(`+9198${String(10_000_000 + index)}`);
/** IPs of networks that are nobody's home. */
const elsewhere = (index: number) => `10.${Math.floor(index / 250)}.${(index % 250) + 1}.1`;

/** A world in which a person has verified from home, a day ago. */
const withPair = async () => {
  const here = world();
  const stream = laggingStream(here, 0);
  const signIn = async (request: Partial<SendRequest> = {}) => {
    const { id, code } = await requested(here, { ip: home, ...request });
    return stream.check(id, code);
  };
  await signIn();
  here.pass(86_400);
  return { here, stream, signIn };
};
const recordOf = (here: World, id: string) => here.ledger.records.get(recordKey('app', id));

describe('a person who asks from where they have verified', () => {
  test('a pair gets every code at once, whatever strangers ask for meanwhile', async () => {
    const steps = fc.array(
      fc.record({ gapSeconds: fc.integer({ min: 0, max: 2000 }), attacks: fc.integer({ min: 0, max: 6 }) }),
      { minLength: 5, maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const { here, stream, signIn } = await withPair();
        let ips = 0;
        for (const { gapSeconds, attacks } of list) {
          for (let nth = 0; nth < attacks; nth += 1) {
            ips += 1;
            const outcome = await here.request({ ip: elsewhere(ips) });
            if (outcome.kind !== 'created') continue;
            for (let guess = 1; guess <= 5; guess += 1) {
              await stream.check(outcome.view.id, wrongCode(here.lastCode(), guess));
            }
          }
          expect(await signIn({ ip: neighbor })).toMatchObject({ kind: 'approved' });
          here.pass(gapSeconds);
          // The hard limit counts a holder's own SMS.
          if ([...here.ledger.guards.values()].some(({ sends }) => sends.length >= 29)) return;
        }
      }),
      { numRuns: 40 },
    );
  });

  test('a pair has three SMS of a day left when strangers have used all that is theirs', async () => {
    const { here } = await withPair();
    const strangers: string[] = [];
    for (let nth = 0; nth < 12; nth += 1) {
      strangers.push((await here.request({ ip: elsewhere(nth) })).kind);
      here.pass(700);
    }
    expect(strangers.filter((kind) => kind === 'created')).toHaveLength(10);
    const own: string[] = [];
    for (let nth = 0; nth < 4; nth += 1) {
      own.push((await here.request({ ip: home })).kind);
      here.pass(31);
    }
    expect(own).toEqual(['created', 'created', 'created', 'limited']);
  });

  test('a pair passes the rate of an IP that neighbors have used up, and is told no rate', async () => {
    const { here } = await withPair();
    for (let nth = 0; nth < 6; nth += 1) await here.request({ phone: indian(nth), ip: home });
    expect(await here.request({ phone: indian(9), ip: home })).toMatchObject({ kind: 'limited', limit: 'ip' });
    const outcome = await here.request({ ip: home });
    expect(outcome).toMatchObject({ kind: 'created' });
    expect('allowances' in outcome && outcome.allowances.map(({ name }) => name)).not.toContain('ip');
  });

  test('a pair keeps attempts and digits while strangers guess at the number and spray codes over the country', async () => {
    const { here, stream } = await withPair();
    for (let nth = 0; nth < 3; nth += 1) {
      const { id, code } = await requested(here, { ip: elsewhere(nth) });
      for (let guess = 1; guess <= 5; guess += 1) await stream.check(id, wrongCode(code, guess));
      here.pass(31);
    }
    here.ledger.codeSpraying.add('IN');
    const seen = async (ip: string) => {
      const { codeLength, attemptsRemaining } = await requested(here, { ip });
      here.pass(31);
      return { codeLength, attemptsRemaining };
    };
    expect(await seen(home)).toEqual({ codeLength: 6, attemptsRemaining: 5 });
    expect(await seen(elsewhere(9))).toEqual({ codeLength: 9, attemptsRemaining: 1 });
  });

  test('a pair has fewer attempts after wrong guesses from its own network', async () => {
    const { here, stream } = await withPair();
    const { id, code } = await requested(here, { ip: home });
    for (let guess = 1; guess <= 5; guess += 1) await stream.check(id, wrongCode(code, guess));
    here.pass(31);
    expect(await requested(here, { ip: neighbor })).toMatchObject({ attemptsRemaining: 3 });
  });

  test('a number has three pairs: the last networks from which it verified', async () => {
    const { here, signIn } = await withPair();
    const ips = [1, 2, 3].map(elsewhere);
    for (const ip of ips) {
      await signIn({ ip });
      here.pass(31);
    }
    const pairs: boolean[] = [];
    for (const ip of [home, ...ips]) {
      pairs.push(recordOf(here, (await requested(here, { ip })).id)?.pair === true);
      here.pass(31);
    }
    expect(pairs).toEqual([false, true, true, true]);
    const networks = [...here.ledger.reputations.values()][0]?.pairs.map(({ network }) => network);
    expect(networks).toEqual(ips.map((ip) => here.pseudonyms.networkKey(ip).slice(0, 12)));
  });

  test('a pair is one for 90 days', async () => {
    const { here } = await withPair();
    const isPair = async () => recordOf(here, (await requested(here, { ip: home })).id)?.pair === true;
    here.pass(88 * 86_400);
    expect(await isPair()).toBe(true);
    here.pass(86_400);
    expect(await isPair()).toBe(false);
  });
});

describe('a trusted IP', () => {
  test('requests at once get no more from the trust of an IP than one after the other', async () => {
    const sentFrom = async (
      ask: (count: number, act: (nth: number) => Promise<{ kind: string }>) => Promise<unknown>,
    ) => {
      const here = world();
      const verifiers = here.ledger.verifiersOf(here.pseudonyms.ipKey(home));
      for (const number of ['bought 1', 'bought 2', 'bought 3']) verifiers.add(number);
      await ask(50, (nth) => here.request({ phone: indian(nth), ip: home }));
      return here.inbox.length;
    };
    const oneByOne = await sentFrom(async (count, act) => {
      // The rate of an untrusted IP allows five at once: those from the sixth on are of the trust.
      for (let nth = 0; nth < count; nth += 1) await act(nth);
    });
    const atOnce = await sentFrom(inParallel);
    expect(oneByOne).toBe(11 + 5);
    expect(atOnce).toBe(11);
  });
});

describe('an exempt back end', () => {
  test('an exempt back end makes no pairs, because strangers may ask through it as well', async () => {
    const { here, signIn } = await withPair();
    await signIn({ ip: elsewhere(1), application: 'backend' });
    here.pass(31);
    expect([...here.ledger.reputations.values()][0]?.pairs).toHaveLength(1);
    const { id } = await requested(here, { ip: home, application: 'backend' });
    expect(recordOf(here, id)?.pair).toBeUndefined();
    expect(await here.request({ ip: home, application: 'backend' })).toMatchObject({ kind: 'too-soon' });
  });
});

describe('the record of a request', () => {
  test('a record says which trust there was, and how long ago the unapproved SMS of the number went out', async () => {
    const { here, signIn } = await withPair();
    const facts = async (request: Partial<SendRequest>) => {
      const { id } = await requested(here, request);
      const { trusted, trustedIp, pair, sincePreviousSendMs, sinceFirstSendMs } = recordOf(here, id) ?? {};
      return { trusted, trustedIp, pair, sincePreviousSendMs, sinceFirstSendMs };
    };
    const none = { trustedIp: undefined, sincePreviousSendMs: undefined, sinceFirstSendMs: undefined };
    expect(await facts({ ip: home })).toEqual({ ...none, trusted: true, pair: true });
    here.pass(40);
    expect(await facts({ ip: elsewhere(1) })).toEqual({
      ...none,
      trusted: true,
      pair: undefined,
      sincePreviousSendMs: 40_000,
      sinceFirstSendMs: 40_000,
    });
    here.pass(60);
    for (const index of [1, 2, 3]) await signIn({ phone: indian(index) });
    expect(await facts({ phone: indian(4), ip: home })).toEqual({
      ...none,
      trusted: undefined,
      pair: undefined,
      trustedIp: true,
    });
    here.pass(30);
    expect(await facts({ phone: indian(4), ip: home })).toMatchObject({ sincePreviousSendMs: 30_000 });
  });
});

describe('wear of trust', () => {
  const blockRange = (here: World) =>
    here.ledger.blocks.push({
      level: 'range',
      of: '+91987654',
      until: here.state.nowMs / 1000 + 900,
      reason: 'test',
      by: 'staff',
    });

  test('three SMS to a pair that nobody approves make the number unverified for groups, until it verifies', async () => {
    const { here, stream } = await withPair();
    const asked: string[] = [];
    let last = '';
    for (let nth = 0; nth < 3; nth += 1) {
      const { id } = await requested(here, { ip: home });
      asked.push(String(recordOf(here, id)?.trusted));
      last = id;
      here.pass(31);
    }
    blockRange(here);
    expect(await here.request({ ip: home })).toMatchObject({ kind: 'suspended' });
    await stream.check(last, here.lastCode());
    expect(await here.request({ ip: home })).toMatchObject({ kind: 'created' });
    expect(asked).toEqual(['true', 'true', 'true']);
  });

  test('ten SMS that strangers ask for leave a number trusted', async () => {
    const { here } = await withPair();
    for (let nth = 0; nth < 10; nth += 1) {
      await requested(here, { ip: elsewhere(nth) });
      here.pass(700);
    }
    blockRange(here);
    expect(await here.request({ ip: home })).toMatchObject({ kind: 'created' });
  });

  test('a pair whose trust is worn takes nothing from its IP either, because a neighbor could wear it', async () => {
    const { here } = await withPair();
    for (let nth = 0; nth < 3; nth += 1) {
      await requested(here, { ip: home });
      here.pass(31);
    }
    const outcome = await here.request({ ip: home });
    expect('allowances' in outcome && outcome.allowances.map(({ name }) => name)).not.toContain('ip');
  });
});

describe('the trust of an IP', () => {
  test('an IP whose users verify is trusted, and one from which a few verify and many do not is not', async () => {
    const here = world();
    const stream = laggingStream(here, 0);
    const isTrusted = async (index: number) => {
      const outcome = await here.request({ phone: indian(index), ip: home });
      return outcome.kind === 'created' ? recordOf(here, outcome.view.id)?.trustedIp === true : outcome.kind;
    };
    for (const index of [0, 1, 2]) {
      const { id, code } = await requested(here, { phone: indian(index), ip: home });
      await stream.check(id, code);
    }
    const pumped: (boolean | string)[] = [];
    for (let index = 10; index < 23; index += 1) {
      pumped.push(await isTrusted(index));
      here.pass(120);
    }
    expect(pumped).toEqual(pumped.map((_, nth) => nth < 11));
    // The failures are forgotten after the next day.
    here.pass(2 * 86_400);
    expect(await isTrusted(20)).toBe(true);
  });

  test('a send that is rolled back leaves its number among the askers, and gives the rate back', async () => {
    const here = world();
    here.state.network.push(...Array.from({ length: 2 }, () => ({ kind: 'rejected', reason: 'unreachable' }) as const));
    expect(await here.request({ ip: home })).toMatchObject({ kind: 'not-sent' });
    const ip = here.pseudonyms.ipKey(home);
    const facts = await here.ledger.readFacts(
      { phoneKey: '', range: '', prefix: '', country: 'IN', ip, network: '', application: '' },
      here.state.nowMs,
    );
    expect(facts.ip.askersToday).toEqual([here.pseudonyms.phoneKey(phone()).slice(0, 12)]);
    expect(facts.ip.tatMs).toBe(here.state.nowMs);
  });
});
