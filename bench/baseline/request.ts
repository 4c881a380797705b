/**
 * The request route as a team usually writes it: AWS SDK, middy, zod, Powertools. A contender of the benches, no product:
 * it has no limits, no caps, no detector, and keeps the hash of a code under a secret in its environment.
 *
 * A send makes three calls: KMS Encrypt, DynamoDB PutItem, SNS Publish. Its event is that of API Gateway.
 *
 * Environment of both handlers: TABLE_NAME (key `pk`), SEAL_KEY_ID, PROOF_KEY_ID, CODE_PEPPER (16 characters or more), and of
 * Powertools POWERTOOLS_SERVICE_NAME, POWERTOOLS_METRICS_NAMESPACE.
 */

import { randomInt, randomUUID } from 'node:crypto';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { EncryptCommand } from '@aws-sdk/client-kms';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { dynamo, env, hashOf, json, kms, logger, maxAttempts, metrics, onion, valid } from './surroundings.ts';

const Body = z.object({
  phoneNumber: z.e164(),
  purpose: z.enum(['verify-number', 'sign-in']).default('verify-number'),
  locale: z.string().max(35).default('en'),
});

const sns = new SNSClient({});
const lifetimeSeconds = 300;

const seal = async (id: string, phoneNumber: string): Promise<Uint8Array | undefined> => {
  const command = new EncryptCommand({
    KeyId: env.SEAL_KEY_ID,
    Plaintext: Buffer.from(phoneNumber),
    EncryptionContext: { verification: id },
  });
  return (await kms.send(command)).CiphertextBlob;
};

const publish = (phoneNumber: string, code: string) =>
  sns.send(
    new PublishCommand({
      PhoneNumber: phoneNumber,
      Message: `${code} is your Bench code.`,
      MessageAttributes: { 'AWS.SNS.SMS.SMSType': { DataType: 'String', StringValue: 'Transactional' } },
    }),
  );

export const handler = onion(async (event) => {
  const { phoneNumber, purpose } = valid(Body, event.body);
  const id = randomUUID();
  const code = String(randomInt(1_000_000)).padStart(6, '0');
  const expiresAt = Math.floor(Date.now() / 1000) + lifetimeSeconds;
  const sealed = await seal(id, phoneNumber);
  await dynamo.send(
    new PutCommand({
      TableName: env.TABLE_NAME,
      Item: { pk: id, codeHash: hashOf(id, code), sealed, purpose, status: 'pending', attempts: 0, expiresAt },
      ConditionExpression: 'attribute_not_exists(pk)',
    }),
  );
  await publish(phoneNumber, code);
  metrics.addMetric('CodeSent', MetricUnit.Count, 1);
  logger.info('code sent', { id, purpose });
  return json(201, { id, status: 'pending', attemptsRemaining: maxAttempts, expiresAt });
});
