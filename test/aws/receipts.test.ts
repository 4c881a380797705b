import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoClient } from '../../lambdas/aws/clients.ts';
import { dynamoReceiptFinder, dynamoReceiptLedger } from '../../lambdas/aws/stores/receipts.ts';
import { messageAttributes, receiptAttributes } from '../../lambdas/contract.ts';
import type { ReceiptLedger, ReceiptWrite } from '../../lambdas/otp/receipts/ports.ts';
import type { Receipt } from '../../lambdas/otp/receipts/receipt.ts';
import { startDynamo } from '../../local/aws/dynamo.ts';
import { askInstead } from '../fakes/aws/environment.ts';
import { memoryReceipts } from '../fakes/receipts/memory-receipts.ts';

type Stage = {
  readonly ledger: ReceiptLedger;
  readonly read: (key: string) => Promise<Receipt | undefined>;
  readonly stop: () => Promise<void>;
};

let dynamo: Awaited<ReturnType<typeof startDynamo>>;

const inMemory = async (): Promise<Stage> => {
  const ledger = memoryReceipts();
  return { ledger, read: async (key) => ledger.of(key), stop: async () => {} };
};

const onEmulator = async (): Promise<Stage> => {
  dynamo = await startDynamo();
  askInstead({ AWS_ENDPOINT_URL_DYNAMODB: dynamo.url });
  const client = dynamoClient();
  const table = dynamo.tables.verifications;
  const items = dynamoReceiptFinder(client, table);
  return {
    ledger: dynamoReceiptLedger(client, table),
    // A receipt is read beside its record, so that there has to be one.
    read: async (key) => {
      await dynamo.call('DynamoDB_20120810.PutItem', { TableName: table, Item: { ...recordItem(key) } });
      return (await items.find(key))?.receipt;
    },
    stop: async () => {
      client.destroy();
      await dynamo.stop();
    },
  };
};

const recordItem = (pk: string) => ({ pk: { S: pk }, kind: { S: 'verification' }, sealed: { S: 'x' } });

let keys = 0;
const freshKey = () => {
  keys += 1;
  return `key-${keys}`;
};
const receipt = (key: string, more: Partial<ReceiptWrite> = {}): ReceiptWrite => ({
  key,
  sendId: 'first',
  delivery: 'accepted',
  weight: 1,
  route: 'eum',
  messageId: 'm-1',
  sentAtMs: 1000,
  toldAtMs: 2000,
  priceUsd: 0.02,
  purgeAt: 4_000_000_000,
  ...more,
});
const failed = { delivery: 'failed', reason: 'unreachable', weight: 4 } as const;
const delivered = { delivery: 'delivered', weight: 5 } as const;

describe.each([
  ['in memory', inMemory],
  ['on the emulator', onEmulator],
] as const)('receipts %s', (where, open) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await open();
  });
  afterAll(() => stage.stop());

  test('a receipt is read as it was noted', async () => {
    const key = freshKey();
    expect(await stage.ledger.note(receipt(key, failed))).toEqual({ kind: 'noted', before: undefined });
    const { delivery, reason } = failed;
    expect(await stage.read(key)).toEqual({ sendId: 'first', delivery, reason, route: 'eum', messageId: 'm-1' });
  });

  test('the heavier of two receipts of a send stays, and forgets the reason of the other', async () => {
    const key = freshKey();
    await stage.ledger.note(receipt(key, failed));
    expect(await stage.ledger.note(receipt(key))).toEqual({ kind: 'known' });
    expect(await stage.ledger.note(receipt(key, failed))).toEqual({ kind: 'known' });
    expect(await stage.ledger.note(receipt(key, delivered))).toEqual({
      kind: 'noted',
      before: { delivery: 'failed', weight: 4, isPriced: true },
    });
    expect(await stage.read(key)).toEqual({ sendId: 'first', delivery: 'delivered', route: 'eum', messageId: 'm-1' });
  });

  test('a receipt of a later send stays, however little it says', async () => {
    const key = freshKey();
    await stage.ledger.note(receipt(key, delivered));
    const second = { sendId: 'second', messageId: 'm-2', sentAtMs: 5000 };
    expect(await stage.ledger.note(receipt(key, second))).toEqual({ kind: 'noted', before: undefined });
    expect(await stage.ledger.note(receipt(key, delivered))).toEqual({ kind: 'known' });
    expect(await stage.read(key)).toMatchObject({ sendId: 'second', delivery: 'accepted' });
  });

  test('the heavier of two receipts of one send stays, also if the lighter one claims a later time of the send', async () => {
    const key = freshKey();
    await stage.ledger.note(receipt(key, delivered));
    expect(await stage.ledger.note(receipt(key, { sentAtMs: 1001 }))).toEqual({ kind: 'known' });
    expect(await stage.ledger.note(receipt(key, { ...delivered, sentAtMs: 1001 }))).toEqual({ kind: 'known' });
    expect(await stage.read(key)).toMatchObject({ delivery: 'delivered' });
  });

  test('the heaviest of many receipts in parallel stays, and each kind is noted once', async () => {
    const key = freshKey();
    const all = Array.from({ length: 20 }, (_, at) => receipt(key, at % 2 === 0 ? delivered : failed));
    const noted = await Promise.all(all.map((each) => stage.ledger.note(each)));
    expect(noted.filter(({ kind }) => kind === 'noted').length).toBeLessThanOrEqual(2);
    expect(await stage.read(key)).toMatchObject({ delivery: 'delivered' });
  });

  test('a price is known of a send from the first receipt that has one', async () => {
    const key = freshKey();
    await stage.ledger.note(receipt(key, { priceUsd: undefined }));
    expect(await stage.ledger.note(receipt(key, failed))).toMatchObject({ before: { isPriced: false } });
    expect(await stage.ledger.note(receipt(key, delivered))).toMatchObject({ before: { isPriced: true } });
  });

  test('a message is found by its id, and no other', async () => {
    const context = {
      verification: 'k',
      sendId: 's',
      route: 'eum',
      country: 'IN',
      estimateUsd: 0.02,
      estimateParts: 2,
    };
    const note = { ...context, messageId: `m-${where}`, purgeAt: 4_000_000_000 };
    await stage.ledger.noteMessage(note);
    await stage.ledger.noteMessage(note);
    expect(await stage.ledger.findMessage(`m-${where}`)).toEqual(context);
    expect(await stage.ledger.findMessage('m-other')).toBeUndefined();
  });
});

test('an item of a receipt has the attributes that the contract lists, and no kind', async () => {
  const stage = await onEmulator();
  const table = dynamo.tables.verifications;
  await stage.ledger.note(receipt('k', failed));
  await stage.ledger.noteMessage({
    ...{ messageId: 'm', verification: 'k', sendId: 's', route: 'r', country: 'IN' },
    ...{ estimateUsd: 0.02, estimateParts: 1, purgeAt: 1 },
  });
  const namesOf = async (pk: string) => {
    const { Item } = await dynamo.call('DynamoDB_20120810.GetItem', { TableName: table, Key: { pk: { S: pk } } });
    return Object.keys(Item as object).toSorted();
  };
  expect(await namesOf('receipt#k')).toEqual([...receiptAttributes, 'pk', 'purgeAt'].toSorted());
  expect(await namesOf('message#m')).toEqual([...messageAttributes, 'pk', 'purgeAt'].toSorted());
  await stage.stop();
});
