import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { LocalStack } from '../../../local/stack.ts';
import { pendingRecord } from '../../fakes/pending-record.ts';
import { openStack } from '../client.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await openStack(inject('strictBundles'));
});
afterAll(() => stack.stop());

let last = 0;
const attack = async (range: string): Promise<void> => {
  const TableName = stack.tables.verifications;
  for (let nth = 0; nth < 25; nth += 1) {
    last += 1;
    await stack.callDynamo('DynamoDB_20120810.PutItem', { TableName, Item: pendingRecord(range, last) });
  }
};
const findingsOf = (range: string) =>
  stack.events().filter(({ detail }) => JSON.stringify(detail).includes(`"value":"${range}"`));
const counted = (metric: string) =>
  stack.logs().filter(({ line }) => line.includes(`"${metric}":1`) && line.includes('CloudWatchMetrics')).length;

test('a range under attack is a mail within seconds, and few of a campaign are', async () => {
  const ranges = ['+91987710', '+91987720', '+91987730', '+91987740'];
  for (const range of ranges) {
    await attack(range);
    await expect.poll(() => findingsOf(range).length, { timeout: 20_000 }).toBeGreaterThan(0);
  }
  const mails = stack.mails();
  const [first] = stack.mails().toReversed();
  expect(findingsOf(ranges[0] ?? '').map(({ id }) => id)).toContain(first?.eventId);
  expect(first?.text.split('\n')).toHaveLength(11);
  // Under these settings every burst is critical.
  expect(first?.text).toMatch(/^"Critical: /);
  expect(mails).toHaveLength(2);
  expect(counted('RangeRestricted')).toBe(2);
  expect(findingsOf('+91987740')[0]?.detail).toMatchObject({ unmapped: { part_of_campaign: true, is_mailed: false } });
  const listed = await fetch(`${stack.origin}/_local/mails`);
  expect(await listed.json()).toEqual(mails);
});

test('the mails are gone after a reset', async () => {
  await stack.reset();
  expect(stack.mails()).toEqual([]);
});
