import { describe, expect, test } from 'vitest';
import { readChange, type StreamRecord } from '../../lambdas/aws/tables/stream-records.ts';
import { eventOf } from '../../lambdas/bursts/counts/events.ts';
import { answerBatch } from '../../lambdas/stream/batch.ts';

const records = (...names: readonly string[]): StreamRecord[] =>
  names.map((name, index) => ({ eventID: name, dynamodb: { SequenceNumber: String(index) } }));

/** A batch in which some records cannot be read, and some cannot be acted on. */
const batch = ({ unreadable = [], poison = [] }: { unreadable?: readonly string[]; poison?: readonly string[] }) => {
  const done = new Set<string>();
  const causes: unknown[] = [];
  const answer = answerBatch<string>({
    decode: ({ eventID = '' }) => {
      if (unreadable.includes(eventID)) throw new Error(`cannot read ${eventID}`);
      return eventID;
    },
    act: async (all) => {
      const stop = all.find((each) => poison.includes(each));
      if (stop !== undefined) throw new Error(`cannot act on ${stop}`);
      for (const each of all) done.add(each);
    },
    failed: (cause) => void causes.push(cause),
  });
  return { answer, done, causes };
};

const named = (sequence: string) => ({ batchItemFailures: [{ itemIdentifier: sequence }] });

describe('a batch of the stream', () => {
  test('a batch that can be read and acted on is done', async () => {
    const { answer, done, causes } = batch({});
    expect(await answer(records('a', 'b'))).toEqual({ batchItemFailures: [] });
    expect([[...done], causes]).toEqual([['a', 'b'], []]);
  });
  test('a batch is done up to a record that cannot be read, which is named', async () => {
    const { answer, done, causes } = batch({ unreadable: ['c'] });
    expect(await answer(records('a', 'b', 'c', 'd'))).toEqual(named('2'));
    expect([[...done], causes]).toEqual([['a', 'b'], [new Error('cannot read c')]]);
  });
  test('a batch is done up to a record that cannot be acted on, which is named, and not the one before it', async () => {
    const { answer, done, causes } = batch({ poison: ['c'], unreadable: ['e'] });
    expect(await answer(records('a', 'b', 'c', 'd', 'e'))).toEqual(named('2'));
    expect([[...done], causes]).toEqual([['a', 'b'], [new Error('cannot act on c')]]);
  });
  test('a batch comes again from its first record in an outage', async () => {
    const { answer, done } = batch({ poison: ['a', 'b'] });
    expect(await answer(records('a', 'b'))).toEqual(named('0'));
    expect(done.size).toBe(0);
  });
});

const image = (more: Record<string, unknown> = {}) => ({
  pk: { S: 'key' },
  kind: { S: 'verification' },
  shape: { N: '1' },
  code: { S: 'mac' },
  guesses: { L: [] },
  nonces: { L: [] },
  phoneKey: { S: 'phone' },
  range: { S: '+44770012' },
  prefix: { S: '+447700' },
  country: { S: 'GB' },
  ip: { S: 'ip' },
  application: { S: 'app' },
  purpose: { S: 'login' },
  createdAt: { N: '1000' },
  sentAt: { N: '1000' },
  sends: { N: '1' },
  delivery: { S: 'accepted' },
  ...more,
});
const refusal = (more: Record<string, unknown> = {}) => ({
  ...image(),
  pk: { S: 'refusal#x' },
  kind: { S: 'refusal' },
  reason: { S: 'block' },
  limit: { S: 'block-range' },
  at: { N: '2000' },
  ...more,
});
const recordOf = (NewImage: object, OldImage?: object) =>
  ({ eventID: 'e', dynamodb: { NewImage, ...(OldImage === undefined ? {} : { OldImage }) } }) as StreamRecord;

describe('a record of the stream', () => {
  test.each<[string, object, object | undefined, object | undefined]>([
    ['a new verification', image(), undefined, { kind: 'started', atMs: 1000, unverified: true }],
    [
      'a new one of a trusted number',
      image({ trusted: { BOOL: true } }),
      undefined,
      { kind: 'started', unverified: false },
    ],
    [
      'a wrong guess',
      image({ guesses: { L: [{ S: 'x' }] }, guessedAt: { N: '3000' } }),
      image(),
      { kind: 'wrong', atMs: 3000 },
    ],
    ['a refusal', refusal(), undefined, { kind: 'refused', limit: 'block-range', atMs: 2000 }],
    ['a refusal of a test number', refusal({ test: { BOOL: true } }), undefined, undefined],
    ['a refusal that is written over', refusal(), refusal(), undefined],
    ['a verification of a test number', image({ test: { BOOL: true } }), undefined, undefined],
  ])('%s is read from the stream as what it is', (_, after, before, expected) => {
    const event = eventOf(readChange(recordOf(after, before)));
    if (expected === undefined) expect(event).toBeUndefined();
    else
      expect(event).toMatchObject({ id: 'e', version: 1, subject: { range: '+44770012', country: 'GB' }, ...expected });
  });

  test.each<[string, object, object?]>([
    ['of another kind', image({ kind: { S: 'audit' } })],
    ['of another version', image({ shape: { N: '2' } })],
    ['whose past is of another version', image(), image({ shape: { N: '0' } })],
    ['without what it is counted by', image({ range: { NULL: true } })],
    ['without its time', refusal({ at: { S: 'now' } })],
  ])('a record %s is not passed over', (_, after, before) => {
    expect(() => readChange(recordOf(after, before))).toThrow(/^A stream record /);
  });
});
