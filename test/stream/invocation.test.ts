import { expect, test } from 'vitest';
import { answerWaking, type Waking } from '../../lambdas/stream/invocation.ts';

const woken = () => {
  const done: string[] = [];
  const answer = answerWaking({
    batch: async (records) => {
      done.push(`${records.length} records`);
      return { batchItemFailures: [] };
    },
    schedule: async () => void done.push('schedule'),
  });
  return { answer, done };
};

test('a batch of the stream is answered as one', async () => {
  const { answer, done } = woken();
  expect(await answer({ Records: [{ eventID: '1', dynamodb: {} }] })).toEqual({ batchItemFailures: [] });
  expect(done).toEqual(['1 records']);
});

test('the schedule is known by its source and kind', async () => {
  const { answer, done } = woken();
  expect(await answer({ source: 'aws.events', 'detail-type': 'Scheduled Event' })).toBeUndefined();
  expect(done).toEqual(['schedule']);
});

test.each([
  [{ source: 'aws.events', 'detail-type': 'Another Event' }],
  [{ source: 'somebody', 'detail-type': 'Scheduled Event' }],
  [{}],
])('an event of neither is refused loudly: %o', async (event) => {
  const { answer, done } = woken();
  await expect(answer(event as Waking)).rejects.toThrow('of neither');
  expect(done).toEqual([]);
});
