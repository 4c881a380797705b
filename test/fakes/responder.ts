/** Answers every call of the sample functions as AWS would, and remembers what was asked. */

import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Endpoints } from './cold-start/first-flow.ts';

export type Asked = {
  /** The operation: `DynamoDB_20120810.UpdateItem`, `TrentService.Sign`, `Publish`. */
  readonly operation: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

const answers: Readonly<Record<string, unknown>> = {
  'DynamoDB_20120810.BatchGetItem': { Responses: { Sample: [{ pk: { S: 'sample' } }] }, UnprocessedKeys: {} },
  'DynamoDB_20120810.TransactWriteItems': {},
  'DynamoDB_20120810.UpdateItem': { Attributes: { pk: { S: 'sample' } } },
  'TrentService.GenerateMac': { KeyId: 'code', Mac: 'AAAA', MacAlgorithm: 'HMAC_SHA_256' },
  'TrentService.Encrypt': { KeyId: 'seal', CiphertextBlob: 'AAAA' },
  'TrentService.Decrypt': { KeyId: 'seal', Plaintext: 'AAAA' },
  'TrentService.Sign': { KeyId: 'proof', Signature: 'AAAA' },
};

const published = `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>
<MessageId>00000000-0000-4000-8000-000000000000</MessageId></PublishResult></PublishResponse>`;

type Answer = { readonly status: number; readonly type: string; readonly body: string };

const answerTo = (operation: string): Answer => {
  if (operation === 'Publish') return { status: 200, type: 'text/xml', body: published };
  const known = answers[operation];
  const body = known ?? { __type: 'UnknownOperationException', message: `No answer to ${operation}` };
  return { status: known === undefined ? 400 : 200, type: 'application/x-amz-json-1.0', body: JSON.stringify(body) };
};

/** AWS refuses what is not signed, so this does. */
const unsigned: Answer = { status: 403, type: 'application/json', body: '{"__type":"MissingAuthenticationToken"}' };
const isSigned = (request: IncomingMessage) =>
  /^AWS4-HMAC-SHA256 Credential=test\/\d{8}\/us-east-1\/(dynamodb|kms|sns)\/aws4_request, SignedHeaders=.*, Signature=[0-9a-f]{64}$/.test(
    request.headers.authorization ?? '',
  );

const read = async (request: IncomingMessage): Promise<Asked> => {
  const body = await text(request);
  const target = request.headers['x-amz-target'];
  const operation = typeof target === 'string' ? target : (new URLSearchParams(body).get('Action') ?? '');
  return {
    operation,
    body,
    headers: Object.fromEntries(
      Object.entries(request.headersDistinct).map(([name, values]) => [name, String(values)]),
    ),
  };
};

type Responding = {
  /** Operations whose first call is answered 500, as a service in trouble does. */
  readonly failOnce?: readonly string[];
};

export const startResponder = async ({ failOnce = [] }: Responding = {}) => {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const found = await read(request);
    const isFirst = asked.every(({ operation }) => operation !== found.operation);
    asked.push(found);
    const fails = isFirst && failOnce.includes(found.operation);
    const { status, type, body } = isSigned(request) ? answerTo(found.operation) : unsigned;
    response.writeHead(fails ? 500 : status, { 'content-type': type, 'x-amzn-requestid': 'sample' });
    response.end(fails ? '{"__type":"InternalServerError"}' : body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const endpoints: Endpoints = { dynamodb: url, kms: url, sns: url };
  const stop = () => new Promise((resolve) => server.close(resolve).closeAllConnections());
  return { endpoints, asked, stop };
};
