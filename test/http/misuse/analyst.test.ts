/** A thief of an analyst's role can do all that the API lets an analyst do. Here he tries what would pay. */

import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import type { LocalStack } from '../../../local/stack.ts';
import { pendingRecord } from '../../fakes/pending-record.ts';
import { type Client, clientOf, type OperatorClient, openStack, operatorOf, wordOf } from '../client.ts';
import { openSettling } from '../weapons/settling.ts';

let stack: LocalStack;
let settle: () => Promise<void>;
let app: Client;
let desk: OperatorClient;
beforeAll(async () => {
  ({ stack, settle } = await openSettling((options) => openStack(inject('bundles'), options)));
  app = clientOf(stack);
  desk = operatorOf(stack);
});
afterAll(() => stack.stop());
beforeEach(() => stack.reset());

const reason = 'a campaign of ours';
const range = '+91987701';
const groups = [{ country: 'IN' }, { prefix: '+919877' }, { range }];

let records = 0;
/** Codes that nobody enters, for numbers of one range. */
const pump = async (of = range): Promise<void> => {
  for (let nth = 0; nth < 25; nth += 1) {
    records += 1;
    const Item = pendingRecord(of, records, stack.clock.now());
    await stack.callDynamo('DynamoDB_20120810.PutItem', { TableName: stack.tables.verifications, Item });
  }
  await settle();
};
const findings = async () => (await desk.get('/v1/findings')).body['findings'] as readonly Record<string, unknown>[];
const rung = (metric: string): number => stack.logs().filter(({ line }) => line.includes(`"${metric}":1`)).length;

let ips = 0;
const request = async (phoneNumber: string) => {
  ips += 1;
  return await app.request({ phoneNumber }, { 'x-local-source-ip': `198.18.${ips}.1` });
};

test('a thief who lifts what he is going to attack hides the attack from the detector, and each lift rings', async () => {
  await pump();
  expect(await findings()).toHaveLength(1);
  await stack.reset();
  const before = rung('DetectorOverruled');
  for (const what of groups)
    expect((await desk.post('/v1/blocks/lift', { what, reason, allowMinutes: 10_080 })).status).toBe(200);
  expect(rung('DetectorOverruled') - before).toBe(groups.length);
  await pump();
  console.log(JSON.stringify(await findings()));
  console.log(stack.mails().length);
});
