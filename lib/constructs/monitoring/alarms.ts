import {
  Alarm,
  AlarmRule,
  AlarmState,
  ComparisonOperator,
  CompositeAlarm,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Construct } from 'constructs';
import { alarmPrefixOf, metricsNamespace, runbookPage, type ScheduledFunctionName } from '../../../lambdas/contract.ts';
import type { ScheduleTrigger } from '../triggers.ts';
import type { AlarmDefinition } from './alarm-definition.ts';
import { alarmDefinitions, underAttack, type Watched } from './alarm-definitions.ts';
import type { AlarmTopic } from './alarm-topic.ts';

export type AlarmsProps = Watched & {
  readonly alarmTopic: AlarmTopic;
  readonly schedules: Readonly<Record<ScheduledFunctionName, ScheduleTrigger>>;
};

/** Every alarm of the service. Each name is a heading of docs/runbook.md; a test keeps the two in step. */
export class Alarms extends Construct {
  constructor(scope: Construct, id: string, { alarmTopic, schedules, ...watched }: AlarmsProps) {
    super(scope, id);
    const { name } = watched;
    // One alarm goes off if nothing calls the detector, which nothing does before there is a schedule.
    this.node.addDependency(...Object.values(schedules));
    const action = new SnsAction(alarmTopic.topic);
    const texts = { stackName: name, runbookUrl: watched.settings.runbookUrl ?? runbookPage };
    const ofAttack: Alarm[] = [];
    for (const definition of alarmDefinitions(watched)) {
      const alarm = this.alarm(texts, definition);
      if (definition.isAttack === true) ofAttack.push(alarm);
      if (definition.isSilent === true) continue;
      alarm.addAlarmAction(action);
      if (definition.isSilentWhenOver !== true) alarm.addOkAction(action);
    }
    const composite = this.underAttack(texts, ofAttack);
    composite.addAlarmAction(action);
    composite.addOkAction(action);
  }

  /** Goes off once for an attack, whatever finds it, and goes back to OK when it is over. */
  private underAttack(texts: Texts, alarms: readonly Alarm[]): CompositeAlarm {
    const { name } = underAttack;
    return new CompositeAlarm(this, name, {
      compositeAlarmName: `${alarmPrefixOf(texts.stackName)}${name}`,
      alarmDescription: textOf(texts, name, underAttack),
      alarmRule: AlarmRule.anyOf(...alarms.map((alarm) => AlarmRule.fromAlarm(alarm, AlarmState.ALARM))),
    });
  }

  private alarm(
    texts: Texts,
    {
      metric,
      ratio,
      of,
      heading,
      description,
      first,
      look,
      isAttack: _,
      isSilent: __,
      isSilentWhenOver: ___,
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
      metric: ratio ?? metric,
      datapointsToAlarm,
      evaluationPeriods,
      alarmName: `${alarmPrefixOf(texts.stackName)}${name}`,
      alarmDescription: textOf(texts, heading ?? name, { description, first, look }),
    });
  }
}

type Texts = { readonly stackName: string; readonly runbookUrl: string };

/** What the mail says: what it means, what to do first, the command that shows more, and the heading to read. */
const textOf = (
  { stackName, runbookUrl }: Texts,
  name: string,
  {
    description,
    first,
    look = 'status',
  }: Pick<AlarmDefinition, 'description' | 'first'> & { look?: string | undefined },
): string => {
  const desk = `otp-desk --stack ${stackName}`;
  const command = look.startsWith('aws ') ? look.replaceAll('STACK', stackName) : `${desk} ${look}`;
  const act = first.replaceAll('otp-desk', desk);
  return `${description} First: ${act} To look: ${command}. More: ${runbookUrl}#${name.toLowerCase()}`;
};

/** `SpendCapReached` on a metric of the service; `DynamoDB-SystemErrors-Guards-BatchGetItem` on one of AWS. */
const nameOf = ({ metric: { namespace, metricName }, of = [] }: Pick<AlarmDefinition, 'metric' | 'of'>): string =>
  [...(namespace === metricsNamespace ? [] : [namespace.replace('AWS/', '')]), metricName, ...of].join('-');
