import { bad, type Commands, counted, type Judged, ok } from './check.ts';
import type { AlarmFact, Receiver } from './facts.ts';

/** Whether anybody hears an alarm. */
export const judgeReceivers = (receivers: readonly Receiver[], topic: string): Judged => {
  const confirmed = receivers.filter(({ state }) => state === 'confirmed').length;
  const pending = receivers.filter(({ state }) => state === 'pending').length;
  const waiting = pending === 0 ? '' : `, and ${counted(pending, 'subscription')} waits for its confirmation`;
  if (confirmed > 0) return ok(`Alarms reach ${counted(confirmed, 'receiver')}${waiting}.`);
  if (pending > 0)
    return bad(
      `Nobody receives an alarm: ${counted(pending, 'subscription')} waits for its confirmation.`,
      'Follow the link in the mail from AWS, or ask for a new one: ' +
        `aws sns subscribe --topic-arn ${topic} --protocol email --notification-endpoint you@example.com.`,
    );
  return bad(
    'Nobody receives an alarm: the topic has no subscription.',
    `Subscribe: aws sns subscribe --topic-arn ${topic} --protocol email --notification-endpoint you@example.com.`,
  );
};

/** More names than this fit into no sentence. */
const maxNamed = 10;

const named = (alarms: readonly AlarmFact[]): string => {
  const names = alarms.map(({ name }) => name).toSorted();
  const more = names.length - maxNamed;
  return names.slice(0, maxNamed).join(', ') + (more > 0 ? ` and ${more} more` : '');
};

/** Whether an alarm of the stack is on, or muted. */
export const judgeAlarms = (alarms: readonly AlarmFact[], { stackName }: Commands): Judged => {
  const on = alarms.filter(({ state }) => state === 'on');
  const muted = alarms.filter(({ rings }) => !rings);
  const list = `aws cloudwatch describe-alarms --alarm-name-prefix ${stackName}/ --state-value ALARM`;
  if (on.length > 0)
    return bad(
      `${counted(on.length, 'alarm')} on: ${named(on)}.`,
      `Read the heading of that name in the runbook, and the reason: ${list}.`,
    );
  if (alarms.length === 0)
    return bad('The stack has no alarms: somebody deleted them.', 'Deploy the stack again: npx cdk deploy.');
  if (muted.length > 0)
    return bad(
      `${counted(muted.length, 'alarm')} notifies nobody, because its actions are disabled: ${named(muted)}.`,
      `Enable them: aws cloudwatch enable-alarm-actions --alarm-names ${stackName}/${muted[0]?.name}.`,
    );
  const silent = alarms.filter(({ state }) => state === 'no-data').length;
  return ok(`None of ${counted(alarms.length, 'alarm')} is on${silent === 0 ? '' : `; ${silent} without data`}.`);
};
