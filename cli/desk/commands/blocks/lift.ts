import { staffLimits } from '../../../../lambdas/contract.ts';
import { type DeskCommand, optionOf } from '../../command.ts';
import { fieldsOf } from '../../print/json.ts';
import { both } from '../../print/times.ts';
import { minutesOf } from '../../words/lengths.ts';
import { reasonOf, reasonOption, whatArguments, whatOf } from './acts.ts';

const maxLift = `${staffLimits.maxLiftSeconds / 86_400}d`;
const defaultLift = `${staffLimits.defaultLiftSeconds / 60}m`;

export const lift: DeskCommand = {
  name: 'lift',
  takes: whatArguments,
  options: [
    [
      '--allow <length>',
      `how long the detector may not block it again: 24h; ${maxLift} at most (default: ${defaultLift})`,
    ],
    reasonOption,
  ],
  says: 'Lifts the block or restriction of a country, a prefix, a range, an IP or a number, of staff or of the detector.',
  examples: [
    'lift range "+91 98765 4xxxx" --reason "our campaign"',
    'lift ip 203.0.113.7 --allow 7d --reason "our office"',
  ],
  needs: ['POST /v1/blocks/lift'],
  run: async (session, given) => {
    const allow = optionOf(given, 'allow');
    const allowed = allow === undefined ? {} : { allowMinutes: minutesOf(allow, { option: '--allow', max: maxLift }) };
    const { what, text } = await whatOf(session, given);
    const reason = await reasonOf(session, given);
    await session.confirm(`Lift ${text}: the detector blocks nothing there for ${allow ?? defaultLift}.`);
    const answer = await session.api.send('POST', '/v1/blocks/lift', { body: { what, reason, ...allowed } });
    session.show(answer, () => [
      `Lifted: ${text}. The detector blocks nothing there until ${both(fieldsOf(answer)['allowUntil'], session.now())}.`,
    ]);
    return undefined;
  },
};
