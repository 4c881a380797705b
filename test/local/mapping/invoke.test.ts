import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterEach, expect, test } from 'vitest';
import { createMappingSwitch, type LambdaApi, startLambdaApi } from '../../../local/aws/lambda.ts';
import type { Invocation } from '../../../local/functions/functions.ts';

let lambda: LambdaApi;
let client: LambdaClient;
type Called = {
  readonly name: string;
  readonly event: object;
  readonly id: string;
  readonly alias: string | undefined;
};
let called: Called[];

const start = async (outcomes: readonly Invocation[], retryDelaysMs = [1, 1]) => {
  called = [];
  lambda = await startLambdaApi(createMappingSwitch(), { retryDelaysMs });
  lambda.join(async (name, event, id, alias) => {
    called.push({ name, event, id, alias });
    return outcomes[called.length - 1] ?? { kind: 'answered', payload: null };
  });
  client = new LambdaClient({
    endpoint: lambda.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
};
afterEach(async () => {
  client.destroy();
  await lambda.stop();
});

const invoke = (more: Partial<ConstructorParameters<typeof InvokeCommand>[0]> = {}) =>
  client.send(new InvokeCommand({ FunctionName: 'export-events', Payload: Buffer.from('{"a":1}'), ...more }));
const failed: Invocation = { kind: 'failed', reason: 'for a test' };

test('a call that waits brings the payload of the function, as on AWS', async () => {
  await start([{ kind: 'answered', payload: { b: 2 } }]);
  const { StatusCode, Payload, FunctionError } = await invoke();
  expect([StatusCode, Buffer.from(Payload ?? []).toString(), FunctionError]).toEqual([200, '{"b":2}', undefined]);
  expect(called).toMatchObject([{ name: 'export-events', event: { a: 1 }, alias: undefined }]);
});

test('a call that waits names an error of the function, and is not repeated, as on AWS', async () => {
  await start([failed]);
  expect((await invoke()).FunctionError).toBe('Unhandled');
  expect(called).toHaveLength(1);
});

test('a call that does not wait is answered before the function runs to its end, as on AWS', async () => {
  let end = () => {};
  await start([]);
  lambda.join(
    () =>
      new Promise((resolve) => {
        end = () => resolve({ kind: 'answered', payload: null });
      }),
  );
  expect((await invoke({ InvocationType: 'Event' })).StatusCode).toBe(202);
  end();
  await lambda.settled();
});

test('an event whose function fails is tried three times under one request id, as on AWS', async () => {
  await start([failed, { kind: 'timed-out' }, failed, failed]);
  await invoke({ InvocationType: 'Event' });
  await lambda.settled();
  expect(called).toHaveLength(3);
  expect(new Set(called.map(({ id }) => id)).size).toBe(1);
});

test('an event that waits for another try is forgotten by a reset', async () => {
  await start([failed], [600_000]);
  await invoke({ InvocationType: 'Event' });
  lambda.clear();
  await lambda.settled();
  expect(called).toHaveLength(1);
});

test('a function is called by its alias, as on AWS', async () => {
  await start([]);
  await invoke({ FunctionName: 'detect-bursts:replay' });
  await invoke({ FunctionName: 'detect-bursts', Qualifier: 'replay' });
  expect(called.map(({ name, alias }) => [name, alias])).toEqual([
    ['detect-bursts', 'replay'],
    ['detect-bursts', 'replay'],
  ]);
});

test('a function that is not there, a payload that is no JSON and a large event are refused, as on AWS', async () => {
  await start([]);
  const refusal = (name: string) => expect.objectContaining({ name });
  await expect(invoke({ FunctionName: 'another' })).rejects.toEqual(refusal('ResourceNotFoundException'));
  const broken = { Payload: Buffer.from('{') };
  await expect(invoke(broken)).rejects.toEqual(refusal('InvalidRequestContentException'));
  const large = { InvocationType: 'Event' as const, Payload: Buffer.from(JSON.stringify('x'.repeat(1024 * 1024))) };
  await expect(invoke(large)).rejects.toEqual(refusal('RequestTooLargeException'));
  await expect(invoke({ InvocationType: 'DryRun' })).rejects.toEqual(refusal('InvalidParameterValueException'));
  expect(called).toEqual([]);
});
