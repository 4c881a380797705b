import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dayOf } from '../../../lambdas/otp/limits/caps.ts';
import {
  askerOf,
  brokenLimitOf,
  guardAllowances,
  nextSendAt,
  noGuard,
  withSend,
} from '../../../lambdas/otp/limits/guard.ts';
import { momentOf } from '../../../lambdas/otp/limits/moment.ts';
import { noReputation } from '../../../lambdas/otp/limits/reputation.ts';
import { recordKey } from '../../../lambdas/otp/number/pseudonyms.ts';
import { secret } from '../../../lambdas/otp/number/secret.ts';
import type { SendRequest } from '../../../lambdas/otp/request/context.ts';
import type { Policy } from '../../../lambdas/policy.ts';
import { samplePolicy } from '../../fakes/policy.ts';
import { notifyRoute, snsRoute } from '../../fakes/sending/routes.ts';
import { sampleVoice } from '../../fakes/sending/voice.ts';
import { phone, requested, type World, world } from '../../fakes/world.ts';

/** No other limit is in the way. */
const noOtherLimits: Partial<Policy> = {
  lowVolume: { verifications: 0, unverifiedSendsPerDay: 0 },
  ips: { ...samplePolicy.ips, untrusted: { sends: 10_000, windowSeconds: 3600 }, countriesPerDay: 200 },
  caps: { hourUsd: 10_000, dayUsd: 10_000 },
  countries: Object.fromEntries(
    Object.entries(samplePolicy.countries).map(([name, country]) => [
      name,
      { ...country, caps: { hourUsd: 10_000, dayUsd: 10_000 } },
    ]),
  ),
};
const withRoutes = (...smsRoutes: Policy['smsRoutes']) => world({ ...noOtherLimits, smsRoutes });
const alone = () => withRoutes(notifyRoute());

const home = '192.0.2.1';
const strangers = ['198.51.100.7', '203.0.113.9'];
/** An SMS each hour, so that the windows of minutes are empty. Answers with the kind, or with the limit. */
const ask = async (here: World, more: Partial<SendRequest> = {}): Promise<string> => {
  here.pass(3600);
  const outcome = await here.request({ ip: strangers[0] ?? '', ...more });
  return 'limit' in outcome ? outcome.limit : outcome.kind;
};
const askTimes = async (here: World, times: number, more: Partial<SendRequest> = {}): Promise<string[]> => {
  const asked: string[] = [];
  for (let time = 0; time < times; time += 1) asked.push(await ask(here, more));
  return asked;
};
const created = (times: number): string[] => Array.from({ length: times }, () => 'created');

const approve = async (here: World, ip: string, more: Partial<SendRequest> = {}) => {
  const { id, code } = await requested(here, { ip, ...more });
  await here.check({ id, code: secret(code), application: 'app' });
  const record = here.ledger.records.get(recordKey('app', id));
  await here.stream(`approval ${id}`, record && { ...record, guesses: [], nonces: [] }, record);
};

describe('a number of a country that Notify alone sends to', () => {
  test('strangers get seven messages of the ten that AWS allows, and its own network gets the last three', async () => {
    const here = alone();
    await approve(here, home);
    expect(await askTimes(here, 7)).toEqual([...created(6), 'phone-24h-notify']);
    expect(await askTimes(here, 4, { ip: home })).toEqual([...created(3), 'phone-24h-notify']);
    expect(here.inbox).toHaveLength(10);
  });

  test('approved messages count as the others do, because AWS counts them', async () => {
    const here = alone();
    for (let time = 0; time < 10; time += 1) {
      await approve(here, home);
      here.pass(3600);
    }
    expect(await ask(here, { ip: home })).toBe('phone-24h-notify');
    const sns = withRoutes(snsRoute());
    for (let time = 0; time < 10; time += 1) {
      await approve(sns, home);
      sns.pass(3600);
    }
    expect(await ask(sns, { ip: home })).toBe('created');
  });

  test('resends count, and the eleventh is refused before it reaches AWS', async () => {
    const here = alone();
    await approve(here, home);
    await askTimes(here, 8, { ip: home });
    here.pass(3600);
    const { id } = await requested(here, { ip: home });
    here.pass(60);
    const refused = await here.resend({ id });
    expect(refused).toMatchObject({ kind: 'limited', limit: 'phone-24h-notify' });
    expect(here.inbox).toHaveLength(10);
  });

  test('the refusal says when, to the second, and what is left of the window', async () => {
    const here = alone();
    await askTimes(here, 7);
    here.pass(60);
    const refused = await here.request({ ip: strangers[1] ?? '' });
    const wait = 24 * 3600 - 6 * 3600 - 60;
    expect(refused).toMatchObject({ kind: 'limited', limit: 'phone-24h-notify', retryAfterSeconds: wait });
    const allowances = 'allowances' in refused ? refused.allowances : [];
    expect(allowances.find(({ name }) => name === 'phone-24h-notify')).toEqual({
      ...{ name: 'phone-24h-notify', quota: 7, windowSeconds: 86_400 },
      ...{ remaining: 0, resetSeconds: wait },
    });
    here.pass(wait - 1);
    expect(await here.request({ ip: strangers[1] ?? '' })).toMatchObject({ limit: 'phone-24h-notify' });
    here.pass(1);
    expect(await here.request({ ip: strangers[1] ?? '' })).toMatchObject({ kind: 'created' });
  });

  test('200 strangers in parallel get no more than the seventh', async () => {
    const here = alone();
    await askTimes(here, 6);
    here.pass(3600);
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, (_, index) => here.request({ ip: `198.51.${index}.7` })),
    );
    expect(outcomes.filter(({ kind }) => kind === 'created')).toHaveLength(1);
    expect(here.inbox).toHaveLength(7);
  });

  test('another route takes over: with one the limit does not hold, and the answer does not name it', async () => {
    const here = withRoutes(notifyRoute(), snsRoute());
    expect(await askTimes(here, 10)).toEqual(created(10));
    expect(await ask(here)).toBe('phone-24h');
    const outcome = await withRoutes(notifyRoute(), snsRoute()).request();
    const names = 'allowances' in outcome ? outcome.allowances.map(({ name }) => name) : [];
    expect(names).not.toContain('phone-24h-notify');
  });

  test('the limit follows the routes of the country, and not those of all', async () => {
    const { IN, ...others } = noOtherLimits.countries ?? {};
    if (IN === undefined) throw new Error('The sample policy has no IN.');
    const here = world({
      ...noOtherLimits,
      smsRoutes: [snsRoute(), notifyRoute()],
      countries: { ...others, IN: { ...IN, routes: ['notify'] } },
    });
    expect((await askTimes(here, 8)).at(-1)).toBe('phone-24h-notify');
    const us = { phone: phone('+12025550123') };
    expect(await askTimes(here, 8, us)).toEqual(created(8));
  });

  test('a message that surely failed gives its place back', async () => {
    const here = alone();
    await askTimes(here, 6);
    here.state.network.push({ kind: 'rejected', reason: 'throttled' });
    expect(await ask(here)).toBe('not-sent');
    expect(await askTimes(here, 2)).toEqual(['created', 'phone-24h-notify']);
  });

  test('the eleventh that other software of the account used up is refused by AWS, and offers another way', async () => {
    const here = alone();
    here.state.network.push({ kind: 'rejected', reason: 'number-limit' });
    expect(await here.request()).toMatchObject({ kind: 'not-sent', obstacle: 'destination' });
    const other = withRoutes(notifyRoute(), snsRoute());
    other.state.network.push({ kind: 'rejected', reason: 'number-limit' });
    expect(await other.request()).toMatchObject({ kind: 'created' });
    expect(other.inbox.map(({ route }) => route)).toEqual(['sns']);
  });

  test('the limit counts calls of Notify beside its SMS, and leaves the pair its three', async () => {
    const [eum, notify] = sampleVoice.routes;
    if (notify === undefined) throw new Error('The sample has no second route.');
    const here = world({ ...noOtherLimits, smsRoutes: [notifyRoute()], voice: { ...sampleVoice, routes: [notify] } });
    expect(await askTimes(here, 3, { channel: 'voice' })).toEqual(created(3));
    expect(await askTimes(here, 5)).toEqual([...created(4), 'phone-24h-notify']);
    const others = world({ ...noOtherLimits, smsRoutes: [notifyRoute()], voice: { ...sampleVoice, routes: [eum] } });
    expect(await askTimes(others, 3, { channel: 'voice' })).toEqual(created(3));
    expect(await askTimes(others, 7)).toEqual(created(7));
  });

  test('the time of the next send says that it is tomorrow, unless a call can go at once', async () => {
    const here = alone();
    await askTimes(here, 6);
    here.pass(3600);
    const outcome = await here.request();
    const view = 'view' in outcome ? outcome.view : undefined;
    const firstAtMs = here.state.nowMs - 6 * 3_600_000;
    expect(view?.resendAvailableAtMs).toBe(firstAtMs + 86_400_000);
    const [eum] = sampleVoice.routes;
    const calling = world({ ...noOtherLimits, smsRoutes: [notifyRoute()], voice: { ...sampleVoice, routes: [eum] } });
    await askTimes(calling, 6);
    calling.pass(3600);
    const called = await calling.request();
    const seen = 'view' in called ? called.view : undefined;
    expect(seen?.resendAvailableAtMs).toBe(calling.state.nowMs + 30_000);
  });

  test('the time of the next send is tomorrow if a call of Notify has to wait as well', async () => {
    const [, notify] = sampleVoice.routes;
    if (notify === undefined) throw new Error('The sample has no second route.');
    const here = world({ ...noOtherLimits, smsRoutes: [notifyRoute()], voice: { ...sampleVoice, routes: [notify] } });
    await askTimes(here, 6);
    here.pass(3600);
    const outcome = await here.request();
    const view = 'view' in outcome ? outcome.view : undefined;
    const [id, tomorrow] = [view?.id ?? '', here.state.nowMs - 6 * 3_600_000 + 86_400_000];
    expect(view?.resendAvailableAtMs).toBe(tomorrow);
    here.pass(60);
    for (const channel of ['sms', 'voice'] as const)
      expect(await here.resend({ id, channel })).toMatchObject({ kind: 'limited', limit: 'phone-24h-notify' });
  });
});

describe('the pure limit', () => {
  const policy = { ...samplePolicy, smsRoutes: [notifyRoute()] as const };
  const limits = { ...samplePolicy.sends, windows: [], cooldownSeconds: [0] };
  const facts = (times: readonly number[]) => ({
    guard: times.reduce((guard, atMs, index) => withSend(guard, momentOf(`${index}`.padEnd(43, '='), atMs)), noGuard),
    reputation: noReputation,
  });

  test('whatever day AWS counts by, strangers never get more than seven in it', () => {
    const asker = askerOf({ isPair: false }, policy, { country: 'IN' });
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 0, max: 86_400 }),
        (pauses, dayBegins) => {
          const sent: number[] = [];
          let atMs = Date.UTC(2026, 0, 1);
          for (const pause of pauses) {
            atMs += pause * 1000;
            if (brokenLimitOf(facts(sent), asker, limits, atMs) === undefined) sent.push(atMs);
          }
          const days = sent.map((each) => Math.floor((each - dayBegins * 1000) / 86_400_000));
          for (const day of days) expect(days.filter((each) => each === day).length).toBeLessThanOrEqual(7);
        },
      ),
    );
  });

  test('a send counts until the last millisecond of its 24 hours', () => {
    const asker = askerOf({ isPair: false }, policy, { country: 'IN' });
    const start = Date.UTC(2026, 0, 1);
    const seven = facts(Array.from({ length: 7 }, (_, index) => start + index));
    const end = start + 86_400_000;
    expect(brokenLimitOf(seven, asker, limits, end - 1)?.limit).toBe('phone-24h-notify');
    expect(brokenLimitOf(seven, asker, limits, end)).toBeUndefined();
    expect(nextSendAt(seven, asker, limits, end - 1)).toBe(end);
    expect(guardAllowances(seven, asker, limits, end).at(-1)).toMatchObject({ name: 'phone-24h-notify', remaining: 1 });
  });
});

describe('the 200 messages that a Basic account sends in a day', () => {
  const notified = (here: World) => here.ledger.counts.get(`notified ${dayOf(here.state.nowMs)}`) ?? 0;
  const numberOf = (index: number) => phone(`+9198765${String(10_000 + index)}`);
  const askNumbers = async (here: World, from: number, to: number) => {
    const outcomes = [];
    for (let index = from; index < to; index += 1) {
      outcomes.push(await here.request({ phone: numberOf(index), ip: `198.51.${index % 250}.7` }));
    }
    return outcomes.map((outcome) => ('limit' in outcome ? outcome.limit : outcome.kind));
  };

  test('anyone gets four fifths, the last 40 are for trusted numbers, and the 201st is refused', async () => {
    const here = alone();
    await approve(here, home);
    expect(await askNumbers(here, 0, 160)).toEqual([...created(159), 'notify-day']);
    here.ledger.add(`notified ${dayOf(here.state.nowMs)}`, 39);
    here.pass(60);
    expect(await here.request({ ip: home })).toMatchObject({ kind: 'created' });
    here.pass(60);
    const refused = await here.request({ ip: home });
    expect(refused).toMatchObject({ kind: 'cap-reached', limit: 'notify-day', retryAfterSeconds: 12 * 3600 - 120 });
    here.pass(12 * 3600 - 120);
    expect(await here.request({ ip: home })).toMatchObject({ kind: 'created' });
  });

  test('the 201st message goes by the next route, and a send with another route stops counting there', async () => {
    const here = withRoutes(notifyRoute(), snsRoute());
    here.ledger.add(`notified ${dayOf(here.state.nowMs)}`, 199);
    expect(await askNumbers(here, 0, 1)).toEqual(['created']);
    here.state.network.push({ kind: 'rejected', reason: 'daily-limit' });
    expect(await askNumbers(here, 1, 2)).toEqual(['created']);
    expect(here.inbox.map(({ route }) => route)).toEqual(['notify', 'sns']);
    expect(notified(here)).toBe(200);
  });

  test('200 requests of 200 numbers in parallel get the one message that is left', async () => {
    const here = alone();
    here.ledger.add(`notified ${dayOf(here.state.nowMs)}`, 159);
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, (_, index) => here.request({ phone: numberOf(index), ip: `198.51.${index}.7` })),
    );
    expect(outcomes.filter(({ kind }) => kind === 'created')).toHaveLength(1);
    expect(notified(here)).toBe(160);
  });

  test('a message that surely failed gives its place back', async () => {
    const here = alone();
    here.state.network.push({ kind: 'rejected', reason: 'throttled' });
    expect(await here.request()).toMatchObject({ kind: 'not-sent', obstacle: 'passing' });
    expect(notified(here)).toBe(0);
  });

  test.each([
    ['the Advanced tier has no such limit', [notifyRoute({ tier: 'advanced' })], 0],
    ['a country whose first route is another does not count', [snsRoute(), notifyRoute()], 0],
    ['a country whose first route is Basic counts', [notifyRoute(), snsRoute()], 1],
  ] as const)('the day counts what goes to a Basic account first: %s', async (_, [first, ...others], count) => {
    const here = withRoutes(first, ...others);
    expect(await here.request()).toMatchObject({ kind: 'created' });
    expect(notified(here)).toBe(count);
  });
});
