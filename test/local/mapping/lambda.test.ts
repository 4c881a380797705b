import { GetEventSourceMappingCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lambdaMappingStates } from '../../../lambdas/aws/lambda.ts';
import { Unavailable } from '../../../lambdas/otp/ports.ts';
import { createMappingSwitch, type LambdaApi, localMapping, startLambdaApi } from '../../../local/aws/lambda.ts';
import { listenOnLoopback } from '../../../local/http/loopback.ts';

const mapping = createMappingSwitch();
let api: LambdaApi;
let client: LambdaClient;
const clientOf = (endpoint: string) =>
  new LambdaClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
beforeEach(async () => {
  api = await startLambdaApi(mapping);
  client = clientOf(api.url);
});
afterEach(async () => {
  client.destroy();
  mapping.set(true);
  await api.stop();
});

test('an event source mapping is enabled until somebody disables it', async () => {
  const ask = () => client.send(new GetEventSourceMappingCommand({ UUID: localMapping }));
  expect(await ask()).toMatchObject({ UUID: localMapping, State: 'Enabled' });
  mapping.set(false);
  expect(await ask()).toMatchObject({ State: 'Disabled' });
});

test('another event source mapping is not found, which the detector takes for a missing one', async () => {
  const ask = client.send(new GetEventSourceMappingCommand({ UUID: 'another' }));
  await expect(ask).rejects.toMatchObject({ name: 'ResourceNotFoundException', $metadata: { httpStatusCode: 404 } });
  expect(await lambdaMappingStates(client)('another')).toBeUndefined();
  expect(await lambdaMappingStates(client)(localMapping)).toBe('Enabled');
});

test('an operation that is not played is refused, and a request that is signed for another service', async () => {
  await expect(client.send(new ListFunctionsCommand({}))).rejects.toMatchObject({ name: 'UnknownOperationException' });
  const authorization = 'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/s3/aws4_request';
  const answer = await fetch(`${api.url}/2015-03-31/event-source-mappings/x`, { headers: { authorization } });
  expect([answer.status, answer.headers.get('x-amzn-errortype')]).toEqual([403, 'SignatureDoesNotMatch']);
});

test.each([
  ['an error of Lambda', 500, '{}'],
  ['a refusal', 403, '{"Message":"no"}'],
  ['an answer without a state', 200, '{}'],
])('the detector does not know its state after %s', async (_, status, body) => {
  const { server, url, stop } = await listenOnLoopback();
  server.on('request', (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(body),
  );
  const broken = clientOf(url);
  await expect(lambdaMappingStates(broken)(localMapping)).rejects.toThrow(Unavailable);
  broken.destroy();
  await stop();
});
