import { describe, expect, test } from 'vitest';
import { readChange, type StreamRecord } from '../../lambdas/aws/tables/stream-records.ts';
import { refusalItem, type verificationItem, verificationsAttributes } from '../../lambdas/aws/tables/verifications.ts';
import { eventOf } from '../../lambdas/bursts/counts/events.ts';
import { fixed } from '../../lambdas/bursts/counts/possible.ts';
import { decodeChange } from '../../lambdas/bursts/stream.ts';
import { fixedAttributes, riskAttributes } from '../../lambdas/contract.ts';
import { Unavailable } from '../../lambdas/otp/ports.ts';
import { answerBatch } from '../../lambdas/stream/batch.ts';
import { pendingRecord } from '../fakes/pending-record.ts';

const records = (...names: readonly string[]): StreamRecord[] =>
  names.map((name, index) => ({ eventID: name, dynamodb: { SequenceNumber: String(index) } }));

type Fate = 'unreadable' | 'poison' | 'down' | 'stuck';

/** A batch in which some records cannot be read, some are a bug's undoing, and some meet an outage. */
const batch = (fates: Readonly<Record<string, Fate>>) => {
  const [done, aside] = [new Set<string>(), new Map<string, unknown>()];
  const causes: unknown[] = [];
  const is = (name: string, fate: Fate) => fates[name] === fate;
  const answer = answerBatch<string>({
    decode: ({ eventID = '' }) => {
      if (is(eventID, 'unreadable') || is(eventID, 'stuck')) throw new Error(`cannot read ${eventID}`);
      return eventID;
    },
    act: async (all) => {
      for (const each of all) {
        if (is(each, 'poison')) throw new TypeError(`a bug at ${each}`);
        if (is(each, 'down')) throw new Unavailable('DynamoDB TransactWriteItems');
        done.add(each);
      }
    },
    putAside: async ({ eventID = '' }, cause) => {
      if (is(eventID, 'stuck')) throw new Unavailable('S3 PutObject');
      aside.set(eventID, cause);
    },
    failed: (cause) => void causes.push(cause),
  });
  return { answer, done, aside, causes };
};

const named = (sequence: string) => ({ batchItemFailures: [{ itemIdentifier: sequence }] });
const all = { batchItemFailures: [] };

describe('a batch of the stream', () => {
  test('a batch that can be read and acted on is done', async () => {
    const { answer, done, aside, causes } = batch({});
    expect(await answer(records('a', 'b'))).toEqual(all);
    expect([[...done], [...aside], causes]).toEqual([['a', 'b'], [], []]);
  });
  test('a record that cannot be read is put aside, and takes none of the others along', async () => {
    const { answer, done, aside, causes } = batch({ c: 'unreadable', e: 'unreadable' });
    expect(await answer(records('a', 'b', 'c', 'd', 'e'))).toEqual(all);
    expect([[...done], [...aside]]).toEqual([
      ['a', 'b', 'd'],
      [
        ['c', new Error('cannot read c')],
        ['e', new Error('cannot read e')],
      ],
    ]);
    expect(causes).toEqual([]);
  });
  test('a record that is the undoing of the detector is put aside as well, and the others are done', async () => {
    const { answer, done, aside } = batch({ b: 'poison', d: 'unreadable' });
    expect(await answer(records('a', 'b', 'c', 'd'))).toEqual(all);
    expect([[...done], [...aside.keys()]]).toEqual([
      ['a', 'c'],
      ['b', 'd'],
    ]);
    expect(aside.get('b')).toEqual(new TypeError('a bug at b'));
  });
  test.each(['unreadable', 'poison'] as const)('a record that is alone and %s blocks nothing', async (fate) => {
    const { answer, aside } = batch({ a: fate });
    expect(await answer(records('a'))).toEqual(all);
    expect([...aside.keys()]).toEqual(['a']);
  });
  test('a batch that is poison throughout is put aside record by record', async () => {
    const { answer, aside } = batch({ a: 'unreadable', b: 'poison', c: 'unreadable' });
    expect(await answer(records('a', 'b', 'c'))).toEqual(all);
    expect([...aside.keys()]).toEqual(['a', 'b', 'c']);
  });
  test('a batch comes again from its first record in an outage', async () => {
    const { answer, done, aside } = batch({ a: 'down', b: 'down' });
    expect(await answer(records('a', 'b'))).toEqual(named('0'));
    expect([done.size, aside.size]).toEqual([0, 0]);
  });
  test('a batch comes again from where an outage began: poison before it is put aside, poison after it is not yet', async () => {
    const { answer, done, aside, causes } = batch({ a: 'unreadable', c: 'poison', d: 'down', e: 'unreadable' });
    expect(await answer(records('a', 'b', 'c', 'd', 'e', 'f'))).toEqual(named('3'));
    expect([[...done], [...aside.keys()]]).toEqual([['b'], ['a', 'c']]);
    expect(causes).toEqual([expect.any(Unavailable)]);
  });
  test('a batch comes again from a record that cannot be put aside, and nothing is lost', async () => {
    const { answer, done, aside, causes } = batch({ b: 'stuck', d: 'unreadable' });
    expect(await answer(records('a', 'b', 'c', 'd'))).toEqual(named('1'));
    expect([[...done], aside.size, causes.length]).toEqual([['a', 'c'], 0, 1]);
  });
  test('a batch that comes again whole leads to the same', async () => {
    const { answer, done, aside } = batch({ b: 'poison', c: 'unreadable' });
    for (let nth = 0; nth < 3; nth += 1) expect(await answer(records('a', 'b', 'c'))).toEqual(all);
    expect([[...done], [...aside.keys()]]).toEqual([['a'], ['b', 'c']]);
  });
});

type Image = ReturnType<typeof verificationItem>;
const image = (more: Record<string, unknown> = {}): Image =>
  ({
    ...pendingRecord('+44770012', 1, 1000),
    country: { S: 'GB' },
    ...more,
  }) as Image;
const refusal = (more: Record<string, unknown> = {}): Image =>
  ({
    ...refusalItem(
      {
        reason: 'block',
        limit: 'block-range',
        phoneKey: 'phone',
        range: '+44770012',
        prefix: '+447700',
        country: 'GB',
        ip: 'ip',
        network: 'network',
        application: 'app',
        purpose: 'login',
        atMs: 2000,
      },
      'x',
    ),
    ...more,
  }) as Image;
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
      image({ guesses: { L: [{ S: 'x' }] }, nonces: { L: [{ S: 'n' }] }, guessedAt: { N: '3000' } }),
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
    ['of no kind', image({ kind: undefined })],
    ['of another version', image({ shape: { N: '2' } })],
    ['of a version that is a text', image({ shape: { S: '1' } })],
    ['whose past is of another version', image(), image({ shape: { N: '0' } })],
    ['whose past is of another kind', image(), refusal()],
    ['that is a refusal by its key', image({ pk: { S: 'refusal#x' } })],
    ['that is a verification by its key', refusal({ pk: { S: 'x' } })],
    ['whose guesses are no list', image({ guesses: { S: 'mac' } })],
    ['whose guesses are a set', image({ guesses: { SS: ['mac'] } })],
    ['whose guesses are no texts', image({ guesses: { L: [{ N: '1' }] } })],
    ['whose guesses hold nothing', image({ guesses: { L: [null] } })],
    ['with a number as a text', image({ createdAt: { S: '1000' } })],
    ['with a number that is none', image({ sentAt: { N: 'NaN' } })],
    ['with a number without end', image({ sentAt: { N: 'Infinity' } })],
    ['with an empty number', image({ sends: { N: '' } })],
    ['with a part of a number', image({ sends: { N: '1.5' } })],
    ['with a number below zero', image({ createdAt: { N: '-1' } })],
    ['with a number that JavaScript cannot hold', image({ createdAt: { N: '9007199254740993' } })],
    ['with a flag that is a text', image({ trusted: { S: 'true' } })],
    ['with an attribute that is nothing', image({ range: null })],
    ['without its time', refusal({ at: { S: 'now' } })],
  ])('a record %s is not believed', (_, after, before) => {
    expect(() => decodeChange(readChange(recordOf(after, before)))).toThrow(/^A stream record /);
  });

  const optional = [
    ...['guessedAt', 'ended', 'trusted', 'askedAgainAt', 'test', 'limit'],
    ...['superseded', 'resendNonces', 'unsettledResend', 'network', 'sharedIp'],
    ...['trustedIp', 'pair', 'sincePreviousSendMs', 'sinceFirstSendMs', 'probes'],
    ...['channel', 'route', 'failedRoutes', ...riskAttributes],
  ];
  const required = (names: readonly string[]) => ['pk', 'purgeAt', ...names].filter((name) => !optional.includes(name));
  test.each(required(verificationsAttributes.record))('a verification without %s is not believed', (name) => {
    const others = name === 'sealed' ? [{ B: 1 }] : [{ B: 'AA==' }];
    for (const value of [undefined, { NULL: true }, { M: {} }, ...others])
      expect(() => readChange(recordOf(image({ [name]: value })))).toThrow(/^A stream record /);
  });
  test.each(required(verificationsAttributes.refusal))('a refusal without %s is not believed', (name) => {
    for (const value of [undefined, { NULL: true }, { M: {} }, { B: 'AA==' }])
      expect(() => readChange(recordOf(refusal({ [name]: value })))).toThrow(/^A stream record /);
  });

  test.each<[string, unknown]>([
    ['no id', { dynamodb: { NewImage: image() } }],
    ['an id that is a number', { eventID: 1, dynamodb: { NewImage: image() } }],
    ['no content', { eventID: 'e' }],
    ['content that is a list', { eventID: 'e', dynamodb: [] }],
    ['an image that is a text', { eventID: 'e', dynamodb: { NewImage: 'x' } }],
    ['an image that is nothing', { eventID: 'e', dynamodb: { NewImage: null } }],
  ])('a record with %s is not believed', (_, record) => {
    expect(() => readChange(record as StreamRecord)).toThrow(/^A stream record /);
  });
});

const list = (...macs: readonly string[]) => ({ L: macs.map((S) => ({ S })) });
const guessed = (...macs: readonly string[]) => ({
  guesses: list(...macs),
  nonces: list(...macs.map((_, index) => `nonce ${index}`)),
  guessedAt: { N: '3000' },
});

describe('a change of a record', () => {
  test.each<[string, object, object]>([
    ['a wrong guess', image(guessed('x')), image()],
    ['another guess', image(guessed('x', 'y')), image(guessed('x'))],
    ['the right guess', image(guessed('x', 'mac')), image(guessed('x'))],
    ['a resend', image({ code: { S: 'new' }, sendId: { S: 'second' }, sends: { N: '2' } }), image()],
    ['an end', image({ ended: { S: 'canceled' } }), image()],
    ['a note on a send', image({ delivery: { S: 'unconfirmed' } }), image()],
    [
      'a note on a send of a record that has ended',
      image({ ended: { S: 'failed' }, delivery: { S: 'unconfirmed' } }),
      image({ ended: { S: 'failed' } }),
    ],
  ])('a change that the service makes is believed: %s', (_, after, before) => {
    expect(() => decodeChange(readChange(recordOf(after, before)))).not.toThrow();
  });

  test.each<[string, object, object]>([
    ['two guesses at once', image(guessed('x', 'y')), image()],
    ['a guess that is taken back', image(guessed()), image(guessed('x'))],
    ['a guess that becomes another', image(guessed('y')), image(guessed('x'))],
    ['a guess in front of another', image(guessed('y', 'x')), image(guessed('x'))],
    ['a guess without a nonce', image({ guesses: list('x') }), image()],
    [
      'a guess beyond the attempts',
      image(guessed('1', '2', '3', '4', '5', '6')),
      image(guessed('1', '2', '3', '4', '5')),
    ],
    ['a guess after the right one', image(guessed('mac', 'mac')), image(guessed('mac'))],
    [
      'a guess after the end',
      image({ ...guessed('x'), ended: { S: 'canceled' } }),
      image({ ended: { S: 'canceled' } }),
    ],
    ['a new code without a send', image({ code: { S: 'new' } }), image()],
    ['an end that is undone', image(), image({ ended: { S: 'failed' } })],
  ])('a change that no function makes is not believed: %s', (_, after, before) => {
    expect(() => decodeChange(readChange(recordOf(after, before)))).toThrow(/^A stream record says what no function/);
  });

  const values: Readonly<Record<string, unknown>> = {
    kind: { S: 'refusal' },
    shape: { N: '2' },
    createdAt: { N: '2000' },
    latestExpiry: { N: '9' },
    purgeAt: { N: '9' },
    trusted: { BOOL: true },
    trustedIp: { BOOL: true },
    pair: { BOOL: true },
    sincePreviousSendMs: { N: '1' },
    sinceFirstSendMs: { N: '1' },
    probes: list('range'),
    test: { BOOL: true },
  };
  test.each(fixedAttributes)('a change of %s is not believed', (name) => {
    const changed = image({ ...guessed('x'), [name]: values[name] ?? { S: 'another' } });
    expect(() => decodeChange(readChange(recordOf(changed, image())))).toThrow(/^A stream record /);
  });
  test('the detector holds each fixed attribute, beside those of every image', () => {
    // The detector compares the list of probes by a function of its own.
    const held: readonly string[] = ['probes', ...fixed, ...fixed.map((name) => name.replace(/Ms$/, ''))];
    expect(fixedAttributes.filter((name) => !held.includes(name))).toEqual(['kind', 'shape']);
  });
});
