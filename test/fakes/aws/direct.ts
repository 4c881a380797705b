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

/** The network, the SDK and the tries that a test gives to a client. */
const given = ({ maxAttempts = 3, region = '', sdk = ownSdk }: Options) => ({
  ...{ maxAttempts, region, timeouts, command: commandBy(sdk) },
  sdk,
});
/** Messages have one try. */
const messages = (options: Options) => ({ ...given({ ...options, maxAttempts: 1 }), connections: 'recent' as const });

export const directDynamo = (handle: Handle, options: Options = {}): DynamoDBClient => {
  const { sdk, ...common } = given(options);
  const client = directClient<DynamoDBClient>({
    ...{ ...common, service: 'dynamodb', calls: dynamodbCalls(), connections: 'kept' },
    client: async (whole) => new (await sdk()).DynamoDBClient(whole),
  });
  return onNetwork(client, handle);
};

export const directKms = (handle: Handle, options: Options = {}): KMSClient => {
  const { sdk, ...common } = given(options);
  const client = directClient<KMSClient>({
    ...{ ...common, service: 'kms', calls: kmsCalls(), connections: 'kept' },
    client: async (whole) => new (await sdk()).KMSClient(whole),
  });
  return onNetwork(client, handle);
};

export const directSns = (handle: Handle, options: Options = {}): SNSClient => {
  const { sdk, ...common } = messages(options);
  const client = directClient<SNSClient>({
    ...{ ...common, service: 'sns', calls: snsCalls() },
    client: async (whole) => new (await sdk()).SNSClient(whole),
  });
  return onNetwork(client, handle);
};

export const directSmsVoice = (handle: Handle, options: Options = {}): PinpointSMSVoiceV2Client => {
  const { sdk, ...common } = messages(options);
  const client = directClient<PinpointSMSVoiceV2Client>({
    ...{ ...common, service: 'sms-voice', calls: smsVoiceCalls() },
    client: async (whole) => new (await sdk()).PinpointSMSVoiceV2Client(whole),
  });
  return onNetwork(client, handle);
};
