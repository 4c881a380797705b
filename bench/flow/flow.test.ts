import { describe, expect, test } from 'vitest';
import { isNoisy } from '../report/machine.ts';
import { bootstrap, median, shuffled } from '../report/statistics.ts';
import type { Call } from './fake-aws.ts';
import { contenderOf, type Sample } from './measure.ts';
import type { Memory } from './memory.ts';
import { type Container, type FakeAws, heapFlags } from './processes.ts';
import { expectSameCalls, type Measured, tablesOf, targetsOf } from './report.ts';
import { wavesOf } from './waves.ts';

/** The same draws at every run. */
const draws = () => {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
};

describe('the calls of a flow', () => {
  const call = (operation: string, startedMs: number, endedMs: number): Call => ({
    operation,
    body: '{}',
    startedMs,
    receivedMs: startedMs,
    endedMs,
  });
  const operationsOf = (calls: readonly Call[]) => wavesOf(calls).map((wave) => wave.map(({ operation }) => operation));

  test('one wave holds the calls that wait for no answer of each other', () => {
    const calls = [call('Publish', 25, 30), call('BatchGetItem', 0, 10), call('Encrypt', 9, 20)];
    expect(operationsOf(calls)).toEqual([['BatchGetItem', 'Encrypt'], ['Publish']]);
  });

  test('a call that starts with the answer of another is in the next wave', () => {
    expect(operationsOf([call('GenerateMac', 0, 10), call('UpdateItem', 10, 20)])).toEqual([
      ['GenerateMac'],
      ['UpdateItem'],
    ]);
  });
});

describe('the figures', () => {
  test('a median is the middle, or the mean of both middles', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
  });

  test('an interval holds its median, and is wider for scattered samples', () => {
    const narrow = bootstrap([10, 10, 11, 10, 11, 10], draws());
    const wide = bootstrap([2, 10, 19, 4, 30, 10], draws());
    for (const { low, middle, high } of [narrow, wide]) {
      expect(low).toBeLessThanOrEqual(middle);
      expect(high).toBeGreaterThanOrEqual(middle);
    }
    expect(wide.high - wide.low).toBeGreaterThan(narrow.high - narrow.low);
  });

  test('an order that is drawn has each contender once', () => {
    const orders = Array.from({ length: 20 }, draws).map((random) => shuffled(['a', 'b', 'c'], random));
    for (const order of orders) expect(order.toSorted()).toEqual(['a', 'b', 'c']);
  });

  test('a run is noisy if the machine was busy before it', () => {
    expect([isNoisy({ before: 1.5, highest: 3 }), isNoisy({ before: 1.6, highest: 1.6 })]).toEqual([false, true]);
  });
});

describe('the tables of a run', () => {
  const contenders = ['ours', 'bare SDK', 'Better Auth'] as const;
  const cpu: Readonly<Record<string, number>> = { ours: 2, 'bare SDK': 4, 'Better Auth': 1 };
  const sample = (contender: string, concurrency: number, round: number, slow: number): Measured['samples'][number] => {
    const cpuMs = (cpu[contender] ?? 0) * slow;
    const rest = { rssBytes: 2 ** 20, calls: contender === 'Better Auth' ? 0 : 12, connections: 0 };
    return { contender, concurrency, round, cpuMs, flowsPerSecond: 1000 / cpuMs, ...rest } satisfies Sample & {
      round: number;
    };
  };
  const memory = (rssMebibytes: number): Memory => ({
    ...{ contender: 'ours', flows: 5000, megabytes: 256 },
    ...{ rssBytes: rssMebibytes * 2 ** 20, peakRssBytes: rssMebibytes * 2 ** 20, heapBytes: 2 ** 20 },
  });
  const measured: Measured = {
    contenders,
    concurrencies: [1, 16],
    depths: { send: 3, check: 4 },
    // The machine gets slower from round to round, by up to a hundred times.
    samples: [1, 10, 100].flatMap((slow, round) =>
      [1, 16].flatMap((concurrency) => contenders.map((name) => sample(name, concurrency, round, slow))),
    ),
    memories: [...[127, 128, 131].map(memory), { ...memory(100), contender: 'bare SDK' }],
    profiles: new Map([['ours', new Map([['AWS SDK', 0.75] as const, ['HTTP of Node', 0.25] as const])]]),
  };
  const flat = (middle: number) => ({ low: middle, middle, high: middle });

  test('CPU and pace are compared within a round, so that a slow minute of the machine slows both', () => {
    const [one] = tablesOf(measured);
    expect(one?.rows.map(([name, , cpuRatio, , paceRatio]) => [name, cpuRatio, paceRatio])).toEqual([
      ['ours', 1, 1],
      ['bare SDK', flat(0.5), flat(2)],
      ['Better Auth', flat(2), flat(0.5)],
    ]);
  });

  test('the targets are CPU beside the bare SDK, pace beside Better Auth, and RSS', () => {
    expect(targetsOf(measured).map(({ bound, value }) => [bound, value])).toEqual([
      [{ atMost: 0.7 }, flat(0.5)],
      [{ atLeast: 0.55 }, flat(0.5)],
      [{ atMost: 128 }, { low: 127, middle: 128, high: 131 }],
    ]);
  });

  test('a missed target says why, from what was measured, in the 25 words of a cell', () => {
    const parts = 'Most of our CPU goes to AWS SDK 75% and HTTP of Node 25%.';
    expect(targetsOf(measured).map(({ why }) => why)).toEqual([
      parts,
      'We make 12 calls over TLS for a flow, and Better Auth none.',
      '1 MiB of it are the heap of V8. The bare SDK takes 100 MiB in all.',
    ]);
  });

  test('a part of the profile has its share of the CPU that was measured without the profiler', () => {
    const rows = tablesOf(measured).at(-1)?.rows ?? [];
    expect(rows.find(([part]) => part === 'AWS SDK')).toEqual(['AWS SDK', 75, 15]);
  });

  test('a run in which the bare SDK made other calls is refused', () => {
    const samples = measured.samples.map((each) => (each.contender === 'bare SDK' ? { ...each, calls: 11 } : each));
    expect(() => expectSameCalls(measured)).not.toThrow();
    expect(() => expectSameCalls({ ...measured, samples })).toThrow('We made 12 calls a flow, and the bare SDK 11.');
  });
});

describe('a contender', () => {
  const contender = (check: (code: string) => string) => {
    const flows = {
      send: async () => ({ id: 'id', code: '123459' }),
      check: async (_: number, __: string, code: string) => check(code),
    };
    return contenderOf(flows, { name: 'one', container: {} as Container, aws: {} as FakeAws });
  };

  test('a contender that refuses a wrong code and approves the right one is measured', async () => {
    const codes: string[] = [];
    const honest = contender((code) => {
      codes.push(code);
      return code === '123459' ? 'approved' : 'pending';
    });
    await honest.judge(1);
    await honest.verify(2);
    expect(codes).toEqual(['123450', '123459', '123459']);
  });

  test.each([
    ['approves every code', 'approved', 'as approved, and should have as pending'],
    ['refuses every code', 'pending', 'as pending, and should have as approved'],
  ])('a contender that %s is not measured', async (_, status, message) => {
    await expect(contender(() => status).judge(1)).rejects.toThrow(message);
  });
});

test.each([
  [256, ['--max-semi-space-size=12', '--max-old-space-size=231']],
  [512, ['--max-semi-space-size=25', '--max-old-space-size=461']],
])('a function of %i MB has the heap that Lambda gives it', (megabytes, flags) => {
  expect(heapFlags(megabytes)).toEqual(flags);
});
