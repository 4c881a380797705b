/** The alarms of a stack, the receivers of their mails, and how an alarm is rung. */

import {
  CloudWatchClient,
  paginateDescribeAlarms,
  SetAlarmStateCommand,
  type StateValue,
} from '@aws-sdk/client-cloudwatch';
import { paginateListSubscriptionsByTopic, SNSClient } from '@aws-sdk/client-sns';
import type { DeployedStack } from '../../api/stack.ts';

export type Alarm = {
  readonly name: string;
  readonly state: StateValue;
  /** Whether it would send something. */
  readonly isHeard: boolean;
};

export type Receiver = { readonly protocol: string; readonly endpoint: string; readonly isConfirmed: boolean };

export const receiversOf = async (stack: DeployedStack): Promise<readonly Receiver[]> => {
  const [client, TopicArn] = [new SNSClient(stack.options), await stack.output('AlarmTopicArn')];
  return stack.ask('sns:ListSubscriptionsByTopic', async () => {
    const found: Receiver[] = [];
    // Otherwise it says PendingConfirmation, or Deleted.
    for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic({ client }, { TopicArn }))
      for (const { Protocol = '', Endpoint = '', SubscriptionArn = '' } of Subscriptions)
        found.push({ protocol: Protocol, endpoint: Endpoint, isConfirmed: SubscriptionArn.startsWith('arn:') });
    return found;
  });
};

export const alarmsOf = async (stack: DeployedStack): Promise<readonly Alarm[]> => {
  const client = new CloudWatchClient(stack.options);
  return stack.ask('cloudwatch:DescribeAlarms', async () => {
    const found: Alarm[] = [];
    const pages = paginateDescribeAlarms(
      { client },
      { AlarmNamePrefix: `${stack.name}/`, AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] },
    );
    for await (const { MetricAlarms = [], CompositeAlarms = [] } of pages)
      for (const { AlarmName = '', StateValue = 'INSUFFICIENT_DATA', ActionsEnabled, AlarmActions = [] } of [
        ...MetricAlarms,
        ...CompositeAlarms,
      ])
        found.push({
          name: AlarmName,
          state: StateValue,
          isHeard: ActionsEnabled !== false && AlarmActions.length > 0,
        });
    return found;
  });
};

/** The alarm without its stack: a heading of the runbook. */
export const headingOf = ({ name }: Pick<Alarm, 'name'>): string => name.slice(name.indexOf('/') + 1);

/** Alarms on one metric of AWS are of one kind, whichever function or table they watch: `Lambda-Errors`. */
export const kindOf = (alarm: Pick<Alarm, 'name'>): string => headingOf(alarm).split('-').slice(0, 2).join('-');

export const setState = async (
  stack: DeployedStack,
  { name }: Alarm,
  state: StateValue,
  reason: string,
): Promise<void> => {
  const client = new CloudWatchClient(stack.options);
  const input = { AlarmName: name, StateValue: state, StateReason: reason };
  await stack.ask('cloudwatch:SetAlarmState', () => client.send(new SetAlarmStateCommand(input)));
};
