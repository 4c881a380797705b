/**
 * AWS for the flows of the bench, over TLS, in a process of its own: DynamoDB, KMS and SNS at one address.
 *
 * It keeps the records and takes every write. Answers have the shape and the size of AWS's; a call waits as long as AWS's
 * would. The parent process sends `{ delays }` or `{ report: true }`, and gets each SMS.
 */

import { createHash, createHmac, createPrivateKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { text } from 'node:stream/consumers';
import { makeCertificate } from '../../test/fakes/aws/certificate.ts';

/** Milliseconds until an answer, by operation. */
type Delays = Readonly<Record<string, number>>;

export type Call = {
  readonly operation: string;
  readonly body: string;
  readonly startedMs: number;
  /** When the whole request was there. A delay begins with it. */
  readonly receivedMs: number;
  readonly endedMs: number;
};

/** From the parent: new delays, or a question for the calls since the last one. */
export type ToFakeAws = { readonly delays: Delays } | { readonly report: true };
export type FromFakeAws =
  | { readonly kind: 'ready'; readonly url: string; readonly cert: string }
  | { readonly kind: 'sms'; readonly to: string; readonly text: string }
  | { readonly kind: 'report'; readonly calls: readonly Call[]; readonly connections: number };

type Value = { readonly S?: string; readonly L?: readonly Value[]; readonly N?: string };
type Item = Readonly<Record<string, Value>>;
type Body = {
  readonly RequestItems?: object;
  readonly TransactItems?: readonly { readonly Put?: { readonly Item: Item } }[];
  readonly Item?: Item;
  readonly Key?: Item;
  readonly ReturnValues?: string;
  readonly ExpressionAttributeValues?: Item;
  readonly KeyId?: string;
  readonly Message?: string;
  readonly Plaintext?: string;
  readonly CiphertextBlob?: string;
};

const records = new Map<string, Item>();
const secret = randomUUID();
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const proofKey = createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }));

const join = (a: Value | undefined, b: Value | undefined): Value => ({ L: [...(a?.L ?? []), ...(b?.L ?? [])] });

/** The one update whose answer matters appends a guess to a record. */
const appended = (record: Item, values: Item): Item => ({
  ...record,
  guesses: join(record['guesses'], values[':guess']),
  nonces: join(record['nonces'], values[':nonces']),
  guessedAt: values[':nowMs'] ?? {},
});

const conditionFailed = {
  __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException',
  message: 'The conditional request failed',
};

const operations: Readonly<Record<string, (body: Body) => object>> = {
  BatchGetItem: ({ RequestItems = {} }) => ({
    Responses: Object.fromEntries(Object.keys(RequestItems).map((table) => [table, []])),
    UnprocessedKeys: {},
  }),
  TransactWriteItems: ({ TransactItems = [] }) => {
    for (const { Put } of TransactItems) if (Put !== undefined) records.set(Put.Item['pk']?.S ?? '', Put.Item);
    return {};
  },
  PutItem: ({ Item = {} }) => {
    records.set(Item['pk']?.S ?? '', Item);
    return {};
  },
  UpdateItem: ({ Key = {}, ReturnValues, ExpressionAttributeValues: values = {} }) => {
    if (ReturnValues !== 'ALL_NEW') return {};
    const record = records.get(Key['pk']?.S ?? '') ?? {};
    // The condition of the usual stack, which redeems a code by its hash.
    if (values[':codeHash'] !== undefined && values[':codeHash'].S !== record['codeHash']?.S) return conditionFailed;
    return { Attributes: values[':guess'] === undefined ? record : appended(record, values) };
  },
  GenerateMac: ({ KeyId = '', Message = '' }) => ({
    KeyId,
    Mac: createHmac('sha256', secret).update(KeyId).update(Message).digest('base64'),
    MacAlgorithm: 'HMAC_SHA_256',
  }),
  Encrypt: ({ KeyId, Plaintext }) => ({
    KeyId,
    CiphertextBlob: Plaintext,
    EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
  }),
  Decrypt: ({ KeyId, CiphertextBlob }) => ({
    KeyId,
    Plaintext: CiphertextBlob,
    EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
  }),
  Sign: ({ KeyId, Message = '' }) => {
    const message = Buffer.from(Message, 'base64');
    return {
      KeyId,
      Signature: sign('sha256', message, proofKey).toString('base64'),
      SigningAlgorithm: 'ECDSA_SHA_256',
    };
  },
};

const send = (message: FromFakeAws) => process.send?.(message);

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const publish = (body: string): string => {
  const form = new URLSearchParams(body);
  send({ kind: 'sms', to: form.get('PhoneNumber') ?? '', text: form.get('Message') ?? '' });
  return (
    `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>${randomUUID()}` +
    `</MessageId></PublishResult><ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></PublishResponse>`
  );
};

let delays: Delays = {};
let calls: Call[] = [];
let connections = 0;

const waited = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const startedMs = performance.now();
  const target = String(request.headers['x-amz-target'] ?? '').split('.')[1];
  const operation = target ?? 'Publish';
  const body = await text(request);
  const receivedMs = performance.now();
  if (!/^AWS4-HMAC-SHA256 Credential=.+Signature=[0-9a-f]{64}$/.test(String(request.headers.authorization)))
    throw new Error(`${operation} is not signed.`);
  const answered = target === undefined ? {} : (operations[target]?.(JSON.parse(body)) ?? {});
  const made = target === undefined ? publish(body) : JSON.stringify(answered);
  const delayMs = delays[operation] ?? 0;
  if (delayMs > 0) await waited(delayMs - (performance.now() - receivedMs));
  calls.push({ operation, body, startedMs, receivedMs, endedMs: performance.now() });
  response.writeHead('__type' in answered ? 400 : 200, {
    'content-type': target === undefined ? 'text/xml' : String(request.headers['content-type']),
    'content-length': Buffer.byteLength(made),
    'x-amzn-requestid': createHash('md5').update(String(startedMs)).digest('hex'),
  });
  response.end(made);
};

const certificate = makeCertificate(Date.now());
const server = createServer(certificate, (request, response) => {
  answer(request, response).catch((error: unknown) => {
    console.error(error);
    response.destroy();
  });
});
server.keepAliveTimeout = 60_000;
server.on('secureConnection', () => {
  connections += 1;
});
process.on('message', (message: ToFakeAws) => {
  if ('delays' in message) {
    delays = message.delays;
    return;
  }
  send({ kind: 'report', calls, connections });
  calls = [];
  connections = 0;
});
process.on('disconnect', () => process.exit(0));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  send({ kind: 'ready', url: `https://127.0.0.1:${port}`, cert: certificate.cert });
});
