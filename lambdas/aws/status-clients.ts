import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';

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
