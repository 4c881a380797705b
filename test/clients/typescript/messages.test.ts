import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { CallError, type Problem, problemCodes } from '../../../clients/typescript/index.ts';
import { en } from '../../../clients/typescript/messages/en.ts';
import { type Language, sentenceFor } from '../../../clients/typescript/messages/messages.ts';
import { problems } from '../../../lambdas/contract.ts';

const folder = path.join(import.meta.dirname, '../../../clients/typescript/messages');
const tags = readdirSync(folder)
  .map((name) => path.basename(name, '.ts'))
  .filter((name) => name !== 'messages');
const languages = await Promise.all(
  tags.map(async (tag): Promise<readonly [string, Language]> => [tag, (await import(`${folder}/${tag}.ts`))[tag]]),
);

const problemOf = (kind: Problem['kind'], retryAfterSeconds?: number): Problem => ({
  kind,
  code: kind,
  status: 429,
  title: '',
  detail: '',
  body: {},
  ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
});
const told = [
  ...problemCodes.map((code) => problemOf(code)),
  problemOf('unknown-problem'),
  { kind: 'wrong-code', attemptsRemaining: 4, expiresAt: '' } as const,
  { kind: 'superseded-code', attemptsRemaining: 4, expiresAt: '' } as const,
  new CallError('The service did not answer.', { reason: 'no-answer' }),
];
/** Letters of the script of a language. */
const scripts: Readonly<Record<string, RegExp>> = { ar: /\p{sc=Arabic}/u, hi: /\p{sc=Devanagari}/u };

test('the client knows every problem of the contract', () => {
  expect(Object.keys(problems).filter((code) => !(problemCodes as readonly string[]).includes(code))).toEqual([]);
});

test('the languages are those of the texts of the service', () => {
  expect(tags.toSorted()).toEqual(['ar', 'de', 'en', 'es', 'fr', 'hi', 'pt']);
});

describe.each(languages)('%s', (tag, language) => {
  test('the language has a sentence for every outcome that a person has to hear', () => {
    expect(language.locale).toBe(tag);
    for (const outcome of told) {
      const sentence = sentenceFor(outcome, language);
      expect(sentence).toMatch(/[.!।]$/u);
      expect(sentence).not.toMatch(/[{}]/);
      expect(sentence).toMatch(scripts[tag] ?? /\p{sc=Latin}/u);
      expect(sentence.length).toBeLessThan(140);
    }
  });

  test('the language says how many attempts are left', () => {
    expect(sentenceFor({ kind: 'wrong-code', attemptsRemaining: 4, expiresAt: '' }, language)).toMatch(/[4٤४]/);
  });

  test('the language says when to try again, if the service does', () => {
    const later = sentenceFor(problemOf('resend-too-soon'), language);
    const soon = sentenceFor(problemOf('resend-too-soon', 30), language);
    expect(later).toContain(language.retryLater);
    expect(soon).toMatch(/30|٣٠|३०/);
    expect(soon).not.toContain(language.retryLater);
  });
});

test.each([
  [0, 'in 1 second.'],
  [1, 'in 1 second.'],
  [99, 'in 99 seconds.'],
  [100, 'in 2 minutes.'],
  [121, 'in 3 minutes.'],
  [5941, 'in 2 hours.'],
  [86_400, 'in 24 hours.'],
])('a wait of %i seconds is said as "%s", never too short', (seconds, words) => {
  expect(sentenceFor(problemOf('too-many-requests', seconds), en)).toContain(words);
});

test('a product replaces a sentence by its own, and a hostile text in it stays a text', () => {
  const own = {
    ...en,
    retry: 'Come back {when}, $& $1.',
    messages: { ...en.messages, 'code-expired': 'Too late. {retry}' },
  };
  expect(sentenceFor(problemOf('code-expired', 2), own)).toBe('Too late. Come back in 2 seconds, $& $1.');
  expect(sentenceFor(problemOf('code-already-used'), own)).toBe(en.messages['code-already-used']);
});
