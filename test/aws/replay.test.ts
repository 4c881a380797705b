import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lambdaDetector } from '../../lambdas/aws/lambda.ts';
import { s3LetterContents, s3LetterNames } from '../../lambdas/aws/s3.ts';
import type { StreamRecord } from '../../lambdas/aws/tables/stream-records.ts';
import { letterKeyOf } from '../../lambdas/bursts/letters.ts';
import { type LetterCall, type Replay, replayDeadLetters } from '../../lambdas/bursts/replay.ts';
import { Unavailable } from '../../lambdas/otp/ports.ts';
import { answerBatch } from '../../lambdas/stream/batch.ts';
import { replayLetter } from '../../lambdas/stream/letter.ts';
import {
  type DeadLetterBucket,
  type FunctionAnswer,
  letterOf,
  startDeadLetterBucket,
  startLambda,
} from '../fakes/aws/dead-letter-bucket.ts';

const prefix = 'aws/lambda/';
const recordOf = (number: string) => ({ eventID: `event-${number}`, dynamodb: { SequenceNumber: number } });

const s3 = () => {
  const options = { region: 'us-east-1', credentials, maxAttempts: 1, forcePathStyle: true };
  return new S3Client({ ...options, endpoint: bucket.url });
};

/** A detector that counts each record once, as its entries in the audit trail make it, and cannot count some. */
const detector = () => {
  const counted = new Map<string, number>();
  const calls: LetterCall[] = [];
  const poison = new Set<string>();
  let isDown = false;
  let answers: ((call: LetterCall) => FunctionAnswer | 'throttled' | undefined) | undefined;
  const ports = {
    decode: (record: StreamRecord): string => {
      const number = record.dynamodb?.SequenceNumber ?? '';
      if (poison.has(number)) throw new Error('A record cannot be read, for a test.');
      return number;
    },
    act: async (all: readonly string[]) => {
      if (isDown) throw new Unavailable('DynamoDB TransactWriteItems');
      for (const number of all) counted.set(number, (counted.get(number) ?? 0) + 1);
    },
    failed: (cause: unknown) => void failures.push(cause),
  };
  return {
    counted,
    calls,
    poison,
    ports,
    down: (next: boolean) => {
      isDown = next;
    },
    answer: (next: typeof answers) => {
      answers = next;
    },
    invoke: async (name: string, event: unknown): Promise<FunctionAnswer | 'throttled'> => {
      const call = event as LetterCall;
      expect([name, Object.keys(call)]).toEqual(['detector:replay', ['letter', 'dryRun']]);
      calls.push(call);
      const { read } = s3LetterContents(s3(), 'dead-letters');
      return answers?.(call) ?? { payload: await replayLetter({ ...ports, read })(call) };
    },
  };
};

let bucket: DeadLetterBucket;
let detects: ReturnType<typeof detector>;
let lambda: Awaited<ReturnType<typeof startLambda>>;
let failures: unknown[];
beforeEach(async () => {
  failures = [];
  bucket = await startDeadLetterBucket();
  detects = detector();
  lambda = await startLambda(detects.invoke);
});
afterEach(async () => {
  await bucket.stop();
  await lambda.stop();
});

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const put = (name: string, text: string) => bucket.objects.set(`${prefix}${name}`, text);
const replay = (asked: Partial<Replay> = {}, hasTime = () => true) => {
  const caller = new LambdaClient({ region: 'us-east-1', credentials, maxAttempts: 1, endpoint: lambda.url });
  return replayDeadLetters({
    ...s3LetterNames(s3(), 'dead-letters'),
    count: lambdaDetector(caller, 'detector:replay'),
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

  test('a dead letter is handed over by its key: the detector reads its records from the bucket', async () => {
    put('m/s/1', letterOf([recordOf('1')]));
    await replay();
    expect(detects.calls).toEqual([{ letter: 'aws/lambda/m/s/1', dryRun: false }]);
  });

  test('a dead letter stays while something is down, and is counted by the next command', async () => {
    put('m/s/1', letterOf([recordOf('1'), recordOf('2')]));
    detects.down(true);
    expect((await replay()).failed).toEqual([
      { letter: 'aws/lambda/m/s/1', why: expect.stringContaining('S3, Lambda or DynamoDB failed') },
    ]);
    detects.down(false);
    expect(await replay()).toMatchObject({ replayed: 1, records: 2 });
  });

  test.each<[string, string]>([
    ['is no JSON', 'nothing'],
    ['holds no batch', JSON.stringify({ requestContext: {} })],
    ['holds a batch of nothing', letterOf([])],
    ['holds a batch that is cut off', JSON.stringify({ payload: '{"Records":[' })],
    ['holds records that are none', JSON.stringify({ payload: { Records: ['e', null] } })],
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
    ['is throttled', 'throttled', 'S3, Lambda or DynamoDB failed'],
    ['answers nothing', { payload: null }, 'S3, Lambda or DynamoDB failed'],
    ['answers something else', { payload: { statusCode: 200 } }, 'S3, Lambda or DynamoDB failed'],
    ['answers as to a batch', { payload: { batchItemFailures: [] } }, 'S3, Lambda or DynamoDB failed'],
    ['does not say how many', { payload: { kind: 'counted' } }, 'S3, Lambda or DynamoDB failed'],
    ['counts a part', { payload: { kind: 'counted', records: 1, refused: 1 } }, 'cannot count 1 of its 1'],
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
    detects.poison.add('5');
    const { replayed, failed, records, left } = await replay({ dryRun: true });
    expect([replayed, records, left]).toEqual([4, 4, 0]);
    expect(failed.map(({ letter }) => letter)).toEqual(['aws/lambda/m/s/5', 'aws/lambda/m/s/6']);
    expect([detects.counted.size, bucket.objects.size, bucket.deleted.size]).toEqual([0, 6, 0]);
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
    const hasTime = () => detects.calls.length < 2;
    expect(await replay({}, hasTime)).toMatchObject({ replayed: 2, left: 3, failed: [] });
    expect(await replay()).toMatchObject({ replayed: 3, left: 0 });
  });

  test('two replays may run at once: each letter is gone, and none is reported as a failure', async () => {
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
    expect([replayed, failed.length, bucket.objects.size]).toEqual([0, 5, 5]);
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

describe('a record that the detector puts aside', () => {
  const batch = () => {
    const { put: putLetter } = s3LetterContents(s3(), 'dead-letters');
    return answerBatch({ ...detects.ports, putAside: (record, cause) => putLetter(record, String(cause)) });
  };
  const records = [recordOf('1'), recordOf('2'), recordOf('3')];

  test('a record that is put aside is whole, with the reason, and in the form of a letter of Lambda', async () => {
    detects.poison.add('2');
    expect(await batch()(records)).toEqual({ batchItemFailures: [] });
    const [[key, text = ''] = []] = [...bucket.objects];
    expect([key, key]).toEqual(['aws/lambda/detect-bursts/event-2', letterKeyOf(recordOf('2'))]);
    const { payload, why } = JSON.parse(text);
    expect([JSON.parse(payload), why]).toEqual([
      { Records: [recordOf('2')] },
      'Error: A record cannot be read, for a test.',
    ]);
    expect([...detects.counted.keys()]).toEqual(['1', '3']);
  });

  test('a record that comes again is put in the same place', async () => {
    detects.poison.add('2');
    await batch()(records);
    const first = [...bucket.objects];
    await batch()([recordOf('2')]);
    expect([...bucket.objects]).toEqual(first);
  });

  test('a record without an id has a place of its own as well, which holds no slash of a stranger', async () => {
    for (const eventID of [undefined, '', 'a/../b', 7 as unknown as string]) {
      const record = { ...(eventID === undefined ? {} : { eventID }), dynamodb: { SequenceNumber: '9' } };
      expect(letterKeyOf(record)).toMatch(/^aws\/lambda\/detect-bursts\/[0-9a-f]{64}$/);
      expect(letterKeyOf(record)).toBe(letterKeyOf(structuredClone(record)));
    }
  });

  test('a record that is put aside is replayed by the same command as those of Lambda', async () => {
    detects.poison.add('2');
    await batch()(records);
    expect(await replay()).toMatchObject({ replayed: 0, failed: [{ letter: 'aws/lambda/detect-bursts/event-2' }] });
    detects.poison.clear();
    expect(await replay()).toMatchObject({ replayed: 1, records: 1 });
    expect([detects.counted.get('2'), bucket.objects.size]).toEqual([1, 0]);
  });

  test('a batch fails at a record that the bucket does not take, and nothing is lost', async () => {
    detects.poison.add('2');
    bucket.refuse(/^PUT/);
    expect(await batch()(records)).toEqual({ batchItemFailures: [{ itemIdentifier: '2' }] });
    expect([failures.length, failures[0]]).toEqual([1, expect.any(Unavailable)]);
    bucket.refuse(undefined);
    expect(await batch()(records.slice(1))).toEqual({ batchItemFailures: [] });
    expect(bucket.objects.size).toBe(1);
  });
});
