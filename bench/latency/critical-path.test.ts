import { describe, expect, test } from 'vitest';
import type { Call } from '../flow/fake-aws.ts';
import { criticalPathMs, depthOf, stepsOf } from './critical-path.ts';

const call = (operation: string, startedMs: number, endedMs: number, receivedMs = startedMs): Call => ({
  operation,
  body: '{}',
  ...{ startedMs, receivedMs, endedMs },
});

describe('the critical path of a flow', () => {
  const recorded = [call('BatchGetItem', 0, 60), call('GenerateMac', 1, 121), call('Publish', 122, 482)];

  test('the path counts the longest of the calls at the same time, and the call that waits for them', () => {
    const measured = [call('BatchGetItem', 0, 5), call('GenerateMac', 0, 11), call('Publish', 12, 42)];
    expect(criticalPathMs(stepsOf(recorded), measured)).toBe(11 + 30);
    expect(depthOf(stepsOf(recorded))).toBe(2);
  });

  test('the path does not grow when a call at the same time starts late', () => {
    const measured = [call('BatchGetItem', 0, 5), call('GenerateMac', 6, 16), call('Publish', 17, 47)];
    expect(criticalPathMs(stepsOf(recorded), measured)).toBe(10 + 30);
  });

  test('the path follows a chain that runs beside a longer call', () => {
    const chain = [call('GenerateMac', 0, 120), call('BatchGetItem', 0, 60), call('UpdateItem', 61, 121)];
    const measured = [call('GenerateMac', 0, 10), call('BatchGetItem', 0, 5), call('UpdateItem', 6, 14)];
    expect(criticalPathMs(stepsOf(chain), measured)).toBe(13);
  });

  test('the path counts only what AWS took: a request that is slow to arrive is none of its time', () => {
    const measured = [call('BatchGetItem', 0, 5), call('GenerateMac', 0, 14, 4), call('Publish', 15, 45)];
    expect(criticalPathMs(stepsOf(recorded), measured)).toBe(10 + 30);
  });

  test('no path is worked out for a flow with other calls than the recorded one', () => {
    expect(() => criticalPathMs(stepsOf(recorded), recorded.slice(1))).toThrow('no BatchGetItem');
    expect(() => criticalPathMs(stepsOf(recorded), [...recorded, call('Sign', 500, 510)])).toThrow('1 calls more');
  });
});
