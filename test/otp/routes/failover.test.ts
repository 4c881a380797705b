import { describe, expect, test } from 'vitest';
import { recordKey } from '../../../lambdas/otp/number/pseudonyms.ts';
import type { SmsOutcome, SmsRejection, SmsSender } from '../../../lambdas/otp/ports.ts';
import { requestVerification } from '../../../lambdas/otp/request.ts';
import type { Policy } from '../../../lambdas/policy.ts';
import { endUserMessagingRoute, notifyRoute, snsRoute } from '../../fakes/sending/routes.ts';
import { phone, requested, type World, world } from '../../fakes/world.ts';

const rejected = (reason: SmsRejection): SmsOutcome => ({ kind: 'rejected', reason });
const unconfirmed: SmsOutcome = { kind: 'unconfirmed' };

const routes = { smsRoutes: [notifyRoute(), endUserMessagingRoute(), snsRoute()] } as const satisfies Partial<Policy>;
const onRoutes = (settings: Partial<Policy> = {}) => world({ ...routes, ...settings });

const recordOf = (here: World, id: string) => here.ledger.records.get(recordKey('app', id));
const guardOf = (here: World) => here.ledger.guardOf(here.pseudonyms.phoneKey(phone())).sends;
const spent = ({ ledger }: World) => ledger.countOf('spent total 2026-11-21');
const ipTat = ({ ledger, pseudonyms }: World) => ledger.countOf(`tat ${pseudonyms.ipKey('192.0.2.1')}`);
const routesIn = ({ inbox }: World) => inbox.map(({ route }) => route);

const destinations = ['not-verified', 'blocked-by-protect', 'over-price', 'no-identity', 'number-limit'] as const;
const accounts = ['spend-limit', 'daily-limit', 'account-refused'] as const;
const passing = ['throttled', 'unreachable', 'refused'] as const;

describe('a request with several routes', () => {
  test('a message takes the first route of its country, and the record names it', async () => {
    const here = onRoutes({ countries: { IN: { ...countryIn, routes: ['sns', 'notify'] } } });
    const { id } = await requested(here);
    expect(routesIn(here)).toEqual(['sns']);
    expect(recordOf(here, id)).toMatchObject({ route: 'sns' });
    expect(recordOf(here, id)).not.toHaveProperty('failedRoutes');
  });

  test('a longer code under code spraying takes a route that carries it, or has the eight digits of Notify', async () => {
    const here = onRoutes();
    here.ledger.codeSpraying.add('IN');
    const { id } = await requested(here);
    expect([routesIn(here), recordOf(here, id)?.route]).toEqual([['end-user-messaging'], 'end-user-messaging']);
    expect(here.lastCode()).toMatch(/^[0-9]{9}$/);
    const alone = world({ smsRoutes: [notifyRoute()] });
    alone.ledger.codeSpraying.add('IN');
    await requested(alone);
    expect(routesIn(alone)).toEqual(['notify']);
    expect(alone.lastCode()).toMatch(/^[0-9]{8}$/);
  });

  test('a first route that takes the message costs no write more', async () => {
    const here = onRoutes();
    await requested(here);
    expect(here.ledger.calls).not.toContain('noteRoute');
  });

  test.each([...destinations, ...accounts, ...passing])(
    'a message takes the next route after one that surely failed: %s',
    async (reason) => {
      const here = onRoutes();
      here.state.network.push(rejected(reason), rejected('throttled'));
      const outcome = await here.request();
      expect(outcome).toMatchObject({
        kind: 'created',
        view: { delivery: 'accepted' },
        routes: [
          { name: 'notify', outcome: reason },
          { name: 'end-user-messaging', outcome: 'throttled' },
          { name: 'sns', outcome: 'accepted' },
        ],
      });
      expect(routesIn(here)).toEqual(['sns']);
      const id = outcome.kind === 'created' ? outcome.view.id : '';
      expect(recordOf(here, id)).toMatchObject({ route: 'sns', failedRoutes: ['notify', 'end-user-messaging'] });
      expect(here.ledger.calls.filter((call) => call === 'noteRoute')).toHaveLength(1);
    },
  );

  test('no other route is tried after one that did not answer', async () => {
    const here = onRoutes();
    here.state.network.push(rejected('throttled'), unconfirmed);
    const outcome = await here.request({ idempotencyKey: 'k' });
    expect(outcome).toMatchObject({ kind: 'created', view: { delivery: 'unconfirmed' } });
    expect(routesIn(here)).toEqual(['end-user-messaging']);
    const id = outcome.kind === 'created' ? outcome.view.id : '';
    expect(recordOf(here, id)).toMatchObject({
      ...{ route: 'end-user-messaging', failedRoutes: ['notify'], delivery: 'unconfirmed' },
    });
    expect(await here.request({ idempotencyKey: 'k' })).toMatchObject({ kind: 'repeated' });
  });

  test('no other route is tried for a holder who opted out, also after one that failed', async () => {
    const here = onRoutes();
    here.state.network.push(rejected('daily-limit'), rejected('opted-out'));
    expect(await here.request()).toMatchObject({
      kind: 'opted-out',
      routes: [
        { name: 'notify', outcome: 'daily-limit' },
        { name: 'end-user-messaging', outcome: 'opted-out' },
      ],
    });
    expect(here.inbox).toEqual([]);
    expect([guardOf(here).length, spent(here)]).toEqual([1, 0]);
  });

  test.each(['unavailable', 'lost'] as const)(
    'a message that another route took stays sent if the note of it meets trouble: %s',
    async (fault) => {
      const sane = onRoutes();
      sane.state.network.push(rejected('throttled'));
      await sane.request();
      const here = onRoutes();
      here.state.network.push(rejected('throttled'));
      here.ledger.failAt(sane.ledger.calls.indexOf('noteRoute'), fault);
      expect(await here.request()).toMatchObject({ kind: 'created', view: { delivery: 'accepted' } });
      expect(here.noted).toEqual(['note-route']);
      expect(here.inbox).toHaveLength(1);
    },
  );

  test('a payment never takes Notify, also if all other routes fail', async () => {
    const here = onRoutes();
    const payment = { purpose: 'transaction', transaction: { amount: '5', currency: 'EUR', payee: 'Shop' } };
    for (let route = 0; route < 2; route += 1) here.state.network.push(rejected('throttled'));
    expect(await here.request(payment)).toMatchObject({
      kind: 'not-sent',
      routes: [{ name: 'end-user-messaging' }, { name: 'sns' }],
    });
    expect(here.inbox).toEqual([]);
  });
});

const countryIn = { maxPriceUsd: 0.1, priceUsd: 0.02, caps: { hourUsd: 10, dayUsd: 50 } };

describe('a message that each route refused', () => {
  const failAll = (here: World, reason: SmsRejection, last: SmsRejection = reason) =>
    here.state.network.push(rejected(reason), rejected(reason), rejected(last));

  test.each([
    ...passing.map((reason) => [reason, 'passing'] as const),
    ...accounts.map((reason) => [reason, 'account'] as const),
  ])(
    'a send does not count for anybody if the trouble is not that of its destination: %s',
    async (reason, obstacle) => {
      const here = onRoutes();
      failAll(here, reason);
      expect(await here.request()).toMatchObject({ kind: 'not-sent', obstacle });
      expect([guardOf(here), spent(here), ipTat(here)]).toEqual([[], 0, here.state.nowMs]);
      expect(await here.request()).toMatchObject({ kind: 'created' });
    },
  );

  test.each(destinations)(
    'a send counts for its number and its IP, and costs nothing, if the network refuses its destination: %s',
    async (reason) => {
      const here = onRoutes();
      failAll(here, reason);
      expect(await here.request({ idempotencyKey: 'k' })).toMatchObject({ kind: 'not-sent', obstacle: 'destination' });
      expect([guardOf(here).length, spent(here)]).toEqual([1, 0]);
      expect(ipTat(here)).toBeGreaterThan(here.state.nowMs);
      expect(await here.request({ idempotencyKey: 'k' })).toMatchObject({ kind: 'too-soon' });
    },
  );

  test('one route that refuses the destination is enough for the count, or a throttled one would make calls free', async () => {
    const here = onRoutes();
    failAll(here, 'blocked-by-protect', 'throttled');
    expect(await here.request()).toMatchObject({ kind: 'not-sent', obstacle: 'passing', waitSeconds: 30 });
    expect(guardOf(here)).toHaveLength(1);
    here.pass(29);
    expect(await here.request()).toMatchObject({ kind: 'too-soon' });
    here.pass(1);
    expect(await here.request()).toMatchObject({ kind: 'created' });
  });

  test.each<[SmsRejection, SmsRejection, string]>([
    ['blocked-by-protect', 'throttled', 'passing'],
    ['spend-limit', 'throttled', 'passing'],
    ['spend-limit', 'blocked-by-protect', 'destination'],
    ['account-refused', 'daily-limit', 'account'],
  ])('a caller is to try again if one route may take the message soon: %s and %s', async (reason, last, obstacle) => {
    const here = onRoutes();
    failAll(here, reason, last);
    expect(await here.request()).toMatchObject({ kind: 'not-sent', obstacle });
    const resending = onRoutes();
    const { id } = await requested(resending);
    resending.pass(31);
    failAll(resending, reason, last);
    expect(await resending.resend({ id })).toMatchObject({ kind: 'not-sent', obstacle });
  });

  test('no other route is tried for a number that staff have blocked, and the send counts', async () => {
    const here = onRoutes();
    here.state.network.push(rejected('throttled'), rejected('number-blocked'));
    expect(await here.request()).toMatchObject({
      ...{ kind: 'not-sent', obstacle: 'destination' },
      routes: [{ name: 'notify' }, { name: 'end-user-messaging', outcome: 'number-blocked' }],
    });
    expect([here.inbox, guardOf(here).length, spent(here)]).toEqual([[], 1, 0]);
    expect(ipTat(here)).toBeGreaterThan(here.state.nowMs);
  });

  test.each([
    [14_999, ['notify', 'end-user-messaging', 'sns']],
    [15_000, ['notify', 'end-user-messaging']],
  ])(
    'no route is tried %i ms after the first, so that the send is rolled back before the function ends',
    async (ms, tried) => {
      const here = onRoutes();
      const names: string[] = [];
      const sender: SmsSender = {
        send: async ({ route }) => {
          names.push(route.name);
          if (names.length === 2) here.state.nowMs += ms;
          return rejected('unreachable');
        },
      };
      const request = { phone: phone(), purpose: 'login', application: 'app', ip: '192.0.2.1' };
      const send = requestVerification({ ...here.ports, sender }, here.rules);
      expect(await send(request)).toMatchObject({ kind: 'not-sent', obstacle: 'passing' });
      expect(names).toEqual(tried);
      expect([guardOf(here), spent(here)]).toEqual([[], 0]);
    },
  );

  test('each route is told how long the code is good for at its try', async () => {
    const here = onRoutes();
    const told: number[] = [];
    const sender: SmsSender = {
      send: async ({ time }) => {
        told.push(time.secondsLeft());
        here.state.nowMs += 6000;
        return rejected('throttled');
      },
    };
    const request = { phone: phone(), purpose: 'login', application: 'app', ip: '192.0.2.1' };
    await requestVerification({ ...here.ports, sender }, here.rules)(request);
    expect(told).toEqual([300, 294, 288]);
  });

  test('a caller with numbers that the network refuses reaches the network as often as a caller whose messages arrive', async () => {
    const ask = async (fails: boolean) => {
      const here = onRoutes();
      const outcomes: string[] = [];
      for (let number = 0; number < 40; number += 1) {
        if (fails) failAll(here, 'blocked-by-protect');
        outcomes.push((await here.request({ phone: phone(`+9198765${10_000 + number}`) })).kind);
      }
      return outcomes.filter((kind) => kind === 'limited').length;
    };
    expect(await ask(true)).toBe(await ask(false));
    expect(await ask(true)).toBeGreaterThan(0);
  });

  test('a message that no route can carry is not sent, and does not count', async () => {
    const here = onRoutes({ countries: { IN: { ...countryIn, routes: ['notify'] } } });
    const payment = { purpose: 'transaction', transaction: { amount: '5', currency: 'EUR', payee: 'Shop' } };
    expect(await here.request(payment)).toMatchObject({ kind: 'not-sent', obstacle: 'account', routes: [] });
    expect([guardOf(here), here.inbox]).toEqual([[], []]);
  });
});

describe('a resend with several routes', () => {
  const resent = async (here: World, id: string, seconds = 31) => {
    here.pass(seconds);
    return here.resend({ id });
  };

  test('a resend takes the route after the last one, and the record names it', async () => {
    const here = onRoutes();
    const { id } = await requested(here);
    for (const seconds of [31, 61, 121]) expect(await resent(here, id, seconds)).toMatchObject({ kind: 'resent' });
    expect(routesIn(here)).toEqual(['notify', 'end-user-messaging', 'sns', 'notify']);
    expect(recordOf(here, id)).toMatchObject({ route: 'notify', sends: 4 });
  });

  test('a resend skips a route that failed for the verification', async () => {
    const here = onRoutes();
    here.state.network.push(rejected('number-limit'));
    const { id } = await requested(here);
    await resent(here, id);
    await resent(here, id, 61);
    expect(routesIn(here)).toEqual(['end-user-messaging', 'sns', 'end-user-messaging']);
  });

  test('a resend whose route fails takes the next one, and notes both', async () => {
    const here = onRoutes();
    const { id } = await requested(here);
    here.state.network.push(rejected('throttled'));
    expect(await resent(here, id)).toMatchObject({
      kind: 'resent',
      routes: [
        { name: 'end-user-messaging', outcome: 'throttled' },
        { name: 'sns', outcome: 'accepted' },
      ],
    });
    expect(recordOf(here, id)).toMatchObject({ route: 'sns', failedRoutes: ['end-user-messaging'] });
  });

  test('all routes may be tried again once each has failed, and one that works is forgiven', async () => {
    const here = onRoutes({ smsRoutes: [notifyRoute(), snsRoute()] });
    here.state.network.push(rejected('throttled'));
    const { id } = await requested(here);
    here.state.network.push(rejected('throttled'));
    // SNS is the only one left, and fails: nothing is noted, because no route took the message.
    expect(await resent(here, id)).toMatchObject({ kind: 'not-sent' });
    expect(recordOf(here, id)).toMatchObject({ route: 'sns', failedRoutes: ['notify'], sends: 1 });
    expect(await resent(here, id)).toMatchObject({ kind: 'resent' });
    expect(routesIn(here)).toEqual(['sns', 'sns']);
  });

  test('a resend that surely failed leaves the record as it was, with its route', async () => {
    const here = onRoutes();
    const { id, code } = await requested(here);
    const before = recordOf(here, id);
    for (const reason of ['throttled', 'throttled', 'refused'] as const) here.state.network.push(rejected(reason));
    expect(await resent(here, id)).toMatchObject({ kind: 'not-sent', obstacle: 'passing' });
    expect(recordOf(here, id)).toEqual({ ...before });
    expect(here.lastCode()).toBe(code);
  });

  test.each(destinations)('a resend to a destination that the network refuses counts: %s', async (reason) => {
    const here = onRoutes();
    const { id } = await requested(here);
    here.pass(31);
    for (let route = 0; route < 3; route += 1) here.state.network.push(rejected(reason));
    expect(await here.resend({ id })).toMatchObject({ kind: 'not-sent', obstacle: 'destination' });
    expect(guardOf(here)).toHaveLength(2);
    expect(spent(here)).toBe(20_000);
    expect(await here.resend({ id })).toMatchObject({ kind: 'too-soon' });
  });

  test('a record from before routes had names takes the next one by its sends', async () => {
    const here = onRoutes();
    const { id } = await requested(here);
    const key = recordKey('app', id);
    const { route: _, ...old } = here.ledger.records.get(key) ?? {};
    here.ledger.records.set(key, old as never);
    await resent(here, id);
    expect(routesIn(here)).toEqual(['notify', 'end-user-messaging']);
    expect(recordOf(here, id)).toMatchObject({ route: 'end-user-messaging' });
  });

  test('a test number has no route, at first and after a resend', async () => {
    const testNumbers = [{ from: '+12025550123', to: '+12025550123', code: '271828', expiresAt: 4e9, uses: 9 }];
    const here = onRoutes({ testNumbers });
    const outcome = await here.request({ phone: phone('+12025550123') });
    const id = outcome.kind === 'created' ? outcome.view.id : '';
    expect(recordOf(here, id)?.route).toBeUndefined();
    expect(await resent(here, id)).toMatchObject({ kind: 'resent', routes: [] });
    expect(recordOf(here, id)?.route).toBeUndefined();
    expect(here.inbox).toEqual([]);
  });
});
