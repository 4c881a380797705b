/** The alarms of a stack that publishes events. No other stack has them. */

import { Duration } from 'aws-cdk-lib';
import { eventMetrics } from '../../../lambdas/contract.ts';
import type { EventStream } from '../events/event-stream.ts';
import type { OtpFunctions } from '../functions.ts';
import type { AlarmDefinition } from './alarm-definition.ts';
import { alarmsOfFunction } from './function-alarms.ts';
import { iteratorAge, mappingMetric, type OwnMetrics } from './metrics.ts';

export type WatchedEvents = {
  readonly own: OwnMetrics;
  readonly functions: OtpFunctions;
  /** Undefined unless the settings ask for events. */
  readonly events: EventStream | undefined;
};

const fiveMinutes = Duration.minutes(5);
const name = 'publish-events';
const without = 'Your systems learn of verifications late or not at all. Codes and checks work.';
const look = `aws logs tail /STACK/${name} --since 15m`;

export const eventAlarms = ({ own, functions, events }: WatchedEvents): readonly AlarmDefinition[] => {
  const made = functions[name];
  if (events === undefined || made === undefined) return [];
  return [
    {
      metric: own(eventMetrics.failed),
      threshold: 3,
      description: `EventBridge or DynamoDB fails ${name} again and again. ${without}`,
      first:
        'see the AWS Health Dashboard, and wait. Records that are tried ten times in vain go to its bucket: replay it later.',
      look,
    },
    {
      metric: own(eventMetrics.putAside),
      threshold: 1,
      description: `${name} can make no event of a stream record, and put it whole into its bucket. A version of the service may not fit its records, or somebody invents some.`,
      first: 'see why in its log. Replay it after a mend.',
      look,
    },
    ...alarmsOfFunction(name, made, { without }),
    ...streamAlarms(made, events),
  ];
};

const streamAlarms = (made: NonNullable<OtpFunctions[typeof name]>, { trigger }: EventStream) => [
  {
    metric: iteratorAge(made),
    of: [name],
    threshold: fiveMinutes.toMilliseconds(),
    datapointsToAlarm: 3,
    description: `${name} is far behind the stream, and gives records up if it stays so. ${without}`,
    first: 'read in its log why it is slow.',
    look,
  },
  {
    metric: mappingMetric(trigger, 'OnFailureDestinationDeliveredEventCount'),
    of: [name],
    threshold: 1,
    description: `${name} gave stream records up. Its bucket keeps them whole, for a while. ${without}`,
    first: 'see why. Replay them when the cause is gone.',
    look,
  },
  {
    metric: mappingMetric(trigger, 'DroppedEventCount'),
    of: [name],
    threshold: 1,
    description: `${name} gave stream records up, and its bucket did not take them. Their events are lost.`,
    first: 'see whether the bucket and its key are there: the status names a key that is not enabled.',
  },
];
