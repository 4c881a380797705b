import { staffLimits } from '../../../../lambdas/contract.ts';
import { type DeskCommand, type Given, optionOf } from '../../command.ts';
import { usage } from '../../exits.ts';
import { fieldsOf, textOf } from '../../print/json.ts';
import { both } from '../../print/times.ts';
import type { Session } from '../../session.ts';
import { minutesOf, timeOf } from '../../words/lengths.ts';
import { reasonOf, reasonOption } from '../blocks/acts.ts';

const daysOf = (seconds: number): string => `${seconds / 86_400}d`;
const [usual, longest] = [daysOf(staffLimits.defaultPortNoticeSeconds), daysOf(staffLimits.maxPortNoticeSeconds)];

const isLength = (text: string): boolean => /^\d+\s*[a-z]$/i.test(text.trim());

const endOf = (until: string | undefined) => {
  if (until === undefined) return { body: {}, words: `for ${usual}` };
  if (!isLength(until)) return { body: { until: timeOf(until, '--until') }, words: `until ${until}` };
  return { body: { forMinutes: minutesOf(until, { option: '--until', max: longest }) }, words: `for ${until}` };
};

/** A notice by mistake, or by malice, ends by one command. */
const liftNotice = async (session: Session, given: Given): Promise<void> => {
  const number = await session.number();
  const reason = await reasonOf(session, given);
  await session.confirm(
    'Lift the porting notice of this number: purposes that mind serve it as any other. An alarm tells others.',
  );
  const answer = await session.api.send('POST', '/v1/numbers/port-notice/lift', { body: { number, reason } });
  const { number: masked, notedAt, by } = fieldsOf(answer);
  session.show(answer, () => [
    `Lifted: the porting notice of ${textOf(masked)}, noted at ${both(notedAt, session.now())} by ${textOf(by)}.`,
  ]);
};

const note = async (session: Session, given: Given): Promise<void> => {
  const [ported, end] = [optionOf(given, 'ported'), endOf(optionOf(given, 'until'))];
  const times = { ...(ported === undefined ? {} : { portedAt: timeOf(ported, '--ported') }), ...end.body };
  const number = await session.number();
  const reason = await reasonOf(session, given);
  await session.confirm(
    `Note that this number was ported, ${end.words}: purposes that mind refuse it, or ask for more.`,
  );
  const answer = await session.api.send('POST', '/v1/numbers/port-notice', { body: { number, reason, ...times } });
  const { number: masked, until, by } = fieldsOf(answer);
  session.show(answer, () => [
    `Noted: ${textOf(masked)} was ported. It holds until ${both(until, session.now())}, by ${textOf(by)}.`,
    'otp-desk port-notice --lift ends it.',
  ]);
};

export const portNotice: DeskCommand = {
  name: 'port-notice',
  options: [
    ['--ported <time>', 'day or time of the porting: 2026-11-30, 2026-11-30T06:00:00Z'],
    [
      '--until <end>',
      `how long it holds, or its end: 10d, 2026-12-10T06:00:00Z; ${longest} at most (default: ${usual})`,
    ],
    ['--lift', 'ends the notice of the number'],
    reasonOption,
  ],
  says: 'Notes that a number was ported, as its carrier says. The number is asked for, or read from standard input.',
  more: ['Purposes that mind treat it as a swapped SIM until the notice ends. A notice that holds longer stays.'],
  examples: [
    'port-notice --ported 2026-11-30 --until 10d --reason "list of the carrier"',
    'port-notice --lift --reason "ported by its holder"',
    'port-notice --yes --reason "list of the carrier" < number.txt',
  ],
  needs: ['POST /v1/numbers/port-notice', 'POST /v1/numbers/port-notice/lift'],
  asksNumber: true,
  run: async (session, given) => {
    const isLift = given.options['lift'] === true;
    if (isLift && (optionOf(given, 'ported') ?? optionOf(given, 'until')) !== undefined)
      throw usage('--lift ends a notice at once. Write it without --ported and --until.');
    await (isLift ? liftNotice : note)(session, given);
    return undefined;
  },
};
