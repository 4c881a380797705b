import { describe, expect, test } from 'vitest';
import { actOnStream, type Decoded } from '../../lambdas/bursts/stream.ts';
import type { GuessFact } from '../../lambdas/otp/guesses.ts';
import { Unavailable } from '../../lambdas/otp/ports.ts';
import { answerBatch } from '../../lambdas/stream/batch.ts';
import { event, mondayMs } from '../fakes/bursts/scene.ts';

const acts = ['events', 'guesses', 'trail'] as const;
type Act = (typeof acts)[number];

const phone = '+447700123456';
const guess: GuessFact = {
  ...{ id: 'g', kind: 'wrong', phoneKey: 'key', ip: 'ip', network: undefined, nth: 1 },
  ...{ atMs: mondayMs, verification: 'v' },
};
/** By its name: an event, a guess, and an event that is too old to be counted. */
const decoded: Readonly<Record<Act, Decoded>> = {
  events: { event: event('started', { phone }, mondayMs), guess: undefined },
  guesses: { event: undefined, guess },
  trail: { event: event('started', { phone }, mondayMs - 25 * 3_600_000), guess: undefined },
};

/** A stream whose acts fail as they are told to. Each takes its time, so that they run beside each other. */
const stream = (failing: Partial<Record<Act, () => Error>>) => {
  const done: Act[] = [];
  const aside: string[] = [];
  const acting = (act: Act) => async (all: readonly unknown[]) => {
    if (all.length === 0) return;
    const fails = failing[act];
    if (fails !== undefined) throw fails();
    for (let turns = 0; turns < 5; turns += 1) await Promise.resolve();
    done.push(act);
  };
  const ports = {
    now: () => mondayMs,
    detect: acting('events'),
    countGuesses: acting('guesses'),
    trail: { keep: acting('trail') },
  };
  const answer = answerBatch<Decoded>({
    decode: ({ eventID }) => decoded[eventID as Act],
    act: actOnStream(ports, 90),
    putAside: async ({ eventID = '' }) => void aside.push(eventID),
    failed: () => {},
  });
  return { done, aside, act: actOnStream(ports, 90), answer };
};

const down = () => new Unavailable('DynamoDB');
const all = acts.map((act) => decoded[act]);
const records = acts.map((act, index) => ({ eventID: act, dynamodb: { SequenceNumber: String(index) } }));

describe('the acts on a batch', () => {
  test.each(acts)('a failure with %s undoes no other act, and the batch fails', async (act) => {
    const { done, act: actOn } = stream({ [act]: down });
    await expect(actOn(all)).rejects.toThrow(Unavailable);
    expect(done.toSorted()).toEqual(acts.filter((each) => each !== act).toSorted());
  });

  test('failures of all acts are one failure, and none of them is left unhandled', async () => {
    const unhandled: unknown[] = [];
    const note = (cause: unknown) => void unhandled.push(cause);
    process.on('unhandledRejection', note);
    try {
      const { done, act } = stream({ events: down, guesses: down, trail: down });
      await expect(act(all)).rejects.toThrow(Unavailable);
      await new Promise((resolve) => setImmediate(resolve));
      expect([done, unhandled]).toEqual([[], []]);
    } finally {
      process.off('unhandledRejection', note);
    }
  });

  test.each(acts)('the record whose act with %s meets an outage is named as the one that failed', async (act) => {
    const { answer, aside } = stream({ [act]: down });
    const itemIdentifier = String(acts.indexOf(act));
    expect(await answer(records)).toEqual({ batchItemFailures: [{ itemIdentifier }] });
    expect(aside).toEqual([]);
  });

  test.each(acts)('the record whose act with %s fails by a bug is put aside, and the others are done', async (act) => {
    const { answer, aside, done } = stream({ [act]: () => new TypeError('a bug') });
    expect(await answer(records)).toEqual({ batchItemFailures: [] });
    expect(aside).toEqual([act]);
    expect(new Set(done)).toEqual(new Set(acts.filter((each) => each !== act)));
  });
});
