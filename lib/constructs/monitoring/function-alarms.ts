import { Duration } from 'aws-cdk-lib';
import type { AnyFunctionName } from '../../../lambdas/contract.ts';
import type { OtpFunction } from '../function.ts';
import type { AlarmDefinition } from './alarm-definition.ts';

const period = Duration.minutes(5);

type Words = {
  /** One or more sentences: the effect on people while the function does not run. */
  readonly without: string;
  /** Follows its name. */
  readonly failing?: string;
};

/** The alarms of each function: it crashes, or Lambda does not start it. */
export const alarmsOfFunction = (
  name: AnyFunctionName,
  { lambda }: OtpFunction,
  { without, failing = 'keeps crashing or running out of time' }: Words,
): readonly AlarmDefinition[] => [
  {
    // One crash is a sandbox that died; the platform starts another.
    metric: lambda.metricErrors({ period }),
    of: [name],
    threshold: 1,
    datapointsToAlarm: 2,
    evaluationPeriods: 3,
    description: `${name} ${failing}. ${without}`,
    first: 'read why in its log. If it began with a deployment, take that back.',
    look: `aws logs tail /STACK/${name} --since 15m`,
  },
  {
    metric: lambda.metricThrottles({ period }),
    of: [name],
    threshold: 5,
    description: `Lambda does not start ${name}, because the account is at its concurrency. ${without}`,
    first: 'find the function of the account that uses its concurrency up, and ask AWS for more.',
  },
];
