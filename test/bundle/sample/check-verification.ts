/** The smaller sample: what a check needs, and nothing of SNS. */

import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { ConditionalCheckFailedException, DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { DecryptCommand, GenerateMacCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import middy from '@middy/core';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import * as v from 'valibot';

const Body = v.strictObject({ code: v.pipe(v.string(), v.regex(/^[0-9]{4,10}$/)) });
const logger = new Logger({ serviceName: 'sample' });
const metrics = new Metrics({ namespace: 'Sample', serviceName: 'sample' });
const dynamo = new DynamoDBClient({});
const kms = new KMSClient({});

const append = async (guess: Uint8Array) => {
  try {
    const { Attributes } = await dynamo.send(
      new UpdateItemCommand({
        TableName: 'Sample',
        Key: marshall({ pk: 'sample' }),
        UpdateExpression: 'SET guesses = list_append(guesses, :guess)',
        ExpressionAttributeValues: marshall({ ':guess': [guess] }),
        ReturnValues: 'ALL_NEW',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    return Attributes;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return error.Item;
    throw error;
  }
};

export const handler = middy<APIGatewayProxyEvent>().handler(async (event) => {
  const { code } = v.parse(Body, JSON.parse(event.body ?? ''));
  const { Mac } = await kms.send(
    new GenerateMacCommand({ KeyId: 'code', MacAlgorithm: 'HMAC_SHA_256', Message: new TextEncoder().encode(code) }),
  );
  const record = unmarshall((await append(Mac ?? new Uint8Array())) ?? {});
  await kms.send(new DecryptCommand({ KeyId: 'seal', CiphertextBlob: new Uint8Array([1]) }));
  const { Signature } = await kms.send(
    new SignCommand({ KeyId: 'proof', Message: new Uint8Array([1]), SigningAlgorithm: 'ECDSA_SHA_256' }),
  );
  metrics.addMetric('Sample', MetricUnit.Count, Object.keys(record).length);
  metrics.publishStoredMetrics();
  logger.info('sample');
  return { statusCode: 200, body: JSON.stringify({ signed: Signature !== undefined }) };
});
