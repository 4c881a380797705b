import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type CamaraNumberRisk, camaraNumberRisk } from '../../../lambdas/aws/risk/camara.ts';
import { httpWire, type Wire } from '../../../lambdas/aws/risk/wire.ts';
import { secret } from '../../../lambdas/otp/number/secret.ts';
import type { RiskAnswer } from '../../../lambdas/otp/risk/ports.ts';
import type { RiskProvider } from '../../../lambdas/policy.ts';
import { type Carrier, type CarrierFault, type Sim, startCarrier } from '../../../local/carrier/carrier.ts';

const phoneNumber = '+34600000001';
const arn = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:otp/carrier-a1B2c3';
const hourMs = 3_600_000;

let carrier: Carrier;
let wire: Wire;
let nowMs: number;
let ids: number;
let seen: { readonly answers: RiskAnswer[]; readonly took: (number | undefined)[]; readonly failures: string[] };
beforeEach(async () => {
  nowMs = 1_800_000_000_000;
  ids = 0;
  seen = { answers: [], took: [], failures: [] };
  carrier = await startCarrier({ now: () => nowMs });
  carrier.register({ clientId: 'otp', scopes: ['sim-swap:check', 'sim-swap:retrieve-date'] });
  wire = httpWire('this-machine');
});
afterEach(async () => {
  wire.destroy();
  await carrier.stop();
});

const providerOf = (more: Partial<RiskProvider> = {}): RiskProvider => ({
  name: 'carrier',
  countries: ['ES'],
  apiRoot: carrier.url,
  question: 'check',
  priceUsd: 0.01,
  tokenUrl: `${carrier.url}/token`,
  clientId: 'otp',
  scope: `sim-swap:${more.question ?? 'check'}`,
  secret: arn,
  ...more,
});

const riskOf = (more: Partial<RiskProvider> = {}, text = carrier.secret): CamaraNumberRisk =>
  camaraNumberRisk(
    { maxAgeHours: 240, purposes: {}, providers: [providerOf(more)] },
    {
      now: () => nowMs,
      randomId: () => {
        ids += 1;
        return `id-${ids}`;
      },
      secrets: { read: () => Promise.resolve(text) },
      wire,
      answered: (answer, durationMs) => {
        seen.answers.push(answer);
        seen.took.push(durationMs);
      },
      failed: (step, cause) => void seen.failures.push(`${step}: ${String(cause)}`),
    },
  );
const ask = (risk: CamaraNumberRisk, country = 'ES') => risk.ask({ phone: secret(phoneNumber), country });
const unknown = (reason: string) => ({ kind: 'unknown', provider: 'carrier', reason });
const clean = { kind: 'clean', provider: 'carrier' };
const apiCalls = () => carrier.calls.filter((path) => path.startsWith('/sim-swap/'));

describe('the answer of a provider is read as it was meant', () => {
  test.each<readonly [string, Sim, object, object]>([
    [
      'a swap an hour ago',
      { kind: 'swapped', atMs: -hourMs },
      { kind: 'swapped', provider: 'carrier' },
      { swappedAtMs: -hourMs },
    ],
    ['a swap eleven days ago', { kind: 'swapped', atMs: -264 * hourMs }, clean, {}],
    [
      'a swap at the bound',
      { kind: 'swapped', atMs: -240 * hourMs },
      { kind: 'swapped', provider: 'carrier' },
      { swappedAtMs: -240 * hourMs },
    ],
    ['no swap in the days that the carrier watches', { kind: 'unchanged', monitoredDays: 120 }, clean, {}],
    ['a number of another carrier', { kind: 'foreign' }, unknown('not-known'), {}],
    ['a number without the service', { kind: 'not-applicable' }, unknown('not-known'), {}],
  ])('%s is the same by both questions', async (_, sim, wanted, ofDate) => {
    const isSwapped = sim.kind === 'swapped';
    carrier.set(phoneNumber, isSwapped ? { ...sim, atMs: nowMs + sim.atMs } : sim);
    expect(await ask(riskOf())).toEqual(wanted);
    const { swappedAtMs } = ofDate as { readonly swappedAtMs?: number };
    expect(await ask(riskOf({ question: 'retrieve-date' }))).toEqual({
      ...wanted,
      ...(swappedAtMs === undefined ? {} : { swappedAtMs: nowMs + swappedAtMs }),
    });
  });

  test.each<readonly [string, Sim, object]>([
    ['a date that the carrier may not tell', { kind: 'untold' }, unknown('not-known')],
    ['fewer days than are asked for', { kind: 'unchanged', monitoredDays: 9 }, unknown('not-known')],
    ['just as many days as are asked for', { kind: 'unchanged', monitoredDays: 10 }, clean],
  ])('%s is taken for clean only if it says so', async (_, sim, wanted) => {
    carrier.set(phoneNumber, sim);
    expect(await ask(riskOf({ question: 'retrieve-date' }))).toEqual(wanted);
  });

  test('a swap that a carrier dates after now is a swap now', async () => {
    carrier.set(phoneNumber, { kind: 'swapped', atMs: nowMs + hourMs });
    expect(await ask(riskOf({ question: 'retrieve-date' }))).toMatchObject({ kind: 'swapped', swappedAtMs: nowMs });
  });

  test('a country without a provider is unknown, and nobody is asked', async () => {
    expect(await ask(riskOf(), 'FR')).toMatchObject({ kind: 'unknown', reason: 'not-known' });
    expect(carrier.calls).toEqual([]);
  });
});

describe('a provider that fails is unknown, never clean', () => {
  test.each<readonly [CarrierFault, string]>([
    ['down', 'no-answer'],
    ['internal-error', 'unavailable'],
    ['unavailable', 'unavailable'],
    ['busy', 'throttled'],
    ['quota', 'throttled'],
    ['redirect', 'unavailable'],
    ['not-json', 'unavailable'],
  ])('%s has its reason, and is followed nowhere', async (fault, reason) => {
    const risk = riskOf();
    carrier.fail(fault);
    expect(await ask(risk)).toEqual(unknown(reason));
    expect(apiCalls()).toHaveLength(1);
  });

  test('a provider that does not answer costs 800 ms, and then nothing more', async () => {
    const risk = riskOf();
    await risk.warm();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    carrier.fail('slow');
    const asked = ask(risk);
    await vi.waitUntil(() => apiCalls().length === 1);
    await vi.advanceTimersByTimeAsync(800);
    vi.useRealTimers();
    expect(await asked).toEqual(unknown('no-answer'));
    expect(await ask(risk)).toEqual(clean);
  });

  test('a provider that is down is left alone after three failures, and one look-up tries it again', async () => {
    const risk = riskOf();
    carrier.fail('down', 4);
    for (let call = 0; call < 6; call += 1) expect(await ask(risk)).toEqual(unknown('no-answer'));
    expect(apiCalls()).toHaveLength(3);
    // All are counted as unanswered, and those that asked nobody took no time.
    expect(seen.answers).toHaveLength(6);
    expect(seen.took).toEqual([0, 0, 0, undefined, undefined, undefined]);
    nowMs += 5000;
    const [first, second] = await Promise.all([ask(risk), ask(risk)]);
    expect([first, second]).toEqual([unknown('no-answer'), unknown('no-answer')]);
    expect(apiCalls()).toHaveLength(4);
    nowMs += 5000;
    expect(await ask(risk)).toEqual(clean);
    expect(await ask(risk)).toEqual(clean);
  });

  test('a provider that is asked too often is left alone for as long as it says', async () => {
    const risk = riskOf();
    carrier.fail('busy');
    expect(await ask(risk)).toEqual(unknown('throttled'));
    nowMs += 4999;
    expect(await ask(risk)).toEqual(unknown('throttled'));
    nowMs += 1;
    expect(await ask(risk)).toEqual(clean);
    expect(apiCalls()).toHaveLength(2);
  });
});

describe('access tokens', () => {
  const tokenCalls = () => carrier.calls.filter((path) => path === '/token');

  test('one token serves all look-ups, also those at the same time', async () => {
    const risk = riskOf();
    await Promise.all([ask(risk), ask(risk), ask(risk)]);
    await ask(risk);
    expect(tokenCalls()).toHaveLength(1);
  });

  test('a token is renewed before it ends, while look-ups use it', async () => {
    const risk = riskOf();
    await ask(risk);
    nowMs += 241_000;
    expect(await ask(risk)).toEqual(clean);
    await vi.waitUntil(() => tokenCalls().length === 2);
    nowMs += 100_000;
    expect(await ask(risk)).toEqual(clean);
    expect(tokenCalls()).toHaveLength(2);
  });

  test('a token that the carrier has revoked is replaced within the look-up', async () => {
    const risk = riskOf();
    await ask(risk);
    carrier.fail('revoked');
    expect(await ask(risk)).toEqual(clean);
    expect([tokenCalls().length, apiCalls().length]).toEqual([2, 3]);
  });

  test('a token that is revoked again and again ends the look-up', async () => {
    const risk = riskOf();
    carrier.fail('revoked', 5);
    expect(await ask(risk)).toEqual(unknown('no-token'));
    expect(apiCalls()).toHaveLength(2);
  });

  test.each<readonly [string, Partial<RiskProvider>, string | undefined]>([
    ['another client', { clientId: 'stranger' }, undefined],
    ['another audience', { tokenUrl: '/token?x' }, undefined],
    ['a scope that it does not have', { scope: 'number-verification:verify' }, undefined],
    ['a secret that is no key', {}, 'whsec_abc'],
    ['a shared secret', {}, '{"kty":"oct","k":"AAAA","alg":"HS256","kid":"a","d":"x"}'],
    ['a key without a name', {}, '{"kty":"EC","crv":"P-256","alg":"ES256","d":"x"}'],
  ])('%s gets no token, and the look-up says so', async (_, more, text) => {
    const tokenUrl = more.tokenUrl === undefined ? undefined : `${carrier.url}${more.tokenUrl}`;
    const risk = riskOf({ ...more, ...(tokenUrl === undefined ? {} : { tokenUrl }) }, text);
    expect(await ask(risk)).toEqual(unknown('no-token'));
    expect(seen.failures.join()).not.toMatch(/"d"|whsec|AAAA/);
  });

  test('a token of too narrow a scope is a mistake of ours', async () => {
    expect(await ask(riskOf({ scope: 'sim-swap:retrieve-date' }))).toEqual(unknown('misconfigured'));
  });
});

test('no failure and no answer holds the number', async () => {
  const risk = riskOf();
  for (const fault of ['down', 'internal-error', 'quota'] as const) {
    carrier.fail(fault);
    await ask(risk);
  }
  expect(JSON.stringify(seen)).not.toContain(phoneNumber.slice(1));
  expect(seen.answers).toHaveLength(3);
});

test('an API that is not of this machine is asked over https alone', async () => {
  expect(await ask(riskOf({ apiRoot: 'http://carrier.example' }))).toEqual(unknown('no-answer'));
  expect(apiCalls()).toEqual([]);
});
