/** The figures of the bench: parts, ratios of a round, and targets. */

import { expect, test } from 'vitest';
import { targetsOf } from './report.ts';
import { bothMs, ratioOf, type Sample, sharedMs, startMs } from './samples.ts';

const sample = (name: string, round: number, ms: number): Sample => ({
  ...{ name, round, loadMs: ms, firstFlowMs: ms, totalMs: 2 * ms + 20, cpuMs: 2 * ms, loadCpuMs: ms },
});

test('a cold start is divided into the start of Node, the load and the first flow', () => {
  expect([startMs(sample('ours', 0, 10)), bothMs(sample('ours', 0, 10))]).toEqual([20, 20]);
});

test('CPU at the share of Lambda counts the load once, and the first flow as often as its share is in a core', () => {
  expect(sharedMs(sample('ours', 0, 512))).toBeCloseTo(512 + 1769);
});

test('cold starts are compared within a round, so that a slow minute of the machine slows both', () => {
  const ours = [1, 10, 100].map((slow, round) => sample('ours', round, slow));
  const usual = [2, 20, 200].map((slow, round) => sample('usual stack', round, slow));
  expect(ratioOf(usual, ours, bothMs)).toEqual({ middle: 2, low: 2, high: 2 });
});

test('a target is judged by the runs in which AWS answers at once, and only if there are some', () => {
  const samples = [sample('ours', 0, 10), sample('usual stack', 0, 30)];
  const targets = targetsOf([
    { route: 'request', delays: 'none', samples },
    { route: 'check', delays: 'played', samples },
  ]);
  expect(targets.map(({ measure, value }) => [measure.split(' ')[6], value])).toEqual([
    ['request-verification', { middle: 3, low: 3, high: 3 }],
  ]);
});
