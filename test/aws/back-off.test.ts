import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { GenerateMacCommand } from '@aws-sdk/client-kms';
import { SendTextMessageCommand } from '@aws-sdk/client-pinpoint-sms-voice-v2';
import { PublishCommand } from '@aws-sdk/client-sns';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { dynamoClient, dynamoClientOnce, kmsClient, smsVoiceClient, snsClient } from '../../lambdas/aws/clients.ts';
import { untilSettled } from '../../lambdas/aws/dynamo/writes.ts';
import { backOff } from '../../lambdas/aws/failures.ts';
import { eventBridgeClient, lambdaClient, s3Client } from '../../lambdas/aws/sdk-clients.ts';
import { Unavailable } from '../../lambdas/otp/ports.ts';
import { askInstead } from '../fakes/aws/environment.ts';

// The fault suite plays these delays without the waiting. The clients are those of a deployment here.
vi.unmock(import('../../lambdas/aws/clients.ts'));
vi.unmock(import('../../lambdas/aws/sdk-clients.ts'));

beforeEach(() => {
  askInstead({});
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** How long an act waits on the clock. */
const waitedMs = async (act: () => Promise<unknown>): Promise<number> => {
  const startedMs = Date.now();
  const acting = act();
  await vi.runAllTimersAsync();
  await acting;
  return Date.now() - startedMs;
};

const settingsOf = (handler: object): Readonly<Record<string, unknown>> => {
  if (!('httpHandlerConfigs' in handler) || typeof handler.httpHandlerConfigs !== 'function')
    throw new Error('The SDK has another way to show its time-outs.');
  return handler.httpHandlerConfigs();
};

/** Not a faked one: modules are loaded beside the clock of the test. */
const immediately = setImmediate;

const update = new UpdateItemCommand({ TableName: 't', Key: {} });
const mac = new GenerateMacCommand({ KeyId: 'k', Message: Buffer.from('m'), MacAlgorithm: 'HMAC_SHA_256' });
const text = new SendTextMessageCommand({ DestinationPhoneNumber: '+4915112345678', MessageBody: 'm' });
const publish = new PublishCommand({ PhoneNumber: '+4915112345678', Message: 'm' });

type Answer = { readonly statusCode: number; readonly body: string };
type Direct = {
  readonly config: { readonly requestHandler: object };
  readonly send: (command: never) => Promise<unknown>;
};

/** How long a direct client waits between the tries of a call that always gets this answer, in milliseconds. */
const waitsBetweenTries = async (client: Direct, command: object, { statusCode, body }: Answer) => {
  const tries: number[] = [];
  const handle = async () => {
    tries.push(Date.now());
    return { response: { statusCode, headers: {}, body: Buffer.from(body) } };
  };
  Object.assign(client.config.requestHandler, { handle });
  let isOver = false;
  const call = client.send(command as never).finally(() => {
    isOver = true;
  });
  call.catch(() => undefined);
  while (!isOver) {
    await new Promise<void>((resolve) => void immediately(resolve));
    await vi.runAllTimersAsync();
  }
  await expect(call).rejects.toThrow();
  return tries.slice(1).map((ms, index) => ms - (tries[index] ?? 0));
};

const draw = (part: number) => vi.spyOn(Math, 'random').mockReturnValue(part);

describe('waiting before another try', () => {
  test('a try waits a random part of a delay that doubles from 25 ms', async () => {
    const tries = [1, 2, 3, 4, 5];
    const waited = async () => {
      const waits: number[] = [];
      for (const attempt of tries) waits.push(await waitedMs(() => backOff(attempt)));
      return waits;
    };
    draw(1);
    expect(await waited()).toEqual([50, 100, 200, 400, 800]);
    draw(0.5);
    expect(await waited()).toEqual([25, 50, 100, 200, 400]);
  });

  const transient = { statusCode: 500, body: '{}' };
  const throttled = { statusCode: 400, body: '{"__type":"ThrottlingException"}' };

  test('the SDK tries three times, and waits a random part of a delay that doubles', async () => {
    draw(1);
    expect(await waitsBetweenTries(dynamoClient(), update, transient)).toEqual([25, 50]);
    expect(await waitsBetweenTries(dynamoClient(), update, throttled)).toEqual([1000, 2000]);
    expect(await waitsBetweenTries(kmsClient(), mac, transient)).toEqual([50, 100]);
    expect(await waitsBetweenTries(kmsClient(), mac, throttled)).toEqual([1000, 2000]);
    draw(0);
    expect(await waitsBetweenTries(dynamoClient(), update, throttled)).toEqual([0, 0]);
  });

  test('an outage is waited out for three seconds before a transaction is given up', async () => {
    draw(1);
    const startedMs = performance.now();
    let tries = 0;
    const giving = untilSettled(async () => {
      tries += 1;
      vi.advanceTimersByTime(1100);
      throw new Unavailable('DynamoDB TransactWriteItems');
    }).catch((cause: unknown) => cause);
    await vi.runAllTimersAsync();
    expect(await giving).toBeInstanceOf(Unavailable);
    expect(tries).toBe(3);
    expect(performance.now() - startedMs).toBe(3 * 1100 + 50 + 100);
  });

  test('a transaction is given up after its sixth try', async () => {
    draw(0);
    let tries = 0;
    const giving = untilSettled(async () => {
      tries += 1;
      return 'again';
    }).catch((cause: unknown) => cause);
    await vi.runAllTimersAsync();
    expect(await giving).toBeInstanceOf(Unavailable);
    expect(tries).toBe(6);
  });
});

describe('the clients', () => {
  const clients = {
    dynamo: dynamoClient,
    'dynamo once': dynamoClientOnce,
    eventBridge: eventBridgeClient,
    kms: kmsClient,
    s3: s3Client,
    sns: () => snsClient(''),
    'end user messaging': () => smsVoiceClient(''),
    'lambda of a function of 30 s': () => lambdaClient(30),
  };
  type Client = ReturnType<(typeof clients)[keyof typeof clients]>;
  const each = async <T>(fact: (name: string, client: Client) => T | Promise<T>) => {
    const facts: [string, T][] = [];
    for (const [name, make] of Object.entries(clients)) facts.push([name, await fact(name, make())]);
    return Object.fromEntries(facts);
  };

  test('only calls that are safe to repeat are tried three times', async () => {
    const direct = {
      dynamo: update,
      'dynamo once': update,
      kms: mac,
      sns: publish,
      'end user messaging': text,
    } as const;
    const failing = { statusCode: 500, body: '{}' };
    const tries = async (name: string, client: Client) => {
      const command = Object.entries(direct).find(([one]) => one === name)?.[1];
      if (command === undefined) return client.config.maxAttempts();
      return 1 + (await waitsBetweenTries(client as Direct, command, failing)).length;
    };
    expect(await each(tries)).toEqual({
      dynamo: 3,
      'dynamo once': 1,
      eventBridge: 1,
      kms: 3,
      s3: 3,
      sns: 1,
      'end user messaging': 1,
      'lambda of a function of 30 s': 1,
    });
  });

  test('a call waits two seconds for its answer, an SMS five, a function as long as it may run', async () => {
    const waits = await each(async (_, { config: { requestHandler } }) => {
      // The handler shows its settings from its first request on.
      await requestHandler.handle({} as never).catch(() => undefined);
      const settings = settingsOf(requestHandler);
      expect(settings['throwOnRequestTimeout']).toBe(true);
      return ['connectionTimeout', 'requestTimeout', 'socketTimeout'].map((name) => settings[name]);
    });
    const short = [1000, 2000, 2000];
    expect(waits).toEqual({
      dynamo: short,
      'dynamo once': short,
      eventBridge: short,
      kms: short,
      s3: short,
      sns: [1000, 5000, 5000],
      'end user messaging': [1000, 5000, 5000],
      'lambda of a function of 30 s': [1000, 35_000, 35_000],
    });
  });
});
