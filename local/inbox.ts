import type { SmsMessage } from './aws/sns.ts';

/** One inbox of several, each newest first, as the phone has it. Of one moment, those of the first inbox come first. */
export const mergeInboxes = (one: readonly SmsMessage[], other: readonly SmsMessage[]): readonly SmsMessage[] => {
  if (other.length === 0) return one;
  return [...one, ...other].toSorted((first, second) => (first.at < second.at ? 1 : first.at > second.at ? -1 : 0));
};
