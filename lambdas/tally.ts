import type { DynamoDBBatchResponse } from 'aws-lambda';
import { dynamoClient } from './aws/clients.ts';
import { dynamoTallyLedger, readChange, type StreamRecord } from './aws/dynamo-tally.ts';
import { readEnvironment } from './env.ts';
import { guessOf, tallyGuess } from './otp/tally.ts';
import { streamTelemetryOf } from './telemetry.ts';

const route = 'tally';
const env = readEnvironment(route);
const telemetry = streamTelemetryOf(route);
const tally = tallyGuess(dynamoTallyLedger(dynamoClient(), env.GUARDS_TABLE));

/**
 * Counts guesses for numbers, addresses and countries, off the stream of verifications. A record that fails is named,
 * and comes again with all that follow it: what was counted already is known by its mark.
 */
export const handler = async ({ Records }: { Records: StreamRecord[] }): Promise<DynamoDBBatchResponse> => {
  for (const record of Records) {
    try {
      const fact = guessOf(readChange(record));
      if (fact !== undefined && (await tally(fact)) === 'written') telemetry.tallied();
    } catch (cause) {
      telemetry.failed(cause);
      return { batchItemFailures: [{ itemIdentifier: record.dynamodb?.SequenceNumber ?? '' }] };
    }
  }
  return { batchItemFailures: [] };
};
