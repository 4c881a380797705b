import { expect, test } from 'vitest';
import { answerInvocation, type Invocation } from '../../lambdas/stream/invocation.ts';

const arn = 'arn:aws:lambda:us-east-1:111122223333:function:OtpService-detector-AbC123';
const direct = { invokedFunctionArn: arn };
const byReplay = { invokedFunctionArn: `${arn}:replay` };

const invoked = () => {
  const done: string[] = [];
  const answer = answerInvocation({
    batch: async (records) => {
      done.push(`${records.length} records`);
      return { batchItemFailures: [] };
    },
    schedule: async ({ mapping }) => void done.push(`schedule ${mapping}`),
    letter: async ({ letter, dryRun }) => {
      done.push(`${letter} ${dryRun}`);
      return { kind: 'counted', records: 1, refused: 0 };
    },
  });
  return { answer, done };
};

test('a batch of the stream is answered as one', async () => {
  const { answer, done } = invoked();
  expect(await answer({ Records: [{ eventID: '1', dynamodb: {} }] }, direct)).toEqual({ batchItemFailures: [] });
  expect(done).toEqual(['1 records']);
});

test('an event of the schedule is recognized by its source and type', async () => {
  const { answer, done } = invoked();
  const event = { source: 'aws.events', 'detail-type': 'Scheduled Event' };
  expect(await answer({ ...event, detail: { mapping: 'id' } }, direct)).toBeUndefined();
  expect(done).toEqual(['schedule id']);
});

test('an event of a schedule from before mappings were named names none', async () => {
  const { answer, done } = invoked();
  expect(await answer({ source: 'aws.events', 'detail-type': 'Scheduled Event' }, direct)).toBeUndefined();
  expect(done).toEqual(['schedule undefined']);
});

test('the key of a dead letter is taken from a caller by the alias of the replay', async () => {
  const { answer, done } = invoked();
  expect(await answer({ letter: 'aws/lambda/a', dryRun: true }, byReplay)).toMatchObject({ kind: 'counted' });
  expect(done).toEqual(['aws/lambda/a true']);
});

const records = [{ eventID: 'invented', dynamodb: {} }];
test.each<[string, object]>([
  ['records', { Records: records }],
  ['records beside a key', { letter: 'aws/lambda/a', dryRun: false, Records: records }],
  ['an event of the schedule', { source: 'aws.events', 'detail-type': 'Scheduled Event' }],
  ['a key elsewhere in the bucket', { letter: 'elsewhere/a', dryRun: false }],
  ['a key that is no text', { letter: ['aws/lambda/a'], dryRun: false }],
  ['a key without a word on the dry run', { letter: 'aws/lambda/a' }],
  ['nothing', {}],
])('a caller by the alias of the replay cannot hand over %s', async (_, event) => {
  const { answer, done } = invoked();
  await expect(answer(event as Invocation, byReplay)).rejects.toThrow('takes the key of a dead letter');
  expect(done).toEqual([]);
});

test.each([
  [{ source: 'aws.events', 'detail-type': 'Another Event' }],
  [{ source: 'somebody', 'detail-type': 'Scheduled Event' }],
  [{ letter: 'aws/lambda/a', dryRun: false }],
  [{}],
])('an event of neither stream nor schedule is refused: %o', async (event) => {
  const { answer, done } = invoked();
  await expect(answer(event as Invocation, direct)).rejects.toThrow('is neither');
  expect(done).toEqual([]);
});
