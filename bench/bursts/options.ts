/** The arguments of `npm run bench:bursts`. */

import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { entries } from './contenders/contenders.ts';
import { holdoutSeeds } from './holdout/holdout.ts';
import { fortnight, quick, type Size } from './traffic/calendar.ts';
import { type Behind, behinds, type Habits, usualHabits } from './traffic/world.ts';

/** Thresholds are chosen on these seeds. */
export const tuningSeeds: readonly number[] = [1, 2, 3, 4, 5];
/** Frozen thresholds are judged on these seeds. Nobody looks at them before. */
export const reportingSeeds: readonly number[] = [31, 32, 33, 34, 35];

const commands = ['judge', 'sweep', 'holdout', 'denial', 'ablation', 'record'] as const;

export type Command = (typeof commands)[number];

export type Options = {
  readonly command: Command;
  /** Names of contenders, in the order of the columns. */
  readonly names: readonly string[];
  /** Whether --only named them. */
  readonly isNamed: boolean;
  readonly seeds: readonly number[];
  /** Seeds that other contenders play, in the first world. Ours plays as many in its other worlds. Undefined: all. */
  readonly otherSeeds: number | undefined;
  /** Days that the service has been running before: a world for each. */
  readonly behinds: readonly Behind[];
  readonly isQuick: boolean;
  readonly threads: number;
  readonly habits: Habits;
  readonly isMeasured: boolean;
  readonly isWritten: boolean;
  /** The folder of a recording. */
  readonly recordTo: string | undefined;
};

const seedsOf = (text: string): readonly number[] => {
  if (text === 'tuning') return tuningSeeds;
  if (text === 'reporting') return reportingSeeds;
  const seeds = text.split(',').map(Number);
  if (!seeds.every(Number.isInteger))
    throw new Error(`--seeds is ${text}. Allowed are tuning, reporting, or whole numbers: for example --seeds 1,2.`);
  return seeds;
};

const namesOf = (text: string): readonly string[] => {
  const all = entries.map(({ name }) => name);
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !all.includes(name));
  if (unknown.length > 0)
    throw new Error(
      `--only names ${unknown.join(', ')}. Allowed are ${all.join(', ')}: for example --only "${all[0]}".`,
    );
  return all.filter((name) => names.includes(name));
};

const behindsOf = (text: string): readonly Behind[] => {
  const found = text.split(',').map((days) => behinds.find((each) => String(each) === days.trim()));
  return found.map((each) => {
    if (each === undefined)
      throw new Error(`--behind is ${text}. Allowed are ${behinds.join(', ')}: for example --behind 90,0.`);
    return each;
  });
};

type Bounds = { readonly usual: number; readonly min: number; readonly max: number };

const numberOf = (name: string, text: string | undefined, { usual, min, max }: Bounds): number => {
  const value = Number(text ?? usual);
  if (!(value >= min && value <= max))
    throw new Error(`--${name} is ${text}. Allowed are numbers from ${min} to ${max}: for example --${name} ${usual}.`);
  return value;
};

const valuesOf = (args: readonly string[]) =>
  parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      holdout: { type: 'boolean', default: false },
      quick: { type: 'boolean' },
      sweep: { type: 'boolean', default: false },
      denial: { type: 'boolean', default: false },
      ablation: { type: 'boolean', default: false },
      behind: { type: 'string' },
      measures: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      record: { type: 'string' },
      seeds: { type: 'string' },
      others: { type: 'string' },
      only: { type: 'string' },
      conversion: { type: 'string' },
      delay: { type: 'string' },
      threads: { type: 'string' },
    },
  }).values;

type Values = ReturnType<typeof valuesOf>;

const habitsOf = ({ conversion, delay }: Values): Habits => ({
  ...usualHabits,
  conversion: numberOf('conversion', conversion, { usual: usualHabits.conversion, min: 0.5, max: 0.97 }),
  delayMedianSeconds: numberOf('delay', delay, { usual: usualHabits.delayMedianSeconds, min: 1, max: 120 }),
});

const commandOf = (values: Values): Command => {
  const named = commands.filter((command) => command !== 'judge' && values[command]);
  const [command = 'judge', other] = named;
  if (other !== undefined) throw new Error(`--${command} and --${other} are two commands. Give one of them.`);
  if (command === 'holdout' && (values.conversion !== undefined || values.delay !== undefined))
    throw new Error('--holdout has its own habits of people. Leave out --conversion and --delay.');
  if (command === 'record' && values.behind !== undefined)
    throw new Error('--record begins with the first event of the detector. Leave out --behind.');
  return command;
};

/** Worlds that a command plays unless --behind names others. Denial attacks need no warm-up: a week is remembered. */
const usualBehinds: Readonly<Record<Command, string>> = {
  judge: '90,0',
  sweep: '90',
  holdout: '0',
  denial: '90,7',
  record: '0',
  ablation: '90',
};

const usualSeeds: Readonly<Partial<Record<Command, string>>> = { holdout: holdoutSeeds.join(','), record: '1' };

export const readOptions = (args: readonly string[]): Options => {
  const values = valuesOf(args);
  const command = commandOf(values);
  return {
    command,
    names: namesOf(values.only ?? entries.map(({ name }) => name).join(',')),
    isNamed: values.only !== undefined,
    otherSeeds:
      values.others === undefined ? undefined : numberOf('others', values.others, { usual: 2, min: 1, max: 100 }),
    seeds: seedsOf(values.seeds ?? usualSeeds[command] ?? 'tuning'),
    behinds: behindsOf(values.behind ?? usualBehinds[command]),
    isQuick: values.quick ?? (command === 'sweep' || command === 'ablation'),
    threads: numberOf('threads', values.threads, { usual: Math.min(2, cpus().length), min: 1, max: 64 }),
    habits: habitsOf(values),
    isMeasured: values.measures || values.write,
    isWritten: values.write,
    recordTo: values.record,
  };
};

export const sizeOf = ({ isQuick }: Options): Size => (isQuick ? quick : fortnight);
