import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import settings from '../../bin/settings.ts';
import { createClient } from '../../clients/typescript/index.ts';
import { verifyProof } from '../../clients/typescript/proof/index.ts';
import { type LocalStack, startLocalStack } from '../../local/stack.ts';
import { clientOf, freshNumber } from '../http/client.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await startLocalStack({ bundles: inject('bundles'), quiet: true, stage: 'otp' });
});
afterAll(() => stack?.stop());

const otpOf = (more: object = {}) => createClient({ baseUrl: stack.url, apiKey: stack.apiKey, ...more });
const codeOf = (phoneNumber: string) => clientOf(stack).lastCode(phoneNumber);
const sendTo = async (phoneNumber: string, more: object = {}) => {
  const sent = await otpOf().request({ phoneNumber, purpose: 'login', ...more });
  if (sent.kind !== 'sent') return expect.unreachable(`${sent.kind}: ${sent.detail}`);
  return { id: sent.verification.id, code: codeOf(phoneNumber) };
};

/** Loses the first answers of the service, after it has done its work. */
const losing = (times: number): typeof fetch => {
  let lost = 0;
  return async (input, init) => {
    const response = await fetch(input, init);
    if (lost >= times) return response;
    lost += 1;
    await response.text();
    throw new TypeError('The connection was cut.');
  };
};
const atOnce = { wait: async () => {} };

describe('the client, against the service', () => {
  test('the whole journey ends with a proof that the package verifies', async () => {
    const otp = otpOf();
    const { id, code } = await sendTo(freshNumber());
    expect(await otp.check(id, { code: '000000' })).toMatchObject({ kind: 'wrong-code', attemptsRemaining: 4 });
    expect(await otp.get(id)).toMatchObject({ kind: 'found', verification: { id, status: 'pending' } });
    expect(await otp.check(id, { code: '1' })).toMatchObject({ kind: 'invalid-request', status: 400 });
    const checked = await otp.check(id, { code });
    if (checked.kind !== 'approved') return expect.unreachable(checked.kind);
    const jwksUrl = `${stack.url}/.well-known/jwks.json`;
    const claims = await verifyProof(checked.proof, { jwksUrl, audience: settings.audience, purpose: 'login' });
    expect(claims.phone_number).toMatch(/^\+91987/);
    expect(await otp.check(id, { code })).toMatchObject({ kind: 'code-already-used' });
    expect(await otp.cancel(id)).toMatchObject({ kind: 'code-already-used' });
  });

  test('a payment is checked with its own words, and with no other', async () => {
    const transaction = { amount: '1499.00', currency: 'INR', payee: 'Acme' };
    const { id, code } = await sendTo(freshNumber(), { purpose: 'transaction', transaction });
    const other = { ...transaction, amount: '1500.00' };
    expect(await otpOf().check(id, { code, transaction: other })).toMatchObject({ kind: 'wrong-code' });
    const checked = await otpOf().check(id, { code, transaction });
    if (checked.kind !== 'approved') return expect.unreachable(checked.kind);
    const expected = {
      jwksUrl: `${stack.url}/.well-known/jwks.json`,
      audience: settings.audience,
      purpose: 'transaction',
    };
    await expect(verifyProof(checked.proof, { ...expected, transaction: other })).rejects.toMatchObject({
      code: 'wrong-transaction',
    });
    await expect(verifyProof(checked.proof, { ...expected, transaction })).resolves.toBeDefined();
  });

  test('a resend replaces the code, and the older one is told apart from a wrong one', async () => {
    const phoneNumber = freshNumber();
    const { id, code } = await sendTo(phoneNumber);
    expect(await otpOf().resend(id)).toMatchObject({ kind: 'resend-too-soon', retryAfterSeconds: expect.any(Number) });
    stack.clock.advance(31_000);
    expect(await otpOf().resend(id)).toMatchObject({ kind: 'sent', verification: { id } });
    expect(await otpOf().check(id, { code })).toMatchObject({ kind: 'superseded-code', attemptsRemaining: 5 });
    expect(await otpOf().check(id, { code: codeOf(phoneNumber) })).toMatchObject({ kind: 'approved' });
  });

  test('a request whose answer is lost twice sends one SMS', async () => {
    const phoneNumber = freshNumber();
    const sent = await otpOf({ fetch: losing(2), ...atOnce }).request({ phoneNumber });
    expect(sent.kind).toBe('sent');
    expect(stack.messages(phoneNumber)).toHaveLength(1);
  });

  test('a wrong guess whose answer is lost costs one attempt, and the right one gives its proof all the same', async () => {
    const { id, code } = await sendTo(freshNumber());
    const otp = () => otpOf({ fetch: losing(2), ...atOnce });
    expect(await otp().check(id, { code: '000000' })).toMatchObject({ kind: 'wrong-code', attemptsRemaining: 4 });
    expect(await otp().check(id, { code })).toMatchObject({ kind: 'approved' });
  });

  test('a resend whose answer is lost sends one SMS more', async () => {
    const phoneNumber = freshNumber();
    const { id } = await sendTo(phoneNumber);
    stack.clock.advance(31_000);
    expect(await otpOf({ fetch: losing(2), ...atOnce }).resend(id)).toMatchObject({ kind: 'sent' });
    expect(stack.messages(phoneNumber)).toHaveLength(2);
  });

  test('a verification is canceled once and for all, also when the answer is lost', async () => {
    const { id, code } = await sendTo(freshNumber());
    expect(await otpOf({ fetch: losing(1), ...atOnce }).cancel(id)).toEqual({ kind: 'canceled' });
    expect(await otpOf().check(id, { code })).toMatchObject({ kind: 'verification-canceled', status: 410 });
  });

  test('a key that is not known, a field that is unknown and an id of nobody are outcomes', async () => {
    const phoneNumber = freshNumber();
    expect(await otpOf({ apiKey: 'wrong' }).request({ phoneNumber })).toMatchObject({ kind: 'unauthorized' });
    const input = { phoneNumber, color: 'red' };
    const outcome = await otpOf().request(input);
    expect(outcome).toMatchObject({ kind: 'invalid-request', errors: [{ pointer: '/color' }] });
    expect(await otpOf().get(`a${'A'.repeat(27)}`)).toMatchObject({ kind: 'verification-not-found' });
    expect(stack.messages(phoneNumber)).toEqual([]);
  });

  test('a base URL without the stage is a mistake, and throws', async () => {
    const call = createClient({ baseUrl: stack.origin, apiKey: stack.apiKey }).request({ phoneNumber: freshNumber() });
    await expect(call).rejects.toMatchObject({ name: 'CallError', reason: 'unreadable-answer' });
  });
});
