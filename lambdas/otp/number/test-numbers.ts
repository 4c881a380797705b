import type { Policy, TestNumbers } from '../../policy.ts';
import type { Secret } from './secret.ts';

/** The entry of the settings that a number belongs to. */
export const testEntryOf = ({ testNumbers }: Policy, phone: Secret): TestNumbers | undefined => {
  const number = phone.reveal();
  return testNumbers.find(({ from, to }) => number.length === from.length && number >= from && number <= to);
};

/** Names an entry in the tables. In clear, because test numbers are public and belong to nobody. */
export const testEntryKey = ({ from, to }: TestNumbers): string => `${from}-${to}`;

/** The `aud` of a test number's proof, which no back end accepts as its own. */
export const testAudience = (audience: string): string => `${audience}/test`;
