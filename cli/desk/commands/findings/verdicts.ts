import { type DeskCommand, optionOf } from '../../command.ts';
import { fieldsOf, textOf } from '../../print/json.ts';
import { idOf } from '../../words/lengths.ts';

type Verdict = {
  readonly name: string;
  readonly status: string;
  readonly says: string;
  /** Behind the id, before "Do it?". */
  readonly question: string;
  readonly note: string;
};

const verdictOf = ({ name, status, says, question, note }: Verdict): DeskCommand => ({
  name,
  takes: [['<id>', 'of the finding']],
  options: [['--note <text>', 'why, for those who read it later']],
  says,
  examples: [`${name} 5f0c9c6a`, `${name} 5f0c9c6a --note "${note}"`],
  needs: ['PATCH /v1/findings/{id}'],
  run: async ({ api, show, confirm }, given) => {
    const id = idOf(given.words[0] ?? '', `otp-desk ${name} 5f0c9c6a`);
    const written = optionOf(given, 'note');
    await confirm(`${question} ${id}.`);
    const body = { status, ...(written === undefined ? {} : { note: written }) };
    const answer = await api.send('PATCH', `/v1/findings/${id}`, { body });
    show(answer, () => [`${textOf(fieldsOf(answer)['id'])} is ${textOf(fieldsOf(answer)['status'])} now.`]);
    return undefined;
  },
});

export const ack: DeskCommand = verdictOf({
  name: 'ack',
  status: 'acknowledged',
  says: 'Says that somebody looks at a finding. Nothing else changes.',
  question: 'Acknowledge finding',
  note: 'I look at it.',
});

export const resolve: DeskCommand = verdictOf({
  name: 'resolve',
  status: 'resolved',
  says: 'Closes a finding that was an attack, and is dealt with. A block stays until it ends or is lifted.',
  question: 'Close as resolved finding',
  note: 'The attack is over.',
});

export const falsePositive: DeskCommand = verdictOf({
  name: 'false-positive',
  status: 'false-positive',
  says: 'Closes a finding that was no attack. A block stays until it ends or is lifted.',
  question: 'Close as no attack finding',
  note: 'Our own campaign.',
});
