import { staffLimits } from '../../../../lambdas/contract.ts';
import { type DeskCommand, optionOf } from '../../command.ts';
import { usage } from '../../exits.ts';
import { fieldsOf, textOf } from '../../print/json.ts';
import { both } from '../../print/times.ts';
import { minutesOf } from '../../words/lengths.ts';
import { reasonOf, reasonOption, whatArguments, whatOf } from './acts.ts';

const maxBlock = `${staffLimits.maxBlockSeconds / 86_400}d`;

const endOf = (length: string | undefined, until: string | undefined) => {
  if (length !== undefined && until !== undefined) throw usage('Write --for or --until, and not both.');
  if (until !== undefined) return { body: { until }, words: `until ${until}` };
  const given = length ?? '60m';
  return { body: { forMinutes: minutesOf(given, { option: '--for', max: maxBlock }) }, words: `for ${given}` };
};

export const block: DeskCommand = {
  name: 'block',
  takes: whatArguments,
  options: [
    ['--for <length>', `how long: 60m, 24h, 7d; ${maxBlock} at most (default: 60m)`],
    ['--until <time>', 'in place of --for: 2026-12-01T06:00:00Z'],
    reasonOption,
  ],
  says: 'Refuses codes to a country, a prefix, a range, an IP or a number. To extend a block, block it again.',
  examples: [
    'block country IN --for 60m --reason "pumping"',
    'block range "+91 98765 4xxxx" --reason "pumping"',
    'block number',
  ],
  needs: ['POST /v1/blocks'],
  run: async (session, given) => {
    const end = endOf(optionOf(given, 'for'), optionOf(given, 'until'));
    const { what, text } = await whatOf(session, given);
    const reason = await reasonOf(session, given);
    await session.confirm(`Block ${text} ${end.words}: requests there get no code.`);
    const answer = await session.api.send('POST', '/v1/blocks', { body: { what, reason, ...end.body } });
    session.show(answer, () => [
      `Blocked: ${text}, until ${both(fieldsOf(answer)['until'], session.now())}, by ${textOf(fieldsOf(answer)['by'])}.`,
      'otp-desk lift and the same words lift it.',
    ]);
    return undefined;
  },
};
