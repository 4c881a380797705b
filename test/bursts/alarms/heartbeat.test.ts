import { describe, expect, test } from 'vitest';
import { isListening, lookWhetherListening, noteLateness } from '../../../lambdas/bursts/heartbeat.ts';
import { minuteMs } from '../../../lambdas/otp/durations.ts';
import { thenNoteLateness } from '../../../lambdas/stream/batch.ts';
import { mondayMs } from '../../fakes/bursts/scene.ts';

const looking = (answer: string | undefined | Error) => {
  const [asked, counted, swept, failures]: [string[], boolean[], unknown[], unknown[]] = [[], [], [], []];
  const look = lookWhetherListening({
    now: () => mondayMs,
    stateOf: async (mapping) => {
      asked.push(mapping);
      if (answer instanceof Error) throw answer;
      return answer;
    },
    heartbeat: { swept: async (...beat) => void swept.push(beat) },
    listening: (is) => void counted.push(is),
    failed: (cause) => void failures.push(cause),
  });
  return { look, asked, counted, swept, failures };
};

describe('the look at the event source mapping', () => {
  test.each([
    ['Enabled', true],
    ['Updating', true],
    ['Creating', false],
    ['Enabling', false],
    ['Disabling', false],
    ['Disabled', false],
    ['Deleting', false],
    ['a state that Lambda invents', false],
  ])('the detector that is %s counts as listening: %s', async (state, is) => {
    const { look, asked, counted, swept } = looking(state);
    await look('id');
    expect([asked, counted, swept]).toEqual([['id'], [is], [[mondayMs, state]]]);
    expect(isListening(state)).toBe(is);
  });

  test('a mapping that somebody deleted is missing, and the detector does not listen', async () => {
    const { look, counted, swept } = looking(undefined);
    await look('id');
    expect([counted, swept]).toEqual([[false], [[mondayMs, 'Missing']]]);
  });

  test('an answer that does not come counts as neither, is reported, and leaves a sign of life all the same', async () => {
    const cause = new Error('throttled');
    const { look, counted, swept, failures } = looking(cause);
    await look('id');
    expect([counted, swept, failures]).toEqual([[], [[mondayMs, 'Unknown']], [cause]]);
  });

  test('a schedule that names no mapping counts as neither, and asks nobody', async () => {
    const { look, asked, counted, swept } = looking('Enabled');
    await look(undefined);
    expect([asked, counted, swept]).toEqual([[], [], [[mondayMs, 'Unknown']]]);
  });
});

const noting = (fails = false) => {
  let nowMs = mondayMs;
  const [noted, failures]: [[number, number][], unknown[]] = [[], []];
  const note = noteLateness({
    now: () => nowMs,
    heartbeat: {
      tookBatch: async (atMs, latenessMs) => {
        if (fails) throw new Error('no table');
        noted.push([atMs - mondayMs, latenessMs]);
      },
    },
    failed: (cause) => void failures.push(cause),
  });
  return {
    noted,
    failures,
    at: async (afterMs: number, latenessMs: number) => {
      nowMs = mondayMs + afterMs;
      await note(nowMs - latenessMs);
    },
  };
};

describe('the lateness of batches', () => {
  test('the first batch is noted at once, and then the worst of each minute with its own time', async () => {
    const { at, noted } = noting();
    await at(0, 300);
    await at(1000, 9000);
    await at(2000, 400);
    await at(minuteMs - 1, 100);
    expect(noted).toEqual([[0, 300]]);
    await at(minuteMs, 200);
    expect(noted).toEqual([
      [0, 300],
      [1000, 9000],
    ]);
    await at(2 * minuteMs, 50);
    expect(noted.at(-1)).toEqual([2 * minuteMs, 50]);
  });

  test('a record from a clock that is ahead is not late', async () => {
    const { at, noted } = noting();
    await at(0, -4000);
    expect(noted).toEqual([[0, 0]]);
  });

  test('a batch does not fail because its lateness cannot be noted', async () => {
    const { at, failures } = noting(true);
    await at(0, 300);
    expect(failures).toHaveLength(1);
  });

  test('a batch is as late as its oldest record, and is answered as if nobody had measured', async () => {
    const changed: number[] = [];
    const answer = thenNoteLateness(
      async () => ({ batchItemFailures: [{ itemIdentifier: '2' }] }),
      async (changedMs) => void changed.push(changedMs),
    );
    const records = [1000, 900, 1100].map((ApproximateCreationDateTime) => ({
      dynamodb: { ApproximateCreationDateTime },
    }));
    expect(await answer(records)).toEqual({ batchItemFailures: [{ itemIdentifier: '2' }] });
    expect(changed).toEqual([900_000]);
    await answer([{ dynamodb: {} }, {}]);
    expect(changed).toHaveLength(1);
  });
});
