import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { PinpointSMSVoiceV2Client } from '@aws-sdk/client-pinpoint-sms-voice-v2';
import type { SNSClient } from '@aws-sdk/client-sns';
import { directClient } from './calls/direct.ts';
import { dynamodbCalls, kmsCalls, smsVoiceCalls } from './calls/json.ts';
import { snsCalls } from './calls/query.ts';
import { maxAttempts, smsTimeouts, timeouts } from './calls/time-outs.ts';

/** The SDK itself, which few containers need. */
const sdk = () => import('./sdk.ts');
const command = async (operation: string, input: object) => (await sdk()).commandOf(operation, input);

/** For calls that are safe to repeat. */
const dynamodb = () => ({ service: 'dynamodb', calls: dynamodbCalls(), timeouts, command }) as const;

export const dynamoClient = (): DynamoDBClient =>
  directClient({
    ...{ ...dynamodb(), connections: 'kept', maxAttempts },
    client: async (options) => new (await sdk()).DynamoDBClient(options),
  });

let clientOnce: DynamoDBClient | undefined;
/** For writes that must not be repeated, even if the answer is lost. Made when it is first needed. */
export const dynamoClientOnce = (): DynamoDBClient => {
  clientOnce ??= directClient({
    ...{ ...dynamodb(), connections: 'recent', maxAttempts: 1 },
    client: async (options) => new (await sdk()).DynamoDBClient(options),
  });
  return clientOnce;
};

export const kmsClient = (): KMSClient =>
  directClient({
    ...{ service: 'kms', calls: kmsCalls(), timeouts, command, connections: 'kept', maxAttempts },
    client: async (options) => new (await sdk()).KMSClient(options),
  });

/** For messages, which must not be repeated. */
const sms = (region: string) =>
  ({ timeouts: smsTimeouts, command, connections: 'recent', maxAttempts: 1, region }) as const;

/** @param region empty for the Region of the function. */
export const snsClient = (region: string): SNSClient =>
  directClient({
    ...{ ...sms(region), service: 'sns', calls: snsCalls() },
    client: async (options) => new (await sdk()).SNSClient(options),
  });

/** The same for AWS End User Messaging. */
export const smsVoiceClient = (region: string): PinpointSMSVoiceV2Client =>
  directClient({
    ...{ ...sms(region), service: 'sms-voice', calls: smsVoiceCalls() },
    client: async (options) => new (await sdk()).PinpointSMSVoiceV2Client(options),
  });

/** One client for each Region, made when it is first needed. */
export const oncePerRegion = <Client>(make: (region: string) => Client): ((region: string) => Client) => {
  const clients = new Map<string, Client>();
  return (region) => {
    const known = clients.get(region) ?? make(region);
    clients.set(region, known);
    return known;
  };
};
