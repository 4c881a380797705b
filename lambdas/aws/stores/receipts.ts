import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { MessageNotes, ReceiptFinder, ReceiptLedger, ReceiptWrite } from '../../otp/receipts/ports.ts';
import { keyOf } from '../dynamo/items.ts';
import { batchGetConsistent } from '../dynamo/reads.ts';
import { updateIfHolds } from '../dynamo/writes.ts';
import { callAws } from '../failures.ts';
import {
  hasNoReceipt,
  isOfEarlierSend,
  messageItem,
  messagePk,
  readMessage,
  readReceipt,
  readReplaced,
  receiptPk,
  receiptValues,
  saysLess,
} from '../tables/receipts.ts';
import { readVerification } from '../tables/verifications.ts';

/** A receipt without a price leaves `pricedSend`, so that the price of a message counts once. */
const setReceipt = ({ reason, priceUsd }: ReceiptWrite): string => {
  const own = ['sendId', 'delivery', 'weight', 'route', 'messageId', 'sentAt', 'toldAt', 'purgeAt'];
  const set = [...own, ...(reason === undefined ? [] : ['reason'])].map((name) => `${name} = :${name}`);
  const priced = priceUsd === undefined ? [] : ['pricedSend = :sendId'];
  return `SET ${[...set, ...priced].join(', ')}${reason === undefined ? ' REMOVE reason' : ''}`;
};

/** Writes receipts beside the records. It names no attribute of a record that decides anything, and reads no record. */
export const dynamoReceiptLedger = (client: DynamoDBClient, table: string): ReceiptLedger => ({
  note: async (receipt) => {
    const written = await updateIfHolds(client, {
      TableName: table,
      Key: keyOf(receiptPk(receipt.key)),
      UpdateExpression: setReceipt(receipt),
      ConditionExpression: [hasNoReceipt, isOfEarlierSend, saysLess].join(' OR '),
      ExpressionAttributeValues: receiptValues(receipt),
      ReturnValues: 'UPDATED_OLD',
    });
    if (written === undefined) return { kind: 'known' };
    return { kind: 'noted', before: readReplaced(written.Attributes, receipt.sendId) };
  },
  ...dynamoMessageNotes(client, table),
  findMessage: async (messageId) => {
    const command = new GetItemCommand({ TableName: table, Key: keyOf(messagePk(messageId)), ConsistentRead: true });
    const { Item } = await callAws('DynamoDB GetItem', () => client.send(command));
    return readMessage(Item);
  },
});

/** The note by which a receipt without a context finds its message. */
export const dynamoMessageNotes = (client: DynamoDBClient, table: string): MessageNotes => ({
  noteMessage: async (note) => {
    const command = new PutItemCommand({ TableName: table, Item: messageItem(note) });
    await callAws('DynamoDB PutItem', () => client.send(command));
  },
});

/** Reads a record and its receipt, consistently and at once. */
export const dynamoReceiptFinder = (client: DynamoDBClient, table: string): ReceiptFinder => ({
  find: async (key) => {
    const items = await batchGetConsistent(client, table, [key, receiptPk(key)]);
    const verification = readVerification(items.get(key));
    return verification === undefined ? undefined : { verification, receipt: readReceipt(items.get(receiptPk(key))) };
  },
});
