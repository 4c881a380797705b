import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type EventBridge, startEventBridge } from '../../../local/aws/eventbridge.ts';

let eventBridge: EventBridge;
let client: EventBridgeClient;
beforeEach(async () => {
  eventBridge = await startEventBridge({ bus: 'bus', now: () => Date.UTC(2026, 0, 1) });
  client = new EventBridgeClient({
    endpoint: eventBridge.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
});
afterEach(async () => {
  client.destroy();
  await eventBridge.stop();
});

const entry: PutEventsRequestEntry = { EventBusName: 'bus', Source: 'us', DetailType: 'News', Detail: '{"a":1}' };
const put = (...Entries: PutEventsRequestEntry[]) => client.send(new PutEventsCommand({ Entries }));
const many = (count: number) => Array.from({ length: count }, () => entry);

describe('the bus', () => {
  test('the bus has what it took, newest first, at its time', async () => {
    const { Entries, FailedEntryCount } = await put(entry, { ...entry, Time: new Date(Date.UTC(2025, 0, 1)) });
    expect(FailedEntryCount).toBe(0);
    expect(eventBridge.events()).toEqual([
      expect.objectContaining({ id: Entries?.[1]?.EventId, at: '2025-01-01T00:00:00.000Z' }),
      expect.objectContaining({
        id: Entries?.[0]?.EventId,
        bus: 'bus',
        source: 'us',
        detailType: 'News',
        at: '2026-01-01T00:00:00.000Z',
        detail: { a: 1 },
      }),
    ]);
  });

  test.each<readonly [string, Partial<PutEventsRequestEntry>, string]>([
    ['another bus', { EventBusName: 'another' }, 'InvalidArgument'],
    ['no source', { Source: undefined }, 'InvalidArgument'],
    ['a source of AWS', { Source: 'aws.s3' }, 'NotAuthorizedForSourceException'],
    ['no kind', { DetailType: undefined }, 'InvalidArgument'],
    ['a detail that is no JSON', { Detail: '{' }, 'MalformedDetail'],
    ['a detail that is no object', { Detail: '[1]' }, 'MalformedDetail'],
    ['a field that nobody uses', { Resources: ['arn'] }, 'InvalidArgument'],
  ])('the bus fails an entry with %s alone', async (_, change, ErrorCode) => {
    const { Entries, FailedEntryCount } = await put({ ...entry, ...change }, entry);
    expect([FailedEntryCount, Entries?.[0]?.ErrorCode]).toEqual([1, ErrorCode]);
    expect(eventBridge.events()).toHaveLength(1);
  });

  test('the bus takes one to ten entries, and less than 256 KB of them', async () => {
    await expect(put()).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(put(...many(11))).rejects.toMatchObject({ name: 'ValidationException' });
    const large = { ...entry, Detail: JSON.stringify({ text: 'x'.repeat(140_000) }) };
    await expect(put(large, large)).rejects.toMatchObject({ name: 'ValidationException' });
    expect(eventBridge.events()).toEqual([]);
    await put(...many(10));
    await put(large);
    expect(eventBridge.events()).toHaveLength(11);
  });

  test('the bus refuses a caller who is not signed for it, and an action that it does not know', async () => {
    const send = (headers: Record<string, string>) =>
      fetch(eventBridge.url, { method: 'POST', body: '{}', headers }).then((response) => response.json());
    const type = 'application/x-amz-json-1.1';
    const authorization = 'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/events/aws4_request';
    expect(await send({ 'content-type': type })).toMatchObject({ __type: 'MissingAuthenticationToken' });
    expect(await send({ authorization, 'content-type': type, 'x-amz-target': 'AWSEvents.PutRule' })).toMatchObject({
      __type: 'UnknownOperationException',
    });
  });
});

describe('faults', () => {
  test.each([
    ['throttle', 'ThrottlingException', 0],
    ['internal-error', 'InternalException', 0],
    ['reset', 'TimeoutError', 0],
    ['reset-after-accept', 'TimeoutError', 1],
  ] as const)('the fault %s fails one call, and the next one succeeds: it is over', async (fault, name, taken) => {
    eventBridge.fail(fault);
    await expect(put(entry)).rejects.toMatchObject({ name });
    expect(eventBridge.events()).toHaveLength(taken);
    await put(entry);
    expect(eventBridge.events()).toHaveLength(taken + 1);
  });

  test('first-entry-fails answers 200 all the same, and can be called off', async () => {
    eventBridge.fail('first-entry-fails', 2);
    const { FailedEntryCount, Entries } = await put(entry, entry);
    expect([FailedEntryCount, Entries?.map(({ ErrorCode }) => ErrorCode)]).toEqual([1, ['InternalFailure', undefined]]);
    eventBridge.clearFaults();
    expect((await put(entry)).FailedEntryCount).toBe(0);
  });
});
