import fc from 'fast-check';
import { expect, test } from 'vitest';
import { requestVerification } from '../../../lambdas/otp/request.ts';
import { resendVerification } from '../../../lambdas/otp/resend.ts';
import { samplePolicy } from '../../fakes/policy.ts';
import { phone, type World, world } from '../../fakes/world.ts';
import { check, recordOf, refused, resendInFlight } from './steps.ts';

/** What a verification is by the rules alone: codes in clear, no MACs, no conditions, no races. */
type Model = {
  nowMs: number;
  live: string;
  replaced: readonly string[];
  attempts: number;
  ended: 'already-used' | 'canceled' | undefined;
  expiresAtMs: number;
  readonly latestMs: number;
  sms: number;
  readonly keys: Set<number>;
};

type Real = {
  readonly here: World;
  readonly id: string;
  readonly resend: (key: number | undefined) => Promise<{ readonly kind: string }>;
};
type Command = fc.AsyncCommand<Model, Real>;

/** So few codes that fresh ones meet guesses and replaced codes again and again: two older ones are drawn before a new one. */
const codes = Array.from({ length: 40 }, (_, nth) => String(nth).padStart(6, '0'));
const settings = {
  sends: {
    cooldownSeconds: [0],
    cooldownWindowSeconds: 600,
    windows: [{ name: 'phone-10m', windowSeconds: 600, sends: 99 }],
    maxIn24Hours: 99,
  },
};
const keyOf = (key: number | undefined) => (key === undefined ? undefined : `resend-0123456789-${key}`);

const closedKind = ({ ended, attempts, nowMs, expiresAtMs }: Model): string | undefined => {
  if (ended !== undefined) return ended;
  if (attempts === 0) return 'exhausted';
  return nowMs >= expiresAtMs ? 'expired' : undefined;
};

/** The verdict by the rules, and what the guess leaves. */
const verdictOf = (model: Model, guess: string): string => {
  const closed = closedKind(model);
  if (closed !== undefined) return closed;
  if (model.replaced.includes(guess)) return 'superseded';
  model.attempts -= 1;
  if (guess === model.live) {
    model.ended = 'already-used';
    return 'approved';
  }
  return model.attempts === 0 ? 'exhausted' : 'wrong';
};

const notResendable = (model: Model): string | undefined =>
  closedKind(model) ?? (model.latestMs - model.nowMs < 30_000 ? 'expired' : undefined);

/** Until the last proof of the verification has expired. */
const isRepeat = ({ keys, nowMs, latestMs }: Model, key: number | undefined): boolean =>
  key !== undefined && keys.has(key) && nowMs < latestMs + 1000 * samplePolicy.proofLifetimeSeconds;

const expectSame = async ({ here, id }: Real, { attempts, sms, replaced, ended, live }: Model) => {
  const remaining = ended === 'already-used' ? attempts : (await here.find(id))?.attemptsRemaining;
  expect(remaining).toBe(attempts);
  expect(here.inbox).toHaveLength(sms);
  const { superseded, guesses } = recordOf(here, id);
  expect(superseded).toHaveLength(replaced.length);
  expect(new Set([...superseded, recordOf(here, id).code]).size).toBe(replaced.length + 1);
  expect(guesses.length).toBeLessThanOrEqual(5);
  expect(replaced).not.toContain(live);
};

const command = (name: string, act: (model: Model, real: Real) => Promise<void>): Command => ({
  check: () => true,
  run: async (model, real) => {
    await act(model, real);
    await expectSame(real, model);
  },
  toString: () => name,
});

type Which = { readonly of: 'live' } | { readonly of: 'replaced' | 'any'; readonly nth: number };
const whichCode = ({ live, replaced }: Model, which: Which): string => {
  if (which.of === 'live') return live;
  const among = which.of === 'replaced' && replaced.length > 0 ? replaced : codes;
  return among[which.nth % among.length] ?? live;
};

const guesses = (which: Which): Command =>
  command(`guess ${JSON.stringify(which)}`, async (model, { here, id }) => {
    const guess = whichCode(model, which);
    expect((await check(here, id, guess)).kind).toBe(verdictOf(model, guess));
  });

const resends = (key: number | undefined): Command =>
  command(`resend ${key ?? ''}`, async (model, { here, resend }) => {
    const outcome = await resend(key);
    if (isRepeat(model, key)) return expect(outcome.kind).toBe('repeated');
    const closed = notResendable(model);
    if (closed !== undefined) return expect(outcome.kind).toBe(closed);
    expect(outcome.kind).toBe('resent');
    model.replaced = [...model.replaced, model.live];
    model.live = here.lastCode();
    model.expiresAtMs = Math.min(model.nowMs + 300_000, model.latestMs);
    model.sms += 1;
    if (key !== undefined) model.keys.add(key);
  });

/** A resend that surely fails, with a guess while it is tried: of the code that it replaces, or another. */
const failing = (key: number | undefined, which: Which): Command =>
  command(`failing resend ${key ?? ''}, guess ${JSON.stringify(which)}`, async (model, { here, id }) => {
    const guess = whichCode(model, which);
    const { outcome, answer } = await resendInFlight(here, id, keyOf(key));
    if (isRepeat(model, key)) return expect((await outcome).kind).toBe('repeated');
    const closed = notResendable(model);
    if (closed !== undefined) return expect((await outcome).kind).toBe(closed);
    const meanwhile = { ...model, replaced: [...model.replaced, model.live], live: 'the code that nobody gets' };
    meanwhile.expiresAtMs = Math.min(model.nowMs + 300_000, model.latestMs);
    const verdict = await check(here, id, guess);
    if (verdict.kind === 'approved') {
      // The guess met the code that is on its way: then it is used, and nothing is taken back.
      model.replaced = meanwhile.replaced;
      model.live = guess;
      model.attempts -= 1;
      model.ended = 'already-used';
      model.expiresAtMs = meanwhile.expiresAtMs;
    } else {
      expect(verdict.kind).toBe(verdictOf(meanwhile, guess));
      model.attempts = meanwhile.attempts;
    }
    answer(refused);
    expect((await outcome).kind).toBe('not-sent');
  });

const cancels = (): Command =>
  command('cancel', async (model, { here, id }) => {
    const { kind } = await here.cancel(id);
    const closed = closedKind(model);
    expect(kind).toBe(closed === 'already-used' ? 'already-used' : 'canceled');
    if (closed === undefined) model.ended = 'canceled';
  });

const waits = (seconds: number): Command =>
  command(`wait ${seconds} s`, async (model, { here }) => {
    here.pass(seconds);
    model.nowMs += seconds * 1000;
  });

const setup = async (firstDraw: number) => {
  const here = world(settings);
  let drawn = firstDraw * 3 + 1;
  const ports = {
    ...here.ports,
    draw: () => {
      drawn += 1;
      return (Math.floor(drawn / 3) + (drawn % 3) + codes.length - 2) % codes.length;
    },
  };
  const request = { phone: phone(), purpose: 'login', application: 'app', ip: '192.0.2.1', isSharedIp: true };
  const outcome = await requestVerification(ports, here.rules)(request);
  if (outcome.kind !== 'created') throw new Error(outcome.kind);
  const { id, expiresAtMs } = outcome.view;
  const drawing = { ...here, ports };
  const resend = resendVerification(ports, here.rules);
  const real: Real = {
    here: drawing,
    id,
    resend: (key) => resend({ id, idempotencyKey: keyOf(key), application: 'app' }),
  };
  const model: Model = {
    nowMs: here.state.nowMs,
    live: here.lastCode(),
    replaced: [],
    attempts: 5,
    ended: undefined,
    expiresAtMs,
    latestMs: here.state.nowMs + 600_000,
    sms: 1,
    keys: new Set(),
  };
  return { model, real };
};

test('a verification keeps the rules of a model without races: resends, failed ones, guesses of all codes, cancel, expiry', async () => {
  const nth = fc.nat({ max: 39 });
  const which = fc.oneof(
    { arbitrary: fc.constant({ of: 'live' } as const), weight: 1 },
    { arbitrary: fc.record({ of: fc.constant('replaced' as const), nth }), weight: 3 },
    { arbitrary: fc.record({ of: fc.constant('any' as const), nth }), weight: 3 },
  );
  const key = fc.option(fc.nat({ max: 3 }), { nil: undefined });
  const commands = fc.commands(
    [
      which.map(guesses),
      key.map(resends),
      fc.tuple(key, which).map(([each, guess]) => failing(each, guess)),
      fc.nat({ max: 90 }).map(waits),
      fc.constant(0).map(cancels),
    ],
    { size: '+1' },
  );
  await fc.assert(
    fc.asyncProperty(nth, commands, (firstDraw, list) => fc.asyncModelRun(() => setup(firstDraw), list)),
    { numRuns: 200 },
  );
});
