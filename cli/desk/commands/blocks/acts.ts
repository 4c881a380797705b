import { type DeskCommand, type Given, optionOf } from '../../command.ts';
import type { Session } from '../../session.ts';
import { readWritten, type What } from '../../words/what.ts';

export const whatArguments = [
  ['<kind>', 'country, prefix, range, ip, or number, which is asked for'],
  ['[of...]', 'which one'],
] as const satisfies NonNullable<DeskCommand['takes']>;

export const reasonOption = ['--reason <text>', 'why; the audit trail keeps it'] as const;

export const reasonOf = (session: Session, given: Given): Promise<string> =>
  session.textOr(optionOf(given, 'reason'), 'Why? The audit trail keeps it:', '--reason "…"');

/** The group or IP that a command acts on, and its words. A number is asked for, and has no words. */
export const whatOf = async (
  session: Session,
  { words: [kind = '', ...rest] }: Given,
): Promise<{ readonly what: What; readonly text: string }> => {
  const written = readWritten(kind, rest);
  if (written.kind === 'named') return written;
  return { what: { number: await session.number() }, text: 'the number' };
};
