import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { scheduledFunctions } from '../../lambdas/contract.ts';
import { localMapping } from '../../local/aws/lambda.ts';
import { startSchedule } from '../../local/aws/schedule.ts';
import type { Invocation } from '../../local/functions/functions.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const nowMs = Date.UTC(2026, 0, 1, 12);
const scheduled = (isRunning: boolean, answer: Invocation = { kind: 'answered', payload: null }) => {
  const calls: [string, object][] = [];
  const troubles: string[] = [];
  const schedule = startSchedule({
    invoke: async (name, event) => {
      calls.push([name, event]);
      return answer;
    },
    now: () => nowMs,
    isRunning,
    onTrouble: (line) => void troubles.push(line),
  });
  return { calls, troubles, schedule };
};
const [name, { everyMinutes }] = Object.entries(scheduledFunctions)[0] ?? expect.fail('Nothing has a schedule.');

test('the clock calls each function as the contract says, with an event as of EventBridge', async () => {
  const { calls, schedule } = scheduled(true);
  await vi.advanceTimersByTimeAsync(everyMinutes * 60_000 - 1);
  expect(calls).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(calls).toEqual([
    [
      name,
      expect.objectContaining({
        source: 'aws.events',
        'detail-type': 'Scheduled Event',
        time: '2026-01-01T12:00:00Z',
        detail: { mapping: localMapping },
      }),
    ],
  ]);
  await schedule.stop();
  await vi.advanceTimersByTimeAsync(everyMinutes * 600_000);
  expect(calls).toHaveLength(1);
});

test('a clock that does not run strikes on demand, and is still otherwise', async () => {
  const { calls, schedule } = scheduled(false);
  await vi.advanceTimersByTimeAsync(everyMinutes * 600_000);
  expect(calls).toEqual([]);
  await schedule.strike();
  expect(calls.map(([called]) => called)).toEqual([name]);
});

test('a clock that runs calls each function at the start as well, without a wait', async () => {
  const { calls, schedule } = scheduled(true);
  schedule.strikeFirst();
  expect(calls.map(([called]) => called)).toEqual([name]);
  await schedule.stop();
  const still = scheduled(false);
  still.schedule.strikeFirst();
  expect(still.calls).toEqual([]);
});

test('a call that ends with the stack is no trouble', async () => {
  const { troubles, schedule } = scheduled(true, { kind: 'failed', reason: 'stopped' });
  schedule.strikeFirst();
  await schedule.stop();
  expect(troubles).toEqual([]);
});

test('a function that fails is reported, and called again', async () => {
  const { calls, troubles, schedule } = scheduled(true, { kind: 'failed', reason: 'no table' });
  await vi.advanceTimersByTimeAsync(2 * everyMinutes * 60_000);
  expect(calls).toHaveLength(2);
  expect(troubles).toEqual([expect.stringContaining('no table'), expect.stringContaining('no table')]);
  await expect(schedule.strike()).rejects.toThrow('no table');
  await schedule.stop();
});
