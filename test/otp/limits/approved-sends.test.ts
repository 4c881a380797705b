import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SendRequest } from '../../../lambdas/otp/request/context.ts';
import type { Policy } from '../../../lambdas/policy.ts';
import { inParallel } from '../../fakes/in-parallel.ts';
import { laggingStream } from '../../fakes/lagging-stream.ts';
import { samplePolicy } from '../../fakes/policy.ts';
import { requested, type World, world, wrongCode } from '../../fakes/world.ts';

const daySeconds = 86_400;
const detectorStopped = Number.POSITIVE_INFINITY;

/** A person with one phone, who comes from another network each time, and the stream behind them. */
const personIn = (lagMs: number, settings: Partial<Policy> = {}) => {
  const here = world(settings);
  const stream = laggingStream(here, lagMs);
  let ips = 0;
  const ask = (request: Partial<SendRequest> = {}) => {
    ips += 1;
    return here.request({ ip: `10.${Math.floor(ips / 250)}.${(ips % 250) + 1}.1`, ...request });
  };
  /** Asks for a code and types it three seconds later. */
  const signIn = async (request: Partial<SendRequest> = {}) => {
    const outcome = await ask(request);
    if (outcome.kind !== 'created') return outcome;
    await stream.pass(3);
    return stream.check(outcome.view.id, here.lastCode());
  };
  return { here, ask, signIn, check: stream.check, pass: stream.pass };
};

const lags: [string, number][] = [
  ['at once', 0],
  ['after 2 s', 2000],
  ['after 60 s', 60_000],
];
const payment = { purpose: 'transaction', transaction: { amount: '1499.00', currency: 'INR', payee: 'Acme' } };

describe.each(lags)('a person whose approvals the stream brings %s', (_, lagMs) => {
  test('a person gets ten codes a day for a month, whenever they sign in, as long as each is approved', async () => {
    /** Ten times of a day, in seconds, far enough apart for the approval before to have arrived. */
    const times = fc
      .array(fc.integer({ min: 1, max: 8000 }), { minLength: 10, maxLength: 10 })
      .map((gaps) => gaps.map((gap) => gap + 3 + lagMs / 1000));
    await fc.assert(
      fc.asyncProperty(times, async (gaps) => {
        const { here, signIn, pass } = personIn(lagMs);
        const start = here.state.nowMs;
        for (let day = 0; day < 30; day += 1) {
          await pass(day * daySeconds - (here.state.nowMs - start) / 1000);
          for (const gap of gaps) {
            expect(await signIn()).toMatchObject({ kind: 'approved' });
            await pass(gap);
          }
        }
        expect(here.inbox).toHaveLength(300);
      }),
      { numRuns: 5 },
    );
  });

  test('a person signs in five times in eight minutes, and a sixth and a seventh time', async () => {
    const { signIn, pass } = personIn(lagMs);
    for (let nth = 1; nth <= 7; nth += 1) {
      expect(await signIn()).toMatchObject({ kind: 'approved' });
      await pass(93);
    }
  });

  test('a person gets the code for a payment five seconds after a login if its approval has arrived, and else when the cooldown ends', async () => {
    const { signIn, ask, pass } = personIn(lagMs);
    await signIn();
    await pass(5);
    const asked = await ask(payment);
    if (lagMs <= 5000) return expect(asked).toMatchObject({ kind: 'created' });
    expect(asked).toMatchObject({ kind: 'too-soon', limit: 'cooldown', retryAfterSeconds: 22 });
    await pass(22);
    expect(await ask(payment)).toMatchObject({ kind: 'created' });
  });
});

test('an approval that arrives during the cooldown ends the wait', async () => {
  const { signIn, ask, pass } = personIn(10_000);
  await signIn();
  await pass(5);
  expect(await ask(payment)).toMatchObject({ kind: 'too-soon', retryAfterSeconds: 22 });
  await pass(5);
  expect(await ask(payment)).toMatchObject({ kind: 'created' });
});

test('approvals count for nothing while the detector stands still: the limits are those of a number that nobody verified', async () => {
  const gaps = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 5, maxLength: 60 });
  const limits = samplePolicy.sends;
  await fc.assert(
    fc.asyncProperty(gaps, async (list) => {
      const { here, signIn, pass } = personIn(detectorStopped);
      const log: number[] = [];
      for (const gap of list) {
        await pass(gap);
        const nowMs = here.state.nowMs;
        const inLast = (seconds: number) => log.filter((at) => at > nowMs - seconds * 1000).length;
        const recent = inLast(600);
        const wait = recent === 0 ? 0 : (limits.cooldownSeconds[0] ?? 0) * 1000;
        const isTooSoon = nowMs < (log.at(-1) ?? 0) + wait;
        const expected = inLast(600) >= 5 || inLast(daySeconds) >= 10 ? 'limited' : isTooSoon ? 'too-soon' : 'approved';
        expect((await signIn()).kind).toBe(expected);
        if (expected === 'approved') log.push(nowMs);
      }
    }),
    { numRuns: 50 },
  );
});

test('the resends of an approved verification are freed with its first SMS', async () => {
  const { here, ask, check, pass } = personIn(0);
  const first = await ask();
  if (first.kind !== 'created') return expect.fail(first.kind);
  for (const seconds of [30, 60]) {
    await pass(seconds);
    expect(await here.resend({ id: first.view.id })).toMatchObject({ kind: 'resent' });
  }
  await check(first.view.id, here.lastCode());
  const next = await ask();
  expect(next).toMatchObject({ kind: 'created' });
  if (next.kind !== 'created') return;
  expect(next.view.resendAvailableAtMs).toBe(here.state.nowMs + 30_000);
  expect(next.allowances.map(({ name, remaining }) => [name, remaining])).toEqual([
    ['phone-10m', 4],
    ['phone-24h', 9],
    ['phone-24h-all', 26],
    ['ip', 4],
  ]);
});

test('a resend is free of what approvals freed, and what it leaves is said by the same rule', async () => {
  const { here, signIn, ask, pass } = personIn(0);
  for (let nth = 1; nth <= 6; nth += 1) await signIn();
  const open = await ask();
  if (open.kind !== 'created') return expect.fail(open.kind);
  expect(open.view.resendAvailableAtMs).toBe(here.state.nowMs + 30_000);
  expect(await here.resend({ id: open.view.id })).toMatchObject({ kind: 'too-soon', retryAfterSeconds: 30 });
  await pass(30);
  const resent = await here.resend({ id: open.view.id });
  expect(resent).toMatchObject({ kind: 'resent', view: { resendAvailableAtMs: here.state.nowMs + 30_000 } });
  expect('allowances' in resent && resent.allowances[0]).toMatchObject({ name: 'phone-10m', remaining: 3 });
});

test('a repeated request says what is left by what was approved since', async () => {
  const { here, ask, check } = personIn(0);
  const idempotencyKey = '0123456789abcdef';
  const first = await ask({ ip: '192.0.2.9', idempotencyKey });
  if (first.kind !== 'created') return expect.fail(first.kind);
  await check(first.view.id, here.lastCode());
  const repeated = await ask({ ip: '192.0.2.9', idempotencyKey });
  expect(repeated).toMatchObject({ kind: 'repeated', view: { status: 'approved' } });
  expect('allowances' in repeated && repeated.allowances.slice(0, 3).map(({ remaining }) => remaining)).toEqual([
    5, 10, 29,
  ]);
});

describe('without an approval', () => {
  const frees = async (end: (here: World, id: string, code: string) => Promise<unknown>) => {
    const { here, ask } = personIn(0);
    const { id, code } = await requested(here);
    await end(here, id, code);
    return ask();
  };

  test('a canceled verification leaves its SMS counted: cancel and ask again would send an SMS with each turn', async () => {
    expect(await frees((here, id) => here.cancel(id))).toMatchObject({ kind: 'too-soon', retryAfterSeconds: 30 });
  });

  test('a verification with wrong guesses leaves its SMS counted, also when all guesses are used', async () => {
    const guessAll = async (here: World, id: string, code: string) => {
      const stream = laggingStream(here, 0);
      for (let nth = 1; nth <= 5; nth += 1) await stream.check(id, wrongCode(code, nth));
    };
    expect(await frees(guessAll)).toMatchObject({ kind: 'too-soon', retryAfterSeconds: 30 });
  });

  test('an expired verification leaves its SMS counted', async () => {
    const { ask, pass } = personIn(0);
    for (const seconds of [310, 60, 120, 120, 120]) {
      expect(await ask()).toMatchObject({ kind: 'created' });
      await pass(seconds);
    }
    const outcome = await ask();
    expect('allowances' in outcome && outcome.allowances[1]).toMatchObject({ name: 'phone-24h', remaining: 4 });
  });
});

describe('the hard limit', () => {
  test.each([10, 30, 50])(
    'a hard limit of %i SMS in 24 hours counts approved ones as well, and says when it ends',
    async (maxIn24Hours) => {
      const { here, signIn, ask, pass } = personIn(0, { sends: { ...samplePolicy.sends, maxIn24Hours } });
      for (let nth = 1; nth <= maxIn24Hours; nth += 1) {
        expect(await signIn()).toMatchObject({ kind: 'approved' });
        await pass(597);
      }
      const seconds = daySeconds - maxIn24Hours * 600;
      const refused = await ask();
      expect(refused).toMatchObject({ kind: 'limited', limit: 'phone-24h-all', retryAfterSeconds: seconds });
      expect('allowances' in refused && refused.allowances[2]).toEqual({
        name: 'phone-24h-all',
        quota: maxIn24Hours,
        windowSeconds: daySeconds,
        remaining: 0,
        resetSeconds: seconds,
      });
      await pass(seconds - 1);
      expect(await ask()).toMatchObject({ kind: 'limited', retryAfterSeconds: 1 });
      await pass(1);
      expect(await ask()).toMatchObject({ kind: 'created' });
      expect(here.inbox).toHaveLength(maxIn24Hours + 1);
    },
  );

  test('the hard limit holds for a resend as well', async () => {
    const { here, signIn, ask, pass } = personIn(0);
    for (let nth = 1; nth <= 29; nth += 1) await signIn();
    const last = await ask();
    if (last.kind !== 'created') return expect.fail(last.kind);
    await pass(30);
    expect(await here.resend({ id: last.view.id })).toMatchObject({ kind: 'limited', limit: 'phone-24h-all' });
  });
});

describe('right after an approval', () => {
  test('parallel requests send one SMS, and each other is told to wait as after any SMS', async () => {
    const { here, signIn, ask } = personIn(0);
    await signIn();
    const outcomes = await inParallel(200, () => ask());
    expect(outcomes.filter(({ kind }) => kind === 'created')).toHaveLength(1);
    expect(outcomes.filter(({ kind }) => kind === 'too-soon')).toHaveLength(199);
    expect(here.inbox).toHaveLength(2);
    expect(await ask()).toMatchObject({ kind: 'too-soon', retryAfterSeconds: 30 });
  });

  test('a request makes the same calls as the first one: one read, one commit beside the counters', async () => {
    const { here, signIn, ask } = personIn(0);
    const callsOf = async () => {
      const before = here.ledger.calls.length;
      expect(await ask()).toMatchObject({ kind: 'created' });
      return here.ledger.calls.slice(before);
    };
    await signIn();
    const [afterApproval, first] = [await callsOf(), ['read', 'transact commit', 'reserve']];
    expect(afterApproval).toEqual(first);
  });

  test('a send that surely failed is taken off the guard, and what was approved stays free', async () => {
    const { here, signIn, ask } = personIn(0);
    await signIn();
    here.state.network.push(...Array.from({ length: 2 }, () => ({ kind: 'rejected', reason: 'unreachable' }) as const));
    expect(await ask()).toMatchObject({ kind: 'not-sent' });
    expect([...here.ledger.guards.values()][0]?.sends).toHaveLength(1);
    expect(await ask()).toMatchObject({ kind: 'created' });
  });
});

describe('an attacker on a number whose holder signs in six times meanwhile', () => {
  const steps = fc.array(
    fc.record({
      /** Mostly minutes, sometimes hours, so that three days pass in some runs. */
      gapSeconds: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 600, max: 9000 })),
      guesses: fc.integer({ min: 0, max: 6 }),
      isResend: fc.boolean(),
      lagMs: fc.constantFrom(0, 0, 2000, 60_000, 3_600_000, detectorStopped),
    }),
    { minLength: 40, maxLength: 90 },
  );
  /** The steps before which the holder signs in, and the lag of each approval. */
  const logins = fc.array(
    fc.record({ step: fc.integer({ min: 0, max: 80 }), lagMs: fc.constantFrom(0, 0, 2000, 60_000, detectorStopped) }),
    { minLength: 6, maxLength: 6 },
  );

  test('an attacker gets ten SMS and fifty guesses at most in any 24 hours, whatever the interleaving and the lag of the stream', async () => {
    let most = 0;
    await fc.assert(
      fc.asyncProperty(steps, logins, async (list, visits) => {
        const { here, ask, check, pass } = personIn(0);
        const [sends, guesses]: [number[], number[]] = [[], []];
        let open: { id: string; code: string } | undefined;
        for (const [index, { gapSeconds, guesses: tries, isResend, lagMs }] of list.entries()) {
          for (const { lagMs: lag } of visits.filter(({ step }) => step === index)) {
            const holder = await ask();
            if (holder.kind === 'created') await check(holder.view.id, here.lastCode(), lag);
          }
          await pass(gapSeconds);
          const outcome = open !== undefined && isResend ? await here.resend({ id: open.id }) : await ask();
          if (outcome.kind === 'created' || outcome.kind === 'resent') {
            sends.push(here.state.nowMs);
            open = { id: outcome.view.id, code: here.lastCode() };
          }
          for (let nth = 1; open !== undefined && nth <= tries; nth += 1) {
            const { id, code } = open;
            const before = [...here.ledger.records.values()].reduce((sum, record) => sum + record.guesses.length, 0);
            await check(id, wrongCode(code, index * 7 + nth), lagMs);
            const since = [...here.ledger.records.values()].reduce((sum, record) => sum + record.guesses.length, 0);
            if (since > before) guesses.push(here.state.nowMs);
          }
        }
        const densest = (times: readonly number[]) =>
          Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + daySeconds * 1000).length));
        most = Math.max(most, densest(sends));
        expect(densest(sends)).toBeLessThanOrEqual(10);
        expect(densest(guesses)).toBeLessThanOrEqual(50);
      }),
      { numRuns: 60 },
    );
    // The attack is a real one: it reaches the limit.
    expect(most).toBe(10);
  });

  test('an attacker gets no SMS more by the holder’s approvals, and the holder signs in until the attacker has used the window', async () => {
    const { here, ask, signIn, pass } = personIn(0);
    const attacker: string[] = [];
    for (let round = 0; round < 6; round += 1) {
      expect(await signIn()).toMatchObject({ kind: 'approved' });
      await pass(700);
      attacker.push((await ask()).kind);
      await pass(700);
    }
    for (let more = 0; more < 8; more += 1) {
      attacker.push((await ask()).kind);
      await pass(700);
    }
    expect(attacker.filter((kind) => kind === 'created')).toHaveLength(10);
    expect(attacker.filter((kind) => kind === 'limited')).toHaveLength(4);
    expect(here.inbox).toHaveLength(16);
  });
});
