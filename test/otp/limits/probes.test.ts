import { describe, expect, test } from 'vitest';
import { type Block, holdingBlocks, intervalAfter } from '../../../lambdas/otp/limits/blocks.ts';
import { momentOf } from '../../../lambdas/otp/limits/moment.ts';
import { afterGuess, noReputation } from '../../../lambdas/otp/limits/reputation.ts';
import { recordKey } from '../../../lambdas/otp/number/pseudonyms.ts';
import type { SendRequest } from '../../../lambdas/otp/request/context.ts';
import { requestVerification } from '../../../lambdas/otp/request.ts';
import { inParallel } from '../../fakes/in-parallel.ts';
import { phone, requested, type World, world } from '../../fakes/world.ts';

const hourSeconds = 3600;

/** Numbers of one range, each another. */
const inRange = (index: number) => phone(`+91987654${String(1000 + index)}`);
/** IPs of networks, each another. */
const ipOf = (index: number) => `10.${Math.floor(index / 256)}.${index % 256}.7`;

type Held = Partial<Block> & Pick<Block, 'level'>;
/** Puts a restriction of the detector: for a day, with four probes an hour, unless it says otherwise. */
const restrict = (here: World, held: Held) => {
  const of = {
    phone: here.pseudonyms.phoneKey(inRange(0)),
    ip: here.pseudonyms.ipKey(ipOf(0)),
    range: '+91987654',
    prefix: '+919876',
    'new-network': 'IN',
    country: 'IN',
  }[held.level];
  const until = Math.floor(here.state.nowMs / 1000) + 86_400;
  const block: Block = { of, until, reason: 'test', by: 'burst-detector', probeIntervalMs: 900_000, ...held };
  here.ledger.blocks.push({ restriction: true, ...block });
};
const restricted = (...helds: readonly Held[]) => {
  const here = world();
  for (const held of helds) restrict(here, held);
  return here;
};

let asked = 0;
/** A number of the range asks from a network, both of them new. */
const ask = (here: World, request: Partial<SendRequest> = {}) => {
  asked += 1;
  return here.request({ phone: inRange(asked), ip: ipOf(asked), ...request });
};
const kindOf = async (here: World, request: Partial<SendRequest> = {}) => (await ask(here, request)).kind;
const probedAt = (here: World) => here.ledger.blocks.map(({ probedAtMs }) => probedAtMs);

describe('a block holds', () => {
  const nobody = { isTrustedNumber: false, isPair: false, isTrustedIp: false, isSharedIp: false };
  const everybody = {
    unverified: nobody,
    'from a trusted IP': { ...nobody, isTrustedIp: true },
    'from a shared IP': { ...nobody, isSharedIp: true },
    trusted: { ...nobody, isTrustedNumber: true },
    'trusted, from a trusted IP': { ...nobody, isTrustedNumber: true, isTrustedIp: true },
    'trusted, from a shared IP': { ...nobody, isTrustedNumber: true, isSharedIp: true },
    'of a pair': { ...nobody, isTrustedNumber: true, isPair: true },
    'of a pair whose trust is worn': { ...nobody, isPair: true },
  };
  const unverified = ['unverified', 'of a pair whose trust is worn'];
  const untrusted = [...unverified, 'from a trusted IP', 'from a shared IP'];

  test.each<[string, Held, readonly string[]]>([
    ['a block on a number', { level: 'phone', restriction: undefined }, Object.keys(everybody)],
    ['a block of staff on an IP', { level: 'ip', restriction: undefined }, Object.keys(everybody)],
    ['a restriction on an IP', { level: 'ip' }, ['unverified', 'from a trusted IP']],
    ['a block on a range', { level: 'range', restriction: undefined }, untrusted],
    ['a block on a country', { level: 'country', restriction: undefined }, untrusted],
    ['a restriction on a range', { level: 'range' }, [...unverified, 'from a shared IP']],
    ['a restriction on a prefix', { level: 'prefix' }, unverified],
    ['a restriction on a country', { level: 'country' }, unverified],
    ['a restriction on new networks', { level: 'new-network' }, ['trusted']],
  ])('%s holds for numbers that are: %j', (_, held, names) => {
    const here = restricted(held);
    const holds = Object.entries(everybody).filter(
      ([, trust]) => holdingBlocks(here.ledger.blocks, trust, here.state.nowMs).length > 0,
    );
    expect(holds.map(([name]) => name).toSorted()).toEqual([...names].toSorted());
  });
});

/** The number's holder has verified from there yesterday. */
const verifiedFrom = (here: World, number: ReturnType<typeof phone>, ip: string) => {
  const atMs = here.state.nowMs - 86_400_000;
  const guess = { kind: 'right' as const, ...momentOf('verified', atMs), network: here.pseudonyms.networkKey(ip) };
  here.ledger.reputations.set(here.pseudonyms.phoneKey(number), afterGuess(noReputation, guess));
};

describe('a trusted number', () => {
  test('a trusted number passes all restrictions on groups from its pairs, and from elsewhere all but that on new networks', async () => {
    const here = restricted({ level: 'ip' }, { level: 'range' }, { level: 'prefix' }, { level: 'country' });
    restrict(here, { level: 'new-network' });
    verifiedFrom(here, inRange(0), ipOf(0));
    expect(await kindOf(here, { phone: inRange(0), ip: ipOf(0) })).toBe('created');
    expect(probedAt(here).filter((at) => at !== undefined)).toEqual([]);
    here.pass(60);
    const elsewhere = await requested(here, { phone: inRange(0), ip: ipOf(250) });
    expect(here.ledger.records.get(recordKey('app', elsewhere.id))?.probes).toEqual(['new-network']);
    here.pass(60);
    verifiedFrom(here, inRange(1), ipOf(1));
    expect(await ask(here, { phone: inRange(1), ip: ipOf(251) })).toMatchObject({ limit: 'block-new-network' });
    expect(await kindOf(here, { phone: inRange(1), ip: ipOf(1) })).toBe('created');
  });
});

describe('a restriction lets probes through', () => {
  test('one probe passes in its interval, and the others are refused until the restriction ends', async () => {
    const here = restricted({ level: 'range' });
    expect(await ask(here)).toMatchObject({ kind: 'created' });
    expect(await ask(here)).toMatchObject({ kind: 'suspended', limit: 'block-range', retryAfterSeconds: 86_400 });
    here.pass(449);
    expect(await kindOf(here)).toBe('suspended');
    here.pass(901);
    expect(await kindOf(here)).toBe('created');
    expect(await kindOf(here)).toBe('suspended');
    expect(here.inbox).toHaveLength(2);
  });

  test('a probe is due half an interval to one and a half after the last, and after one on average', async () => {
    const here = restricted({ level: 'range' });
    await ask(here);
    const [block] = here.ledger.blocks;
    const waits = Array.from({ length: 200 }, (_, index) => {
      const probedAtMs = here.state.nowMs + index;
      const intervalMs = block && intervalAfter({ ...block, probedAtMs });
      return (intervalMs ?? Number.POSITIVE_INFINITY) / 1000;
    });
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(450);
    expect(Math.max(...waits)).toBeLessThanOrEqual(1350);
    const mean = waits.reduce((sum, each) => sum + each, 0) / waits.length;
    expect(mean).toBeGreaterThan(850);
    expect(mean).toBeLessThan(950);
  });

  test('an attacker who asks at regular times takes its share of the probes, and not each', async () => {
    const here = restricted({ level: 'range' });
    let [attackers, people] = [0, 0];
    // Ten people between two requests of the attacker, whose rhythm is that of the probes.
    for (let index = 0; index < 22 * 60; index += 1) {
      const isSent = (await kindOf(here)) === 'created';
      if (isSent && index % 11 === 0) attackers += 1;
      else if (isSent) people += 1;
      here.pass(300 / 11);
    }
    expect(attackers + people).toBeGreaterThan(25);
    expect(attackers).toBeLessThan(people / 3);
  });

  test('a block of staff, and one of the detector without an interval, lets nobody through', async () => {
    const here = restricted({ level: 'range', probeIntervalMs: undefined });
    expect(await kindOf(here)).toBe('suspended');
    restrict(here, { level: 'country' });
    expect(await kindOf(here)).toBe('suspended');
    expect(probedAt(here)).toEqual([undefined, undefined]);
  });

  test('a block of the detector that is no restriction lets probes through all the same', async () => {
    const here = restricted({ level: 'range', restriction: undefined });
    expect(await kindOf(here)).toBe('created');
    expect(await kindOf(here)).toBe('suspended');
  });

  test('the record says which restrictions it passed as a probe, and an ordinary one says nothing', async () => {
    const here = restricted({ level: 'range' }, { level: 'country' });
    const { id } = await requested(here, { phone: inRange(1) });
    expect(here.ledger.records.get(recordKey('app', id))?.probes).toEqual(['range', 'country']);
    const other = await requested(here, { phone: phone('+447400123456'), ip: ipOf(1) });
    expect(here.ledger.records.get(recordKey('app', other.id))).not.toHaveProperty('probes');
  });

  test('several restrictions each give a probe, and none of them does while one has none', async () => {
    const here = restricted({ level: 'range' }, { level: 'country', probeIntervalMs: 3_600_000 });
    expect(await kindOf(here)).toBe('created');
    here.pass(1800);
    const before = probedAt(here);
    expect(await ask(here)).toMatchObject({ kind: 'suspended', limit: 'block-range' });
    expect(probedAt(here)).toEqual(before);
    here.pass(1800);
    expect(await kindOf(here)).toBe('created');
  });

  test('a network has one probe in an hour, whatever it passes, and then another', async () => {
    const here = restricted({ level: 'range', probeIntervalMs: 1000 });
    const ip = (last: number) => `203.0.113.${last}`;
    expect(await kindOf(here, { ip: ip(1) })).toBe('created');
    here.pass(60);
    expect(await kindOf(here, { ip: ip(2) })).toBe('suspended');
    expect(await kindOf(here)).toBe('created');
    here.pass(hourSeconds - 61);
    expect(await kindOf(here, { ip: ip(3) })).toBe('suspended');
    here.pass(1);
    expect(await kindOf(here, { ip: ip(3) })).toBe('created');
  });

  test('a restricted IP has the probes of its restriction, although they come from one network', async () => {
    const here = restricted({ level: 'ip', probeIntervalMs: 180_000 });
    const ip = ipOf(0);
    for (let nth = 0; nth < 3; nth += 1) {
      expect(await kindOf(here, { ip })).toBe('created');
      expect(await kindOf(here, { ip })).toBe('suspended');
      here.pass(270);
    }
  });

  test('a restricted IP takes no more probes of other restrictions than its network', async () => {
    const here = restricted({ level: 'ip', probeIntervalMs: 180_000 }, { level: 'country', probeIntervalMs: 1000 });
    const ip = ipOf(0);
    expect(await kindOf(here, { ip })).toBe('created');
    here.pass(180);
    expect(await kindOf(here, { ip })).toBe('suspended');
    expect(await kindOf(here)).toBe('created');
    here.pass(hourSeconds - 180);
    expect(await kindOf(here, { ip })).toBe('created');
  });

  test('the network from a shared IP is not asked: it says nothing of its users', async () => {
    const here = restricted({ level: 'range', probeIntervalMs: 60_000 });
    const backend = { application: 'backend', ip: '203.0.113.7' };
    expect(await kindOf(here, backend)).toBe('created');
    here.pass(90);
    expect(await kindOf(here, backend)).toBe('created');
    expect(await kindOf(here, backend)).toBe('suspended');
  });

  test('a send that no restriction holds for takes no probe', async () => {
    const here = restricted({ level: 'range' });
    const verifiers = here.ledger.verifiersOf(here.pseudonyms.ipKey(ipOf(0)));
    for (const number of ['a', 'b', 'c']) verifiers.add(number);
    expect(await kindOf(here, { ip: ipOf(0) })).toBe('created');
    expect(probedAt(here)).toEqual([undefined]);
    expect(await kindOf(here)).toBe('created');
  });

  test('a request that is no probe reads the facts, notes the refusal, and writes nothing else', async () => {
    const here = restricted({ level: 'range' });
    await ask(here);
    const from = here.ledger.calls.length;
    expect(await kindOf(here)).toBe('suspended');
    expect(here.ledger.calls.slice(from)).toEqual(['read', 'takeNote', 'noteRefusal']);
  });

  test('a probe that another limit refuses is not taken', async () => {
    const here = restricted({ level: 'range' });
    const { ledger, pseudonyms, state } = here;
    ledger.guards.set(pseudonyms.phoneKey(inRange(0)), {
      version: 1,
      sends: [{ atMs: state.nowMs, verification: 'v' }],
    });
    expect(await kindOf(here, { phone: inRange(0) })).toBe('too-soon');
    expect(probedAt(here)).toEqual([undefined]);
    expect(await kindOf(here)).toBe('created');
  });
});

describe('requests in parallel', () => {
  test('one of 200 requests takes the probe, and the others write nothing but their refusal', async () => {
    const here = restricted({ level: 'range' }, { level: 'country' });
    const outcomes = await inParallel(200, () => ask(here));
    expect(outcomes.filter(({ kind }) => kind === 'created')).toHaveLength(1);
    expect(outcomes.filter(({ kind }) => kind === 'suspended')).toHaveLength(199);
    const { ledger, inbox } = here;
    expect([inbox.length, ledger.records.size, ledger.guards.size]).toEqual([1, 1, 1]);
    expect(ledger.calls.filter((call) => call.includes('commit'))).toHaveLength(1);
    expect(ledger.calls.filter((call) => call === 'reserve')).toHaveLength(1);
    expect(new Set(ledger.refusals.map(({ reason, limit }) => `${reason} ${limit}`))).toEqual(
      new Set(['block block-range']),
    );
  });

  test('one of 50 requests of one network takes a probe, although all restrictions are due', async () => {
    const here = restricted({ level: 'range', probeIntervalMs: 0 });
    const outcomes = await inParallel(50, (index) => ask(here, { ip: `203.0.113.${index}` }));
    expect(outcomes.filter(({ kind }) => kind === 'created')).toHaveLength(1);
  });

  test('a request that loses one of its probes gives the others back', async () => {
    const here = restricted({ level: 'range' }, { level: 'prefix' });
    const { ledger, state } = here;
    const losing = { ...here.ports, ledger: { ...ledger, takeProbes: loseOne(here) } };
    const request = { phone: inRange(1), purpose: 'login', application: 'app', ip: ipOf(1) };
    expect(await requestVerification(losing, here.rules)(request)).toMatchObject({ limit: 'block-range' });
    expect(probedAt(here)).toEqual([undefined, state.nowMs]);
    expect(ledger.countOf(`probe ${here.pseudonyms.networkKey(ipOf(1))}`)).toBe(0);
    expect([ledger.records.size, ledger.guards.size, ledger.calls.includes('reserve')]).toEqual([0, 0, false]);
  });
});

/** Another request takes the probe of the second restriction first. */
const loseOne =
  (here: World): World['ledger']['takeProbes'] =>
  async (reservation) => {
    const probes = reservation.probes.slice(1);
    await here.ledger.takeProbes({ ...reservation, probes, probeNetwork: undefined });
    return await here.ledger.takeProbes(reservation);
  };

describe('a probe that sends nothing', () => {
  const rejected = { kind: 'rejected', reason: 'throttled' } as const;

  test('a send that surely failed gives its probe back, that of the network too', async () => {
    const here = restricted({ level: 'range' });
    here.state.network.push(rejected, rejected);
    const ip = ipOf(1);
    expect(await kindOf(here, { ip })).toBe('not-sent');
    here.pass(1);
    expect(await kindOf(here, { ip })).toBe('created');
    expect(await kindOf(here)).toBe('suspended');
  });

  test.each(['unavailable', 'lost', 'conflict'] as const)(
    'a request that cannot commit (%s) gives its probe back',
    async (fault) => {
      const here = restricted({ level: 'range' });
      here.ledger.failAt(2, fault);
      await ask(here).catch(() => undefined);
      const [read, take, commit] = here.ledger.calls;
      expect([read, take, commit?.replace('transact ', '')]).toEqual(['read', 'takeProbes', 'commit']);
      expect(here.inbox).toHaveLength(0);
      expect(await kindOf(here)).toBe('created');
    },
  );

  test('a crash between reservation and commit costs one probe, and no more', async () => {
    const here = restricted({ level: 'range' });
    here.ledger.failAt(2, 'unavailable', true);
    await ask(here).catch(() => undefined);
    here.ledger.failAt(Number.MAX_SAFE_INTEGER, 'unavailable');
    expect(here.inbox).toHaveLength(0);
    expect(await kindOf(here)).toBe('suspended');
    here.pass(1350);
    expect(await kindOf(here)).toBe('created');
  });
});

describe('a resend', () => {
  test('a resend of a probe passes its restriction, and takes no other probe', async () => {
    const here = restricted({ level: 'range' });
    const { id } = await requested(here, { phone: inRange(1) });
    const taken = probedAt(here);
    here.pass(31);
    expect(await here.resend({ id })).toMatchObject({ kind: 'resent' });
    expect(probedAt(here)).toEqual(taken);
    here.pass(869);
    expect(await kindOf(here)).toBe('created');
  });

  test('a resend of a probe is refused by a restriction that it did not pass, and by a block of staff', async () => {
    const here = restricted({ level: 'range' });
    const { id } = await requested(here, { phone: inRange(1) });
    here.pass(31);
    restrict(here, { level: 'country' });
    expect(await here.resend({ id })).toMatchObject({ kind: 'suspended', limit: 'block-country' });
    here.ledger.blocks.splice(0, 2);
    restrict(here, { level: 'range', probeIntervalMs: undefined, by: 'staff' });
    expect(await here.resend({ id })).toMatchObject({ kind: 'suspended', limit: 'block-range' });
  });

  test('a resend of a verification from before the restriction is no probe, although one is due', async () => {
    const here = world();
    const { id } = await requested(here, { phone: inRange(1) });
    here.pass(31);
    restrict(here, { level: 'range' });
    expect(await here.resend({ id })).toMatchObject({ kind: 'suspended', limit: 'block-range' });
    expect(probedAt(here)).toEqual([undefined]);
  });
});

describe('a number whose codes are guessed at', () => {
  test('a number that is guessed at gets longer codes with fewer attempts, and is not refused', async () => {
    const here = world();
    here.ledger.guessedAt.add(here.pseudonyms.phoneKey(phone()));
    expect(await here.request()).toMatchObject({ kind: 'created', view: { codeLength: 9, attemptsRemaining: 3 } });
    expect(await ask(here)).toMatchObject({ kind: 'created', view: { codeLength: 6 } });
  });

  test('a pair keeps the usual codes and attempts while its number, or its country, is under attack', async () => {
    const here = world();
    const phoneKey = here.pseudonyms.phoneKey(phone());
    here.ledger.guessedAt.add(phoneKey);
    here.ledger.codeSpraying.add('IN');
    verifiedFrom(here, phone(), '192.0.2.1');
    const usual = { kind: 'created', view: { codeLength: 6, attemptsRemaining: 5 } };
    expect(await here.request({ ip: '192.0.2.200' })).toMatchObject(usual);
    here.pass(60);
    expect(await here.request({ ip: '203.0.113.7' })).toMatchObject({ view: { codeLength: 9, attemptsRemaining: 3 } });
  });
});
