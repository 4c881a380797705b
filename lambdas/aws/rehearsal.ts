import {
  BatchGetItemCommand,
  type DynamoDBClient,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { DecryptCommand, GenerateMacCommand, type KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { connectAhead, play } from './calls/ahead.ts';

const name = 'rehearsal';

const Key = { pk: { S: name } };
const item = { ...Key, count: { N: '1' }, list: { L: [{ S: name }] } };
const update = {
  TableName: name,
  Key,
  UpdateExpression: 'SET #n = :n',
  ExpressionAttributeValues: { ':n': { N: '1' } },
};

/** @returns whether all calls were played. */
const withoutFailure = async (played: () => Promise<void>): Promise<boolean> => {
  try {
    await played();
    return true;
  } catch {
    // The first call of a flow then does the work, as if nothing had been rehearsed. Its own failure is logged.
    return false;
  }
};

type OfSend = {
  readonly dynamo: DynamoDBClient;
  readonly dynamoOnce: DynamoDBClient;
  /** A call of each sender. */
  readonly senders: readonly (() => Promise<void>)[];
};

/**
 * Runs the calls of a send once while the container starts, with answers from memory (ADR 101), and opens connections for the first
 * ones (ADR 122). Never rejects.
 *
 * On Lambda a container starts with a whole core, and handles requests with a share of one.
 */
export const rehearseSend = ({ dynamo, dynamoOnce, senders }: OfSend): Promise<boolean> =>
  withoutFailure(async () => {
    void connectAhead(dynamo, dynamoOnce);
    for (const rehearse of senders) await rehearse();
    const read = new BatchGetItemCommand({ RequestItems: { [name]: { Keys: [Key], ConsistentRead: true } } });
    const found = JSON.stringify({ Responses: { [name]: [item] }, UnprocessedKeys: {} });
    await play(dynamo, read, found);
    const Put = { TableName: name, Item: item, ConditionExpression: 'attribute_not_exists(pk)' };
    const write = new TransactWriteItemsCommand({ TransactItems: [{ Put }] });
    await play(dynamo, write, '{}');
    const count = new UpdateItemCommand(update);
    await play(dynamoOnce, count, '{}');
  });

type OfCheck = { readonly dynamo: DynamoDBClient; readonly kms: KMSClient };

/** The same of a check. */
export const rehearseCheck = ({ dynamo, kms }: OfCheck): Promise<boolean> =>
  withoutFailure(async () => {
    void connectAhead(dynamo, kms);
    const [KeyId, bytes] = [name, Buffer.from(name)];
    const inBase64 = bytes.toString('base64');
    const mac = new GenerateMacCommand({ KeyId, MacAlgorithm: 'HMAC_SHA_256', Message: bytes });
    await play(kms, mac, JSON.stringify({ Mac: inBase64 }));
    const append = new UpdateItemCommand({ ...update, ReturnValues: 'ALL_NEW' });
    await play(dynamo, append, JSON.stringify({ Attributes: item }));
    const open = new DecryptCommand({ KeyId, CiphertextBlob: bytes, EncryptionContext: { purpose: name } });
    await play(kms, open, JSON.stringify({ Plaintext: inBase64 }));
    const sign = new SignCommand({ KeyId, Message: bytes, MessageType: 'DIGEST', SigningAlgorithm: 'ECDSA_SHA_256' });
    await play(kms, sign, JSON.stringify({ Signature: inBase64 }));
  });
