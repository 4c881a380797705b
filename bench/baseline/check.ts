/**
 * The check route as a team usually writes it: see request.ts, which lists the environment too.
 *
 * A right code makes three calls: DynamoDB UpdateItem, KMS Decrypt, KMS Sign. A wrong one makes two. Parallel guesses are
 * compared before any is counted, as is usual; this service counts first.
 */

import { createHash, randomUUID } from 'node:crypto';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DecryptCommand, SignCommand } from '@aws-sdk/client-kms';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { createError } from '@middy/util';
import * as z from 'zod';
import { dynamo, env, hashOf, json, kms, logger, maxAttempts, metrics, onion, valid } from './surroundings.ts';

const Path = z.object({ id: z.uuid() });
const Body = z.object({ code: z.string().regex(/^\d{6}$/) });

const isOpen = 'attribute_exists(pk) AND #status = :pending AND attempts < :max AND expiresAt > :now';

type Update = { readonly id: string; readonly change: string; readonly condition?: string; readonly values?: object };

const update = async ({ id, change, condition = '', values = {} }: Update) => {
  const { Attributes } = await dynamo.send(
    new UpdateCommand({
      TableName: env.TABLE_NAME,
      Key: { pk: id },
      UpdateExpression: change,
      ConditionExpression: `${isOpen}${condition}`,
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: {
        ':pending': 'pending',
        ':max': maxAttempts,
        ':now': Math.floor(Date.now() / 1000),
        ...values,
      },
      ReturnValues: 'ALL_NEW',
    }),
  );
  return Attributes ?? {};
};

const redeem = (id: string, code: string) =>
  update({
    id,
    change: 'SET #status = :approved',
    condition: ' AND codeHash = :codeHash',
    values: { ':approved': 'approved', ':codeHash': hashOf(id, code) },
  });

const countAttempt = (id: string) => update({ id, change: 'SET attempts = attempts + :one', values: { ':one': 1 } });

/** @returns undefined if the condition does not hold. */
const unlessRefused = async <T>(written: Promise<T>): Promise<T | undefined> => {
  try {
    return await written;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
};

const openPhone = async (id: string, sealed: Uint8Array): Promise<string> => {
  const command = new DecryptCommand({
    KeyId: env.SEAL_KEY_ID,
    CiphertextBlob: sealed,
    EncryptionContext: { verification: id },
  });
  const { Plaintext = new Uint8Array() } = await kms.send(command);
  return Buffer.from(Plaintext).toString();
};

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A JWT under RS256, whose signatures KMS gives as JWTs want them. */
const prove = async (phoneNumber: string): Promise<string> => {
  const iat = Math.floor(Date.now() / 1000);
  const claims = { sub: phoneNumber, jti: randomUUID(), iat, exp: iat + 300 };
  const text = `${encoded({ alg: 'RS256', typ: 'JWT' })}.${encoded(claims)}`;
  const command = new SignCommand({
    KeyId: env.PROOF_KEY_ID,
    Message: createHash('sha256').update(text).digest(),
    MessageType: 'DIGEST',
    SigningAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256',
  });
  const { Signature = new Uint8Array() } = await kms.send(command);
  return `${text}.${Buffer.from(Signature).toString('base64url')}`;
};

export const handler = onion(async (event) => {
  const { id } = valid(Path, event.pathParameters);
  const { code } = valid(Body, event.body);
  const record = await unlessRefused(redeem(id, code));
  if (record === undefined) {
    const counted = await unlessRefused(countAttempt(id));
    if (counted === undefined) throw createError(404, 'There is no such verification.', { expose: true });
    metrics.addMetric('CodeRefused', MetricUnit.Count, 1);
    logger.info('code refused', { id });
    return json(200, { status: 'pending', attemptsRemaining: maxAttempts - Number(counted['attempts']) });
  }
  const proof = await prove(await openPhone(id, record['sealed']));
  metrics.addMetric('CodeApproved', MetricUnit.Count, 1);
  logger.info('code approved', { id });
  return json(200, { status: 'approved', proof });
});
