import type { EndpointV2, HttpRequest, HttpResponse } from '@smithy/types';
import { escaped, outputWith, type PlainCalls, postTo } from './plain.ts';

const version = '2010-03-31';

/**
 * `Publish` of SNS to a phone number, instead of by the SDK's schemas and its reader of XML (ADR 108). Messages of another
 * shape, errors, and other answers go to the SDK: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
export const snsCalls = (): PlainCalls => ({
  operations: ['Publish'],
  complete: (_, input) => input,
  requestOf: (_, input, endpoint) => requestOf(input, endpoint),
  outputOf: (response) => outputOf(response),
  refusalOf: () => undefined,
});

const requestOf = (input: object, endpoint: EndpointV2): HttpRequest | undefined => {
  const { PhoneNumber, Message, MessageAttributes, ...more }: Readonly<Record<string, unknown>> = { ...input };
  if (typeof PhoneNumber !== 'string' || typeof Message !== 'string' || Object.keys(more).length > 0) return undefined;
  const attributes = attributesOf(MessageAttributes);
  if (attributes === undefined) return undefined;
  const fields = { Action: 'Publish', Version: version, PhoneNumber, Message, ...attributes };
  const body = Object.entries(fields).map(([name, value]) => `${name}=${escaped(value)}`);
  return postTo(endpoint, { 'content-type': 'application/x-www-form-urlencoded' }, body.join('&'));
};

/** Attributes by their numbers. @returns nothing if one has more than a type and a text. */
const attributesOf = (attributes: unknown): Readonly<Record<string, string>> | undefined => {
  const fields: Record<string, string> = {};
  let last = 0;
  for (const [name, attribute] of Object.entries(attributes ?? {})) {
    const { DataType, StringValue, ...more }: Readonly<Record<string, unknown>> = { ...attribute };
    if (typeof DataType !== 'string' || typeof StringValue !== 'string' || Object.keys(more).length > 0)
      return undefined;
    last += 1;
    const prefix = `MessageAttributes.entry.${last}`;
    fields[`${prefix}.Name`] = name;
    fields[`${prefix}.Value.DataType`] = DataType;
    fields[`${prefix}.Value.StringValue`] = StringValue;
  }
  return fields;
};

/** The whole answer to a message that SNS took. Its id has letters, digits and hyphens. */
const accepted =
  /^(?:<\?xml[^<>]*\?>)?\s*<PublishResponse[^<>]*>\s*<PublishResult>\s*<MessageId>([\w-]+)<\/MessageId>\s*<\/PublishResult>\s*(?:<ResponseMetadata>\s*<RequestId>[\w-]*<\/RequestId>\s*<\/ResponseMetadata>\s*)?<\/PublishResponse>\s*$/;

const outputOf = (response: HttpResponse): object | undefined => {
  const { statusCode, body } = response;
  if (statusCode >= 300 || !(body instanceof Uint8Array)) return undefined;
  const [, MessageId] =
    accepted.exec(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')) ?? [];
  return MessageId === undefined ? undefined : outputWith(response, { MessageId });
};
