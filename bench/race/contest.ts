/** A race: 200 guesses at one code at the same time. */

import { inParallel } from '../../test/fakes/in-parallel.ts';

/** `lost`: an outage was answered, or nothing. */
export type Answered = 'right' | 'wrong' | 'refused' | 'lost';

/** A code that was sent, and the door for guesses at it. */
export type Sent = {
  readonly code: string;
  readonly guess: (code: string) => Promise<Answered>;
  /** How many guesses the record holds in the end, if the racer keeps them. */
  readonly recorded?: () => Promise<{ readonly judged: number; readonly accepted: number }>;
};

export type Racer = {
  readonly name: string;
  /** Guesses that it judges at most, by its own word. Infinity: it has no limit. */
  readonly limit: number;
  /** Says how the racer counts, in a few words. */
  readonly counts: string;
  readonly send: (run: number) => Promise<Sent>;
  readonly stop: () => Promise<void>;
};

export const kinds = [
  'wrong ones only',
  'the right one once',
  'the right one often',
  'the right one too late',
] as const;
export type Kind = (typeof kinds)[number];

export type Round = {
  readonly kind: Kind;
  readonly judged: number;
  readonly accepted: number;
  readonly lost: number;
};

export const guessesPerRound = 200;

/** Codes of six digits except the right one, each once. */
export const wrongCodes = (right: string, count: number, random: () => number): readonly string[] => {
  const start = Math.floor(random() * 1e6);
  const codes = Array.from({ length: count + 1 }, (_, index) => String((start + index * 7919) % 1e6).padStart(6, '0'));
  return codes.filter((code) => code !== right).slice(0, count);
};

/** How many of the guesses are right. The others are wrong. */
const rightOnes: Readonly<Record<Kind, number>> = {
  'wrong ones only': 0,
  'the right one once': 1,
  'the right one often': guessesPerRound / 2,
  'the right one too late': guessesPerRound / 2,
};

/** The guesses of a round in the order in which they start. */
export const guessesOf = (kind: Kind, right: string, random: () => number): readonly string[] => {
  const guesses = [...wrongCodes(right, guessesPerRound, random)];
  for (let left = rightOnes[kind]; left > 0; ) {
    const place = Math.floor(random() * guesses.length);
    if (guesses[place] === right) continue;
    guesses[place] = right;
    left -= 1;
  }
  return guesses;
};

const count = (answers: readonly Answered[], wanted: Answered) => answers.filter((answer) => answer === wanted).length;

/** A racer without a limit gets as many wrong ones first as this service allows. */
const tooLateAfter = (limit: number): number => (Number.isFinite(limit) ? limit : 5);

/** Plays one round. The answers count, and what the record says if that is more. */
export const play = async (
  { limit, send }: Pick<Racer, 'limit' | 'send'>,
  { kind, run, random }: { readonly kind: Kind; readonly run: number; readonly random: () => number },
): Promise<Round> => {
  const { code, guess, recorded } = await send(run);
  const early: Answered[] = [];
  if (kind === 'the right one too late')
    for (const wrong of wrongCodes(code, tooLateAfter(limit), random)) early.push(await guess(wrong));
  const guesses = guessesOf(kind, code, random);
  const late = await inParallel(guesses.length, (place) => guess(guesses[place] ?? ''));
  const answers = [...early, ...late];
  const kept = await recorded?.();
  return {
    kind,
    judged: Math.max(count(answers, 'right') + count(answers, 'wrong'), kept?.judged ?? 0),
    accepted: Math.max(count(answers, 'right'), kept?.accepted ?? 0),
    lost: count(answers, 'lost'),
  };
};

/** The most that a round may have. Nothing is accepted after as many wrong ones as are judged. */
const allowed = (kind: Kind, limit: number) => ({ judged: limit, accepted: kind === 'the right one too late' ? 0 : 1 });

export const isOver = ({ kind, judged, accepted }: Round, limit: number): boolean => {
  const most = allowed(kind, limit);
  return judged > most.judged || accepted > most.accepted;
};
