/** Clients of the SDK for services that no usual send or check calls. */

import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { leanClient } from './calls/lean.ts';
import { maxAttempts, timeouts } from './calls/time-outs.ts';

const repeatable = { maxAttempts, requestHandler: { ...timeouts, throwOnRequestTimeout: true } } as const;

/** For events that are pending in an outbox. The sweep publishes later what EventBridge does not take at once. */
export const eventBridgeClient = (): EventBridgeClient =>
  leanClient(
    { service: 'events', timeouts, connections: 'recent' },
    (options) => new EventBridgeClient({ ...options, maxAttempts: 1 }),
  );

/** For secrets, which are safe to read again. */
export const secretsClient = (): SecretsManagerClient =>
  leanClient(
    { service: 'secretsmanager', timeouts, connections: 'kept' },
    (options) => new SecretsManagerClient({ ...options, maxAttempts }),
  );

export const s3Client = (): S3Client => new S3Client(repeatable);

/** For messages. A repeat of a send makes a duplicate, which its readers drop. The endpoint is that of the Region. */
export const sqsClient = (): SQSClient =>
  leanClient(
    { service: 'sqs', timeouts, connections: 'kept' },
    (options) => new SQSClient({ ...options, maxAttempts, useQueueUrlAsEndpoint: false }),
  );

/** For questions about functions, which are safe to repeat. */
export const lambdaQueryClient = (): LambdaClient => new LambdaClient(repeatable);

/** @param timeoutSeconds of the function that it calls. */
export const lambdaClient = (timeoutSeconds: number): LambdaClient => {
  const requestTimeout = (timeoutSeconds + 5) * 1000;
  const requestHandler = { ...repeatable.requestHandler, requestTimeout, socketTimeout: requestTimeout };
  return new LambdaClient({ maxAttempts: 1, requestHandler });
};
