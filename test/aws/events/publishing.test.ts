import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dynamoClient } from '../../../lambdas/aws/clients.ts';
import { eventBridgeEvents } from '../../../lambdas/aws/eventbridge.ts';
import { s3LetterContents, s3LetterNames } from '../../../lambdas/aws/s3.ts';
import { eventBridgeClient } from '../../../lambdas/aws/sdk-clients.ts';
import { dynamoRecords } from '../../../lambdas/aws/stores/events/records.ts';
import { readAnyChange } from '../../../lambdas/aws/tables/receipt-records.ts';
import type { StreamRecord } from '../../../lambdas/aws/tables/stream-records.ts';
import { verificationItem } from '../../../lambdas/aws/tables/verifications.ts';
import { eventIdOf } from '../../../lambdas/events/events.ts';
import { publishEvents, requireMade } from '../../../lambdas/events/publish.ts';
import { eventTypes } from '../../../lambdas/policy.ts';
import { answerEvents } from '../../../lambdas/stream/events.ts';
import { startDynamo } from '../../../local/aws/dynamo.ts';
import { type EventBridge, startEventBridge } from '../../../local/aws/eventbridge.ts';
import { startS3 } from '../../../local/aws/s3.ts';
import { letterOf } from '../../fakes/aws/dead-letter-bucket.ts';
import { askInstead } from '../../fakes/aws/environment.ts';
import { changed, key, receiptImage, streamRecord, verification } from '../../fakes/events/records.ts';

const bus = 'OtpService-findings';
const bucketName = 'event-letters';
const ownArn = 'arn:aws:lambda:eu-central-1:111122223333:function:publish-events';
const byStream = { invokedFunctionArn: ownArn, getRemainingTimeInMillis: () => 60_000 };
const byStaff = { ...byStream, invokedFunctionArn: `${ownArn}:replay` };

let [dynamo, eventBridge, s3]: [
  Awaited<ReturnType<typeof startDynamo>>,
  EventBridge,
  Awaited<ReturnType<typeof startS3>>,
] = [] as never;
let bucket: ReturnType<typeof s3.open>;
beforeAll(async () => {
  [dynamo, eventBridge, s3] = await Promise.all([startDynamo(), startEventBridge({ bus }), startS3()]);
  bucket = s3.open({ bucket: bucketName, pageSize: 2 });
  askInstead({ AWS_ENDPOINT_URL_DYNAMODB: dynamo.url, AWS_ENDPOINT_URL_EVENTBRIDGE: eventBridge.url });
});
afterAll(() => Promise.all([dynamo.stop(), eventBridge.stop(), s3.stop()]));

let failures: unknown[] = [];
let pauses: number[] = [];
let published = 0;
beforeEach(() => {
  eventBridge.clear();
  bucket.objects.clear();
  [failures, pauses, published] = [[], [], 0];
});

/** The function, as its entrypoint puts it together. */
const open = () => {
  const put = eventBridgeEvents(eventBridgeClient(), bus, async (ms) => void pauses.push(ms));
  const find = dynamoRecords(dynamoClient(), dynamo.tables.verifications);
  const client = new S3Client({
    ...{ region: 'us-east-1', endpoint: s3.url, forcePathStyle: true, maxAttempts: 1 },
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const letters = { ...s3LetterNames(client, bucketName), ...s3LetterContents(client, bucketName, 'publish-events') };
  const count = (events: number) => {
    published += events;
  };
  return answerEvents({
    reader: 'publish-events',
    decode: (record: StreamRecord) => requireMade(readAnyChange(record)),
    act: () => publishEvents({ now: Date.now, find, put, published: count, unmatched: () => {} }, eventTypes),
    failed: (cause) => void failures.push(cause),
    letters,
    putAside: (record, cause) => letters.put(record, String(cause)),
  });
};

const requests = (count: number): readonly StreamRecord[] =>
  Array.from({ length: count }, (_, nth) => changed(`e-${nth}`, undefined, verification()));
const idsOn = () => eventBridge.events().map(({ detail }) => detail['id']);
const idsOf = (count: number) =>
  Array.from({ length: count }, (_, nth) => eventIdOf(`e-${nth}`, 'verification.requested'));
const sequenceOf = (record: StreamRecord | undefined) => record?.dynamodb?.SequenceNumber;
const poison = () => streamRecord('poison', undefined, { pk: { S: 'x' }, kind: { S: 'verification' } });

describe('a batch of the stream', () => {
  test('each event is put once, in requests of ten, with the source, the type and the time of its fact', async () => {
    expect(await open()({ Records: requests(25) }, byStream)).toEqual({ batchItemFailures: [] });
    expect(idsOn().toSorted()).toEqual(idsOf(25).toSorted());
    expect(eventBridge.events()[0]).toMatchObject({
      source: 'otp-service',
      detailType: 'verification.requested',
      at: '2026-11-30T09:00:00.000Z',
      detail: { type: 'verification.requested', timestamp: '2026-11-30T09:00:00.000Z' },
    });
    expect(published).toBe(25);
  });

  test('an entry that the bus did not take is put again at once, and no other entry with it', async () => {
    eventBridge.fail('first-entry-fails');
    expect(await open()({ Records: requests(10) }, byStream)).toEqual({ batchItemFailures: [] });
    expect(idsOn().toSorted()).toEqual(idsOf(10).toSorted());
    expect(pauses).toHaveLength(1);
  });

  test('an entry that the bus refuses four times is put a fifth time, and no other entry twice', async () => {
    eventBridge.fail('first-entry-fails', 4);
    const records = requests(10);
    const answer = await open()({ Records: records }, byStream);
    // Three tries with the batch, and one more that is alone.
    expect(answer).toEqual({ batchItemFailures: [] });
    expect(idsOn().toSorted()).toEqual(idsOf(10).toSorted());
  });

  test.each(['throttle', 'internal-error', 'reset'] as const)(
    'a bus that answers %s fails the batch at its first record',
    async (fault) => {
      eventBridge.fail(fault, 10);
      const records = requests(12);
      const answer = await open()({ Records: records }, byStream);
      expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: sequenceOf(records[0]) }] });
      expect(failures).toHaveLength(1);
      eventBridge.clearFaults();
      expect(await open()({ Records: records }, byStream)).toEqual({ batchItemFailures: [] });
      expect(idsOn().toSorted()).toEqual(idsOf(12).toSorted());
    },
  );

  test('a second request that fails names the record of its first event, and keeps what the first request put', async () => {
    const records = requests(12);
    const handler = open();
    eventBridge.fail('first-entry-fails', 0);
    await handler({ Records: records.slice(0, 10) }, byStream);
    eventBridge.fail('throttle', 10);
    const answer = await handler({ Records: records.slice(10) }, byStream);
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: sequenceOf(records[10]) }] });
    expect(idsOn().toSorted()).toEqual(idsOf(10).toSorted());
  });

  test('an event whose answer was lost comes again with the same id', async () => {
    eventBridge.fail('reset-after-accept');
    const records = requests(1);
    expect(await open()({ Records: records }, byStream)).not.toEqual({ batchItemFailures: [] });
    expect(await open()({ Records: records }, byStream)).toEqual({ batchItemFailures: [] });
    expect(idsOn().length).toBeGreaterThan(1);
    expect(new Set(idsOn())).toEqual(new Set(idsOf(1)));
  });

  test('a poison record is put aside whole, and holds up no other', async () => {
    const [first, second] = requests(2);
    const bad = poison();
    expect(await open()({ Records: [first, bad, second] }, byStream)).toEqual({ batchItemFailures: [] });
    expect(idsOn().toSorted()).toEqual(idsOf(2).toSorted());
    const [name] = [...bucket.objects.keys()];
    expect(name).toBe('aws/lambda/publish-events/poison');
  });

  test('a receipt finds its record in the table, and one that an update invented is none', async () => {
    const TableName = dynamo.tables.verifications;
    const receipt = streamRecord('receipt', undefined, receiptImage());
    const orphan = { pk: { S: key }, guessedAt: { N: '1' } };
    await dynamo.call('DynamoDB_20120810.PutItem', { TableName, Item: orphan });
    expect(await open()({ Records: [receipt] }, byStream)).toEqual({ batchItemFailures: [] });
    expect(idsOn()).toEqual([]);
    const { sealed, ...item } = verificationItem(verification());
    await dynamo.call('DynamoDB_20120810.PutItem', { TableName, Item: { ...item, sealed: { S: 'x' } } });
    await open()({ Records: [receipt] }, byStream);
    expect(eventBridge.events()).toMatchObject([
      { detailType: 'verification.delivered', detail: { data: { application: 'shop', verification: key } } },
    ]);
    expect(sealed).toBeDefined();
  });
});

describe('a replay by staff', () => {
  test('dead letters are published with the ids that they had, and deleted', async () => {
    bucket.objects.set('aws/lambda/mapping/shard/1', letterOf(requests(3)));
    bucket.objects.set('aws/lambda/mapping/shard/2', letterOf(requests(2)));
    expect(await open()({ dryRun: true } as object, byStaff)).toMatchObject({ dryRun: true, replayed: 2, records: 5 });
    expect(idsOn()).toEqual([]);
    expect(await open()({}, byStaff)).toEqual({ dryRun: false, replayed: 2, records: 5, failed: [], left: 0 });
    expect(new Set(idsOn())).toEqual(new Set(idsOf(3)));
    expect([...bucket.objects.keys()]).toEqual([]);
  });

  test('a letter that can become no event stays, and its answer says so', async () => {
    bucket.objects.set('aws/lambda/publish-events/poison', letterOf([poison()]));
    expect(await open()({}, byStaff)).toMatchObject({
      replayed: 0,
      failed: [{ why: expect.stringContaining('publish-events cannot count 1 of its 1 records') }],
    });
    expect([...bucket.objects.keys()]).toEqual(['aws/lambda/publish-events/poison']);
  });

  test('a letter stays while the bus is down', async () => {
    bucket.objects.set('aws/lambda/mapping/shard/1', letterOf(requests(1)));
    eventBridge.fail('throttle', 10);
    expect(await open()({}, byStaff)).toMatchObject({
      replayed: 0,
      failed: [{ why: expect.stringMatching(/EventBridge/) }],
    });
    expect([...bucket.objects.keys()]).toHaveLength(1);
  });

  test('staff can say nothing of records, and the stream asks for no replay', async () => {
    expect(await open()({ Records: requests(1) }, byStaff)).toMatchObject({
      refused: expect.stringContaining('Write {}'),
    });
    await expect(open()({}, byStream)).rejects.toThrow('takes batches of its stream');
    expect(idsOn()).toEqual([]);
  });
});
