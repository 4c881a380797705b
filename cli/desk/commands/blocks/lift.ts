import { staffLimits } from '../../../../lambdas/contract.ts';
import { type DeskCommand, type Given, optionOf } from '../../command.ts';
import { fieldsOf } from '../../print/json.ts';
import { both } from '../../print/times.ts';
import type { Session } from '../../session.ts';
import { idOf, minutesOf } from '../../words/lengths.ts';
import { reasonOf, reasonOption, whatArguments, whatOf } from './acts.ts';

const maxLift = `${staffLimits.maxLiftSeconds / 86_400}d`;
const defaultLift = `${staffLimits.defaultLiftSeconds / 60}m`;

/** A finding names its group. If that is a number or an IP, it is hidden, and the API alone can tell which. */
const ofFinding = async ({ api }: Session, written: string) => {
  const id = idOf(written, 'otp-desk lift finding 5f0c9c6a');
  const { what } = fieldsOf(await api.send('GET', `/v1/findings/${id}`));
  const [kind = '', of] = Object.entries(fieldsOf(what))[0] ?? [];
  const isNamed = ['country', 'prefix', 'range'].includes(kind) && typeof of === 'string';
  return isNamed
    ? { what: { [kind]: of }, text: `${kind} ${of}` }
    : { what: { finding: id }, text: `what finding ${id} is about` };
};

const liftedBy = (session: Session, given: Given) => {
  const [kind, id = '', ...more] = given.words;
  return kind === 'finding' && more.length === 0 ? ofFinding(session, id) : whatOf(session, given);
};

export const lift: DeskCommand = {
  name: 'lift',
  takes: [['<kind>', 'country, prefix, range, ip, finding, or number, which is asked for'], whatArguments[1]],
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
  more: ['lift finding ID lifts what a finding is about.'],
  needs: ['POST /v1/blocks/lift', 'GET /v1/findings/{id}'],
  run: async (session, given) => {
    const allow = optionOf(given, 'allow');
    const allowed = allow === undefined ? {} : { allowMinutes: minutesOf(allow, { option: '--allow', max: maxLift }) };
    const { what, text } = await liftedBy(session, given);
    const reason = await reasonOf(session, given);
    await session.confirm(`Lift ${text}: the detector blocks nothing there for ${allow ?? defaultLift}.`);
    const answer = await session.api.send('POST', '/v1/blocks/lift', { body: { what, reason, ...allowed } });
    session.show(answer, () => [
      `Lifted: ${text}. The detector blocks nothing there until ${both(fieldsOf(answer)['allowUntil'], session.now())}.`,
    ]);
    return undefined;
  },
};
