/** The acts of a person. */
export type Effort = {
  readonly passages: number;
  readonly words: number;
  readonly keystrokes: number;
  readonly copies: number;
};

export const noEffort: Effort = { passages: 0, words: 0, keystrokes: 0, copies: 0 };

export const sumOf = (efforts: readonly Effort[]): Effort =>
  efforts.reduce(
    (sum, each) => ({
      passages: sum.passages + each.passages,
      words: sum.words + each.words,
      keystrokes: sum.keystrokes + each.keystrokes,
      copies: sum.copies + each.copies,
    }),
    noEffort,
  );

export type Person = { readonly wordsPerMinute: number; readonly keysPerMinute: number };

/**
 * Speeds of people.
 *
 * - Reading: 238 words of English non-fiction a minute on average, and 175 at the lower end of most adults. Brysbaert 2019,
 *   Journal of Memory and Language 109, https://doi.org/10.1016/j.jml.2019.104047
 * - Typing: 52 words of five keystrokes a minute on average, with a standard deviation of 20. The slow person types 32.
 *   Dhakal et al. 2018, CHI '18, https://doi.org/10.1145/3173574.3174220
 */
export const people = {
  average: { wordsPerMinute: 238, keysPerMinute: 52 * 5 },
  slow: { wordsPerMinute: 175, keysPerMinute: 32 * 5 },
} as const satisfies Readonly<Record<string, Person>>;

/**
 * Operators of the Keystroke-Level Model in seconds. Card, Moran and Newell 1980, Communications of the ACM 23(7),
 * https://doi.org/10.1145/358886.358895
 */
const [think, home, point, press] = [1.35, 0.4, 1.1, 0.2];

/** To the mouse, to the block and its button, to the other window, back to the keys, paste with two keys. */
const copySeconds = think + 2 * home + 2 * (point + press) + 2 * press;

/** Seconds of a person who does one thing after the other, and thinks before each passage. */
export const secondsOf = (
  { wordsPerMinute, keysPerMinute }: Person,
  { passages, words, keystrokes, copies }: Effort,
): number => 60 * (words / wordsPerMinute + keystrokes / keysPerMinute) + copies * copySeconds + passages * think;
