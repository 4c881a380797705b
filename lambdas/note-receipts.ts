import { dynamoClient, dynamoClientOnce } from './aws/clients.ts';
import { dynamoReceiptLedger } from './aws/stores/receipts.ts';
import { dynamoPriceSums } from './aws/stores/traffic/prices.ts';
import { readEnvironment, readPolicy } from './env.ts';
import { noteReceipt } from './otp/receipts/note.ts';
import { settleAll } from './otp/settle.ts';
import { messageEventsIn } from './stream/receipts.ts';
import { receiptTelemetryOf } from './telemetry.ts';

const route = 'note-receipts';
const env = readEnvironment(route);
const policy = readPolicy(import.meta.url);
const telemetry = receiptTelemetryOf(route);
const ledger = dynamoReceiptLedger(dynamoClient(), env.VERIFICATIONS_TABLE);
const prices = dynamoPriceSums(dynamoClientOnce(), env.TRAFFIC_TABLE);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const note = noteReceipt({ now: Date.now, ledger, prices, watch: telemetry, pause }, policy);

/**
 * Notes what AWS says of messages: events of the account's bus, and of the topic of the stack's configuration set. What is no
 * receipt is counted and dropped, because a repeat would not help. If DynamoDB does not answer, Lambda repeats the event.
 */
export const handler = async (event: unknown): Promise<void> => {
  const work = messageEventsIn(event).map((each) => async () => {
    if ('kind' in each) return telemetry.unreadable(each);
    await note(each);
  });
  try {
    await settleAll(work);
  } catch (cause) {
    telemetry.failed(cause);
    throw new Error('A receipt was not noted, because DynamoDB did not answer. Lambda repeats the event.');
  }
};
