import { describe, expect, test } from 'vitest';
import {
  type Answered,
  guessesOf,
  guessesPerRound,
  isOver,
  type Kind,
  kinds,
  play,
  type Sent,
  wrongCodes,
} from './contest.ts';
import { measuredOf } from './report.ts';

/** The same draws at every run. */
const draws = () => {
  let state = 7;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
};

const right = '123456';

/** A racer in memory, which judges a guess as one of these does. */
const racerThat = (judge: (guess: string, judged: number) => Answered, limit = 5) => {
  let judged = 0;
  const sent: Sent = {
    code: right,
    guess: async (guess) => {
      const before = judged;
      // Others run meanwhile, as at a database.
      await Promise.resolve();
      const answer = judge(guess, before);
      judged += 1;
      return answer;
    },
  };
  return { limit, send: async () => sent };
};

const honest = () => {
  let [judged, isApproved] = [0, false];
  return racerThat((guess) => {
    if (judged === 5 || isApproved) return 'refused';
    judged += 1;
    isApproved = guess === right;
    return isApproved ? 'right' : 'wrong';
  });
};

const textbook = () =>
  racerThat((guess, before) => {
    if (before >= 5) return 'refused';
    return guess === right ? 'right' : 'wrong';
  });

const playAll = (racer: () => ReturnType<typeof racerThat>) =>
  Promise.all(kinds.map((kind, run) => play(racer(), { kind, run, random: draws() })));

describe('a round', () => {
  test.each<[Kind, number]>([
    ['wrong ones only', 0],
    ['the right one once', 1],
    ['the right one often', 100],
    ['the right one too late', 100],
  ])('the guesses of "%s" have the right code %i times', (kind, count) => {
    const guesses = guessesOf(kind, right, draws());
    expect(guesses).toHaveLength(guessesPerRound);
    expect(guesses.filter((guess) => guess === right)).toHaveLength(count);
  });

  test('wrong codes have six digits, and none is the right one or comes twice', () => {
    const codes = wrongCodes('000000', guessesPerRound, () => 0);
    expect(codes).toHaveLength(guessesPerRound);
    expect(new Set(codes).size).toBe(guessesPerRound);
    expect(codes.every((code) => /^\d{6}$/.test(code) && code !== '000000')).toBe(true);
  });

  test('a racer that counts before it compares is never over', async () => {
    const rounds = await playAll(honest);
    expect(rounds.filter((round) => isOver(round, 5))).toEqual([]);
    expect(rounds.map(({ accepted }) => accepted)).toEqual([0, expect.any(Number), 1, 0]);
  });

  test('a racer that reads, compares and then counts is over, by guesses and by accepts', async () => {
    const [wrong, , often] = await playAll(textbook);
    expect(wrong).toMatchObject({ judged: guessesPerRound, accepted: 0 });
    expect(often).toMatchObject({ accepted: 100 });
    expect([wrong, often].map((round) => round !== undefined && isOver(round, 5))).toEqual([true, true]);
  });

  test('one accept after as many wrong ones as the limit allows is one too many', () => {
    const round = { judged: 5, accepted: 1, lost: 0 };
    expect(isOver({ ...round, kind: 'the right one too late' }, 5)).toBe(true);
    expect(isOver({ ...round, kind: 'the right one once' }, 5)).toBe(false);
  });

  test('the record counts if it holds more than the answers say', async () => {
    const lossy = racerThat(() => 'lost');
    const send = async () => ({ ...(await lossy.send()), recorded: async () => ({ judged: 6, accepted: 2 }) });
    expect(await play({ limit: 5, send }, { kind: 'wrong ones only', run: 1, random: draws() })).toEqual({
      ...{ kind: 'wrong ones only', judged: 6, accepted: 2, lost: guessesPerRound },
    });
  });
});

describe('the result', () => {
  const round = { kind: 'the right one once', judged: 5, accepted: 1, lost: 0 } as const;
  const racer = { name: 'this service', limit: 5, counts: 'somehow' };

  test('a round over the limit misses a target, and an accept too many the other', () => {
    const { targets } = measuredOf([{ racer, rounds: [round, { ...round, judged: 6 }, { ...round, accepted: 2 }] }]);
    expect(targets.map(({ value }) => value)).toEqual([1, 1]);
  });

  test('a racer without a limit has nothing beyond it', () => {
    const free = { name: 'free', limit: Number.POSITIVE_INFINITY, counts: 'not at all' };
    const { tables } = measuredOf([
      { racer, rounds: [round] },
      { racer: free, rounds: [{ ...round, judged: 200, accepted: 9 }] },
    ]);
    expect(tables[0]?.rows[1]).toEqual(['free', 'not at all', 1, 'no limit', 200, 'no limit', 1, 9, 'no limit', 0]);
  });
});
