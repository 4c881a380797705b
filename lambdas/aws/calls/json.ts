import { randomUUID } from 'node:crypto';
import type { EndpointV2, HttpRequest, HttpResponse } from '@smithy/types';
import { metadataOf, outputWith, type PlainCalls, postTo } from './plain.ts';

/** A service whose calls are JSON, and the operations that JSON alone can write and read. */
type JsonService = {
  readonly contentType: string;
  readonly target: string;
  readonly operations: readonly string[];
  /** Members of an answer that are bytes. On the wire they are base64. */
  readonly bytes: readonly string[];
  /** The member by which the service knows a repeat, by operation. The SDK fills it once, before all tries. */
  readonly tokens: Readonly<Record<string, string>>;
  /** Errors by which a condition answers, with the member of each. The SDK never repeats them. */
  readonly refusals: Readonly<Record<string, string>>;
};

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html */
const dynamodb: JsonService = {
  contentType: 'application/x-amz-json-1.0',
  target: 'DynamoDB_20120810',
  operations: [
    ...['BatchGetItem', 'BatchWriteItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'Scan'],
    ...['TransactWriteItems', 'UpdateItem'],
  ],
  bytes: [],
  tokens: { TransactWriteItems: 'ClientRequestToken' },
  refusals: { ConditionalCheckFailedException: 'Item', TransactionCanceledException: 'CancellationReasons' },
};

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html and its neighbors */
const kms: JsonService = {
  contentType: 'application/x-amz-json-1.1',
  target: 'TrentService',
  operations: ['Decrypt', 'Encrypt', 'GenerateMac', 'GetPublicKey', 'Sign'],
  bytes: ['CiphertextBlob', 'Mac', 'Plaintext', 'PublicKey', 'Signature'],
  tokens: {},
  refusals: {},
};

/** https://docs.aws.amazon.com/pinpoint/latest/apireference_smsvoicev2/API_SendTextMessage.html and its neighbors */
const smsVoice: JsonService = {
  contentType: 'application/x-amz-json-1.0',
  target: 'PinpointSMSVoiceV2',
  operations: [
    ...['PutMessageFeedback', 'SendNotifyTextMessage', 'SendNotifyVoiceMessage', 'SendTextMessage', 'SendVoiceMessage'],
  ],
  bytes: [],
  tokens: {},
  refusals: {},
};

/** The calls of DynamoDB as plain JSON, instead of by the SDK's schemas (ADR 100). */
export const dynamodbCalls = (): PlainCalls => jsonCallsOf(dynamodb);
/** The same of KMS. */
export const kmsCalls = (): PlainCalls => jsonCallsOf(kms);
/** The same of AWS End User Messaging. */
export const smsVoiceCalls = (): PlainCalls => jsonCallsOf(smsVoice);

const jsonCallsOf = (service: JsonService): PlainCalls => ({
  operations: service.operations,
  complete: (operation, input) => complete(service, operation, input),
  requestOf: (operation, input, endpoint) => requestOf(service, operation, input, endpoint),
  outputOf: (response) => outputOf(service, response),
  refusalOf: (response) => refusalOf(service, response),
});

/** Whether there may be attributes of bytes, which are base64 on the wire. An attribute may have such a name, too. */
const mayHaveBytes = (json: string): boolean => json.includes('"B":') || json.includes('"BS":');

const textOf = (input: object): string => {
  const json = JSON.stringify(input);
  return mayHaveBytes(json) ? JSON.stringify(input, bytesInBase64) : json;
};

/** `value` has been through `toJSON` of a `Buffer`. The object that holds it has the bytes. */
function bytesInBase64(this: Record<string, unknown>, name: string, value: unknown): unknown {
  const held = this[name];
  return held instanceof Uint8Array ? base64Of(held) : value;
}

const base64Of = ({ buffer, byteOffset, byteLength }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');

/** No other member of an answer has these names and a text, or a list of texts. */
const bytesFromBase64 = (name: string, value: unknown): unknown => {
  if (name === 'B' && typeof value === 'string') return Buffer.from(value, 'base64');
  if (name !== 'BS' || !Array.isArray(value)) return value;
  return value.map((each: unknown) => (typeof each === 'string' ? Buffer.from(each, 'base64') : each));
};

const complete = ({ tokens }: JsonService, operation: string, input: object): object => {
  const token = tokens[operation];
  if (token === undefined) return input;
  const given: Readonly<Record<string, unknown>> = { ...input };
  return { ...given, [token]: given[token] ?? randomUUID() };
};

const requestOf = (
  { contentType, target }: JsonService,
  operation: string,
  input: object,
  endpoint: EndpointV2,
): HttpRequest | undefined => {
  const body = textOf(inBase64(input));
  return postTo(endpoint, { 'content-type': contentType, 'x-amz-target': `${target}.${operation}` }, body);
};

/** KMS takes bytes at the top of an input only. */
const inBase64 = (input: object): object =>
  Object.values(input).some((value) => value instanceof Uint8Array)
    ? Object.fromEntries(
        Object.entries(input).map(([name, value]: [string, unknown]) => [
          name,
          value instanceof Uint8Array ? base64Of(value) : value,
        ]),
      )
    : input;

const outputOf = ({ bytes }: JsonService, response: HttpResponse): object | undefined => {
  if (response.statusCode >= 300) return undefined;
  const output = objectOf(response);
  if (output === undefined) return undefined;
  for (const name of bytes) {
    const text = output[name];
    if (typeof text === 'string') output[name] = Buffer.from(text, 'base64');
  }
  return outputWith(response, output);
};

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html */
const refusalOf = ({ refusals }: JsonService, response: HttpResponse): Error | undefined => {
  if (response.statusCode !== 400) return undefined;
  const answer = objectOf(response) ?? {};
  const name = String(answer['__type']).split('#').at(-1) ?? '';
  const member = Object.hasOwn(refusals, name) ? refusals[name] : undefined;
  if (member === undefined) return undefined;
  const text = answer['message'] ?? answer['Message'] ?? 'UnknownError';
  return Object.assign(new Error(String(text)), {
    name,
    $fault: 'client',
    $metadata: metadataOf(response),
    // No other one, which could take the place of the name or the stack.
    ...(member in answer ? { [member]: answer[member] } : {}),
  });
};

const objectOf = ({ body }: HttpResponse): Record<string, unknown> | undefined =>
  body instanceof Uint8Array
    ? objectIn(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'))
    : undefined;

const objectIn = (json: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = mayHaveBytes(json) ? JSON.parse(json, bytesFromBase64) : JSON.parse(json);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
