import { request as openRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { listenOnLoopback } from '../../local/http/loopback.ts';
import { callsOf } from './aws-call.ts';
import { startRecorder } from './recorder.ts';

const asIs = (id: string) => id;
const item = (pk: string) => ({ pk: { S: pk } });

describe('what a request needs', () => {
  const actions = (operation: string, input: Readonly<Record<string, unknown>>) =>
    callsOf({ by: 'detect-bursts', service: 'dynamodb', operation, input }, asIs).map(
      ({ action, on, context }) => `${action} ${on} ${context['dynamodb:LeadingKeys']}`,
    );

  test('a transaction needs what its parts need, and nothing of its own', () => {
    const TransactItems = [
      { Put: { TableName: 'A', Item: item('one') } },
      { Update: { TableName: 'B', Key: item('two') } },
      { Delete: { TableName: 'B', Key: item('three') } },
      { ConditionCheck: { TableName: 'A', Key: item('four') } },
    ];
    expect(actions('TransactWriteItems', { TransactItems })).toEqual([
      'dynamodb:PutItem A one',
      'dynamodb:UpdateItem B two',
      'dynamodb:DeleteItem B three',
      'dynamodb:ConditionCheckItem A four',
    ]);
  });

  test('a batch needs each of its tables, with all keys that it asks for', () => {
    const RequestItems = { A: { Keys: [item('one'), item('two')] }, B: { Keys: [item('three')] } };
    expect(actions('BatchGetItem', { RequestItems })).toEqual([
      'dynamodb:BatchGetItem A one,two',
      'dynamodb:BatchGetItem B three',
    ]);
  });

  test('a batch of writes needs each of its tables, with all keys that it puts or deletes', () => {
    const RequestItems = { A: [{ PutRequest: { Item: item('one') } }, { DeleteRequest: { Key: item('two') } }] };
    expect(actions('BatchWriteItem', { RequestItems })).toEqual(['dynamodb:BatchWriteItem A one,two']);
  });

  test('a query needs the one key that it asks for', () => {
    const input = { TableName: 'A', ExpressionAttributeValues: { ':pk': { S: 'country#GB' } } };
    expect(actions('Query', input)).toEqual(['dynamodb:Query A country#GB']);
  });

  test('a scan needs the whole table, and names no key', () => {
    expect(actions('Scan', { TableName: 'A' })).toEqual(['dynamodb:Scan A undefined']);
  });

  test('a batch of messages needs the permission of one, on the queue of its URL', () => {
    const input = { QueueUrl: 'http://127.0.0.1:1/000000000000/waiting' };
    const calls = callsOf({ by: 'write-desk', service: 'sqs', operation: 'SendMessageBatch', input }, asIs);
    expect(calls.map(({ action, on }) => `${action} ${on}`)).toEqual(['sqs:SendMessage waiting']);
  });

  test('a secret is read by the ARN that is asked for, and not listed', () => {
    const ask = (operation: string) =>
      callsOf({ by: 'deliver-webhooks', service: 'secretsManager', operation, input: { SecretId: 'arn' } }, asIs);
    expect(ask('GetSecretValue')).toMatchObject([
      { by: 'deliver-webhooks', action: 'secretsmanager:GetSecretValue', on: 'arn' },
    ]);
    expect(() => ask('ListSecrets')).toThrow('ListSecrets');
  });

  test.each(['BatchExecuteStatement', 'ExecuteStatement'])('%s is unknown, and said to be', (operation) => {
    expect(() => actions(operation, { TableName: 'A' })).toThrow(operation);
  });
});

describe('the recorder', () => {
  const stops: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
  });

  /** A recorder before something that answers with what it was asked. */
  const listen = async () => {
    const { server, url, stop } = await listenOnLoopback();
    server.on('request', (request, response) => request.pipe(response));
    const recorder = startRecorder();
    stops.push(recorder.stop, stop);
    const { kms } = recorder.endpoints();
    if (typeof kms !== 'function') throw new Error('The recorder does not listen to KMS.');
    return { recorder, url: await kms(url) };
  };
  const send = (url: string, token: string, operation: string, input: object): Promise<string> =>
    new Promise((resolve, reject) => {
      const headers = { 'x-amz-security-token': token, 'x-amz-target': `TrentService.${operation}` };
      openRequest(url, { method: 'POST', headers }, (answer) => resolve(text(answer)))
        .on('error', reject)
        .end(JSON.stringify(input));
    });

  test('the recorder passes on what it hears, and knows whose it is', async () => {
    const { recorder, url } = await listen();
    expect(await send(url, 'jwks', 'GetPublicKey', { KeyId: 'key' })).toBe('{"KeyId":"key"}');
    expect(recorder.calls((id) => `the ${id}`)).toEqual([
      { by: 'jwks', action: 'kms:GetPublicKey', on: 'the key', context: { 'aws:SecureTransport': 'true' } },
    ]);
  });

  test('the recorder hears another context as another call, and the same again not twice', async () => {
    const { recorder, url } = await listen();
    for (const MacAlgorithm of ['HMAC_SHA_256', 'HMAC_SHA_512', 'HMAC_SHA_256'])
      await send(url, 'detect-bursts', 'GenerateMac', { KeyId: 'key', MacAlgorithm });
    expect(recorder.calls(asIs).map(({ context }) => context['kms:MacAlgorithm'])).toEqual([
      'HMAC_SHA_256',
      'HMAC_SHA_512',
    ]);
  });

  test.each([
    ['nobody', 'GetPublicKey'],
    ['jwks', 'CreateGrant'],
  ])('the recorder says that it did not understand %s asking for %s', async (token, operation) => {
    const { recorder, url } = await listen();
    await send(url, token, operation, { KeyId: 'key' });
    expect(() => recorder.calls(asIs)).toThrow('Not understood');
  });
});
