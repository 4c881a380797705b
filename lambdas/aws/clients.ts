import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { PinpointSMSVoiceV2Client } from '@aws-sdk/client-pinpoint-sms-voice-v2';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { KeyRefused, Unavailable } from '../otp/ports.ts';
import { leanClient } from './calls/lean.ts';

/** For calls that are safe to repeat: those of DynamoDB and KMS, except writes of shared counters. */
const repeatable = {
  maxAttempts: 3,
  // requestTimeout covers the headers of an answer, socketTimeout a body that stalls.
  requestHandler: { connectionTimeout: 1000, requestTimeout: 2000, socketTimeout: 2000, throwOnRequestTimeout: true },
} as const;

/** For SMS: no call that sends one has a token against duplicates. */
const smsTimeouts = { connectionTimeout: 1000, requestTimeout: 5000, socketTimeout: 5000 } as const;

const { maxAttempts, requestHandler: timeouts } = repeatable;

export const dynamoClient = (): DynamoDBClient =>
  leanClient(
    { service: 'dynamodb', timeouts, connections: 'kept' },
    (options) => new DynamoDBClient({ ...options, maxAttempts }),
  );

let clientOnce: DynamoDBClient | undefined;
/** For writes that must not be repeated, even if the answer is lost. Made when it is first needed. */
export const dynamoClientOnce = (): DynamoDBClient => {
  clientOnce ??= leanClient(
    { service: 'dynamodb', timeouts, connections: 'recent' },
    (options) => new DynamoDBClient({ ...options, maxAttempts: 1 }),
  );
  return clientOnce;
};
/** For events that are pending in an outbox. The sweep publishes later what EventBridge does not take at once. */
export const eventBridgeClient = (): EventBridgeClient =>
  leanClient(
    { service: 'events', timeouts, connections: 'recent' },
    (options) => new EventBridgeClient({ ...options, maxAttempts: 1 }),
  );
export const kmsClient = (): KMSClient =>
  leanClient(
    { service: 'kms', timeouts, connections: 'kept' },
    (options) => new KMSClient({ ...options, maxAttempts }),
  );
/** @param region empty for the Region of the function. */
export const snsClient = (region: string): SNSClient =>
  leanClient(
    { service: 'sns', timeouts: smsTimeouts, connections: 'recent' },
    (options) => new SNSClient({ ...options, maxAttempts: 1, ...(region === '' ? {} : { region }) }),
  );
/** The same for AWS End User Messaging. */
export const smsVoiceClient = (region: string): PinpointSMSVoiceV2Client =>
  leanClient(
    { service: 'sms-voice', timeouts: smsTimeouts, connections: 'recent' },
    (options) => new PinpointSMSVoiceV2Client({ ...options, maxAttempts: 1, ...(region === '' ? {} : { region }) }),
  );
export const secretsClient = (): SecretsManagerClient =>
  leanClient(
    { service: 'secretsmanager', timeouts, connections: 'kept' },
    (options) => new SecretsManagerClient({ ...options, maxAttempts }),
  );
export const s3Client = (): S3Client => new S3Client(repeatable);
/** For questions about functions, which are safe to repeat. */
export const lambdaQueryClient = (): LambdaClient => new LambdaClient(repeatable);
/** @param timeoutSeconds of the function that it calls. */
export const lambdaClient = (timeoutSeconds: number): LambdaClient => {
  const requestTimeout = (timeoutSeconds + 5) * 1000;
  const requestHandler = { ...repeatable.requestHandler, requestTimeout, socketTimeout: requestTimeout };
  return new LambdaClient({ maxAttempts: 1, requestHandler });
};

/** One client for each Region, made when it is first needed. */
export const oncePerRegion = <Client>(make: (region: string) => Client): ((region: string) => Client) => {
  const clients = new Map<string, Client>();
  return (region) => {
    const known = clients.get(region) ?? make(region);
    clients.set(region, known);
    return known;
  };
};

/** For questions of a person who waits: all tries end before the person is answered. */
const hasty = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 400, requestTimeout: 1000, socketTimeout: 1000, throwOnRequestTimeout: true },
} as const;
/** The clients of the status. */
export const statusClients = () => ({
  cloudWatch: new CloudWatchClient(hasty),
  dynamo: new DynamoDBClient(hasty),
  kms: new KMSClient(hasty),
  lambda: new LambdaClient(hasty),
  s3: new S3Client(hasty),
  sns: new SNSClient(hasty),
});

/** Errors that say that the call was wrong. A repeat would not help. */
const ourMistakes = ['ValidationException', 'SerializationException', 'InvalidKeyUsageException'];

/** Makes a call, and turns an error of AWS into `Unavailable`. An error that says that the call was wrong passes. */
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
 * Errors about a key that is disabled, forbidden or deleted. `KeyUnavailableException` is no such error, because it ends
 * by itself: https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html#API_GenerateMac_Errors
 */
const keyRefusals = ['AccessDeniedException', 'DisabledException', 'KMSInvalidStateException', 'NotFoundException'];

/** The same for a call to KMS. A refused key becomes `KeyRefused`, because only staff can mend it. */
export const callKms = async <T>(operation: string, call: () => Promise<T>): Promise<T> => {
  const dependency = `KMS ${operation}`;
  try {
    return await call();
  } catch (cause) {
    const isRefused = cause instanceof Error && keyRefusals.includes(cause.name);
    throw isRefused ? new KeyRefused(dependency, { cause }) : toUnavailable(dependency, cause);
  }
};

/**
 * Waits before another try: full jitter, doubling from 25 ms
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 */
export const backOff = (attempt: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.random() * 25 * 2 ** attempt));
