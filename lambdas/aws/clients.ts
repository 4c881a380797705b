import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { KeyRefused, Unavailable } from '../otp/ports.ts';

/**
 * Time-outs and retries, on purpose for each service. What we ask of DynamoDB and KMS is safe to repeat, so the SDK may;
 * but for shared counters (`dynamoClientOnce`), and for an SMS: SNS has no token against duplicates.
 */
const repeatable = {
  maxAttempts: 3,
  // requestTimeout ends with the headers of the answer; socketTimeout ends a body that stalls.
  requestHandler: { connectionTimeout: 1000, requestTimeout: 2000, socketTimeout: 2000, throwOnRequestTimeout: true },
} as const;

/**
 * A sandbox sleeps between requests, and a connection that died meanwhile fails its next user with a reset: after which
 * nobody knows whether AWS acted, and what must not be repeated is not. A fresh connection costs a few milliseconds and
 * is never in doubt.
 */
const freshConnections = { httpAgent: { keepAlive: false }, httpsAgent: { keepAlive: false } } as const;

const once = {
  maxAttempts: 1,
  requestHandler: {
    connectionTimeout: 1000,
    requestTimeout: 5000,
    socketTimeout: 5000,
    throwOnRequestTimeout: true,
    ...freshConnections,
  },
} as const;

export const dynamoClient = (): DynamoDBClient => new DynamoDBClient(repeatable);

let clientOnce: DynamoDBClient | undefined;
/** For writes that must not be repeated, not even where the answer was lost. Made when it is first needed. */
export const dynamoClientOnce = (): DynamoDBClient => {
  clientOnce ??= new DynamoDBClient({
    maxAttempts: 1,
    requestHandler: { ...repeatable.requestHandler, ...freshConnections },
  });
  return clientOnce;
};
/** For events that stand in an outbox: what is not taken at once is told by the sweep, and nobody waits for it. */
export const eventBridgeClient = (): EventBridgeClient =>
  new EventBridgeClient({ maxAttempts: 1, requestHandler: { ...repeatable.requestHandler, ...freshConnections } });
export const kmsClient = (): KMSClient => new KMSClient(repeatable);
/** @param region empty: the Region of the function. */
export const snsClient = (region: string): SNSClient => new SNSClient(region === '' ? once : { ...once, region });
export const s3Client = (): S3Client => new S3Client(repeatable);
/** Waits for as long as the function that it calls may run. */
export const lambdaClient = (timeoutSeconds: number): LambdaClient => {
  const requestTimeout = (timeoutSeconds + 5) * 1000;
  const requestHandler = { ...repeatable.requestHandler, requestTimeout, socketTimeout: requestTimeout };
  return new LambdaClient({ maxAttempts: 1, requestHandler });
};

const ourMistakes = ['ValidationException', 'SerializationException', 'InvalidKeyUsageException'];

/**
 * Runs a call and turns what AWS throws into `Unavailable`. What says that we called wrongly passes as it is: trying
 * again would not help.
 */
export const callAws = async <T>(dependency: string, call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (cause) {
    throw toUnavailable(dependency, cause);
  }
};

export const toUnavailable = (dependency: string, cause: unknown): unknown =>
  cause instanceof Unavailable || (cause instanceof Error && ourMistakes.includes(cause.name))
    ? cause
    : new Unavailable(dependency, { cause });

/**
 * What KMS answers about a key that somebody shut, took away or deleted. Not `KeyUnavailableException` and its like,
 * which pass: https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html#API_GenerateMac_Errors
 */
const keyRefusals = ['AccessDeniedException', 'DisabledException', 'KMSInvalidStateException', 'NotFoundException'];

/** The same for a call that uses a key: what no waiting heals is told apart from an outage. */
export const askingKey = async <T>(operation: string, call: () => Promise<T>): Promise<T> => {
  const dependency = `KMS ${operation}`;
  try {
    return await call();
  } catch (cause) {
    const isRefused = cause instanceof Error && keyRefusals.includes(cause.name);
    throw isRefused ? new KeyRefused(dependency, { cause }) : toUnavailable(dependency, cause);
  }
};

/** Waits before another try: full jitter, doubling from 25 ms. Source: AWS Architecture Blog on backoff and jitter. */
export const backOff = (attempt: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.random() * 25 * 2 ** attempt));
