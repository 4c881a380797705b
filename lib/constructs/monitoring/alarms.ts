import { Alarm, ComparisonOperator, type IAlarmAction, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { alarmPrefixOf, metricsNamespace, type ScheduledFunctionName } from '../../../lambdas/contract.ts';
import type { ScheduleTrigger } from '../triggers.ts';
import { type AlarmDefinition, alarmDefinitions, type Watched } from './alarm-definitions.ts';

export type AlarmsProps = Watched & {
  readonly name: string;
  readonly action: IAlarmAction;
  readonly schedules: Readonly<Record<ScheduledFunctionName, ScheduleTrigger>>;
};

/** Every alarm of the service. Each name is a heading of docs/runbook.md; a test keeps the two in step. */
export class Alarms extends Construct {
  constructor(scope: Construct, id: string, { name, action, schedules, ...watched }: AlarmsProps) {
    super(scope, id);
    // One alarm goes off if nothing calls the detector, which nothing does before there is a schedule.
    this.node.addDependency(...Object.values(schedules));
    for (const definition of alarmDefinitions(watched)) {
      const alarm = this.alarm(alarmPrefixOf(name), definition);
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
    }
  }

  private alarm(
    prefix: string,
    {
      metric,
      of,
      description,
      datapointsToAlarm = 1,
      evaluationPeriods = datapointsToAlarm,
      ...others
    }: AlarmDefinition,
  ): Alarm {
    const name = nameOf({ metric, of });
    return new Alarm(this, name, {
      // Most metrics here exist only while something happens.
      treatMissingData: TreatMissingData.NOT_BREACHING,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      ...others,
      metric,
      datapointsToAlarm,
      evaluationPeriods,
      alarmName: `${prefix}${name}`,
      alarmDescription: `${description} What to do: docs/runbook.md#${name.toLowerCase()}`,
    });
  }
}

/** `SpendCapReached` on a metric of the service; `DynamoDB-SystemErrors-Guards-BatchGetItem` on one of AWS. */
const nameOf = ({ metric: { namespace, metricName }, of = [] }: Pick<AlarmDefinition, 'metric' | 'of'>): string =>
  [...(namespace === metricsNamespace ? [] : [namespace.replace('AWS/', '')]), metricName, ...of].join('-');
