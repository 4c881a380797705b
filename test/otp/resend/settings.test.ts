import { describe, expect, test } from 'vitest';
import { recordKey } from '../../../lambdas/otp/number/pseudonyms.ts';
import { secret } from '../../../lambdas/otp/number/secret.ts';
import { resendVerification } from '../../../lambdas/otp/resend.ts';
import type { Policy } from '../../../lambdas/policy.ts';
import { samplePolicy } from '../../fakes/policy.ts';
import { notifyRoute } from '../../fakes/sending/routes.ts';
import { sampleVoice } from '../../fakes/sending/voice.ts';
import { requested, type World, world } from '../../fakes/world.ts';

const { IN: _, ...otherCountries } = samplePolicy.countries;

/** A resend by settings that were deployed after the request. */
const resentBy = async (here: World, id: string, settings: Partial<Policy>, channel?: 'sms' | 'voice') => {
  here.pass(31);
  const calls = here.ledger.calls.length;
  const resend = resendVerification(here.ports, { ...here.rules, ...settings });
  const outcome = await resend({ id, channel, application: 'app' });
  return { outcome, calls: here.ledger.calls.slice(calls) };
};
const recordOf = (here: World, id: string) => here.ledger.records.get(recordKey('app', id));

describe('a resend after settings have changed', () => {
  test.each(['sms', 'voice'] as const)(
    'a resend to a country that they dropped is refused as a request is, and the code that is out stays good: %s',
    async (channel) => {
      const here = world({ voice: sampleVoice });
      const { id, code } = await requested(here);
      const before = recordOf(here, id);
      const { outcome, calls } = await resentBy(here, id, { countries: otherCountries }, channel);
      expect(outcome).toEqual({ kind: 'destination-not-allowed', reason: 'country' });
      expect(calls).toEqual(['find']);
      expect(recordOf(here, id)).toEqual(before);
      expect([here.inbox.length, here.calls.length]).toEqual([1, 0]);
      expect(await here.check({ id, code: secret(code), application: 'app' })).toMatchObject({ kind: 'approved' });
    },
  );

  test.each<[string, Partial<Policy>]>([
    ['no text', { templates: [] }],
    ['no route', { smsRoutes: [notifyRoute()] }],
  ])('a resend with %s for its message writes nothing, and says that no repeat helps', async (_what, settings) => {
    const here = world();
    const transaction = { amount: '5', currency: 'EUR', payee: 'Shop' };
    const { id } = await requested(here, { purpose: 'transaction', transaction });
    const before = recordOf(here, id);
    const { outcome, calls } = await resentBy(here, id, settings);
    expect(outcome).toMatchObject({ kind: 'not-sent', obstacle: 'account', routes: [] });
    expect(calls).toEqual(['find', 'readFacts']);
    expect(recordOf(here, id)).toEqual(before);
  });

  test('a resend of a test number sends nothing, so that it needs no country', async () => {
    const here = world();
    const { id } = await requested(here, {});
    const record = recordOf(here, id);
    if (record === undefined) throw new Error('The record is missing.');
    here.ledger.records.set(recordKey('app', id), { ...record, test: true });
    const { outcome } = await resentBy(here, id, { countries: otherCountries });
    expect(outcome).toMatchObject({ kind: 'resent', test: true });
  });
});
