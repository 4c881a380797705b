import { dynamoClient, eventBridgeClient } from './aws/clients.ts';
import { eventBridgePublisher } from './aws/eventbridge.ts';
import { dynamoAuditTrail } from './aws/stores/audit-trail.ts';
import { dynamoCaseLedger, dynamoOutbox } from './aws/stores/cases.ts';
import { dynamoBurstLedger } from './aws/stores/detector.ts';
import { dynamoGuessLedger } from './aws/stores/guesses.ts';
import { readChange, type StreamRecord } from './aws/tables/stream-records.ts';
import { auditEntryOf } from './bursts/audit.ts';
import { eventOf, isCounted, type TrafficEvent } from './bursts/counts/traffic.ts';
import { type DetectorPorts, detectBursts, reviewBursts } from './bursts/detect.ts';
import { findingOf } from './bursts/findings/finding.ts';
import { restingAfterFailure, tellNews } from './bursts/findings/notify.ts';
import { hourly, sweep } from './bursts/sweep.ts';
import { productVersion } from './contract.ts';
import { readEnvironment, readPolicy } from './env.ts';
import { countGuess, type GuessFact, guessOf } from './otp/guesses.ts';
import { answerBatch } from './stream/batch.ts';
import { answerInvocation } from './stream/invocation.ts';
import { streamTelemetryOf } from './telemetry.ts';

const route = 'detect-bursts';
const env = readEnvironment(route);
const policy = readPolicy(import.meta.url);
const { exemptApplications } = policy.ips;
const telemetry = streamTelemetryOf(route);
const client = dynamoClient();
const tables = { traffic: env.TRAFFIC_TABLE, guards: env.GUARDS_TABLE, security: env.SECURITY_TABLE };
const { findingDays } = policy;
const { unreadable, untold: failed } = telemetry;
const priceUsd = (country: string): number => policy.countries[country]?.priceUsd ?? 0;

const outbox = dynamoOutbox(client, env.SECURITY_TABLE, unreadable);
const publish = eventBridgePublisher(eventBridgeClient(), env.FINDINGS_BUS, failed);
const telling = { outbox, say: telemetry.found, failed };
// A batch waits for EventBridge once a minute at most; the sweep asks it each time.
const tell = tellNews({ ...telling, publish: restingAfterFailure(publish, Date.now) });

const count = countGuess(dynamoGuessLedger(client, env.GUARDS_TABLE));
const trail = dynamoAuditTrail(client, env.SECURITY_TABLE);
const detector: DetectorPorts = {
  now: Date.now,
  ledger: dynamoBurstLedger(client, tables, {
    exemptApplications,
    findingOf: (ruling) => findingOf(ruling, productVersion),
    findingDays,
    unreadable,
  }),
  tell: async (told) => void (await tell(told.map(({ news }) => news))),
};
const settings = { bursts: policy.bursts, priceUsd, exemptApplications, countries: Object.keys(policy.countries) };
const detect = detectBursts(detector, settings);
const review = hourly(reviewBursts(detector, settings), Date.now);
const sweepCases = sweep(
  {
    now: Date.now,
    cases: dynamoCaseLedger(client, tables, { findingDays, unreadable }),
    outbox,
    tell: tellNews({ ...telling, publish }),
  },
  { priceUsd },
);

type Understood = { readonly event: TrafficEvent | undefined; readonly guess: GuessFact | undefined };

const understand = (record: StreamRecord): Understood => {
  const change = readChange(record);
  return { event: eventOf(change), guess: guessOf(change) };
};

const keep = (all: readonly Understood[]): Promise<void> =>
  trail.keep(all.flatMap(({ event }) => (event === undefined ? [] : [auditEntryOf(event, policy.auditDays)])));

const countAll = async (all: readonly Understood[]): Promise<void> => {
  const nowMs = Date.now();
  const events = all.flatMap(({ event }) => (event !== undefined && isCounted(event, nowMs) ? [event] : []));
  // Bursts first: a block is wanted within seconds, and a reputation by the number's next verification.
  await detect(events);
  for (const { guess } of all) {
    if (guess === undefined || !isCounted(guess, nowMs)) continue;
    if ((await count(guess)) === 'written') telemetry.guessCounted();
  }
};

/** Beside each other, and each to its end: no block waits for the trail, and where one fails, both come again. */
const act = async (all: readonly Understood[]): Promise<void> => {
  const outcomes = await Promise.allSettled([countAll(all), keep(all)]);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
};

/** Each to its end: cases that cannot be read keep nobody from looking over the countries. */
const schedule = async (): Promise<void> => {
  const outcomes = await Promise.allSettled([sweepCases(), review()]);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
};

const answer = answerBatch({ understand, act, failed: telemetry.failed });

/**
 * Reads the stream of verifications and refusals: finds bursts, blocks them, counts guesses for numbers, IPs and
 * countries, and keeps what happened in the audit trail. A record that fails is named, and comes again with all that
 * follow it: what was counted already is known by its mark.
 *
 * By the clock it looks after the cases that were found, and once an hour over the countries: see `sweep`, `reviewBursts`.
 */
export const handler = answerInvocation({ batch: answer, schedule });
