/**
 * The same calls by the SDK alone: a client of each service with the SDK's defaults, no checks, no log. It repeats the
 * calls of one flow of ours, call by call, those at the same time too.
 */

import {
  BatchGetItemCommand,
  DynamoDBClient,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { DecryptCommand, EncryptCommand, GenerateMacCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Waves } from './waves.ts';

const dynamo = new DynamoDBClient({});
const kms = new KMSClient({});
const sns = new SNSClient({});

type Replay = (body: string) => () => Promise<unknown>;

/** The SDK takes blobs as bytes, and the wire has them in base64. */
const blobs = new Set(['Message', 'Plaintext', 'CiphertextBlob']);
const parsed = (body: string) =>
  JSON.parse(body, (key, value) => (blobs.has(key) ? Buffer.from(String(value), 'base64') : value));

const publish: Replay = (body) => {
  const form = new URLSearchParams(body);
  const field = (name: string) => form.get(name) ?? '';
  const names = [...form.keys()].filter((key) => key.endsWith('.Name'));
  const MessageAttributes = Object.fromEntries(
    names.map((name) => {
      const value = name.replace(/Name$/, 'Value');
      return [field(name), { DataType: field(`${value}.DataType`), StringValue: field(`${value}.StringValue`) }];
    }),
  );
  const input = { PhoneNumber: field('PhoneNumber'), Message: field('Message'), MessageAttributes };
  return () => sns.send(new PublishCommand(input));
};

const replays: Readonly<Record<string, Replay>> = {
  BatchGetItem: (body) => () => dynamo.send(new BatchGetItemCommand(parsed(body))),
  TransactWriteItems: (body) => () => dynamo.send(new TransactWriteItemsCommand(parsed(body))),
  UpdateItem: (body) => () => dynamo.send(new UpdateItemCommand(parsed(body))),
  GenerateMac: (body) => () => kms.send(new GenerateMacCommand(parsed(body))),
  Encrypt: (body) => () => kms.send(new EncryptCommand(parsed(body))),
  Decrypt: (body) => () => kms.send(new DecryptCommand(parsed(body))),
  Sign: (body) => () => kms.send(new SignCommand(parsed(body))),
  Publish: publish,
};

const replayOf = ({ operation, body }: Waves[number][number]) => {
  const replay = replays[operation];
  if (replay === undefined) throw new Error(`The bench does not know ${operation}: see bench/flow/bare.ts.`);
  return replay(body);
};

type Event = { readonly flow: 'send' | 'check'; readonly waves?: Waves };

const flows = new Map<Event['flow'], readonly (readonly (() => Promise<unknown>)[])[]>();

/** The first event of a flow brings its calls. Each later one makes them. */
export const handler = async ({ flow, waves }: Event): Promise<{ readonly statusCode: number }> => {
  if (waves !== undefined)
    flows.set(
      flow,
      waves.map((wave) => wave.map(replayOf)),
    );
  else for (const wave of flows.get(flow) ?? []) await Promise.all(wave.map((call) => call()));
  return { statusCode: 200 };
};
