import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { knownGoodMs, type Standing } from '../otp/standing.ts';
import type { Change, GuessFact, TallyLedger } from '../otp/tally.ts';
import { asking, backOff } from './clients.ts';
import { markKey, provenKey, readStanding, standingKey, verifiedKey } from './dynamo-facts.ts';
import { keyOf, readVerification, values } from './dynamo-items.ts';
import { failedAt, transact, updateIfHolds } from './dynamo-writes.ts';

const daySeconds = 86_400;
/** A record may come again for as long as the stream keeps it: 24 hours, and some. */
const markSeconds = daySeconds + 7200;
/** How long a success vouches for an address, in seconds. */
const provenSeconds = 30 * daySeconds;

/** The counts as `tally` may write them. Each fact leaves a mark in the same transaction: it counts once. */
export const dynamoTallyLedger = (client: DynamoDBClient, table: string): TallyLedger => ({
  standing: async (phoneKey) => {
    const command = new GetItemCommand({ TableName: table, Key: keyOf(standingKey(phoneKey)), ConsistentRead: true });
    const { Item } = await asking('DynamoDB GetItem', () => client.send(command));
    return readStanding(Item);
  },
  write: async (fact, standing, day) => {
    if (fact.kind === 'right') await vouch(client, table, fact);
    const success = fact.kind === 'right' ? [countryWrite(table, fact, day)] : [];
    const outcome = await transact(client, [markWrite(table, fact), standingWrite(table, fact, standing), ...success]);
    if (outcome.kind === 'done') return 'written';
    if (outcome.kind === 'refused' && failedAt(outcome.reasons, 0)) return 'known';
    await backOff(2);
    return 'again';
  },
});

const markWrite = (TableName: string, { id, atMs }: GuessFact): TransactWriteItem => ({
  Put: {
    TableName,
    Item: values({ pk: markKey(id), expiresAt: Math.floor(atMs / 1000) + markSeconds }),
    ConditionExpression: 'attribute_not_exists(pk)',
  },
});

const standingWrite = (TableName: string, { phoneKey, atMs }: GuessFact, standing: Standing): TransactWriteItem => {
  const { version, wrong, verifiedAtMs, wrongAtMs } = standing;
  const isFirst = version === 1;
  return {
    Put: {
      TableName,
      Item: values({
        pk: standingKey(phoneKey),
        version,
        wrong,
        verifiedAt: verifiedAtMs,
        wrongAt: wrongAtMs,
        expiresAt: Math.floor(Math.max((verifiedAtMs ?? 0) + knownGoodMs, atMs + 2 * daySeconds * 1000) / 1000),
      }),
      ConditionExpression: isFirst ? 'attribute_not_exists(pk)' : 'version = :before',
      ...(isFirst ? {} : { ExpressionAttributeValues: values({ ':before': version - 1 }) }),
    },
  };
};

/** Numbers that are remembered of an address: more would change nothing. */
const mostVouchers = 50;

/**
 * Remembers whose success vouches for the address, each number once: a set takes a repetition without a mark, and stays
 * out of the transaction, which others of the same address would run into.
 */
const vouch = async (
  client: DynamoDBClient,
  TableName: string,
  { address, phoneKey, atMs }: GuessFact,
): Promise<void> => {
  const voucher = phoneKey.slice(0, 16);
  await updateIfHolds(client, {
    TableName,
    Key: keyOf(provenKey(address)),
    UpdateExpression: 'SET expiresAt = :expiresAt ADD vouchers :vouchers',
    ConditionExpression: 'attribute_not_exists(vouchers) OR contains(vouchers, :voucher) OR size(vouchers) < :most',
    ExpressionAttributeValues: {
      ...values({ ':expiresAt': Math.floor(atMs / 1000) + provenSeconds, ':voucher': voucher, ':most': mostVouchers }),
      ':vouchers': { SS: [voucher] },
    },
  });
};

const countryWrite = (TableName: string, { country, atMs }: GuessFact, day: string): TransactWriteItem => ({
  Update: {
    TableName,
    Key: keyOf(verifiedKey(country, day)),
    UpdateExpression: 'SET expiresAt = :expiresAt ADD verifiedCount :one',
    ExpressionAttributeValues: values({ ':one': 1, ':expiresAt': Math.floor(atMs / 1000) + 4 * daySeconds }),
  },
});

/** A record of a DynamoDB stream, as Lambda hands it over. */
export type StreamRecord = {
  readonly eventID?: string;
  readonly dynamodb?: {
    readonly SequenceNumber?: string;
    readonly OldImage?: Record<string, AttributeValue>;
    readonly NewImage?: Record<string, AttributeValue>;
  };
};

/** @throws Error when the record cannot be read: it then ends, whole, where dead letters go. */
export const readChange = ({ eventID, dynamodb }: StreamRecord): Change => {
  if (eventID === undefined || dynamodb === undefined) throw new Error('A stream record has no id or no content.');
  return { id: eventID, before: imageOf(dynamodb.OldImage), after: imageOf(dynamodb.NewImage) };
};

const knownKinds = ['verification', 'refusal'];
const knownShape = '1';

const imageOf = (image: Record<string, AttributeValue> | undefined) => {
  if (image === undefined) return undefined;
  const kind = image['kind']?.S ?? '';
  if (!knownKinds.includes(kind) || image['shape']?.N !== knownShape) {
    throw new Error('A stream record has a kind or a version that this function does not know.');
  }
  return kind === 'verification' ? readVerification(image) : undefined;
};
