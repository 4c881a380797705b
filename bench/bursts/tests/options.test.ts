import { expect, test } from 'vitest';
import { entries } from '../contenders/contenders.ts';
import { holdoutSeeds } from '../holdout/holdout.ts';
import { readOptions, reportingSeeds, sizeOf, tuningSeeds } from '../options.ts';
import { fortnight, quick } from '../traffic/calendar.ts';
import { usualHabits } from '../traffic/world.ts';

test('all contenders are judged on the tuning seeds without arguments, and nothing is measured or written', () => {
  const options = readOptions([]);
  expect(options).toMatchObject({ command: 'judge', seeds: tuningSeeds, habits: usualHabits });
  expect(options).toMatchObject({ isQuick: false, isMeasured: false, isWritten: false });
  expect(options.names).toEqual(entries.map(({ name }) => name));
  expect(sizeOf(options)).toBe(fortnight);
});

test('the seeds are the tuning ones, the reporting ones, those given, or those of the hold-out', () => {
  const seedsOf = (...args: readonly string[]) => readOptions(args).seeds;
  expect(seedsOf('--seeds', 'reporting')).toEqual(reportingSeeds);
  expect(seedsOf('--seeds', '3,1')).toEqual([3, 1]);
  expect(seedsOf('--holdout')).toEqual(holdoutSeeds);
  expect(seedsOf('--holdout', '--seeds', '7')).toEqual([7]);
});

test('a sweep is quick unless --no-quick is given', () => {
  expect(sizeOf(readOptions(['--sweep']))).toBe(quick);
  expect(sizeOf(readOptions(['--sweep', '--no-quick']))).toBe(fortnight);
});

test('a run that writes its figures is measured as well', () => {
  expect(readOptions(['--write'])).toMatchObject({ isMeasured: true, isWritten: true });
});

test('the contenders stand in the order of the columns, in whatever order they are named', () => {
  expect(readOptions(['--only', 'no guard, ours']).names).toEqual(['ours', 'no guard']);
});

test.each([
  ['--seeds one', ['--seeds', 'one'], 'for example --seeds 1,2'],
  ['--only nobody', ['--only', 'nobody'], 'for example --only "ours"'],
  ['--conversion 2', ['--conversion', '2'], 'numbers from 0.5 to 0.97'],
  ['--delay soon', ['--delay', 'soon'], 'numbers from 1 to 120'],
  ['--threads 0', ['--threads', '0'], 'numbers from 1 to 64'],
  ['--record x --behind 90', ['--record', 'x', '--behind', '90'], 'Leave out --behind'],
  ['--record x --sweep', ['--record', 'x', '--sweep'], 'are two commands'],
  ['--holdout --delay 9', ['--holdout', '--delay', '9'], 'Leave out --conversion and --delay'],
])('%s is refused, and the message says what is allowed', (_, args, message) => {
  expect(() => readOptions(args)).toThrow(message);
});
