import { createHash } from 'node:crypto';
import { dayOf } from '../../otp/limits/caps.ts';
import type { TrafficEvent } from '../counts/events.ts';
import { type AtRisk, type Explanation, noneCounted, type Ruling } from './ruling.ts';

/** A number has one case a day, however often it is used. Guesses at it, and requests that bomb it, have cases of their own. */
const uidOf = ({ subject, atMs }: TrafficEvent): string =>
  createHash('sha256')
    .update(`swapped-number#${subject.phoneKey}#${dayOf(atMs)}`)
    .digest('hex')
    .slice(0, 32);

const nothingElse = {
  ...noneCounted,
  evidence: 1,
  threshold: 1,
  chance: 1,
  seenStarted: 1,
  seenVerified: 0,
  requests: 1,
  expectedPerHour: 0,
  conversion: 0,
  spentUsd: 0,
  usdPerHour: 0,
  collateral: 0,
  countries: [],
} as const satisfies Partial<Explanation>;

/** A purpose that allows such numbers does not mind: its requests are in the trail alone. */
const outcomeOf = ({ kind, stepUp }: TrafficEvent): AtRisk['outcome'] | undefined => {
  if (kind === 'refused') return 'refused';
  return stepUp === true ? 'step-up' : undefined;
};

/** The ruling on a number at risk. It leads to no action: the flow has refused the request, or its proof asks for more. */
const rulingOn = (event: TrafficEvent, nowMs: number): Ruling | undefined => {
  const { subject, purpose, risk: found, kind } = event;
  const outcome = outcomeOf(event);
  if (found === undefined || outcome === undefined) return undefined;
  return {
    uid: uidOf(event),
    firstMs: nowMs,
    isUpdate: false,
    key: { level: 'phone', of: subject.phoneKey },
    country: subject.country,
    within: undefined,
    rule: 'swapped-number',
    mode: 'enforce',
    action: 'none',
    severity: 'high',
    atMs: nowMs,
    untilMs: nowMs,
    step: 0,
    explanation: {
      ...nothingElse,
      rule: 'swapped-number',
      seenSms: kind === 'refused' ? 0 : 1,
      applications: [subject.application],
      atRisk: { found, outcome, purpose },
    },
  };
};

/** The rulings on the numbers at risk of a batch: one for each number and day. */
export const rulingsOnNumbers = (events: readonly TrafficEvent[], nowMs: number): readonly Ruling[] => {
  const rulings = events.flatMap((event) => rulingOn(event, nowMs) ?? []);
  return [...new Map(rulings.toReversed().map((ruling) => [ruling.uid, ruling])).values()].toReversed();
};

/** Whether staff know of a number at risk already, by the case of the day. */
export const isKnownAtRisk = ({ rule }: Pick<Ruling, 'rule'>, before: unknown): boolean =>
  rule === 'swapped-number' && before !== undefined;
