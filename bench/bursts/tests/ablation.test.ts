import { afterEach, describe, expect, test } from 'vitest';
import { thresholds } from '../../../lambdas/bursts/evidence/thresholds.ts';
import { leaveOutThresholds, parts } from '../ablation/parts.ts';

const usual = structuredClone(thresholds);
const changing = parts.filter((part) => part.thresholds !== undefined);

describe('a part is left out', () => {
  afterEach(() => {
    Object.assign(thresholds, structuredClone(usual));
  });

  test.each(changing)('each threshold that a part changes is there: $name', (part) => {
    leaveOutThresholds(part);
    expect(thresholds).not.toEqual(usual);
    expect(thresholds).toMatchObject(part.thresholds ?? {});
  });

  test('a threshold that is not there is no part of anything', () => {
    expect(() => leaveOutThresholds({ name: 'a typing error', thresholds: { again: 0 } })).toThrow('again');
    expect(() => leaveOutThresholds({ name: 'another', thresholds: { person: { quietMs: 0 } } })).toThrow('quietMs');
  });
});
