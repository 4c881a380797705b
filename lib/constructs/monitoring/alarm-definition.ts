import type { AlarmProps, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';

/** What an alarm watches, from which value on, and what it says. */
export type AlarmDefinition = {
  readonly metric: Metric;
  /** Watched in place of the metric, if no metric alone says it. The alarm keeps the name of the metric. */
  readonly ratio?: MathExpression;
  /** What the metric of AWS is of, for the name: a function, a table and its operation, a service. */
  readonly of?: readonly string[] | undefined;
  /** The heading of the runbook, if it is not the name: settings name what the metric is of. */
  readonly heading?: string;
  /** One to three sentences for the mail, without a number, an address or a name of a person. */
  readonly description: string;
  /** The first thing to do, as one or two sentences that follow a colon. */
  readonly first: string;
  /** The command that shows more: one of `otp-desk`, without its name and stack, or one of `aws`. `STACK` is the stack. */
  readonly look?: string;
  /** Whether it raises the composite alarm `UnderAttack`. */
  readonly isAttack?: boolean;
  /** Whether it has no mail of its own, because an event of the bus is the mail, which says more. */
  readonly isSilent?: boolean;
  /** Whether nobody is told that it is over: it tells of an act, which has no end. */
  readonly isSilentWhenOver?: boolean;
} & Pick<AlarmProps, 'threshold'> &
  // One data point by default, and no more periods than data points.
  Partial<Pick<AlarmProps, 'comparisonOperator' | 'datapointsToAlarm' | 'evaluationPeriods' | 'treatMissingData'>>;
