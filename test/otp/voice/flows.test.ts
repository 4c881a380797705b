import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { dayOf } from '../../../lambdas/otp/limits/caps.ts';
import { recordKey } from '../../../lambdas/otp/number/pseudonyms.ts';
import { secret } from '../../../lambdas/otp/number/secret.ts';
import type { SendRequest } from '../../../lambdas/otp/request/context.ts';
import { sampleVoice } from '../../fakes/sending/voice.ts';
import { phone, requested, type World, world, wrongCode } from '../../fakes/world.ts';

const withCalls = (more: Parameters<typeof world>[0] = {}) =>
  world({ voice: sampleVoice, lowVolume: { verifications: 0, unverifiedSendsPerDay: 0 }, ...more });
const spent = ({ ledger, state }: World, of = 'total') => ledger.counts.get(`spent ${of} ${dayOf(state.nowMs)}`) ?? 0;
const called = async (here: World, more: Partial<SendRequest> = {}) => {
  const { id } = await requested(here, { channel: 'voice', ...more });
  return { id, code: here.calls.at(-1)?.code ?? '' };
};
const recordOf = (here: World, id: string) => here.ledger.records.get(recordKey('app', id));
const checked = (here: World, id: string, code: string) => here.check({ id, code: secret(code), application: 'app' });
const amrOf = (outcome: Awaited<ReturnType<typeof checked>>) =>
  decodeJwt(outcome.kind === 'approved' ? outcome.proof : '')['amr'];

describe('a request by voice', () => {
  test('a code is spoken to the number by the first route, in the language of the person, and no SMS goes out', async () => {
    const here = withCalls();
    await called(here, { locale: 'de-AT' });
    expect(here.inbox).toEqual([]);
    expect(here.calls).toEqual([
      {
        to: '+919876543210',
        code: expect.stringMatching(/^\d{6}$/),
        route: 'voice-end-user-messaging',
        brand: 'Acme',
        locales: ['de-AT', 'en'],
        country: 'IN',
        maxPriceUsd: 0.031,
        secondsLeft: 300,
      },
    ]);
  });

  test('a spoken code is accepted once, and its proof says that it was spoken', async () => {
    const here = withCalls();
    const { id, code } = await called(here);
    expect(await checked(here, id, wrongCode(code))).toMatchObject({ kind: 'wrong' });
    const approved = await checked(here, id, code);
    expect(approved).toMatchObject({ kind: 'approved' });
    expect(amrOf(approved)).toEqual(['otp', 'tel']);
    expect(await checked(here, id, code)).toMatchObject({ kind: 'already-used' });
  });

  test('the caps count the price of a call, to the millionth of a USD', async () => {
    const here = withCalls();
    const { id } = await called(here);
    expect([spent(here), spent(here, 'IN')]).toEqual([31_000, 31_000]);
    here.pass(30);
    expect(await here.resend({ id, channel: 'sms' })).toMatchObject({ kind: 'resent' });
    expect(spent(here)).toBe(31_000 + 20_000);
  });

  test('a cap lets a call pass while it has room for its price, and not a millionth less', async () => {
    const countries = (hourUsd: number) => ({
      IN: { maxPriceUsd: 0.1, priceUsd: 0.02, caps: { hourUsd, dayUsd: 50 } },
    });
    // Anyone gets four fifths.
    const enough = withCalls({ countries: countries(0.03875) });
    expect(await enough.request({ channel: 'voice' })).toMatchObject({ kind: 'created' });
    const short = withCalls({ countries: countries(0.038_748) });
    expect(await short.request({ channel: 'voice' })).toMatchObject({ kind: 'cap-reached', limit: 'cap-country' });
    expect(await short.request({ channel: 'sms' })).toMatchObject({ kind: 'created' });
  });

  test('a country without a price of calls gets none, and writes nothing but the refusal', async () => {
    const here = withCalls();
    const outcome = await here.request({ phone: phone('+447400123456'), channel: 'voice' });
    expect(outcome).toEqual({ kind: 'destination-not-allowed', reason: 'voice' });
    expect([here.ledger.records.size, spent(here), here.calls.length]).toEqual([0, 0, 0]);
  });

  test.each(['+911800123456', '+911123456789'])('no call goes to %s, which is no mobile number', async (number) => {
    const outcome = await withCalls().request({ phone: phone(number), channel: 'voice' });
    expect(outcome).toEqual({ kind: 'destination-not-allowed', reason: 'type' });
  });

  test('a call that surely failed by one route is made by the next, and the record names it', async () => {
    const here = withCalls();
    here.state.network.push({ kind: 'rejected', reason: 'number-limit' });
    const { id } = await called(here);
    expect(here.calls.map(({ route }) => route)).toEqual(['voice-notify']);
    expect(recordOf(here, id)).toMatchObject({ route: 'voice-notify', failedRoutes: ['voice-end-user-messaging'] });
  });

  test('no other route calls a number that staff have blocked', async () => {
    const here = withCalls();
    here.state.network.push({ kind: 'rejected', reason: 'number-blocked' });
    expect(await here.request({ channel: 'voice' })).toMatchObject({ kind: 'not-sent', obstacle: 'destination' });
    expect(here.calls).toEqual([]);
  });

  test('a call without an answer is made by no other route, and stays a call', async () => {
    const here = withCalls();
    here.state.network.push({ kind: 'unconfirmed' });
    const outcome = await here.request({ channel: 'voice' });
    expect(outcome).toMatchObject({ kind: 'created', view: { delivery: 'unconfirmed', channel: 'voice' } });
    expect(here.calls).toHaveLength(1);
  });

  test('a call that surely failed everywhere is rolled back: the number may ask at once, and nothing is spent', async () => {
    const here = withCalls();
    here.state.network.push({ kind: 'rejected', reason: 'throttled' }, { kind: 'rejected', reason: 'throttled' });
    expect(await here.request({ channel: 'voice' })).toMatchObject({ kind: 'not-sent' });
    expect(spent(here)).toBe(0);
    expect(await here.request({ channel: 'voice' })).toMatchObject({ kind: 'created' });
  });

  test('the same idempotency key for a call and for an SMS is a key that is used again', async () => {
    const here = withCalls();
    const idempotencyKey = 'a-key-of-sixteen-characters';
    expect(await here.request({ idempotencyKey })).toMatchObject({ kind: 'created' });
    expect(await here.request({ idempotencyKey, channel: 'sms' })).toMatchObject({ kind: 'repeated' });
    expect(await here.request({ idempotencyKey, channel: 'voice' })).toMatchObject({ kind: 'key-reused' });
    expect(here.calls).toEqual([]);
  });

  test('200 requests in parallel, by voice and by SMS, make one of either', async () => {
    const here = withCalls();
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, (_, index) => here.request({ channel: index % 2 === 0 ? 'voice' : 'sms' })),
    );
    expect(outcomes.filter(({ kind }) => kind === 'created')).toHaveLength(1);
    expect(here.calls.length + here.inbox.length).toBe(1);
  });
});

describe('a resend', () => {
  test.each([
    ['sms', undefined, 'sms'],
    ['voice', undefined, 'voice'],
    ['sms', 'voice', 'voice'],
    ['voice', 'sms', 'sms'],
  ] as const)('a resend after %s that asks for %s goes by %s', async (first, asked, then) => {
    const here = withCalls();
    const { id } = await requested(here, { channel: first });
    here.pass(30);
    expect(await here.resend({ id, channel: asked })).toMatchObject({ kind: 'resent', view: { channel: then } });
    expect(recordOf(here, id)?.channel ?? 'sms').toBe(then);
    const made = { sms: here.inbox.length, voice: here.calls.length };
    expect(made).toEqual({ sms: 0, voice: 0, [first]: 1, [then]: first === then ? 2 : 1 });
  });

  test('a second call takes the next route', async () => {
    const here = withCalls();
    const { id } = await called(here);
    here.pass(30);
    await here.resend({ id });
    expect(here.calls.map(({ route }) => route)).toEqual(['voice-end-user-messaging', 'voice-notify']);
  });

  test('the proof names the channel of the code that was typed', async () => {
    const here = withCalls();
    const { id } = await requested(here);
    here.pass(30);
    await here.resend({ id, channel: 'voice' });
    const code = here.calls.at(-1)?.code ?? '';
    expect(amrOf(await checked(here, id, code))).toEqual(['otp', 'tel']);
  });

  test('a call that surely failed gives the channel of the code before back, with the code', async () => {
    const here = withCalls();
    const { id, code } = await requested(here);
    here.pass(30);
    here.state.network.push({ kind: 'rejected', reason: 'refused' }, { kind: 'rejected', reason: 'refused' });
    expect(await here.resend({ id, channel: 'voice' })).toMatchObject({ kind: 'not-sent' });
    const approved = await checked(here, id, code);
    expect(amrOf(approved)).toEqual(['otp', 'sms']);
  });

  test.each(['account-change', 'transaction'])('no resend speaks a code of purpose %s', async (purpose) => {
    const here = withCalls();
    const pay = { amount: '1.00', currency: 'INR', payee: 'Acme' };
    const { id } = await requested(here, { purpose, ...(purpose === 'transaction' ? { transaction: pay } : {}) });
    here.pass(30);
    expect(await here.resend({ id, channel: 'voice' })).toEqual({ kind: 'no-voice', because: 'purpose' });
    expect(here.calls).toEqual([]);
    expect(await here.resend({ id })).toMatchObject({ kind: 'resent' });
  });

  test('a verification from before calls were turned off is resent by SMS, and no call can be asked for', async () => {
    const before = withCalls();
    const { id } = await called(before);
    const record = recordOf(before, id);
    if (record === undefined) throw new Error('There is no record.');
    const after = world();
    after.ledger.records.set(record.key, record);
    after.pass(30);
    expect(await after.resend({ id, channel: 'voice' })).toEqual({ kind: 'no-voice', because: 'off' });
    expect(await after.resend({ id })).toMatchObject({ kind: 'resent', view: { channel: 'sms' } });
    expect(after.inbox).toHaveLength(1);
  });
});

describe('calls to a number', () => {
  const numbers = ['192.0.2.1', '198.51.100.7', '203.0.113.9', '192.0.2.200', '198.51.100.200', '203.0.113.200'];
  const ring = async (here: World, ip: string) => {
    here.pass(3600);
    const outcome = await here.request({ channel: 'voice', ip });
    return 'limit' in outcome ? outcome.limit : outcome.kind;
  };

  test('a number gets three calls in 24 hours from anyone, and SMS beside them', async () => {
    const here = withCalls();
    const asked: string[] = [];
    for (const ip of numbers.slice(0, 4)) asked.push(await ring(here, ip));
    expect(asked).toEqual(['created', 'created', 'created', 'phone-24h-voice']);
    expect(await here.request({ channel: 'sms', ip: '192.0.2.77' })).toMatchObject({ kind: 'created' });
  });

  test('Retry-After is true: at that second the next call is made, and a second earlier it is not', async () => {
    const here = withCalls();
    for (const ip of numbers.slice(0, 3)) await ring(here, ip);
    here.pass(60);
    const refused = await here.request({ channel: 'voice' });
    const retryAfterSeconds = 'retryAfterSeconds' in refused ? refused.retryAfterSeconds : 0;
    expect(retryAfterSeconds).toBe(24 * 3600 - 2 * 3600 - 60);
    here.pass(retryAfterSeconds - 1);
    expect(await here.request({ channel: 'voice' })).toMatchObject({ limit: 'phone-24h-voice' });
    here.pass(1);
    expect(await here.request({ channel: 'voice' })).toMatchObject({ kind: 'created' });
  });

  test('the calls of strangers leave a network from which the number has verified two, and AWS makes no more', async () => {
    const here = withCalls();
    const home = '192.0.2.1';
    const { id, code } = await requested(here, { ip: home });
    await checked(here, id, code);
    const record = recordOf(here, id);
    await here.stream('approval', record && { ...record, guesses: [], nonces: [] }, record);
    const asked: string[] = [];
    for (const ip of ['198.51.100.7', '203.0.113.9', '198.51.100.8', '203.0.113.10', home, home, home])
      asked.push(await ring(here, ip));
    expect(asked).toEqual([
      ...['created', 'created', 'created', 'phone-24h-voice'],
      ...['created', 'created', 'phone-24h-voice'],
    ]);
  });

  test('the cooldown holds for calls and SMS together', async () => {
    const here = withCalls();
    await called(here);
    here.pass(29);
    expect(await here.request()).toMatchObject({ kind: 'too-soon' });
    here.pass(1);
    expect(await here.request()).toMatchObject({ kind: 'created' });
    here.pass(29);
    expect(await here.request({ channel: 'voice' })).toMatchObject({ kind: 'too-soon' });
  });
});
