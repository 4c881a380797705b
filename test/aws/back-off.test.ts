import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  backOff,
  dynamoClient,
  dynamoClientOnce,
  eventBridgeClient,
  kmsClient,
  lambdaClient,
  s3Client,
  smsVoiceClient,
  snsClient,
} from '../../lambdas/aws/clients.ts';
import { untilSettled } from '../../lambdas/aws/dynamo/writes.ts';
import { Unavailable } from '../../lambdas/otp/ports.ts';
import { askInstead } from '../fakes/aws/environment.ts';

// The fault suite plays these delays without the waiting.

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

  /** The first two waits of the SDK after errors of a kind. */
  const sdkWaits = async (
    client: ReturnType<typeof dynamoClient | typeof kmsClient>,
    errorType: 'THROTTLING' | 'TRANSIENT',
  ) => {
    const strategy = await client.config.retryStrategy();
    if (!('refreshRetryTokenForRetry' in strategy)) throw new Error('The SDK has another retry strategy.');
    let token = await strategy.acquireInitialRetryToken('');
    const waits: number[] = [];
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const waited = await waitedMs(async () => {
        token = await strategy.refreshRetryTokenForRetry(token, { errorType });
      });
      waits.push(waited);
    }
    await expect(strategy.refreshRetryTokenForRetry(token, { errorType })).rejects.toThrow('No retry token available');
    return waits;
  };

  test('the SDK tries three times, and waits a random part of a delay that doubles', async () => {
    draw(1);
    expect(await sdkWaits(dynamoClient(), 'TRANSIENT')).toEqual([25, 50]);
    expect(await sdkWaits(dynamoClient(), 'THROTTLING')).toEqual([1000, 2000]);
    expect(await sdkWaits(kmsClient(), 'TRANSIENT')).toEqual([50, 100]);
    expect(await sdkWaits(kmsClient(), 'THROTTLING')).toEqual([1000, 2000]);
    draw(0);
    expect(await sdkWaits(dynamoClient(), 'THROTTLING')).toEqual([0, 0]);
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
  const each = async <T>(fact: (client: ReturnType<(typeof clients)[keyof typeof clients]>) => T | Promise<T>) =>
    Object.fromEntries(
      await Promise.all(Object.entries(clients).map(async ([name, make]) => [name, await fact(make())] as const)),
    );

  test('only calls that are safe to repeat are tried three times', async () => {
    expect(await each(({ config }) => config.maxAttempts())).toEqual({
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
    const waits = await each(async ({ config: { requestHandler } }) => {
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
