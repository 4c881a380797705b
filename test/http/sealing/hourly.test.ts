import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import type { LocalStack } from '../../../local/stack.ts';
import { changedBundles } from '../../fakes/changed-bundles.ts';
import { wrongCode } from '../../fakes/world.ts';
import { type Client, clientOf, freshNumber, openStack } from '../client.ts';

const hourMs = 3_600_000;
const minuteMs = 60_000;
const payment = { amount: '1499.00', currency: 'INR', payee: 'Acme' };

/** A service with both settings, from the request to the proof. */
describe('sealed hourly, with proofs under RS256', () => {
  let stack: LocalStack;
  let app: Client;
  let remove: () => Promise<void>;
  beforeAll(async () => {
    const bundles = await changedBundles(inject('bundles'), {
      sealing: 'hourly',
      proofs: { algorithm: 'RS256' },
    });
    remove = bundles.remove;
    stack = await openStack(bundles.folder, {}, inject('hourlyTemplate'));
    app = clientOf(stack);
    goTo(40);
    const { id, code } = await app.requested(freshNumber());
    await app.check(id, { code: wrongCode(code) });
    stack.clock.advance(31_000);
    await app.resend(id);
  });
  afterAll(async () => {
    await stack?.stop();
    await remove?.();
  });
  afterEach(() => stack.faults.kms?.clearFaults());

  /** Lets the clock of the service go on to a minute of an hour. */
  const goTo = (minute: number): void => {
    const ms = (hourMs + minute * minuteMs - (stack.clock.now() % hourMs)) % hourMs;
    stack.clock.advance(ms);
  };
  const keyCalls = () => stack.faults.kms?.calls ?? [];
  /** The calls of a flow to KMS: the operation, and the name of the key. */
  const asked = async (flow: () => Promise<unknown>): Promise<readonly string[]> => {
    const before = keyCalls().length;
    await flow();
    const names = Object.entries(stack.keys);
    return keyCalls()
      .slice(before)
      .map(({ operation, keyArn }) => `${operation} ${names.find(([, arn]) => arn === keyArn)?.[0]}`)
      .toSorted();
  };

  test('a flow asks KMS for the MACs and for the proof, and for nothing else', async () => {
    const phoneNumber = freshNumber();
    let id = '';
    const request = async () => {
      ({ id } = await app.requested(phoneNumber));
    };
    expect(await asked(request)).toEqual(['GenerateMac code']);
    const code = app.lastCode(phoneNumber);
    expect(await asked(() => app.check(id, { code: wrongCode(code) }))).toEqual(['GenerateMac code']);
    stack.clock.advance(31_000);
    expect(await asked(() => app.resend(id))).toEqual(['GenerateMac code']);
    const again = { code: app.lastCode(phoneNumber) };
    expect(await asked(() => app.check(id, again))).toEqual(['GenerateMac code', 'Sign proof']);
  });

  test('the proof is of the number, and good under the RSA key that the service publishes', async () => {
    const phoneNumber = freshNumber();
    const { id, code } = await app.requested(phoneNumber, { purpose: 'login' });
    const { proof } = (await app.check(id, { code })).body;
    const jwks = (await (await fetch(`${stack.url}/.well-known/jwks.json`)).json()) as JSONWebKeySet;
    expect(jwks).toEqual({ keys: [expect.objectContaining({ kty: 'RSA', alg: 'RS256', use: 'sig', e: 'AQAB' })] });
    const { payload, protectedHeader } = await jwtVerify(String(proof), createLocalJWKSet(jwks), {
      algorithms: ['RS256'],
      typ: 'otp-proof+jwt',
      issuer: stack.url,
      currentDate: new Date(stack.clock.now()),
    });
    expect(payload).toMatchObject({ phone_number: phoneNumber, purpose: 'login' });
    expect(protectedHeader).toMatchObject({ alg: 'RS256' });
  });

  test('a payment is sealed by KMS itself', async () => {
    const phoneNumber = freshNumber();
    const more = { purpose: 'transaction', transaction: payment };
    let id = '';
    const request = async () => {
      ({ id } = await app.requested(phoneNumber, more));
    };
    expect(await asked(request)).toEqual(['Encrypt seal', 'GenerateMac code']);
    const guess = { code: app.lastCode(phoneNumber), transaction: payment };
    expect(await asked(() => app.check(id, guess))).toEqual(['Decrypt seal', 'GenerateMac code', 'Sign proof']);
  });

  test('no item and no log shows the number', async () => {
    const phoneNumber = freshNumber();
    await app.requested(phoneNumber);
    const items = await stack.callDynamo('DynamoDB_20120810.Scan', { TableName: stack.tables.verifications });
    const records = JSON.stringify(items);
    expect(records).toMatch(/"sealed":\{"S":"h1\.\d+\.[A-Za-z0-9_-]+"\}/);
    expect(records).not.toContain(phoneNumber.slice(-6));
    expect(JSON.stringify(stack.logs())).not.toContain(phoneNumber.slice(-6));
  });

  test('a record of the last hour is checked after the turn, each function asking once for the new hour', async () => {
    const phoneNumber = freshNumber();
    goTo(56);
    const { id, code } = await app.requested(phoneNumber);
    stack.clock.advance(minuteMs);
    const before = await asked(() => app.check(id, { code: wrongCode(code) }));
    expect(before).toEqual(['GenerateMac code', 'GenerateMac hourlySeal']);
    stack.clock.advance(3.5 * minuteMs);
    expect(await asked(() => app.check(id, { code }))).toEqual(['GenerateMac code', 'Sign proof']);
    goTo(40);
  });

  test('an outage of KMS at the turn is answered as today, with 503, and the next request goes through', async () => {
    goTo(0);
    stack.faults.kms?.fail('internal-error', { times: 100 });
    const failed = await app.request({ phoneNumber: freshNumber() });
    expect([failed.status, failed.body['code']]).toEqual([503, 'temporarily-unavailable']);
    stack.faults.kms?.clearFaults();
    expect((await app.request({ phoneNumber: freshNumber() })).status).toBe(201);
    goTo(40);
  });
});
