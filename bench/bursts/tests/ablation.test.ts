import { describe, expect, test } from 'vitest';
import { rules } from '../../../lambdas/bursts/evidence/rules.ts';
import { thresholds } from '../../../lambdas/bursts/evidence/thresholds.ts';
import { leaveOutThresholds, type Part, parts } from '../ablation/parts.ts';
import { ablationTable } from '../ablation/table.ts';
import { codes } from '../contenders/contenders.ts';
import { ours } from '../contenders/ours/ours.ts';
import { play } from '../denial/game.ts';
import { readOptions } from '../options.ts';
import { run } from '../play/run.ts';
import { alone } from './recorder.ts';

const partOf = (name: string): Part => {
  const part = parts.find((each) => each.name === name);
  if (part === undefined) throw new Error(`There is no part called ${name}.`);
  return part;
};

describe('parts', () => {
  test('every rule of traffic is left out once', () => {
    const left = parts.flatMap((part) => part.rules ?? []);
    expect(rules.filter((rule) => !left.includes(rule))).toEqual([]);
  });

  test('a part whose threshold does not exist is refused', () => {
    expect(() => leaveOutThresholds({ name: 'wrong', thresholds: { nothing: 1 } })).toThrow(
      'no threshold called nothing',
    );
  });

  test('nobody is refused by rules that are left out', () => {
    const game = { aim: 'range', budget: 100, ips: 100_000, seed: 1, behindDays: 90 } as const;
    const refused = (part: Part) => play(ours('ours', codes, part), game).people.new.refused;
    const bursts: Part = { name: 'bursts', rules: rules.filter((rule) => rule !== 'guessing') };
    expect(refused(partOf('nothing'))).toBeGreaterThan(0);
    expect(refused(bursts)).toBe(0);
  });

  test('every part names thresholds that exist', () => {
    const before = structuredClone(thresholds);
    for (const part of parts) expect(() => leaveOutThresholds(part), part.name).not.toThrow();
    expect(thresholds).not.toEqual(before);
  });
});

test('an ablation is quick, after 90 days, and has a row for each part that was played', () => {
  expect(readOptions(['--ablation'])).toMatchObject({ command: 'ablation', behinds: [90], isQuick: true });
  const score = run({ entry: ours('ours', codes), seed: 1, size: alone('A3') });
  const table = ablationTable([{ name: 'nothing', score, denials: [] }]);
  expect(table.split('\n')).toHaveLength(3);
  expect(table).toContain('| nothing |');
});
