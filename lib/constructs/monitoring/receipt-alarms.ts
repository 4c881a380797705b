/** The alarms of a stack that notes receipts. No other stack has them. */

import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, type Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { receiptMetrics } from '../../../lambdas/contract.ts';
import type { OtpFunctions } from '../functions.ts';
import type { Receipts } from '../receipts/receipts.ts';
import type { AlarmDefinition } from './alarm-definition.ts';
import { type OwnMetrics, pricePercent } from './metrics.ts';

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
/** From this on real and estimated prices are too far apart, in percent. */
const drift = { high: 120, low: 80 } as const;

export const receiptAlarms = ({ own, functions, receipts }: WatchedReceipts): readonly AlarmDefinition[] => {
  const made = functions[name];
  if (receipts === undefined || made === undefined) return [];
  const without = 'Client apps do not learn what became of messages. Codes and checks work.';
  return [
    ...priceAlarms(own),
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
    {
      metric: made.lambda.metricErrors({ period: fiveMinutes }),
      of: [name],
      threshold: 1,
      datapointsToAlarm: 2,
      evaluationPeriods: 3,
      description: `${name} keeps failing. ${without}`,
      first: 'read why in its log. If it began with a deployment, take that back.',
      look: `aws logs tail /STACK/${name} --since 15m`,
    },
    {
      metric: made.lambda.metricThrottles({ period: fiveMinutes }),
      of: [name],
      threshold: 5,
      description: `Lambda does not start ${name}, because the account is at its concurrency. ${without}`,
      first: 'find the function of the account that uses its concurrency up, and ask AWS for more.',
    },
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

/** By sums of a day, so that dear messages count as much as they cost. No single metric says that (ADR 111). */
const priceAlarms = (own: OwnMetrics): readonly AlarmDefinition[] => {
  const watched = { metric: own(receiptMetrics.priceReal), ratio: pricePercent(own) };
  const first = 'write the real price of the country as its priceUsd. The dashboard shows both by country.';
  return [
    {
      ...watched,
      of: ['high'],
      threshold: drift.high,
      description:
        'The messages of a day cost over a fifth more than the caps count, as receipts say. The caps let more money pass than they say.',
      first,
    },
    {
      ...watched,
      of: ['low'],
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: drift.low,
      description:
        'The messages of a day cost over a fifth less than the caps count, as receipts say. The caps refuse people too early.',
      first,
    },
  ];
};

const waitingIn = ({ deadLetters }: Receipts): Metric =>
  deadLetters.metricApproximateNumberOfMessagesVisible({ period: fiveMinutes, statistic: Stats.MAXIMUM });
