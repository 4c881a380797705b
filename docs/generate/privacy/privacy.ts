/** The page on privacy: a row for each kind of item of the contract, and what an erasure does to it. */

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { keptDays } from '../../../lambdas/aws/tables/guards.ts';
import { itemKinds, numberLimits, type TableName, tables } from '../../../lambdas/contract.ts';
import { table } from '../markdown.ts';
import { wordsOfItems } from '../tables.ts';
import { otherPlaces, type PrivacyWords, privacyWords } from './words.ts';

const names = Object.keys(tables) as readonly TableName[];
const titleOf = (name: TableName): string => name.replace(/^./, (first) => first.toUpperCase());

type Words = Readonly<Record<string, Readonly<Record<string, PrivacyWords>>>>;

/** @throws Error for a kind of item that no row speaks of. */
const rowsOf = (name: TableName, words: Words): readonly (readonly string[])[] =>
  Object.keys(itemKinds[name]).map((kind) => {
    const [privacy, item] = [words[name]?.[kind], wordsOfItems[name][kind]];
    if (privacy === undefined || item === undefined)
      throw new Error(`Say in docs/generate/privacy/words.ts what ${kind} of ${name} holds of a person.`);
    return [item.is, privacy.holds, privacy.why, item.expires, privacy.erasure];
  });

const head = ['item', 'holds of a person', 'why', 'DynamoDB may delete it', 'an erasure'];

/** Numbers of the code, by their names in braces. */
const numbers: Readonly<Record<string, number>> = {
  ...numberLimits,
  verifiersDays: keptDays['ip-reputation'],
  trustedDays: keptDays.trusted,
};
const withNumbers = (text: string): string =>
  text.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = numbers[name];
    if (value === undefined) throw new Error(`The page on privacy names ${name}, which no code has.`);
    return String(value);
  });

/** The page as it has to be. */
export const renderPrivacy = async (words: Words = privacyWords): Promise<string> => {
  const part = (name: string) => readFile(path.join(import.meta.dirname, name), 'utf8');
  const [intro, habits] = await Promise.all([part('privacy.intro.md'), part('habits.intro.md')]);
  return `${[
    '<!-- Written by `npm run docs` from lambdas/contract.ts, docs/generate/tables-words.ts and docs/generate/privacy/. Change those. -->',
    intro.trim(),
    ...names.flatMap((name) => [`### ${titleOf(name)}`, table(head, rowsOf(name, words))]),
    '### Beside the tables',
    table(['place', 'holds', 'for how long', 'an erasure'], otherPlaces),
    withNumbers(habits.trim()),
  ].join('\n\n')}\n`;
};
