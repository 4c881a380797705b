import { randomBytes } from 'node:crypto';
import { dynamoClient } from './aws/clients.ts';
import { eventBridgePublisher, eventBridgeStopPublisher } from './aws/eventbridge.ts';
import { lambdaMappingStates } from './aws/lambda.ts';
import { s3LetterContents } from './aws/s3.ts';
import { eventBridgeClient, lambdaQueryClient, s3Client } from './aws/sdk-clients.ts';
import { dynamoAuditTrail } from './aws/stores/audit-trail.ts';
import { dynamoCases } from './aws/stores/cases.ts';
import { dynamoDetector } from './aws/stores/detector.ts';
import { dynamoGuessLedger } from './aws/stores/guesses.ts';
import { dynamoOutbox } from './aws/stores/outbox.ts';
import { dynamoStopReminders } from './aws/stores/sweep/stop-reminders.ts';
import { dynamoTrafficCounters } from './aws/stores/traffic/counters.ts';
import { dynamoHeartbeat } from './aws/stores/traffic/heartbeat.ts';
import { dynamoLaunches } from './aws/stores/traffic/launches.ts';
import { readChange, type StreamRecord } from './aws/tables/stream-records.ts';
import { detectBursts } from './bursts/detect.ts';
import { notifyStaff, restingAfterFailure } from './bursts/findings/notify.ts';
import { lookWhetherListening, noteLateness } from './bursts/heartbeat.ts';
import { followLaunches, remembering } from './bursts/launches.ts';
import { hourly, reviewBursts } from './bursts/review.ts';
import { ringStops } from './bursts/ring-stops.ts';
import { stopEventOf } from './bursts/stop-event.ts';
import { actOnStream, decodeChange } from './bursts/stream.ts';
import { sweep } from './bursts/sweep.ts';
import { readEnvironment, readPolicy, readStackName } from './env.ts';
import { countGuesses, type GuessFact } from './otp/guesses.ts';
import { enoughVerifications } from './otp/limits/low-volume.ts';
import { settleAll } from './otp/settle.ts';
import { answerBatch, thenNoteLateness } from './stream/batch.ts';
import { answerInvocation } from './stream/invocation.ts';
import { replayLetter } from './stream/letter.ts';
import { streamTelemetryOf } from './telemetry.ts';

const route = 'detect-bursts';
const now = Date.now;
const env = readEnvironment(route);
const policy = readPolicy(import.meta.url);
const telemetry = streamTelemetryOf(route);
const { unreadable, found: log, notNotified, listening, heartbeatFailed } = telemetry;
const { findingDays, bursts, auditDays } = policy;
/** Of the longest SMS that goes there: a record does not say how many parts its SMS had, and an estimate leans high. */
const priceUsd = (country: string): number =>
  (policy.countries[country]?.priceUsd ?? 0) * (policy.countries[country]?.maxParts ?? 1);
const callPriceUsd = (country: string): number => policy.voice?.countries[country]?.priceUsd ?? priceUsd(country);
const hourCapUsd = (country: string): number =>
  Math.min(policy.caps.hourUsd, policy.countries[country]?.caps.hourUsd ?? policy.caps.hourUsd);
const deployment = { stackName: readStackName(), runbookUrl: policy.runbookUrl };
const settings = { bursts, priceUsd, callPriceUsd, hourCapUsd, countries: Object.keys(policy.countries), deployment };

const client = dynamoClient();
const tables = { traffic: env.TRAFFIC_TABLE, guards: env.GUARDS_TABLE, security: env.SECURITY_TABLE };
// Of this container alone, so that no two write to one item.
const lane = randomBytes(6).toString('base64url');
const counters = dynamoTrafficCounters(client, tables, {
  isApplication: (name) => Object.hasOwn(policy.applications, name),
  auditDays,
  unreadable,
  lane,
  verifiedEnough: enoughVerifications(policy),
});
const store = dynamoDetector(client, tables, counters, { findingDays });
const cases = dynamoCases(client, tables, counters, { findingDays, unreadable });
const outbox = dynamoOutbox(client, tables.security, unreadable);
const trail = dynamoAuditTrail(client, tables.security);

const bus = eventBridgeClient();
const publish = eventBridgePublisher(bus, env.FINDINGS_BUS, notNotified);
const notify = notifyStaff({ outbox, log, publish, failed: notNotified });
// A batch waits for EventBridge once a minute at most. The sweep calls it each time.
const notifyInBatch = notifyStaff({ outbox, log, publish: restingAfterFailure(publish, now), failed: notNotified });

// The sweep reports a launch that cannot be read, once a minute. A batch passes it over.
const launchesInBatch = dynamoLaunches(client, tables.security, counters, () => {});
const launches = remembering(launchesInBatch.read, now, telemetry.launchesNotRead);
const detect = detectBursts({ now, store, launches, notify: notifyInBatch }, settings);
const review = hourly(reviewBursts({ now, store, notify: notifyInBatch }, settings), now);
const sweepCases = sweep({ now, cases, outbox, notify }, { priceUsd, deployment });
const remind = ringStops({
  now,
  reminders: dynamoStopReminders(client, tables),
  ring: telemetry.stopped,
  send: eventBridgeStopPublisher(bus, env.FINDINGS_BUS, (reminder) => stopEventOf(reminder, deployment)),
  failed: notNotified,
});
const heartbeat = dynamoHeartbeat(client, tables.traffic);
const stateOf = lambdaMappingStates(lambdaQueryClient());
const look = lookWhetherListening({ now, stateOf, heartbeat, listening, failed: heartbeatFailed });
const lateness = noteLateness({ now, heartbeat, failed: heartbeatFailed });
const launchesInSweep = dynamoLaunches(client, tables.security, counters, unreadable);
const sweepLaunches = followLaunches({ now, store, notify }, launchesInSweep, settings);
const countAll = countGuesses(dynamoGuessLedger(client, tables.guards));
const countAndMeasure = async (guesses: readonly GuessFact[]): Promise<void> => {
  for (const _ of await countAll(guesses)) telemetry.guessCounted();
};

const letters = s3LetterContents(s3Client(), env.DEAD_LETTER_BUCKET);
const putAside = async (record: StreamRecord, cause: unknown): Promise<void> => {
  await letters.put(record, String(cause));
  telemetry.putAside(cause);
};

const ports = {
  decode: (record: StreamRecord) => decodeChange(readChange(record)),
  act: actOnStream({ now, detect, countGuesses: countAndMeasure, trail }, auditDays),
  failed: telemetry.failed,
};

/**
 * Reads the stream of verifications and refusals: finds bursts, blocks them, counts guesses, and keeps the audit trail. A
 * record that it cannot read, or that is its undoing, goes to the dead letters. In an outage the record that fails comes
 * again, with all that follow it.
 *
 * Every minute it follows the open cases and says whether the stream still feeds it, and once an hour it reviews the
 * countries. By its alias it counts dead letters.
 */
export const handler = answerInvocation({
  batch: thenNoteLateness(answerBatch({ ...ports, putAside }), lateness),
  schedule: async ({ mapping }) =>
    void (await settleAll<unknown>([() => look(mapping), sweepCases, sweepLaunches, review, remind])),
  letter: replayLetter({ ...ports, read: letters.read }),
});
