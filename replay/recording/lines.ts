import * as v from 'valibot';
import { trafficKinds } from '../../lambdas/bursts/counts/events.ts';
import { levels } from '../../lambdas/bursts/counts/keys.ts';
import { launchLevels } from '../../lambdas/bursts/evidence/launches.ts';
import { channels, heldLevels } from '../../lambdas/policy.ts';

const word = v.pipe(v.string(), v.minLength(1), v.maxLength(128));
const yes = v.optional(v.literal(true));
const wholeTo = (max: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(max));
const counted = v.pipe(v.number(), v.finite());
const counts = (max: number) => v.pipe(v.array(counted), v.maxLength(max));

/** As exports write times. Years of four digits sort as text, and no date is out of range. */
const time = v.pipe(
  v.string(),
  v.regex(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  v.transform((text) => Date.parse(text)),
  v.safeInteger(),
);

const yearMs = 366 * 86_400_000;

const event = v.object({
  record: v.literal('event'),
  number: word,
  at: time,
  startedAt: time,
  kind: v.picklist(trafficKinds),
  country: word,
  range: word,
  prefix: word,
  ip: word,
  network: word,
  application: word,
  ipSlot: v.optional(wholeTo(1023)),
  networkSlot: v.optional(wholeTo(1023)),
  sharedIp: yes,
  purpose: word,
  reason: v.optional(word),
  limit: v.optional(word),
  unverified: v.boolean(),
  trustedIp: v.optional(v.boolean()),
  pair: v.optional(v.boolean()),
  sincePreviousSendMs: v.optional(wholeTo(yearMs)),
  sinceFirstSendMs: v.optional(wholeTo(yearMs)),
  probes: v.optional(v.pipe(v.array(v.picklist(heldLevels)), v.maxLength(heldLevels.length))),
  verification: v.optional(word),
  sends: v.optional(wholeTo(1000)),
  mistyped: v.optional(wholeTo(1000)),
  channel: v.optional(v.picklist(channels)),
  risk: v.optional(v.picklist(['swapped', 'ported'])),
  stepUp: yes,
  batch: v.optional(word),
  place: v.optional(wholeTo(1_000_000)),
  records: v.optional(wholeTo(1_000_000)),
  judgedAt: v.optional(time),
});

const finding = v.object({
  record: v.literal('finding'),
  level: v.picklist(levels),
  of: word,
  rule: word,
  severity: v.picklist(['low', 'medium', 'high', 'critical']),
  action: v.picklist(['block', 'restrict', 'longer-codes', 'none']),
  firstAt: time,
  ruledAt: time,
  until: time,
  id: word,
});

const action = v.object({
  record: v.literal('action'),
  at: time,
  action: word,
  level: v.optional(v.picklist(levels)),
  of: v.optional(word),
  until: v.optional(time),
  expected: v.optional(wholeTo(Number.MAX_SAFE_INTEGER)),
  finding: v.optional(word),
});

const history = v.object({
  record: v.literal('history'),
  level: v.picklist([...launchLevels, 'range', 'new-network']),
  of: word,
  history: v.object({
    timeBucket: wholeTo(1e8),
    since: wholeTo(1e8),
    slow: counted,
    startedLong: counted,
    verifiedLong: counted,
    startedDay: counted,
    verifiedDay: counted,
    recent: counts(36),
    recentVerified: counts(36),
    recentFailed: counts(36),
    hours: v.pipe(v.array(counted), v.length(24)),
    thisHour: counted,
    probes: v.pipe(v.array(v.tuple([counted, counted, counted])), v.maxLength(13)),
    pairs: v.optional(
      v.object({ startedLong: counted, verifiedLong: counted, startedLately: counted, verifiedLately: counted }),
    ),
  }),
});

const running = v.object({ record: v.literal('running'), since: time });

const line = v.variant('record', [event, finding, action, history, running]);

/** A line of an export, as far as a replay needs it. */
export type Line = v.InferOutput<typeof line>;
export type EventLine = v.InferOutput<typeof event>;
export type ActionLine = v.InferOutput<typeof action>;
export type FindingLine = v.InferOutput<typeof finding>;

/** No record of an export comes near. */
const maxLength = 262_144;

/** Reads a line. @returns a sentence if it is none: it never has a value of the line. */
export const readLine = (text: string): Line | string => {
  if (text.length > maxLength) return 'It is too long for a record of an export.';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'It is no JSON.';
  }
  const read = v.safeParse(line, value, { abortEarly: true });
  if (read.success) return read.output;
  const [issue] = read.issues;
  const path = v.getDotPath(issue) ?? 'record';
  return path === 'record'
    ? 'Its "record" is none that this version knows.'
    : `Its "${path}" is none that a detector writes.`;
};
