import { expect, test } from 'vitest';
import { dayOf, microUsd } from '../../../lambdas/otp/limits/caps.ts';
import { secret } from '../../../lambdas/otp/number/secret.ts';
import type { Sms } from '../../../lambdas/otp/ports.ts';
import { nothingTried } from '../../../lambdas/otp/sending/routes.ts';
import { sendCode, smsPartsOf } from '../../../lambdas/otp/sending/sms.ts';
import { samplePolicy } from '../../fakes/policy.ts';
import { phone, requested, type World, world } from '../../fakes/world.ts';

/** With a code of six digits the text has 70 characters outside of GSM-7: one part. One more makes two. */
const filled = (characters: number) => `{{code}}${'я'.repeat(characters - 6)}`;
const templates = [
  { purpose: 'login', locale: 'ru', text: filled(71) },
  { purpose: 'login', locale: 'uk', text: filled(70) },
  { purpose: 'login', locale: 'en', text: '{{code}} is your code.' },
];
const settings = { templates, lowVolume: { verifications: 0, unverifiedSendsPerDay: 0 } };
/** 0.02 USD, of the sample policy. */
const price = microUsd(0.02);
const spent = ({ ledger, state }: World) => ledger.counts.get(`spent total ${dayOf(state.nowMs)}`) ?? 0;

test.each([
  ['en', 1],
  ['uk', 1],
  ['ru', 2],
])('the caps count the parts of the very SMS: in %s %d', async (locale, parts) => {
  const here = world(settings);
  const { id } = await requested(here, { locale });
  expect(spent(here)).toBe(parts * price);
  here.pass(30);
  expect(await here.resend({ id })).toMatchObject({ kind: 'resent' });
  expect(spent(here)).toBe(2 * parts * price);
});

test('a cap lets half as many SMS of two parts pass', async () => {
  const countries = { IN: { maxPriceUsd: 0.1, priceUsd: 0.02, caps: { hourUsd: 0.2, dayUsd: 50 } } };
  const here = world({ ...settings, countries });
  const ask = (index: number, locale: string) =>
    here.request({ phone: phone(`+9198765${String(10_000 + index)}`), ip: `192.0.2.${index}`, locale });
  const kinds: string[] = [];
  for (let index = 0; index < 5; index += 1) kinds.push((await ask(index, 'ru')).kind);
  // Anyone gets four fifths of 0.20 USD.
  expect(kinds).toEqual(['created', 'created', 'created', 'created', 'cap-reached']);
  expect(await ask(9, 'ru')).toMatchObject({ kind: 'cap-reached', limit: 'cap-country', retryAfterSeconds: 3600 });
});

test('an SMS of one part still passes where one of two no longer does', async () => {
  const countries = { IN: { maxPriceUsd: 0.1, priceUsd: 0.02, caps: { hourUsd: 0.125, dayUsd: 50 } } };
  const here = world({ ...settings, countries });
  const ask = (index: number, locale: string) =>
    here.request({ phone: phone(`+9198765${String(10_000 + index)}`), ip: `192.0.2.${index}`, locale });
  // Four fifths of 0.125 USD are five parts.
  expect([(await ask(0, 'ru')).kind, (await ask(1, 'ru')).kind]).toEqual(['created', 'created']);
  expect(await ask(2, 'ru')).toMatchObject({ kind: 'cap-reached' });
  expect(await ask(3, 'uk')).toMatchObject({ kind: 'created' });
  expect(spent(here)).toBe(5 * price);
});

test('a longer code under code spraying counts with its own length', async () => {
  const here = world(settings);
  here.ledger.codeSpraying.add('IN');
  await requested(here, { locale: 'uk' });
  expect(here.lastCode()).toHaveLength(9);
  expect(spent(here)).toBe(2 * price);
});

test('a send that surely failed gives all its parts back', async () => {
  const here = world(settings);
  here.state.network.push({ kind: 'rejected', reason: 'refused' }, { kind: 'rejected', reason: 'refused' });
  expect(await here.request({ locale: 'ru' })).toMatchObject({ kind: 'not-sent' });
  expect(spent(here)).toBe(0);
});

test('SNS may charge the highest price for each part of the message', async () => {
  const seen: Sms[] = [];
  const sender = {
    send: async (sms: Sms) => {
      seen.push(sms);
      return { kind: 'accepted', messageId: 'm' } as const;
    },
  };
  const policy = { ...samplePolicy, ...settings };
  const message = { country: 'IN', purpose: 'login', lifetimeSeconds: 300 };
  const context = { verification: 'a'.repeat(64), send: 'send-1' };
  const time = { secondsLeft: () => 300, isEnough: () => true };
  const coded = { ...message, phone: secret('+919876543210'), code: secret('492039'), context, time };
  for (const locale of ['en', 'ru']) await sendCode(sender, policy, { ...coded, locale }, nothingTried);
  expect(seen.map(({ maxPriceUsd }) => maxPriceUsd)).toEqual([0.1, 0.2]);
  expect(smsPartsOf(policy, { ...message, locale: 'ru' }, 6)).toBe(2);
  // Three parts of 0.1 USD are no 0.30000000000000004.
  const long = { ...policy, templates: [{ purpose: 'login', locale: 'ru', text: filled(140) }] };
  await sendCode(sender, long, { ...coded, locale: 'ru' }, nothingTried);
  expect(seen.at(-1)?.maxPriceUsd).toBe(0.3);
});
