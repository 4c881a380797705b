import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { type PinpointSMSVoiceV2Client, PutMessageFeedbackCommand } from '@aws-sdk/client-pinpoint-sms-voice-v2';
import type { Feedback } from '../../otp/receipts/ports.ts';
import { receiptOf } from '../../otp/receipts/receipt.ts';
import { allRoutesOf, type Policy } from '../../policy.ts';
import { oncePerRegion, smsVoiceClient } from '../clients.ts';
import { keyOf } from '../dynamo/items.ts';
import { readReceipt, receiptPk } from '../tables/receipts.ts';

/** A person waits for the proof. */
const patienceMs = 1000;

type Parts = {
  readonly dynamo: DynamoDBClient;
  readonly table: string;
  readonly policy: Pick<Policy, 'smsRoutes' | 'voice'>;
  /** Gets the cause of each report that failed. */
  readonly failed: (step: string, cause: unknown) => void;
};

/**
 * Tells AWS End User Messaging that a message came, because its code was used. The receipt of the message has its id. One try of
 * each call, within a second together: AWS takes a message for failed of which it hears nothing for an hour.
 */
export const smsVoiceFeedback = (
  { dynamo, table, policy, failed }: Parts,
  clientFor: (region: string) => PinpointSMSVoiceV2Client = smsVoiceClient,
): Feedback => {
  const client = oncePerRegion(clientFor);
  return {
    used: async (verification) => {
      const patience = { abortSignal: AbortSignal.timeout(patienceMs) };
      try {
        const Key = keyOf(receiptPk(verification.key));
        const { Item } = await dynamo.send(new GetItemCommand({ TableName: table, Key }), patience);
        const receipt = receiptOf(verification, readReceipt(Item));
        const route = allRoutesOf(policy).find(({ name }) => name === receipt?.route);
        if (receipt === undefined || route === undefined || route.sender === 'sns') return;
        const report = { MessageId: receipt.messageId, MessageFeedbackStatus: 'RECEIVED' } as const;
        await client(route.region).send(new PutMessageFeedbackCommand(report), patience);
      } catch (cause) {
        failed('message-feedback', cause);
      }
    },
  };
};
