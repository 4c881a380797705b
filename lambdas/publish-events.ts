import { dynamoClient } from './aws/clients.ts';
import { eventBridgeEvents } from './aws/eventbridge.ts';
import { s3LetterContents, s3LetterNames } from './aws/s3.ts';
import { eventBridgeClient, s3Client } from './aws/sdk-clients.ts';
import { dynamoRecords } from './aws/stores/events/records.ts';
import { readAnyChange } from './aws/tables/receipt-records.ts';
import type { StreamRecord } from './aws/tables/stream-records.ts';
import { readEnvironment, readPolicy } from './env.ts';
import { publishEvents, requireMade } from './events/publish.ts';
import { answerEvents } from './stream/events.ts';
import { eventTelemetryOf } from './telemetry.ts';

const route = 'publish-events';
const env = readEnvironment(route);
const { types } = readPolicy(import.meta.url).events ?? { types: [] };
const telemetry = eventTelemetryOf(route);
const { published, unmatched, failed } = telemetry;

const s3 = s3Client();
const letters = {
  ...s3LetterNames(s3, env.EVENT_LETTER_BUCKET),
  ...s3LetterContents(s3, env.EVENT_LETTER_BUCKET, route),
};
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const put = eventBridgeEvents(eventBridgeClient(), env.FINDINGS_BUS, pause);
const find = dynamoRecords(dynamoClient(), env.VERIFICATIONS_TABLE);

/**
 * Reads the stream of verifications beside the detector, and puts what happened on the bus as events. A record that can become
 * none, because the service did not write it so, goes to the dead letters of events. If EventBridge does not take an event, the
 * stream brings its record again, with all that follow it.
 *
 * By its alias it replays its dead letters, as many as there is time for. Staff call it by hand.
 */
export const handler = answerEvents({
  reader: route,
  decode: (record: StreamRecord) => requireMade(readAnyChange(record)),
  act: () => publishEvents({ now: Date.now, find, put, published, unmatched }, types),
  failed,
  letters,
  putAside: async (record, cause) => {
    await letters.put(record, String(cause));
    telemetry.putAside(cause);
  },
});
