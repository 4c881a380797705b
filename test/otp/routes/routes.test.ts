import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Load, languageOn, nothingTried, routesFor, type Tried } from '../../../lambdas/otp/sending/routes.ts';
import type { SmsRoute, Template } from '../../../lambdas/policy.ts';
import { endUserMessagingRoute, notifyRoute, snsRoute } from '../../fakes/sending/routes.ts';

const template: Template = { purpose: 'login', locale: 'en', text: '{{brand}}: {{code}}' };
const load = (own: Partial<Load> = {}): Load => ({
  purpose: 'login',
  template,
  isAutofilled: false,
  digits: 6,
  ...own,
});
const all = [notifyRoute(), endUserMessagingRoute(), snsRoute()] as const;

const namesOf = (routes: readonly SmsRoute[]) => routes.map(({ name }) => name);
const order = (tried: Partial<Tried> = {}, own: Partial<Load> = {}, routes?: readonly string[]) =>
  namesOf(
    routesFor({ smsRoutes: all }, routes === undefined ? {} : { routes }, load(own), { ...nothingTried, ...tried }),
  );

describe('the routes of a message', () => {
  test('a country without routes of its own has all, in the order of the settings', () => {
    expect(order()).toEqual(['notify', 'end-user-messaging', 'sns']);
  });

  test('a country has its own routes in its own order, and no other', () => {
    expect(order({}, {}, ['sns', 'notify'])).toEqual(['sns', 'notify']);
  });

  test.each([
    ['notify', ['end-user-messaging', 'sns', 'notify']],
    ['end-user-messaging', ['sns', 'notify', 'end-user-messaging']],
    ['sns', ['notify', 'end-user-messaging', 'sns']],
  ])('a resend begins with the route after the last one, which was %s', (last, expected) => {
    expect(order({ sends: 1, last })).toEqual(expected);
  });

  test('a resend begins with the first route if the settings have dropped the last one', () => {
    expect(order({ sends: 2, last: 'gone' })).toEqual(['notify', 'end-user-messaging', 'sns']);
  });

  test.each([
    [1, 'end-user-messaging'],
    [2, 'sns'],
    [3, 'notify'],
    [61, 'end-user-messaging'],
  ])('a record from before routes had names goes round by its sends: after %i', (sends, first) => {
    expect(order({ sends })[0]).toBe(first);
  });

  test('a route that failed for the verification is skipped', () => {
    expect(order({ sends: 1, last: 'sns', failed: ['notify'] })).toEqual(['end-user-messaging', 'sns']);
  });

  test('each route may be tried again if all have failed', () => {
    const failed = namesOf(all);
    expect(order({ sends: 1, last: 'sns', failed })).toEqual(['notify', 'end-user-messaging', 'sns']);
  });

  test('Notify carries no code of more than eight digits', () => {
    expect(order({}, { digits: 8 })).toEqual(['notify', 'end-user-messaging', 'sns']);
    expect(order({}, { digits: 9 })).toEqual(['end-user-messaging', 'sns']);
  });

  test('Notify carries no payment', () => {
    expect(order({}, { purpose: 'transaction' })).toEqual(['end-user-messaging', 'sns']);
  });

  test.each([
    ['a country has texts of its own', { country: 'IN' }],
    ['a text is registered', { templateId: '1107160000000000001' }],
  ])('Notify carries no message where %s', (_, own) => {
    expect(order({}, { template: { ...template, ...own } })).toEqual(['end-user-messaging', 'sns']);
  });

  test('the first message that an app or a page reads takes Notify only after the others', () => {
    expect(order({}, { isAutofilled: true })).toEqual(['end-user-messaging', 'sns', 'notify']);
  });

  test('a resend of a message that an app or a page reads changes its route as any other', () => {
    expect(order({ sends: 1, last: 'sns' }, { isAutofilled: true })).toEqual(['notify', 'end-user-messaging', 'sns']);
    const two = ['notify', 'sns'];
    expect(order({ sends: 1, last: 'sns' }, { isAutofilled: true }, two)).toEqual(['notify', 'sns']);
    expect(order({ sends: 2, last: 'notify' }, { isAutofilled: true }, two)).toEqual(['sns', 'notify']);
  });

  test('a message that an app reads takes Notify at once if the others have failed for it', () => {
    const failed = ['end-user-messaging', 'sns'];
    expect(order({ sends: 1, last: 'sns', failed }, { isAutofilled: true })).toEqual(['notify']);
  });

  test('a country whose only route cannot carry a message has none for it', () => {
    expect(order({}, { purpose: 'transaction' }, ['notify'])).toEqual([]);
  });

  test('a message meets each route of its country once at most, and a failed one only if no other is left', () => {
    const names = [...namesOf(all), 'gone'];
    const some = fc.subarray(names);
    const tried = fc.record({ sends: fc.nat(99), last: fc.option(fc.constantFrom(...names), { nil: undefined }) });
    fc.assert(
      fc.property(
        fc.shuffledSubarray(namesOf(all), { minLength: 1 }),
        tried,
        some,
        fc.boolean(),
        (ofCountry, past, failed, isAutofilled) => {
          const routes = order({ ...past, failed }, { isAutofilled }, ofCountry);
          expect(new Set(routes).size).toBe(routes.length);
          expect(routes.filter((name) => !ofCountry.includes(name))).toEqual([]);
          const open = ofCountry.filter((name) => !failed.includes(name));
          expect(routes.toSorted()).toEqual((open.length > 0 ? open : ofCountry).toSorted());
        },
      ),
    );
  });
});

describe('the language of a message', () => {
  const on = (route: SmsRoute, locale?: string, defaultLocale = 'en') =>
    languageOn(route, { ...template, locale: 'de' }, { locale, defaultLocale });

  test('a text of ours has its own language', () => {
    expect([on(snsRoute(), 'hi'), on(endUserMessagingRoute())]).toEqual(['de', 'de']);
  });

  test.each([
    ['hi', 'hi'],
    ['hi-IN', 'hi'],
    ['en-GB', 'en'],
    ['ta', 'en'],
    [undefined, 'en'],
  ])('Notify has the template of the language that a person reads, or of the default one: %s', (locale, expected) => {
    expect(on(notifyRoute(), locale)).toBe(expected);
  });

  test('Notify without a template of the default language has another one', () => {
    expect(on(notifyRoute({ templates: { 'pt-BR': 't' } }), 'fr')).toBe('pt-BR');
  });
});
