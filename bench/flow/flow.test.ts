import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { isNoisy } from '../report/machine.ts';
import { bootstrap, median, shuffled } from '../report/statistics.ts';
import { wavesOf } from './contenders.ts';
import type { Call } from './fake-aws.ts';
import type { Sample } from './measure.ts';
import { report } from './report.ts';

/** The same draws at every run. */
const draws = () => {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
};

test('the bench of verifications runs: two contenders, one and 16 at a time, and the same calls of both', async () => {
  const script = path.join(import.meta.dirname, 'flow.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script, '--quick']);
  expect(stdout).toMatch(/^1 at a time$/m);
  expect(stdout).toMatch(/^16 at a time$/m);
  const calls = [...stdout.matchAll(/^(?:ours|bare SDK) .* (\d+\.\d) +\d+\.\d *$/gm)].map(([, count]) => count);
  expect(calls).toHaveLength(4);
  expect(new Set(calls).size).toBe(1);
  expect(stdout).toContain('load average: ');
  expect(stdout).toContain('Do not publish these figures.');
});

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

  test('CPU and pace are compared within a round, so that a slow minute of the machine slows both', () => {
    const sample = (contender: string, round: number, cpuMs: number): Sample & { readonly round: number } => ({
      ...{ contender, round, cpuMs, concurrency: 1, flowsPerSecond: cpuMs, rssBytes: 1, calls: 12, connections: 0 },
    });
    const contenders = [{ name: 'ours' }, { name: 'bare SDK' }];
    const samples = [1, 10, 100].flatMap((slow, round) => [
      sample('ours', round, 2 * slow),
      sample('bare SDK', round, 4 * slow),
    ]);
    const text = report({
      contenders,
      concurrencies: [1],
      depths: { send: 3, check: 4 },
      samples,
      loads: { before: 0.5, highest: 2 },
    });
    expect(text).toMatch(/bare SDK .* 0\.50 \(0\.50–0\.50\)× .* 0\.50 \(0\.50–0\.50\)×/);
  });

  test('a run is noisy if the machine was busy before it', () => {
    expect([isNoisy({ before: 1.5, highest: 3 }), isNoisy({ before: 1.6, highest: 1.6 })]).toEqual([false, true]);
  });
});
