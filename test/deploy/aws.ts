import { APIGatewayClient, GetApiKeyCommand } from '@aws-sdk/client-api-gateway';
import {
  CloudFormationClient,
  ListStackResourcesCommand,
  type StackResourceSummary,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { region, rootCredentials } from './emulator.ts';

export type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
};

/** Clients of the emulator, in the name of somebody. */
export const awsAs = (endpoint: string, credentials: Credentials) => {
  const options = { endpoint, region, credentials, maxAttempts: 1 };
  return {
    apiGateway: new APIGatewayClient(options),
    cloudFormation: new CloudFormationClient(options),
    cloudWatch: new CloudWatchClient(options),
    dynamo: new DynamoDBClient(options),
    events: new EventBridgeClient(options),
    kms: new KMSClient(options),
    lambda: new LambdaClient(options),
    s3: new S3Client({ ...options, forcePathStyle: true }),
    secrets: new SecretsManagerClient(options),
    sns: new SNSClient(options),
    sqs: new SQSClient(options),
    sts: new STSClient(options),
  };
};

export type Aws = ReturnType<typeof awsAs>;

export const rootOf = (endpoint: string): Aws => awsAs(endpoint, rootCredentials);

/** In the name of a role. The emulator lets the root assume roles that trust a service, as the service would. */
export const awsAsRole = async (endpoint: string, root: Aws, roleArn: string): Promise<Aws> => {
  const command = new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'deployment-suite' });
  const { Credentials: given } = await root.sts.send(command);
  if (given?.AccessKeyId === undefined || given.SecretAccessKey === undefined || given.SessionToken === undefined)
    throw new Error(`STS gave no credentials for ${roleArn}.`);
  return awsAs(endpoint, {
    accessKeyId: given.AccessKeyId,
    secretAccessKey: given.SecretAccessKey,
    sessionToken: given.SessionToken,
  });
};

export const apiKeyOf = async ({ apiGateway }: Aws, id: string): Promise<string> => {
  const { value } = await apiGateway.send(new GetApiKeyCommand({ apiKey: id, includeValue: true }));
  if (value === undefined) throw new Error(`There is no value of the API key ${id}.`);
  return value;
};

export const resourcesOf = async ({ cloudFormation }: Aws, stack: string): Promise<readonly StackResourceSummary[]> => {
  const found: StackResourceSummary[] = [];
  let next: string | undefined;
  do {
    const command = new ListStackResourcesCommand({
      StackName: stack,
      ...(next === undefined ? {} : { NextToken: next }),
    });
    const answer = await cloudFormation.send(command);
    found.push(...(answer.StackResourceSummaries ?? []));
    next = answer.NextToken;
  } while (next !== undefined);
  return found;
};

/** What the names of all resources are by which CDK calls them, and how many of them there are of a type. */
export const physicalIdOf = (
  resources: readonly StackResourceSummary[],
  logicalIdBegins: string,
  type: string,
): string => {
  const found = resources.filter(
    ({ LogicalResourceId: id, ResourceType }) => id?.startsWith(logicalIdBegins) === true && ResourceType === type,
  );
  const [only, ...others] = found.map(({ PhysicalResourceId: id }) => id);
  if (only === undefined || others.length > 0)
    throw new Error(
      `${found.length} resources of the type ${type} begin with ${logicalIdBegins}; there should be one.`,
    );
  return only;
};
