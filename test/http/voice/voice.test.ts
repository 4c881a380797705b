import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import type { LocalStack } from '../../../local/stack.ts';
import { notify, sns } from '../../fakes/routed-bundles.ts';
import { voiceSettings } from '../../fakes/settings.ts';
import { wrongCode } from '../../fakes/world.ts';
import { type Client, clientOf, freshNumber, openStack, wordOf } from '../client.ts';
import { openRouted } from '../senders/routed-stack.ts';

const voice = voiceSettings({
  countries: { IN: { priceUsd: 0.031 } },
  routes: [{ originationIdentity: '+12065550100' }, { ...notify, templates: { en: notify.templates.en } }],
});

let close: () => Promise<void>;
let stack: LocalStack;
let app: Client;
beforeAll(async () => {
  ({ stack, app, close } = await openRouted([sns], { voice }));
});
afterAll(() => close?.());
afterEach(() => stack.faults.smsVoice?.clearFaults());

const callsTo = (number: string) => stack.faults.smsVoice?.messages(number) ?? [];
/** The code that a call says, without its pauses. */
const heardBy = (number: string): string => (callsTo(number)[0]?.text.match(/\d/g) ?? []).join('').slice(0, 6);
const ask = (phoneNumber: string, more: Record<string, unknown> = {}) =>
  app.request({ phoneNumber, purpose: 'login', channel: 'voice', ...more });
const resend = (id: string, body?: unknown) => app.call('POST', `/v1/verifications/${id}/resend`, body);

describe('a code by a call', () => {
  test('a person is called, types the code, and the proof says that it was spoken', async () => {
    const number = freshNumber();
    const answer = await ask(number, { locale: 'de-AT' });
    expect([answer.status, answer.body['channel'], answer.body['delivery']]).toEqual([201, 'voice', 'accepted']);
    expect(callsTo(number)).toMatchObject([{ channel: 'voice', text: expect.stringContaining('Ihr Code lautet') }]);
    expect(stack.faults.sns?.messages(number)).toEqual([]);
    const [id, code] = [String(answer.body['id']), heardBy(number)];
    expect((await app.find(id)).body['channel']).toBe('voice');
    expect(wordOf(await app.check(id, { code: wrongCode(code) }))).toBe('pending');
    const approved = await app.check(id, { code });
    expect(wordOf(approved)).toBe('approved');
    expect(decodeJwt(String(approved.body['proof']))).toMatchObject({ amr: ['otp', 'tel'] });
  });

  test('an SMS that does not arrive is followed by a call, and the other way round', async () => {
    const number = freshNumber();
    const { id } = await app.requested(number);
    stack.clock.advance(31_000);
    const called = await resend(id, { channel: 'voice' });
    expect([called.status, called.body['channel']]).toEqual([200, 'voice']);
    stack.clock.advance(31_000);
    const texted = await resend(id, { channel: 'sms' });
    expect([texted.status, texted.body]).toEqual([200, expect.not.objectContaining({ channel: expect.anything() })]);
    expect(stack.messages(number).map((message) => ('channel' in message ? message.channel : 'sms'))).toEqual([
      ...['sms', 'voice', 'sms'],
    ]);
    const approved = await app.check(id, { code: app.lastCode(number) });
    expect(decodeJwt(String(approved.body['proof']))).toMatchObject({ amr: ['otp', 'sms'] });
  });

  test('Notify takes over from a number that cannot call', async () => {
    const number = freshNumber();
    stack.faults.smsVoice?.fail('throttle', { operation: 'SendVoiceMessage', times: 100, to: number });
    const { body } = await ask(number);
    expect(callsTo(number)).toMatchObject([{ text: expect.stringMatching(/(?:\d\. ){5}\d\./) }]);
    expect(wordOf(await app.check(String(body['id']), { code: heardBy(number) }))).toBe('approved');
  });

  test('a call that no route makes is no send: the answer says so, and the number may ask at once', async () => {
    const number = freshNumber();
    stack.faults.smsVoice?.fail('throttle', { times: 100, to: number });
    expect(wordOf(await ask(number))).toBe('delivery-failed');
    stack.faults.smsVoice?.clearFaults();
    expect((await ask(number)).status).toBe(201);
  });

  test.each([
    ['account-change', {}],
    ['transaction', { transaction: { amount: '1.00', currency: 'INR', payee: 'Acme' } }],
  ])('a request for %s is refused, and names the field', async (purpose, more) => {
    const { status, body } = await ask(freshNumber(), { purpose, ...more });
    expect([status, body['code'], body['errors']]).toEqual([
      400,
      'invalid-request',
      [{ pointer: '/channel', detail: expect.stringContaining('Write "sms"') }],
    ]);
  });

  test('a resend of such a verification is refused in the same words, and its code stays good', async () => {
    const number = freshNumber();
    const { id, code } = await app.requested(number, { purpose: 'account-change' });
    stack.clock.advance(31_000);
    const { status, body } = await resend(id, { channel: 'voice' });
    expect([status, body['errors']]).toEqual([
      400,
      [{ pointer: '/channel', detail: expect.stringContaining('account-change') }],
    ]);
    expect(wordOf(await app.check(id, { code }))).toBe('approved');
  });

  test('a country without calls is refused, and gets an SMS', async () => {
    const british = '+447400123456';
    expect(await ask(british)).toMatchObject({ status: 403, body: { code: 'destination-not-allowed' } });
    const { id } = await app.requested(british);
    stack.clock.advance(31_000);
    expect(await resend(id, { channel: 'voice' })).toMatchObject({
      status: 403,
      body: { code: 'destination-not-allowed', detail: expect.stringContaining('makes no calls to the country') },
    });
  });

  test.each([['fax'], [7], [{}]])('the channel %j is refused', async (channel) => {
    expect(await ask(freshNumber(), { channel })).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
    const { id } = await app.requested(freshNumber());
    expect(await resend(id, { channel })).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
  });

  test('neither code nor number of a call is in a log line, if it is made and if it fails', async () => {
    const [made, failed] = [freshNumber(), freshNumber()];
    await ask(made);
    stack.faults.smsVoice?.fail('internal-error', { to: failed, times: 5 });
    expect((await ask(failed)).body['delivery']).toBe('unconfirmed');
    const lines = JSON.stringify(stack.logs());
    const code = heardBy(made);
    expect(code).toMatch(/^\d{6}$/);
    for (const secret of [code, [...code].join('. '), made, failed]) expect(lines).not.toContain(secret);
  });
});

describe('a deployment without calls', () => {
  let plain: LocalStack;
  beforeAll(async () => {
    plain = await openStack(inject('bundles'));
  });
  afterAll(() => plain?.stop());

  test('a request and a resend by voice are refused with a sentence, and "sms" is as good as nothing', async () => {
    const client = clientOf(plain);
    const number = freshNumber();
    const off = {
      status: 400,
      body: { errors: [{ pointer: '/channel', detail: expect.stringContaining('no calls') }] },
    };
    expect(await client.request({ phoneNumber: number, channel: 'voice' })).toMatchObject(off);
    const { status, body } = await client.request({ phoneNumber: number, channel: 'sms' });
    expect([status, body]).toEqual([201, expect.not.objectContaining({ channel: expect.anything() })]);
    plain.clock.advance(31_000);
    const path = `/v1/verifications/${body['id']}/resend`;
    expect(await client.call('POST', path, { channel: 'voice' })).toMatchObject(off);
    expect((await client.call('POST', path, { channel: null })).status).toBe(200);
  });
});
