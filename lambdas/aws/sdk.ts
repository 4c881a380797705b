/**
 * The clients of the SDK behind the direct ones, and their commands. The bundles of functions that a person waits for have this module in a
 * file of its own, which is loaded when it is first needed (ADR 123).
 */

import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DecryptCommand,
  EncryptCommand,
  GenerateMacCommand,
  GetPublicKeyCommand,
  KMSClient,
  SignCommand,
} from '@aws-sdk/client-kms';
import {
  PinpointSMSVoiceV2Client,
  PutMessageFeedbackCommand,
  SendNotifyTextMessageCommand,
  SendNotifyVoiceMessageCommand,
  SendTextMessageCommand,
  SendVoiceMessageCommand,
} from '@aws-sdk/client-pinpoint-sms-voice-v2';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';

export { DynamoDBClient, KMSClient, PinpointSMSVoiceV2Client, SNSClient };

type Make = new (input: never) => object;

const commands: Readonly<Record<string, Make>> = {
  BatchGetItem: BatchGetItemCommand,
  BatchWriteItem: BatchWriteItemCommand,
  Decrypt: DecryptCommand,
  DeleteItem: DeleteItemCommand,
  Encrypt: EncryptCommand,
  GenerateMac: GenerateMacCommand,
  GetItem: GetItemCommand,
  GetPublicKey: GetPublicKeyCommand,
  Publish: PublishCommand,
  PutItem: PutItemCommand,
  PutMessageFeedback: PutMessageFeedbackCommand,
  Query: QueryCommand,
  Scan: ScanCommand,
  SendNotifyTextMessage: SendNotifyTextMessageCommand,
  SendNotifyVoiceMessage: SendNotifyVoiceMessageCommand,
  SendTextMessage: SendTextMessageCommand,
  SendVoiceMessage: SendVoiceMessageCommand,
  Sign: SignCommand,
  TransactWriteItems: TransactWriteItemsCommand,
  UpdateItem: UpdateItemCommand,
};

/** @throws Error for an operation that no direct client knows. */
export const commandOf = (operation: string, input: object): object => {
  const Made = commands[operation];
  if (Made === undefined) throw new Error(`The SDK behind the direct clients has no command ${operation}.`);
  return new Made(input as never);
};
