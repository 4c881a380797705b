import type { DeployedStack } from '../../api/stack.ts';
import { type DeskCommand, optionOf } from '../../command.ts';
import { DeskError, exits, usage } from '../../exits.ts';
import { textOf } from '../../print/json.ts';
import { table } from '../../print/table.ts';
import type { Session } from '../../session.ts';
import { type Alarm, alarmsOf, headingOf, kindOf, type Receiver, receiversOf, setState } from './alarms.ts';

/** CloudWatch sends when a state changes. Time for that, before the next change. */
const ringMs = 5000;

const drillReason = 'DRILL. Nothing is wrong: otp-desk drill rings this alarm and resets it.';

/** The first heard alarm of each kind, or the one that is named. */
const chosenOf = (alarms: readonly Alarm[], only: string | undefined): readonly Alarm[] => {
  const wanted =
    only === undefined ? alarms : alarms.filter((each) => headingOf(each) === only || kindOf(each) === only);
  if (wanted.length === 0)
    throw usage(
      only === undefined
        ? 'This stack has no alarms. Check --stack and --region.'
        : 'No alarm of this stack has that name. Write a heading of the runbook, such as --only FindingCritical.',
    );
  return [...Map.groupBy(wanted, kindOf).values()].flatMap(
    ([first, ...others]) => [first, ...others].find((each) => each?.isHeard && each.state !== 'ALARM') ?? first ?? [],
  );
};

type Rung = {
  readonly rung: readonly string[];
  readonly skipped: readonly string[];
  readonly notReset: readonly string[];
};

/** Rings each, waits, and resets each to the state that it had, however it ends. */
const ring = async (session: Session, stack: DeployedStack, alarms: readonly Alarm[]): Promise<Rung> => {
  const isFit = ({ isHeard, state }: Alarm) => isHeard && state !== 'ALARM';
  const [fit, skipped] = [alarms.filter(isFit), alarms.filter((each) => !isFit(each))];
  const interrupted = session.untilInterrupted();
  const rung: Alarm[] = [];
  const notReset: Alarm[] = [];
  try {
    for (const alarm of fit) {
      if (interrupted.aborted) break;
      // Before the call: one that breaks off may have rung.
      rung.push(alarm);
      await setState(stack, alarm, 'ALARM', drillReason);
      session.progress(`Rung ${rung.length} of ${fit.length}: ${headingOf(alarm)}`);
    }
    await session.sleep(ringMs, interrupted);
  } finally {
    session.progress('Resetting them.');
    for (const alarm of rung)
      await setState(stack, alarm, alarm.state, `The drill is over. ${drillReason}`).catch(() => notReset.push(alarm));
  }
  return { rung: rung.map(headingOf), skipped: skipped.map(headingOf), notReset: notReset.map(headingOf) };
};

const receiverRows = (receivers: readonly Receiver[], columns: number): readonly string[] =>
  receivers.length === 0
    ? ['Nobody has subscribed to the topic of the alarms.']
    : table(
        ['confirmed', 'by', 'receiver'],
        receivers.map(({ isConfirmed, protocol, endpoint }) => [
          isConfirmed ? 'yes' : 'NO',
          textOf(protocol),
          textOf(endpoint),
        ]),
        columns,
      );

const linesOf = (
  { rung, skipped, notReset }: Rung,
  receivers: readonly Receiver[],
  columns: number,
): readonly string[] => [
  `Rung and reset: ${rung.join(', ') || 'none'}.`,
  ...(skipped.length === 0 ? [] : [`Not rung, because they are on now or send nothing: ${skipped.join(', ')}.`]),
  ...(notReset.length === 0 ? [] : [`Not reset: ${notReset.join(', ')}. CloudWatch resets them at its next look.`]),
  '',
  'Each of these that is confirmed has to get a message for each alarm. Ask them.',
  ...receiverRows(receivers, columns),
];

export const drill: DeskCommand = {
  name: 'drill',
  options: [['--only <alarm>', 'ring this one, by its heading in the runbook']],
  says: 'Rings one alarm of each kind, says who has confirmed to receive them, and resets them.',
  more: ['Alarms that are on now are not touched. Every message says that it is a drill.'],
  examples: ['drill', 'drill --only FindingCritical'],
  needs: [
    'cloudformation:DescribeStacks',
    'cloudwatch:DescribeAlarms',
    'cloudwatch:SetAlarmState',
    'sns:ListSubscriptionsByTopic',
  ],
  run: async (session, given) => {
    const stack = await session.stack();
    const receivers = await receiversOf(stack);
    if (!receivers.some(({ isConfirmed }) => isConfirmed)) {
      session.show({ receivers, rung: [] }, () => receiverRows(receivers, session.columns));
      throw new DeskError(
        'Nobody would hear an alarm. Subscribe somebody to the topic (output AlarmTopicArn), and confirm by the link in the mail.',
        exits.failed,
      );
    }
    const chosen = chosenOf(await alarmsOf(stack), optionOf(given, 'only'));
    await session.confirm(`Ring ${chosen.length} alarms: each receiver gets a message for each.`);
    const rung = await ring(session, stack, chosen);
    session.show({ receivers, ...rung }, () => linesOf(rung, receivers, session.columns));
    return rung.notReset.length === 0 && receivers.every(({ isConfirmed }) => isConfirmed) ? exits.ok : exits.failed;
  },
};
