import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createQueue, type Queue } from '../../../../local/aws/sqs/queue.ts';
import { type Sqs, startSqs } from '../../../../local/aws/sqs/sqs.ts';

const start = Date.UTC(2026, 0, 1);
let nowMs: number;
let dead: Queue;
let sqs: Sqs;
let client: SQSClient;
beforeEach(async () => {
  nowMs = start;
  const now = () => nowMs;
  dead = createQueue({ name: 'dead', visibilitySeconds: 30, keptSeconds: 1000 }, now);
  const redrive = { to: dead, maxReceiveCount: 2 };
  const queue = createQueue({ name: 'queue', visibilitySeconds: 30, keptSeconds: 600, redrive }, now);
  sqs = await startSqs({ queues: [queue, dead] });
  client = new SQSClient({
    endpoint: sqs.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
});
afterEach(async () => {
  client.destroy();
  await sqs.stop();
});

const QueueUrl = 'http://127.0.0.1/000000000000/queue';
const DeadUrl = 'http://127.0.0.1/000000000000/dead';
const pass = (seconds: number) => {
  nowMs += seconds * 1000;
};
const send = (MessageBody: string, more = {}) =>
  client.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
const receive = async (more: Partial<ReceiveMessageCommandInput> = {}) => {
  const asked = { QueueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All' as const], ...more };
  return (await client.send(new ReceiveMessageCommand(asked))).Messages ?? [];
};
const bodies = async (more: Partial<ReceiveMessageCommandInput> = {}) => (await receive(more)).map(({ Body }) => Body);
const receiveOne = async () => {
  const [message] = await receive();
  if (message?.ReceiptHandle === undefined) throw new Error('Nothing was received.');
  return { ...message, ReceiptHandle: message.ReceiptHandle };
};
const remove = (ReceiptHandle: string) => client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
const hide = (ReceiptHandle: string, VisibilityTimeout: number) =>
  client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }));
const attributes = async (of = QueueUrl) =>
  (await client.send(new GetQueueAttributesCommand({ QueueUrl: of, AttributeNames: ['All'] }))).Attributes ?? {};
const name = (expected: string) => ({ name: expected });

describe('a message', () => {
  test('a message that was received is hidden until its visibility time is over', async () => {
    const { MessageId } = await send('one');
    const first = await receiveOne();
    expect(first).toMatchObject({
      MessageId,
      Body: 'one',
      Attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(start) },
    });
    pass(29);
    expect(await receive()).toEqual([]);
    pass(1);
    const again = await receiveOne();
    expect(again.Attributes).toMatchObject({
      ApproximateReceiveCount: '2',
      SentTimestamp: String(start),
      ApproximateFirstReceiveTimestamp: String(start),
    });
    expect(again.ReceiptHandle).not.toBe(first.ReceiptHandle);
  });

  test('a receipt handle deletes its message, and an old one deletes nothing and is no error', async () => {
    await send('one');
    const first = await receiveOne();
    pass(30);
    const second = await receiveOne();
    await remove(first.ReceiptHandle);
    expect(await attributes()).toMatchObject({ ApproximateNumberOfMessagesNotVisible: '1' });
    await remove(second.ReceiptHandle);
    await remove(second.ReceiptHandle);
    expect(await attributes()).toMatchObject({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
    });
  });

  test('a receipt handle of no queue, or of another queue, is refused', async () => {
    await send('one');
    const { ReceiptHandle } = await receiveOne();
    await expect(remove('nonsense')).rejects.toMatchObject(name('ReceiptHandleIsInvalid'));
    await expect(client.send(new DeleteMessageCommand({ QueueUrl: DeadUrl, ReceiptHandle }))).rejects.toMatchObject(
      name('ReceiptHandleIsInvalid'),
    );
  });

  test('a change of visibility counts from its call, up to twelve hours after the receipt', async () => {
    await send('one');
    const { ReceiptHandle } = await receiveOne();
    pass(10);
    await hide(ReceiptHandle, 100);
    pass(99);
    expect(await receive()).toEqual([]);
    await expect(hide(ReceiptHandle, 43_200)).rejects.toMatchObject(name('InvalidParameterValue'));
    await hide(ReceiptHandle, 0);
    expect(await bodies()).toEqual(['one']);
  });

  test('the visibility of a message that is not in flight cannot be changed', async () => {
    await send('one');
    const { ReceiptHandle } = await receiveOne();
    pass(30);
    await expect(hide(ReceiptHandle, 5)).rejects.toMatchObject(name('MessageNotInflight'));
    const later = await receiveOne();
    await expect(hide(ReceiptHandle, 5)).rejects.toMatchObject(name('InvalidParameterValue'));
    await remove(later.ReceiptHandle);
    await expect(hide(later.ReceiptHandle, 5)).rejects.toMatchObject(name('InvalidParameterValue'));
  });

  test('a message with a delay comes after it', async () => {
    await send('one', { DelaySeconds: 60 });
    expect(await attributes()).toMatchObject({ ApproximateNumberOfMessagesDelayed: '1' });
    expect(await receive()).toEqual([]);
    pass(60);
    expect(await bodies()).toEqual(['one']);
  });

  test('a message is deleted when the queue has kept it for its time, received or not', async () => {
    await send('one');
    const { ReceiptHandle } = await receiveOne();
    await hide(ReceiptHandle, 599);
    pass(600);
    expect(await receive()).toEqual([]);
    expect(await attributes()).toMatchObject({ ApproximateNumberOfMessagesNotVisible: '0' });
  });
});

describe('dead letters', () => {
  test('a message that was received as often as the queue allows goes to the dead letters, and keeps its age', async () => {
    await send('one');
    await receive();
    pass(30);
    await receive();
    pass(30);
    expect(await receive()).toEqual([]);
    expect(await receive({ QueueUrl: DeadUrl })).toMatchObject([
      {
        Body: 'one',
        Attributes: {
          SentTimestamp: String(start),
          ApproximateReceiveCount: '3',
          DeadLetterQueueSourceArn: 'arn:aws:sqs:us-east-1:000000000000:queue',
        },
      },
    ]);
    pass(940);
    expect(await receive({ QueueUrl: DeadUrl })).toEqual([]);
  });

  test('a message that is deleted at its last receipt is no dead letter', async () => {
    await send('one');
    await receive();
    pass(30);
    await remove((await receiveOne()).ReceiptHandle);
    pass(30);
    await receive();
    expect(dead.bodies()).toEqual([]);
  });
});

describe('requests', () => {
  test.each([
    ['no body', { MessageBody: '' }, 'MissingParameter'],
    ['a control character', { MessageBody: 'a\u0001' }, 'InvalidMessageContents'],
    ['a character that XML has not', { MessageBody: 'a\uFFFF' }, 'InvalidMessageContents'],
    ['more than 1 MiB', { MessageBody: 'é'.repeat(524_289) }, 'InvalidParameterValue'],
    ['a delay of more than 15 minutes', { DelaySeconds: 901 }, 'InvalidParameterValue'],
    ['a group with a space', { MessageGroupId: 'a b' }, 'InvalidParameterValue'],
    ['an attribute', { MessageAttributes: { a: { DataType: 'String', StringValue: 'b' } } }, 'InvalidParameterValue'],
    ['a queue that is missing', { QueueUrl: 'http://127.0.0.1/000000000000/other' }, 'QueueDoesNotExist'],
  ])('a message with %s is refused', async (_, change, refusal) => {
    await expect(send('one', change)).rejects.toMatchObject(name(refusal));
    expect(await receive()).toEqual([]);
  });

  test('a message has its group for the rest of its life', async () => {
    await send('one', { MessageGroupId: 'web' });
    expect(await receive()).toMatchObject([{ Attributes: { MessageGroupId: 'web' } }]);
  });

  test('a message may have 1 MiB', async () => {
    await send('é'.repeat(524_288));
    expect(await bodies()).toHaveLength(1);
  });

  test.each<readonly [string, Partial<ReceiveMessageCommandInput>, string]>([
    ['no message', { MaxNumberOfMessages: 0 }, 'InvalidParameterValue'],
    ['eleven messages', { MaxNumberOfMessages: 11 }, 'InvalidParameterValue'],
    ['a visibility of more than twelve hours', { VisibilityTimeout: 43_201 }, 'InvalidParameterValue'],
    ['a wait of more than 20 seconds', { WaitTimeSeconds: 21 }, 'InvalidParameterValue'],
    ['an attribute that is unknown', { MessageSystemAttributeNames: ['Age' as 'All'] }, 'InvalidAttributeName'],
  ])('a receipt of %s is refused', async (_, asked, refusal) => {
    await expect(receive(asked)).rejects.toMatchObject(name(refusal));
  });

  test('a receipt is of one message by default, and without attributes', async () => {
    await send('one');
    await send('two');
    const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(Messages).toEqual([expect.not.objectContaining({ Attributes: expect.anything() })]);
  });

  test('a caller who is not signed for SQS, and an action that is not played, are refused', async () => {
    const ask = async (headers: Record<string, string>) => {
      const response = await fetch(sqs.url, { method: 'POST', body: '{}', headers });
      return { header: response.headers.get('x-amzn-query-error'), body: await response.json() };
    };
    const type = 'application/x-amz-json-1.0';
    const authorization = 'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/sqs/aws4_request';
    expect(await ask({ 'content-type': type })).toMatchObject({
      body: { __type: 'com.amazonaws.sqs#MissingAuthenticationToken' },
    });
    expect(await ask({ authorization, 'content-type': type, 'x-amz-target': 'AmazonSQS.PurgeQueue' })).toMatchObject({
      body: { __type: 'com.amazonaws.sqs#UnknownOperationException' },
    });
    expect(
      await ask({ authorization, 'content-type': 'text/plain', 'x-amz-target': 'AmazonSQS.SendMessage' }),
    ).toMatchObject({ body: { __type: 'com.amazonaws.sqs#SerializationException' } });
  });

  test('the attributes of a queue name its dead letters and its times', async () => {
    expect(await attributes()).toMatchObject({
      VisibilityTimeout: '30',
      MessageRetentionPeriod: '600',
      RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":2}',
    });
    await expect(
      client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Age' as 'All'] })),
    ).rejects.toMatchObject(name('InvalidAttributeName'));
  });
});

describe('batches', () => {
  const sendAll = (...Entries: { Id: string; MessageBody: string }[]) =>
    client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  const entry = (at: number, MessageBody = String(at)) => ({ Id: `id-${at}`, MessageBody });

  test('a wrong entry fails alone', async () => {
    const { Successful, Failed } = await sendAll(entry(1), entry(2, 'a\u0001'), entry(3));
    expect(Successful?.map(({ Id }) => Id)).toEqual(['id-1', 'id-3']);
    expect(Failed).toEqual([
      expect.objectContaining({ Id: 'id-2', Code: 'InvalidMessageContents', SenderFault: true }),
    ]);
    expect(await bodies()).toEqual(['1', '3']);
  });

  test.each([
    ['is empty', [], 'EmptyBatchRequest'],
    ['has eleven entries', Array.from({ length: 11 }, (_, at) => entry(at)), 'TooManyEntriesInBatchRequest'],
    ['has an id twice', [entry(1), entry(1)], 'BatchEntryIdsNotDistinct'],
    ['has an id with a space', [{ Id: 'a b', MessageBody: 'x' }], 'InvalidBatchEntryId'],
    ['has more than 1 MiB', [entry(1, 'x'.repeat(600_000)), entry(2, 'x'.repeat(600_000))], 'BatchRequestTooLong'],
  ])('a batch that %s is refused whole', async (_, entries, refusal) => {
    await expect(sendAll(...entries)).rejects.toMatchObject(name(refusal));
    expect(await receive()).toEqual([]);
  });

  test('a batch deletes and hides what it names', async () => {
    await sendAll(entry(1), entry(2), entry(3));
    const received = await receive();
    const [one, two] = received.map(({ ReceiptHandle = '' }) => ReceiptHandle);
    if (one === undefined || two === undefined) throw new Error('Too little was received.');
    const removed = await client.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'a', ReceiptHandle: one },
          { Id: 'b', ReceiptHandle: 'nonsense' },
        ],
      }),
    );
    expect([removed.Successful?.length, removed.Failed?.[0]?.Code]).toEqual([1, 'ReceiptHandleIsInvalid']);
    const shown = await client.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'a', ReceiptHandle: two, VisibilityTimeout: 0 },
          { Id: 'b', ReceiptHandle: one, VisibilityTimeout: 0 },
        ],
      }),
    );
    expect([shown.Successful?.length, shown.Failed?.[0]?.Code]).toEqual([1, 'InvalidParameterValue']);
    expect(await bodies()).toEqual(['2']);
  });
});

describe('faults', () => {
  test.each([
    ['throttle', 'RequestThrottled', 0],
    ['internal-error', 'InternalError', 0],
    ['access-denied', 'AccessDeniedException', 0],
    ['reset', 'TimeoutError', 0],
    ['reset-after-accept', 'TimeoutError', 1],
  ] as const)('the fault %s fails one call, and the next one succeeds: it is over', async (fault, refusal, taken) => {
    sqs.fail(fault);
    await expect(send('one')).rejects.toMatchObject(name(refusal));
    expect(await attributes()).toMatchObject({ ApproximateNumberOfMessages: String(taken) });
    await send('one');
    expect(await bodies()).toHaveLength(taken + 1);
  });

  test('a receipt may find nothing, although messages are there', async () => {
    await send('one');
    sqs.fail('finds-nothing', { operation: 'ReceiveMessage' });
    expect(await receive()).toEqual([]);
    expect(await bodies()).toEqual(['one']);
  });

  test('a clearing forgets messages and faults', async () => {
    await send('one');
    sqs.fail('throttle');
    sqs.clear();
    expect(await receive()).toEqual([]);
  });
});
