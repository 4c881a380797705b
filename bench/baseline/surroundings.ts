/** The parts that both handlers of the usual stack use: one client of each service, logs, metrics, and the onion. */

import { createHmac } from 'node:crypto';
import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import middy from '@middy/core';
import httpErrorHandler from '@middy/http-error-handler';
import httpHeaderNormalizer from '@middy/http-header-normalizer';
import httpJsonBodyParser from '@middy/http-json-body-parser';
import httpSecurityHeaders from '@middy/http-security-headers';
import { createError } from '@middy/util';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import * as z from 'zod';

const Environment = z.object({
  TABLE_NAME: z.string().min(1),
  SEAL_KEY_ID: z.string().min(1),
  PROOF_KEY_ID: z.string().min(1),
  CODE_PEPPER: z.string().min(16),
});

export const env = Environment.parse(process.env);
export const logger = new Logger();
export const metrics = new Metrics();
export const dynamo = DynamoDBDocumentClient.from(new DynamoDBClient({}));
export const kms = new KMSClient({});

export const maxAttempts = 5;

export const hashOf = (id: string, code: string): string =>
  createHmac('sha256', env.CODE_PEPPER).update(`${id}:${code}`).digest('base64');

/** @throws an error that the onion answers with 400. */
export const valid = <T>(schema: z.ZodType<T>, value: unknown): T => {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw createError(400, JSON.stringify(parsed.error.issues), { expose: true });
  return parsed.data;
};

export const json = (statusCode: number, body: object): APIGatewayProxyResult => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

/** The event after `http-json-body-parser`. */
type Parsed = Omit<APIGatewayProxyEvent, 'body'> & { readonly body: unknown };

export const onion = (handle: (event: Parsed) => Promise<APIGatewayProxyResult>) =>
  middy<Parsed, APIGatewayProxyResult>()
    .use(injectLambdaContext(logger, { clearState: true }))
    .use(logMetrics(metrics, { captureColdStartMetric: true }))
    .use(httpHeaderNormalizer())
    .use(httpJsonBodyParser())
    .use(httpSecurityHeaders())
    .use(httpErrorHandler({ logger: (error) => logger.error('the request failed', error as Error) }))
    .handler(handle);
