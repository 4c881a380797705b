import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lambdaDetector } from '../../lambdas/aws/lambda.ts';
import { s3DeadLetters } from '../../lambdas/aws/s3.ts';
import { type Replay, replayDeadLetters } from '../../lambdas/bursts/replay.ts';
import {
  type DeadLetterBucket,
  type FunctionAnswer,
  letterOf,
  startDeadLetterBucket,
  startLambda,
} from '../fakes/aws/dead-letter-bucket.ts';

const prefix = 'aws/lambda/';
const recordOf = (number: string, bytes = 0) => ({
  eventID: `event-${number}`,
  dynamodb: { SequenceNumber: number, NewImage: { pk: { S: 'x'.repeat(bytes) } } },
});
type StreamRecord = ReturnType<typeof recordOf>;

/** A detector that counts each record once, as its marks make it, and cannot count some. */
const detector = () => {
  const counted = new Map<string, number>();
  const pieces: number[] = [];
  const poison = new Set<string>();
  let answers: ((records: readonly StreamRecord[]) => FunctionAnswer | 'throttled' | undefined) | undefined;
  return {
    counted,
    pieces,
    poison,
    answer: (next: typeof answers) => {
      answers = next;
    },
    invoke: async (name: string, event: unknown): Promise<FunctionAnswer | 'throttled'> => {
      const { Records } = event as { readonly Records: readonly StreamRecord[] };
      expect(name).toBe('detector');
      pieces.push(Records.length);
      const given = answers?.(Records);
      if (given !== undefined) return given;
      for (const { dynamodb } of Records) {
        const number = dynamodb.SequenceNumber;
        if (poison.has(number)) return { payload: { batchItemFailures: [{ itemIdentifier: number }] } };
        counted.set(number, (counted.get(number) ?? 0) + 1);
      }
      return { payload: { batchItemFailures: [] } };
    },
  };
};

let bucket: DeadLetterBucket;
let detects: ReturnType<typeof detector>;
let lambda: Awaited<ReturnType<typeof startLambda>>;
let failures: unknown[];
beforeEach(async () => {
  bucket = await startDeadLetterBucket();
  detects = detector();
  lambda = await startLambda(detects.invoke);
  failures = [];
});
afterEach(async () => {
  await bucket.stop();
  await lambda.stop();
});

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const put = (name: string, text: string) => bucket.objects.set(`${prefix}${name}`, text);
const replay = (asked: Partial<Replay> = {}, hasTime = () => true) => {
  const options = { region: 'us-east-1', credentials, maxAttempts: 1 };
  const s3 = new S3Client({ ...options, endpoint: bucket.url });
  const caller = new LambdaClient({ ...options, endpoint: lambda.url });
  return replayDeadLetters({
    ...s3DeadLetters(s3, 'dead-letters'),
    count: lambdaDetector(caller, 'detector'),
    hasTime,
    failed: (cause) => void failures.push(cause),
  })({ prefix, dryRun: false, ...asked });
};
const numbers = (count: number, first = 1) => Array.from({ length: count }, (_, index) => String(first + index));

describe('a dead letter', () => {
  test.each([true, false])(
    'a dead letter is replayed whole and then removed; its batch is a text: %s',
    async (isText) => {
      put('m/s/1', letterOf([recordOf('1'), recordOf('2')], isText));
      expect(await replay()).toEqual({ dryRun: false, replayed: 1, records: 2, failed: [], left: 0 });
      expect([...detects.counted.keys()]).toEqual(['1', '2']);
      expect([bucket.objects.size, [...bucket.deleted.keys()]]).toEqual([0, ['aws/lambda/m/s/1']]);
    },
  );

  test('a dead letter stays where one of its records is refused, and its other records are counted', async () => {
    put('m/s/1', letterOf(numbers(40).map((each) => recordOf(each))));
    detects.poison.add('7').add('30');
    const { replayed, failed } = await replay();
    expect([replayed, failed]).toEqual([
      0,
      [{ letter: 'aws/lambda/m/s/1', why: expect.stringContaining('cannot count 2 of its 40 records') }],
    ]);
    expect(detects.counted.size).toBe(38);
    expect(bucket.objects.size).toBe(1);
    detects.poison.clear();
    expect(await replay()).toMatchObject({ replayed: 1, failed: [] });
    expect(bucket.objects.size).toBe(0);
  });

  test('a dead letter of which nothing can be counted is not tried record by record', async () => {
    put('m/s/1', letterOf(numbers(100).map((each) => recordOf(each))));
    for (const each of numbers(100)) detects.poison.add(each);
    const { failed } = await replay();
    expect(failed).toEqual([
      expect.objectContaining({ why: expect.stringContaining('cannot count 4 or more of its 100') }),
    ]);
    expect(detects.pieces).toHaveLength(4);
  });

  test('a dead letter goes to the detector in pieces that it can take in its time, and Lambda in one call', async () => {
    put('m/s/1', letterOf(numbers(60).map((each) => recordOf(each))));
    put('m/s/2', letterOf(numbers(4, 100).map((each) => recordOf(each, 700_000))));
    expect(await replay()).toMatchObject({ replayed: 2, records: 64 });
    expect(detects.pieces).toEqual([25, 25, 10, 1, 1, 1, 1]);
  });

  test.each<[string, string]>([
    ['is no JSON', 'nothing'],
    ['holds no batch', JSON.stringify({ requestContext: {} })],
    ['holds a batch of nothing', letterOf([])],
    ['holds a batch that is cut off', JSON.stringify({ payload: '{"Records":[' })],
    ['holds records without numbers', JSON.stringify({ payload: { Records: [{ eventID: 'e' }] } })],
    ['holds nothing', JSON.stringify(null)],
  ])('a dead letter that %s stays, and the answer names it', async (_, text) => {
    put('m/s/1', text);
    put('m/s/2', letterOf([recordOf('1')]));
    const { replayed, failed } = await replay();
    expect([replayed, failed.map(({ letter }) => letter)]).toEqual([1, ['aws/lambda/m/s/1']]);
    expect([...bucket.objects.keys()]).toEqual(['aws/lambda/m/s/1']);
  });
});

describe('a letter stays where the detector', () => {
  test.each<[string, FunctionAnswer | 'throttled', string]>([
    ['crashes', { payload: { errorMessage: 'x' }, isError: true }, 'crashed'],
    ['is throttled', 'throttled', 'S3 or Lambda failed'],
    ['answers nothing', { payload: null }, 'S3 or Lambda failed'],
    ['answers something else', { payload: { statusCode: 200 } }, 'S3 or Lambda failed'],
    [
      'fails at no record of it',
      { payload: { batchItemFailures: [{ itemIdentifier: '' }] } },
      'cannot count 1 of its 1',
    ],
  ])('a letter stays where the detector %s', async (_, answer, why) => {
    put('m/s/1', letterOf([recordOf('1')]));
    detects.answer(() => answer);
    expect((await replay()).failed).toEqual([{ letter: 'aws/lambda/m/s/1', why: expect.stringContaining(why) }]);
    expect(bucket.objects.size).toBe(1);
  });
});

describe('a replay', () => {
  const five = () => {
    for (const each of numbers(5)) put(`m/s/${each}`, letterOf([recordOf(each)]));
  };

  test('a replay that only looks counts nothing and removes nothing', async () => {
    five();
    put('m/s/6', 'nothing');
    expect(await replay({ dryRun: true })).toMatchObject({ dryRun: true, replayed: 5, records: 5, left: 0 });
    expect([detects.pieces, bucket.objects.size, bucket.deleted.size]).toEqual([[], 6, 0]);
  });

  test('a replay takes the letters that are asked for, over all pages of the list', async () => {
    five();
    put('m/t/1', letterOf([recordOf('9')]));
    bucket.objects.set('elsewhere/1', letterOf([recordOf('10')]));
    expect(await replay({ prefix: 'aws/lambda/m/t/' })).toMatchObject({ replayed: 1 });
    expect(await replay()).toMatchObject({ replayed: 5 });
    expect([...bucket.objects.keys()]).toEqual(['elsewhere/1']);
  });

  test('a replay ends when its time is up, and says how many are left; the next one takes them', async () => {
    five();
    const hasTime = () => detects.pieces.length < 2;
    expect(await replay({}, hasTime)).toMatchObject({ replayed: 2, left: 3, failed: [] });
    expect(await replay()).toMatchObject({ replayed: 3, left: 0 });
  });

  test('a replay leaves a letter in the middle of which its time is up', async () => {
    put('m/s/1', letterOf(numbers(60).map((each) => recordOf(each))));
    expect(await replay({}, () => detects.pieces.length < 2)).toMatchObject({ replayed: 0, left: 1, failed: [] });
    expect(bucket.objects.size).toBe(1);
  });

  test('may run twice at once: each letter is gone, and none is reported as a failure', async () => {
    five();
    const both = await Promise.all([replay(), replay()]);
    expect(both.flatMap(({ failed, left }) => [...failed, left])).toEqual([0, 0]);
    expect([...detects.counted.keys()].toSorted()).toEqual(numbers(5));
    expect(bucket.objects.size).toBe(0);
  });

  test('a replay passes over a letter that somebody else has removed in between', async () => {
    put('m/s/1', letterOf([recordOf('1')]));
    put('m/s/2', letterOf([recordOf('2')]));
    detects.answer(() => {
      bucket.objects.delete('aws/lambda/m/s/2');
      return undefined;
    });
    expect(await replay()).toEqual({ dryRun: false, replayed: 1, records: 1, failed: [], left: 0 });
  });

  test.each([/^GET aws/, /^DELETE/])('a replay goes on where S3 refuses %s, and says so', async (words) => {
    five();
    bucket.refuse(words);
    const { replayed, failed } = await replay();
    expect([replayed, failed.length, failures.length, bucket.objects.size]).toEqual([0, 5, 5, 5]);
    bucket.refuse(undefined);
    expect(await replay()).toMatchObject({ replayed: 5, failed: [] });
  });

  test('a replay that cannot list its bucket fails as a whole', async () => {
    bucket.refuse(/list/);
    await expect(replay()).rejects.toThrow('S3 ListObjectsV2');
  });

  test('a replay gives up where hardly anything goes well', async () => {
    for (let nth = 0; nth < 105; nth += 1) put(`m/s/${1000 + nth}`, 'nothing');
    const { failed, left } = await replay();
    expect([failed.length, left]).toEqual([100, 5]);
  });
});
