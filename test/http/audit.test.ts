import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { LocalStack } from '../../local/stack.ts';
import { type AwsProxy, awsProxy } from '../fakes/aws/proxy.ts';
import { pendingRecord } from '../fakes/pending-record.ts';
import { wrongCode } from '../fakes/world.ts';
import { type Client, clientOf, freshNumber, openStack, wordOf } from './client.ts';

let stack: LocalStack;
let app: Client;
beforeAll(async () => {
  stack = await openStack(inject('strictBundles'));
  app = clientOf(stack);
});
afterAll(() => stack.stop());

type Item = Readonly<Record<string, { readonly S?: string; readonly N?: string; readonly BOOL?: boolean }>>;
const trail = async (): Promise<readonly Item[]> => {
  const { Items } = await stack.callDynamo('DynamoDB_20120810.Scan', { TableName: stack.tables.security });
  return (Items as readonly Item[])
    .filter(({ pk }) => pk?.S?.startsWith('phone#'))
    .toSorted((a, b) => ((a['sk']?.S ?? '') < (b['sk']?.S ?? '') ? -1 : 1));
};
const kinds = async () => (await trail()).map(({ kind }) => kind?.S);

const phoneNumber = freshNumber();
let id = '';

test('a request, a wrong code and the right one are three entries of one number, without number and codes', async () => {
  const requested = await app.requested(phoneNumber);
  id = requested.id;
  await app.check(id, { code: wrongCode(requested.code) });
  expect(wordOf(await app.check(id, { code: requested.code }))).toBe('approved');
  await expect.poll(kinds, { timeout: 20_000 }).toEqual(['started', 'wrong', 'approved']);
  const entries = await trail();
  for (const each of ['pk', 'verification', 'ip', 'application'])
    expect(new Set(entries.map((entry) => entry[each]?.S)).size, each).toBe(1);
  expect(entries[0]).toMatchObject({
    country: { S: 'IN' },
    range: { S: phoneNumber.slice(0, -4) },
    purpose: { S: 'login' },
  });
  const text = JSON.stringify(entries);
  for (const secret of [phoneNumber.slice(1), requested.code, wrongCode(requested.code), id])
    expect(text).not.toContain(secret);
});

test('a refusal is an entry, with its reason and limit; a test number leaves none', async () => {
  // The approved one frees its own SMS, so the next one is sent, and only the one after it comes too soon.
  const approvals = async () => {
    const { Items } = await stack.callDynamo('DynamoDB_20120810.Scan', { TableName: stack.tables.guards });
    return (Items as readonly Item[]).filter(({ pk, approved }) => pk?.S?.startsWith('reputation#') && approved).length;
  };
  await expect.poll(approvals, { timeout: 20_000 }).toBe(1);
  await app.requested(phoneNumber);
  expect(wordOf(await app.request({ phoneNumber }))).toBe('resend-too-soon');
  expect(wordOf(await app.request({ phoneNumber: '+12025550123' }))).toBe('pending');
  await expect.poll(kinds, { timeout: 20_000 }).toEqual(['started', 'wrong', 'approved', 'started', 'refused']);
  expect((await trail()).at(-1)).toMatchObject({ reason: { S: 'phone' }, limit: { S: 'cooldown' } });
});

test('an event is kept with its count; one that counts for nothing keeps no block waiting, comes again, and is kept', async () => {
  let proxy: AwsProxy | undefined;
  const endpoints = {
    dynamodb: async (url: string) => {
      proxy = await awsProxy(url);
      return proxy.url;
    },
  };
  const apart = await openStack(inject('strictBundles'), { endpoints, feedStreamFunctions: false });
  const block = '+91987702';
  const Records = Array.from({ length: 40 }, (_, index) => {
    const [nth, NewImage] = [String(1000 + index), pendingRecord(block, index)];
    return { eventID: `event-${nth}`, eventName: 'INSERT', dynamodb: { SequenceNumber: nth, NewImage } };
  });
  const [asked] = Records;
  const unconfirmed = { ...asked?.dynamodb.NewImage, delivery: { S: 'unconfirmed' } };
  const dynamodb = { SequenceNumber: '2000', OldImage: asked?.dynamodb.NewImage, NewImage: unconfirmed };
  const all = [...Records, { eventID: 'event-2000', eventName: 'MODIFY', dynamodb }];
  const detect = async () => await apart.invoke('detect-bursts', { Records: all });
  const scan = async (table: 'guards' | 'security') => {
    const { Items } = await apart.callDynamo('DynamoDB_20120810.Scan', { TableName: apart.tables[table] });
    return (Items as readonly Item[]).map(({ pk }) => pk?.S ?? '');
  };
  const kept = async () => (await scan('security')).filter((pk) => pk.startsWith('phone#')).length;

  proxy?.failAt(0, 'internal-error', 1000, 'BatchWriteItem');
  const batchItemFailures = [{ itemIdentifier: '2000' }];
  expect(await detect()).toEqual({ kind: 'answered', payload: { batchItemFailures } });
  expect(await scan('guards')).toContain(`block#range#${block}`);
  expect(await kept()).toBe(40);

  proxy?.heal();
  expect(await detect()).toEqual({ kind: 'answered', payload: { batchItemFailures: [] } });
  expect(await kept()).toBe(41);
  await apart.stop();
  await proxy?.stop();
});
