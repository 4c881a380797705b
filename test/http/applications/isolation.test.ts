import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { LocalStack } from '../../../local/stack.ts';
import { type Client, clientOf, freshNumber, openStack } from '../client.ts';

let stack: LocalStack;
let own: Client;
let other: Client;
beforeAll(async () => {
  stack = await openStack(inject('bundles'));
  own = clientOf(stack);
  other = clientOf({ ...stack, apiKey: stack.apiKeys['other'] ?? '' });
});
afterAll(() => stack.stop());

const key = { 'idempotency-key': 'an-idempotency-key-of-both' };

test('no application sees, checks, resends or cancels a verification of another', async () => {
  const { id, code } = await own.requested(freshNumber());
  const answers = [
    await other.find(id),
    await other.check(id, { code }),
    await other.check(id, { code }, key),
    await other.resend(id),
    await other.resend(id, key),
    await other.cancel(id),
    await other.call('HEAD', `/v1/verifications/${id}`),
  ];
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404));
  expect(answers.slice(0, -1).map(({ body }) => body['code'])).toEqual(
    answers.slice(1).map(() => 'verification-not-found'),
  );
  expect(await own.find(id)).toMatchObject({ status: 200, body: { status: 'pending', attemptsRemaining: 5 } });
  expect(await own.check(id, { code })).toMatchObject({ status: 200, body: { status: 'approved' } });
});

test('another application that races for a code neither uses it up nor costs attempts', async () => {
  const { id, code } = await own.requested(freshNumber());
  const races = Array.from({ length: 40 }, (_, nth) => other.check(id, { code: nth % 2 === 0 ? code : '000000' }));
  const [answer, ...lost] = await Promise.all([own.check(id, { code }), ...races]);
  expect(answer).toMatchObject({ status: 200, body: { status: 'approved' } });
  expect(new Set(lost.map(({ status }) => status))).toEqual(new Set([404]));
});

test('the same idempotency key of two applications is two keys', async () => {
  const phoneNumber = freshNumber();
  const body = { phoneNumber, purpose: 'login' };
  const mine = await own.request(body, key);
  stack.clock.advance(31_000);
  const theirs = await other.request(body, key);
  expect([mine.status, theirs.status]).toEqual([201, 201]);
  expect(theirs.body['id']).not.toBe(mine.body['id']);
  expect((await own.request(body, key)).body['id']).toBe(mine.body['id']);
});

test('a proof names the application that requested it, and has its audience', async () => {
  const [mine, theirs] = [await own.requested(freshNumber()), await other.requested(freshNumber())];
  const proofOf = async (app: Client, { id, code }: typeof mine) =>
    decodeJwt(String((await app.check(id, { code })).body['proof']));
  const [one, two] = [await proofOf(own, mine), await proofOf(other, theirs)];
  expect([one['azp'], two['azp']]).toEqual(['default', 'other']);
  expect([one.aud, two.aud]).toEqual(['https://api.example.com', 'https://other.example.com']);
});

test('an application has the purposes and the brand of its own', async () => {
  const phoneNumber = freshNumber();
  await other.requested(phoneNumber);
  expect(stack.messages(phoneNumber)[0]?.text).toContain('Other');
  const refused = await other.request({ phoneNumber: freshNumber(), purpose: 'account-change' });
  expect(refused).toMatchObject({ status: 400, body: { errors: [{ pointer: '/purpose' }] } });
  expect(await own.request({ phoneNumber: freshNumber(), purpose: 'account-change' })).toMatchObject({ status: 201 });
});

test.each(['', 'default', 'local-', 'local-nobody', 'local-other '.trimEnd().toUpperCase()])(
  'a key that no application has is refused: "%s"',
  async (apiKey) => {
    const stranger = clientOf({ ...stack, apiKey });
    expect(await stranger.request({ phoneNumber: freshNumber() })).toMatchObject({
      status: 401,
      body: { code: 'unauthorized' },
    });
  },
);

test('the records of the stream say which application requested', async () => {
  const { id } = await other.requested(freshNumber());
  const { recordKey } = await import('../../../lambdas/otp/number/pseudonyms.ts');
  const read = async (application: string) =>
    (await stack.callDynamo('DynamoDB_20120810.GetItem', {
      TableName: stack.tables.verifications,
      Key: { pk: { S: recordKey(application, id) } },
    })) as { readonly Item?: Readonly<Record<string, { readonly S?: string }>> };
  expect((await read('other')).Item?.['application']).toEqual({ S: 'other' });
  expect((await read('default')).Item).toBeUndefined();
});
