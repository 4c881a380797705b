import { type MessageAttributeValue, PublishCommand, type PublishCommandInput, SNSClient } from '@aws-sdk/client-sns';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Sns, startSns } from '../../../local/aws/sns.ts';

let sns: Sns;
let client: SNSClient;
beforeEach(async () => {
  sns = await startSns({ now: () => Date.UTC(2026, 0, 1) });
  client = new SNSClient({
    endpoint: sns.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
});
afterEach(async () => {
  client.destroy();
  await sns.stop();
});

const phone = '+919876543210';
const publish = (
  change: { readonly [field in keyof PublishCommandInput]?: PublishCommandInput[field] | undefined } = {},
  abortSignal: AbortSignal = AbortSignal.timeout(10_000),
) =>
  client.send(new PublishCommand({ PhoneNumber: phone, ...change, Message: change.Message ?? 'hello' }), {
    abortSignal,
  });
const refusal = (name: string) => expect.objectContaining({ name });
const string = (StringValue: string): MessageAttributeValue => ({ DataType: 'String', StringValue });
const number = (StringValue: string): MessageAttributeValue => ({ DataType: 'Number', StringValue });

describe('the inbox', () => {
  test('an accepted message is in the inbox with all that was said about it, newest first', async () => {
    const attributes = {
      'AWS.SNS.SMS.SMSType': string('Transactional'),
      'AWS.SNS.SMS.SenderID': string('Acme'),
      'AWS.SNS.SMS.MaxPrice': number('0.05'),
      'AWS.MM.SMS.OriginationNumber': string('+12065550100'),
      'AWS.MM.SMS.EntityId': string('1101234567890123456'),
      'AWS.MM.SMS.TemplateId': string('1107654321098765432'),
    };
    const text = 'Ihr Code: 123456 & <b>"x"</b> é + %20 🙂\n@example.com #123456';
    const { MessageId } = await publish({ Message: text, MessageAttributes: attributes });
    await publish({ PhoneNumber: '+4915112345678', Message: 'second' });
    expect(sns.messages().map((message) => message.text)).toEqual(['second', text]);
    expect(sns.messages(phone)).toEqual([
      {
        to: phone,
        text,
        at: '2026-01-01T00:00:00.000Z',
        messageId: MessageId,
        attributes: Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, value.StringValue])),
      },
    ]);
  });

  test('1600 characters are a message, one more is not', async () => {
    await expect(publish({ Message: '🙂'.repeat(1600) })).resolves.toBeDefined();
    await expect(publish({ Message: 'a'.repeat(1601) })).rejects.toEqual(refusal('InvalidParameterException'));
    expect(sns.messages()).toHaveLength(1);
  });
});

describe('what SNS takes, and what never arrives', () => {
  const other = '+4915112345678';

  test('a message to a number that opted out is taken as any other, as SNS does, and never arrives', async () => {
    sns.optOut(phone);
    for (const PhoneNumber of [phone, other])
      expect(await publish({ PhoneNumber })).toMatchObject({ MessageId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(sns.messages().map(({ to }) => to)).toEqual([other]);
  });

  test('a message can be lost after SNS took it: an opt-out, a price above MaxPrice, a quota that is used up', async () => {
    sns.fail('opted-out', { to: phone });
    expect(await publish()).toMatchObject({ MessageId: expect.any(String) });
    expect(sns.messages()).toEqual([]);
    await publish();
    expect(sns.messages()).toHaveLength(1);
  });
});

describe('what SNS refuses', () => {
  test.each([
    ['an empty message', { Message: '' }],
    ['a number without +', { PhoneNumber: '919876543210' }],
    ['a number with spaces', { PhoneNumber: '+91 98765 43210' }],
    ['a number of sixteen digits', { PhoneNumber: '+9198765432101234' }],
    ['a number of six digits', { PhoneNumber: '+123456' }],
    ['no number', { PhoneNumber: undefined }],
    ['a topic', { PhoneNumber: undefined, TopicArn: 'arn:aws:sns:us-east-1:000000000000:topic' }],
    ['a subject', { Subject: 'hello' }],
    ['a message structure', { MessageStructure: 'json' }],
  ])('a message with %s is refused', async (_, change) => {
    await expect(publish(change)).rejects.toEqual(refusal('InvalidParameterException'));
    expect(sns.messages()).toEqual([]);
  });

  test.each<[string, Record<string, MessageAttributeValue>]>([
    ['a misspelt name', { 'AWS.SNS.SMS.SMStype': string('Transactional') }],
    ['a name of JavaScript', { constructor: string('x') }],
    ['an unknown type of SMS', { 'AWS.SNS.SMS.SMSType': string('Urgent') }],
    ['a sender id of 12 characters', { 'AWS.SNS.SMS.SenderID': string('AcmeAcmeAcme') }],
    ['a sender id without a letter', { 'AWS.SNS.SMS.SenderID': string('12345') }],
    ['a sender id with a space', { 'AWS.SNS.SMS.SenderID': string('Acme Inc') }],
    ['a price that is a string', { 'AWS.SNS.SMS.MaxPrice': string('0.05') }],
    ['a price that is no number', { 'AWS.SNS.SMS.MaxPrice': number('cheap') }],
    ['a price of nothing', { 'AWS.SNS.SMS.MaxPrice': number('0.00') }],
    ['a type that is a number', { 'AWS.SNS.SMS.SMSType': number('1') }],
    ['an origination number that is a name', { 'AWS.MM.SMS.OriginationNumber': string('Acme') }],
    ['an empty entity', { 'AWS.MM.SMS.EntityId': string('') }],
    ['a binary value', { 'AWS.MM.SMS.TemplateId': { DataType: 'Binary', BinaryValue: new Uint8Array([1]) } }],
  ])('an attribute with %s is refused', async (_, MessageAttributes) => {
    await expect(publish({ MessageAttributes })).rejects.toEqual(refusal('InvalidParameterValueException'));
    expect(sns.messages()).toEqual([]);
  });

  test('an unsigned request is refused, and so is another action', async () => {
    const form = (headers: Record<string, string>) =>
      fetch(sns.url, { method: 'POST', headers, body: new URLSearchParams({ Action: 'Subscribe' }) });
    expect((await form({})).status).toBe(403);
    const signed = await form({ authorization: 'AWS4-HMAC-SHA256 Credential=a/b/us-east-1/sns/aws4_request' });
    expect(await signed.text()).toContain('<Code>InvalidAction</Code>');
  });
});

describe('faults', () => {
  test.each([
    ['throttle', 'ThrottlingException', 400],
    ['access-denied', 'AuthorizationErrorException', 403],
    ['internal-error', 'InternalErrorException', 500],
  ] as const)('%s arrives as %s with status %i, and nothing is sent', async (mode, name, httpStatusCode) => {
    sns.fail(mode, { times: 2 });
    for (let time = 0; time < 2; time += 1)
      await expect(publish()).rejects.toMatchObject({ name, $metadata: { httpStatusCode } });
    expect(sns.messages()).toEqual([]);
    await expect(publish()).resolves.toBeDefined();
  });

  test('an answer can be lost although the message was sent', async () => {
    sns.fail('timeout-after-accept');
    await expect(publish({}, AbortSignal.timeout(200))).rejects.toThrow();
    sns.fail('reset-after-accept');
    await expect(publish()).rejects.toThrow(/ECONNRESET|socket hang up/);
    expect(sns.messages(phone)).toHaveLength(2);
  });

  test('an answer can be missing because nothing was sent', async () => {
    sns.fail('timeout-before-accept');
    await expect(publish({}, AbortSignal.timeout(200))).rejects.toThrow();
    sns.fail('reset');
    await expect(publish()).rejects.toThrow(/ECONNRESET|socket hang up/);
    expect(sns.messages()).toEqual([]);
  });

  test('a fault can hit one number only, and be called off', async () => {
    sns.fail('throttle', { times: 5, to: phone });
    await expect(publish({ PhoneNumber: '+4915112345678' })).resolves.toBeDefined();
    await expect(publish()).rejects.toEqual(refusal('ThrottlingException'));
    sns.clearFaults();
    await expect(publish()).resolves.toBeDefined();
  });
});
