import { expect, test } from 'vitest';
import { answerInvocation, type Invocation } from '../../lambdas/stream/invocation.ts';

const invoked = () => {
  const done: string[] = [];
  const answer = answerInvocation({
    batch: async (records) => {
      done.push(`${records.length} records`);
      return { batchItemFailures: [] };
    },
    schedule: async () => void done.push('schedule'),
  });
  return { answer, done };
};

test('a batch of the stream is answered as one', async () => {
  const { answer, done } = invoked();
  expect(await answer({ Records: [{ eventID: '1', dynamodb: {} }] })).toEqual({ batchItemFailures: [] });
  expect(done).toEqual(['1 records']);
});

test('an event of the schedule is recognized by its source and type', async () => {
  const { answer, done } = invoked();
  expect(await answer({ source: 'aws.events', 'detail-type': 'Scheduled Event' })).toBeUndefined();
  expect(done).toEqual(['schedule']);
});

test.each([
  [{ source: 'aws.events', 'detail-type': 'Another Event' }],
  [{ source: 'somebody', 'detail-type': 'Scheduled Event' }],
  [{}],
])('an event of neither stream nor schedule is refused: %o', async (event) => {
  const { answer, done } = invoked();
  await expect(answer(event as Invocation)).rejects.toThrow('is neither');
  expect(done).toEqual([]);
});
