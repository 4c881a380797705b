/** Direct clients like those of the functions, whose network is a function of the test. */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { PinpointSMSVoiceV2Client } from '@aws-sdk/client-pinpoint-sms-voice-v2';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { HttpRequest, HttpResponse } from '@smithy/types';
import { directClient } from '../../../lambdas/aws/calls/direct.ts';
import { dynamodbCalls, kmsCalls, smsVoiceCalls } from '../../../lambdas/aws/calls/json.ts';
import { snsCalls } from '../../../lambdas/aws/calls/query.ts';

type Handle = (request: HttpRequest, options?: object) => Promise<{ readonly response: HttpResponse }>;
type Sdk = typeof import('../../../lambdas/aws/sdk.ts');
type Options = {
  readonly maxAttempts?: number;
  readonly region?: string;
  /** Such as that of a bundle. */
  readonly sdk?: () => Promise<Sdk>;
};

const timeouts = { connectionTimeout: 1, requestTimeout: 1, socketTimeout: 1 };
const ownSdk = (): Promise<Sdk> => import('../../../lambdas/aws/sdk.ts');
const commandBy = (sdk: () => Promise<Sdk>) => async (operation: string, input: object) =>
  (await sdk()).commandOf(operation, input);

/** The SDK's own handler and the direct call have the same network. */
const onNetwork = <Made extends { readonly config: { readonly requestHandler: object } }>(
  client: Made,
  handle: Handle,
) => {
  Object.assign(client.config.requestHandler, { handle });
  return client;
};

export const directDynamo = (
  handle: Handle,
  { maxAttempts = 3, region = '', sdk = ownSdk }: Options = {},
): DynamoDBClient => {
  const command = commandBy(sdk);
  const common = { service: 'dynamodb', calls: dynamodbCalls(), timeouts, connections: 'kept', command } as const;
  const client = async (options: object) =>
    new (await sdk()).DynamoDBClient({ ...options, maxAttempts, ...own(region) });
  return onNetwork(directClient<DynamoDBClient>({ ...common, maxAttempts, region, client }), handle);
};

export const directKms = (handle: Handle, { maxAttempts = 3, region = '', sdk = ownSdk }: Options = {}): KMSClient => {
  const command = commandBy(sdk);
  const common = { service: 'kms', calls: kmsCalls(), timeouts, connections: 'kept', command } as const;
  const client = async (options: object) => new (await sdk()).KMSClient({ ...options, maxAttempts, ...own(region) });
  return onNetwork(directClient<KMSClient>({ ...common, maxAttempts, region, client }), handle);
};

export const directSns = (handle: Handle, { region = '', sdk = ownSdk }: Options = {}): SNSClient => {
  const command = commandBy(sdk);
  const common = { service: 'sns', calls: snsCalls(), timeouts, connections: 'recent', command } as const;
  const client = async (options: object) => new (await sdk()).SNSClient({ ...options, maxAttempts: 1, ...own(region) });
  return onNetwork(directClient<SNSClient>({ ...common, maxAttempts: 1, region, client }), handle);
};

export const directSmsVoice = (
  handle: Handle,
  { region = '', sdk = ownSdk }: Options = {},
): PinpointSMSVoiceV2Client => {
  const command = commandBy(sdk);
  const common = { service: 'sms-voice', calls: smsVoiceCalls(), timeouts, connections: 'recent', command } as const;
  const client = async (options: object) =>
    new (await sdk()).PinpointSMSVoiceV2Client({ ...options, maxAttempts: 1, ...own(region) });
  return onNetwork(directClient<PinpointSMSVoiceV2Client>({ ...common, maxAttempts: 1, region, client }), handle);
};

const own = (region: string) => (region === '' ? {} : { region });
