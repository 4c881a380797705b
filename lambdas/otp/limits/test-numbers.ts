import type { Policy, TestNumbers } from '../../policy.ts';
import type { Secret } from '../number/secret.ts';

/** The entry of the settings that a number belongs to. */
export const testEntryOf = ({ testNumbers }: Policy, phone: Secret): TestNumbers | undefined => {
  const number = phone.reveal();
  return testNumbers.find(({ from, to }) => number.length === from.length && number >= from && number <= to);
};

/** Names an entry in the tables: its numbers are in the settings, and nobody's. */
export const testEntryKey = ({ from, to }: TestNumbers): string => `${from}-${to}`;

/** What a proof of a test number says in `aud`, so that no back end takes it for a real one. */
export const testAudience = (audience: string): string => `${audience}/test`;
