/** The alarms of a stack that has webhooks. No other stack has them. */

import { Duration } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { webhookMetrics } from '../../../lambdas/contract.ts';
import type { OtpFunctions } from '../functions.ts';
import type { Webhooks } from '../webhooks/webhooks.ts';
import type { AlarmDefinition } from './alarm-definition.ts';
import { alarmsOfFunction } from './function-alarms.ts';
import type { OwnMetrics } from './metrics.ts';

export type WatchedWebhooks = {
  readonly own: OwnMetrics;
  readonly functions: OtpFunctions;
  /** Undefined unless the settings ask for them. */
  readonly webhooks: Webhooks | undefined;
};

const fiveMinutes = Duration.minutes(5);
const name = 'deliver-webhooks';
const without = 'Codes and checks work. Events wait, and none is lost.';

export const webhookAlarms = ({ own, functions, webhooks }: WatchedWebhooks): readonly AlarmDefinition[] => {
  const made = functions[name];
  if (webhooks === undefined || made === undefined) return [];
  return [
    {
      metric: own(webhookMetrics.failed),
      threshold: 5,
      datapointsToAlarm: 3,
      description:
        'Deliveries to a webhook fail. Its consumer does not answer, refuses, or answers 410, which says that it wants no more. Events are tried again for a day.',
      first: 'tell the team of the application which cause the log names.',
      look: `aws logs tail /STACK/${name} --since 15m`,
    },
    {
      metric: webhooks.deadLetters.metricApproximateNumberOfMessagesVisible({
        period: fiveMinutes,
        statistic: Stats.MAXIMUM,
      }),
      of: ['webhooks'],
      threshold: 1,
      description:
        'Events were given up after all tries, or no webhook asks for them. Their consumer does not know of them. They are kept for 14 days at most.',
      first: 'see whose they are, and replay them when the consumer takes events again.',
      look: 'webhooks',
    },
    waitingAlarm(webhooks),
    ...alarmsOfFunction(name, made, { without, failing: 'keeps failing' }),
  ];
};

/** A message that came three times has waited 70 seconds. An older one was not received that often. */
const longestWait = Duration.minutes(10);

/**
 * SQS leaves messages that came more than three times out of this metric, so that a consumer that is down does not raise it:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
const waitingAlarm = ({ queue }: Webhooks): AlarmDefinition => ({
  metric: queue.metricApproximateAgeOfOldestMessage({ period: fiveMinutes, statistic: Stats.MAXIMUM }),
  of: ['webhooks'],
  threshold: longestWait.toSeconds(),
  description: `${name} takes no events from its queue, or far fewer than come. Consumers learn of verifications late. ${without}`,
  first: 'see whether its event source mapping is enabled, and whether one slow consumer has most events.',
  look: `aws logs tail /STACK/${name} --since 15m`,
});
