/** Subjects of requests, as the tables would have them. */

import type { Key } from '../../../../lambdas/bursts/counts/keys.ts';
import type { Subject } from '../../../../lambdas/otp/subject.ts';
import type { Level, Visible } from '../contender.ts';

const reversed = (text: string): string => [...text].reverse().join('');

/** Stands for the keyed hash of a number. Tables keep its first characters, so those have to tell numbers apart. */
export const phoneKeyOf = ({ phone }: Pick<Visible, 'phone'>): string => reversed(phone);

export const subjectOf = (attempt: Visible): Subject => {
  const { range, prefix, country, ip, network, application } = attempt;
  return { phoneKey: phoneKeyOf(attempt), range, prefix, country, ip, network, application };
};

/** Keyed hashes are longer than the names of countries. */
const isNumber = (of: string): boolean => of.length > 8;

/** Level and key of a finding, as the bench names them. */
export const namedAs = ({ level, of }: Key): { readonly level: Level; readonly key: string } => {
  if (level === 'phone' || (level === 'codes' && isNumber(of))) return { level: 'phone', key: reversed(of) };
  if (level === 'everywhere') return { level: 'all', key: of };
  return { level: level === 'codes' || level === 'new-network' ? 'country' : level, key: of };
};
