/** The alarms of a stack that notes receipts. No other stack has them. */

import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, type MathExpression, type Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { maxDriftPercent, metrics, receiptMetrics } from '../../../lambdas/contract.ts';
import type { OtpFunctions } from '../functions.ts';
import type { Receipts } from '../receipts/receipts.ts';
import type { AlarmDefinition } from './alarm-definition.ts';
import { alarmsOfFunction } from './function-alarms.ts';
import { conversionPercent, type OwnMetrics, partsPercent, pricePercent } from './metrics.ts';

export type WatchedReceipts = {
  readonly own: OwnMetrics;
  readonly functions: OtpFunctions;
  /** Undefined unless the settings ask for them. */
  readonly receipts: Receipts | undefined;
};

const fiveMinutes = Duration.minutes(5);
const name = 'note-receipts';
/**
 * The share of lost messages at which the alarm goes off. A healthy route loses a few percent. A carrier that first takes a
 * message and then loses it counts as both, so that half of such messages lost are a third.
 */
const lostShare = 0.34;
/** From these on real and estimated prices, or parts, are too far apart: percent of the estimate. */
const drift = { high: 100 + maxDriftPercent, low: 100 - maxDriftPercent } as const;
/** Fewer codes than people enter in usual times, in percent of the messages that arrived. */
const lowConversion = 40;

export const receiptAlarms = ({ own, functions, receipts }: WatchedReceipts): readonly AlarmDefinition[] => {
  const made = functions[name];
  if (receipts === undefined || made === undefined) return [];
  const without = 'Client apps do not learn what became of messages. Codes and checks work.';
  return [
    ...priceAlarms(own),
    ...partsAlarms(own),
    conversionAlarm(own),
    {
      metric: own(receiptMetrics.undelivered).with({ statistic: Stats.AVERAGE }),
      threshold: lostShare,
      datapointsToAlarm: 3,
      description:
        'More than a third of the messages do not arrive, as carriers say. People wait for codes that never come.',
      first: 'see on the dashboard which route and country it is. Another route can stand first for that country.',
    },
    {
      metric: own(receiptMetrics.receiptUnreadable),
      threshold: 1,
      datapointsToAlarm: 2,
      evaluationPeriods: 3,
      description: `Events of AWS come that ${name} cannot read, and drops. ${without}`,
      first: 'read their types in its log. A type that is new there needs a newer version of the service.',
      look: `aws logs tail /STACK/${name} --since 1h`,
    },
    ...alarmsOfFunction(name, made, { without, failing: 'keeps failing' }),
    {
      metric: waitingIn(receipts),
      of: ['receipts'],
      threshold: 1,
      description: `${name} gave events up. The queue keeps them whole, with numbers, for four days. ${without}`,
      first: 'see why in its log. Then purge the queue: what it holds is of no use any more.',
      look: `aws logs tail /STACK/${name} --since 1h`,
    },
  ];
};

type Drift = Pick<AlarmDefinition, 'metric' | 'first'> & {
  readonly ratio: MathExpression;
  readonly high: string;
  readonly low: string;
};

/** Two alarms: the real sums of a day are far above the estimates of the caps, or far below. */
const driftAlarms = ({ high, low, ...watched }: Drift): readonly AlarmDefinition[] => [
  { ...watched, of: ['high'], threshold: drift.high, description: high, look: 'prices' },
  {
    ...watched,
    of: ['low'],
    comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    threshold: drift.low,
    description: low,
    look: 'prices',
  },
];

/** By sums of a day, so that dear messages count as much as they cost. No single metric says that (ADR 111). */
const priceAlarms = (own: OwnMetrics): readonly AlarmDefinition[] =>
  driftAlarms({
    metric: own(receiptMetrics.priceReal),
    ratio: pricePercent(own),
    first: 'write the values that it names into the settings, and deploy.',
    high: 'The messages of a day cost over a fifth more than the caps count, as receipts say. The caps let more money pass than they say.',
    low: 'The messages of a day cost over a fifth less than the caps count, as receipts say. The caps refuse people too early.',
  });

/** The same of parts, which no price shows: a text of more parts than it was counted for may have cheap ones. */
const partsAlarms = (own: OwnMetrics): readonly AlarmDefinition[] =>
  driftAlarms({
    metric: own(receiptMetrics.partsReal),
    ratio: partsPercent(own),
    first: 'see which country and route it is, and render its texts by npm run preview.',
    high: 'The messages of a day have over a fifth more parts than the caps count, as receipts say. Each part is paid.',
    low: 'The messages of a day have over a fifth fewer parts than the caps count, as receipts say. The caps refuse people too early.',
  });

/** Beside the finding, and never in its place: a carrier that takes part in an attack could say that nothing arrives (ADR 119). */
const conversionAlarm = (own: OwnMetrics): AlarmDefinition => ({
  metric: own(metrics.conversionLow),
  ratio: conversionPercent(own),
  of: ['delivered'],
  comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
  threshold: lowConversion,
  datapointsToAlarm: 2,
  description:
    'Messages arrive, and most of their codes are not entered, for two hours. An attacker may request them, or people do not find the field.',
  first: 'see on the dashboard, in the row Arrival, which country and route it is.',
  look: 'findings --since 24h',
});

const waitingIn = ({ deadLetters }: Receipts): Metric =>
  deadLetters.metricApproximateNumberOfMessagesVisible({ period: fiveMinutes, statistic: Stats.MAXIMUM });
