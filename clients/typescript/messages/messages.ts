/** Turns an outcome into a sentence for the person in front of it. Each language is a module of its own. */

import type { CallError, Problem, ProblemCode, SupersededCode, WrongCode } from '../caller/outcomes.ts';

/** Kinds of sentences for people. */
export type MessageName = ProblemCode | 'unknown-problem' | WrongCode['kind'] | SupersededCode['kind'] | 'no-answer';

/**
 * The words of a language.
 *
 * - `{retry}` becomes the words of `retry`, in which `{when}` is a time such as "in 30 seconds". If the service names no
 *   time, it becomes those of `retryLater`.
 * - `{attempts}` is the number of attempts that are left.
 */
export type Language = {
  /** The BCP 47 tag by which times and numbers are written. */
  readonly locale: string;
  readonly retry: string;
  readonly retryLater: string;
  readonly messages: Readonly<Record<MessageName, string>>;
};

/** "in 30 seconds", "in 5 minutes", "in 2 hours": rounded up, so that nobody comes too early. */
const whenOf = (seconds: number, locale: string): string => {
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'always' });
  if (seconds < 100) return format.format(Math.max(1, Math.ceil(seconds)), 'second');
  const minutes = Math.ceil(seconds / 60);
  return minutes < 100 ? format.format(minutes, 'minute') : format.format(Math.ceil(minutes / 60), 'hour');
};

type Told = Problem | WrongCode | SupersededCode;

const nameOf = (outcome: Told | CallError): MessageName => ('kind' in outcome ? outcome.kind : 'no-answer');

/** The sentence for a problem, for a code that was not accepted, or for a `CallError`. */
export const sentenceFor = (outcome: Told | CallError, language: Language): string => {
  const { locale, retry, retryLater, messages } = language;
  const seconds = 'retryAfterSeconds' in outcome ? outcome.retryAfterSeconds : undefined;
  const attempts = 'attemptsRemaining' in outcome ? outcome.attemptsRemaining : 0;
  const again = seconds === undefined ? retryLater : retry.replaceAll('{when}', () => whenOf(seconds, locale));
  return messages[nameOf(outcome)]
    .replaceAll('{retry}', () => again)
    .replaceAll('{attempts}', new Intl.NumberFormat(locale).format(attempts));
};
