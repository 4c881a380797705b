/**
 * A sample of what a function of the product is made of: every library that ships, and one signed request to each
 * service. The bundler is tested on it, so that those tests say something about the bundler and not about a handler.
 */

import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import {
  BatchGetItemCommand,
  DynamoDBClient,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { EncryptCommand, GenerateMacCommand, KMSClient } from '@aws-sdk/client-kms';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import middy from '@middy/core';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import ipaddr from 'ipaddr.js';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import * as v from 'valibot';

const Body = v.strictObject({ phoneNumber: v.pipe(v.string(), v.maxLength(64)) });
const logger = new Logger({ serviceName: 'sample' });
const metrics = new Metrics({ namespace: 'Sample', serviceName: 'sample' });
const dynamo = new DynamoDBClient({ maxAttempts: 3 });
const kms = new KMSClient({});
const sns = new SNSClient({ maxAttempts: 1, requestHandler: { requestTimeout: 2000, throwOnRequestTimeout: true } });

const count = (pk: string) =>
  dynamo.send(
    new UpdateItemCommand({
      TableName: 'Sample',
      Key: marshall({ pk }),
      UpdateExpression: 'ADD uses :one',
      ExpressionAttributeValues: marshall({ ':one': 1 }),
    }),
  );

const read = async (pk: string) => {
  const { Responses } = await dynamo.send(
    new BatchGetItemCommand({ RequestItems: { Sample: { Keys: [marshall({ pk })], ConsistentRead: true } } }),
  );
  return Object.values(Responses ?? {})
    .flat()
    .map((found) => unmarshall(found));
};

const write = (pk: string, code: Uint8Array) =>
  dynamo.send(
    new TransactWriteItemsCommand({
      // Not the SDK's random one, so that two runs say the same.
      ClientRequestToken: 'sample',
      TransactItems: [{ Put: { TableName: 'Sample', Item: marshall({ pk, code }) } }],
    }),
  );

export const handler = middy<APIGatewayProxyEvent>().handler(async (event) => {
  const { phoneNumber } = v.parse(Body, JSON.parse(event.body ?? ''));
  const phone = parsePhoneNumberFromString(phoneNumber);
  if (phone === undefined || phone.getType() === 'FIXED_LINE') return { statusCode: 400, body: '{}' };
  const address = ipaddr.process(event.requestContext.identity.sourceIp).toString();
  const found = await read(address);
  const message = new TextEncoder().encode('123456');
  const { Mac } = await kms.send(
    new GenerateMacCommand({ KeyId: 'code', MacAlgorithm: 'HMAC_SHA_256', Message: message }),
  );
  await kms.send(new EncryptCommand({ KeyId: 'seal', Plaintext: message, EncryptionContext: { purpose: 'sample' } }));
  await write(address, Mac ?? message);
  await count(address);
  const { MessageId } = await sns.send(new PublishCommand({ PhoneNumber: phone.number, Message: 'sample' }));
  metrics.addMetric('Sample', MetricUnit.Count, found.length);
  metrics.publishStoredMetrics();
  logger.info('sample', { MessageId });
  return { statusCode: 201, body: JSON.stringify({ country: phone.country }) };
});
