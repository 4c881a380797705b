/**
 * Judges the burst detector: synthetic traffic with labelled attacks and traps, from a seed, in closed loop, for our
 * detector and for the rules that others have published.
 *
 *     npm run bench:bursts [-- --quick] [--seeds reporting] [--only "Authgear deny,no guard"] [--write]
 *     npm run bench:bursts -- --sweep [--no-quick] [--seeds reporting] [--write]
 *     npm run bench:bursts -- --holdout [--quick] [--seeds 101,102] [--write]
 *
 * --holdout  the traffic and the attacks of another hand, in one table; goes with --quick, --seeds, --only, --threads
 * --seeds  tuning, reporting, or numbers with commas; tuning by default, with --holdout its own
 * --quick  six days of a tenth of the traffic, instead of three weeks
 * --only   these contenders only; the first is told by family and plotted, where ours is not among them
 * --conversion, --delay   mean of the countries' conversion, median seconds until a code is entered
 * --sweep  our own detector alone, with people who enter fewer codes or more, sooner or later: one small table; quick
 * --threads  runs side by side
 * --measures  adds what no simulation can judge: exact counters, the price of a verification, how soon a block holds
 * --write  writes the tables and the plots beside the code, measures included
 */

import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { entries, oursName } from './contenders/contenders.ts';
import { holdoutSeeds, judgedByHoldout } from './holdout/holdout.ts';
import {
  type Measures,
  measureAll,
  measuredDetails,
  measuredRows,
  quickMeasures,
  wholeMeasures,
} from './measures/measures.ts';
import type { Score } from './play/ledger.ts';
import { type Job, type Played, playAll } from './play/pool.ts';
import { plot } from './report/plot.ts';
import { summaryOf } from './report/summary.ts';
import { sweepTable, sweptHabits } from './report/sweep.ts';
import {
  type Column,
  collateralTable,
  detailTable,
  leakTable,
  seedTable,
  sideTable,
  targetTable,
  unitTable,
} from './report/table.ts';
import { fortnight, quick } from './traffic/calendar.ts';
import { usualHabits } from './traffic/world.ts';

/** Thresholds are chosen on these … */
const tuningSeeds = [1, 2, 3, 4, 5];
/** … and, once they are frozen, judged on these, which nobody looks at before. */
const reportingSeeds = [31, 32, 33, 34, 35];

const { values: options } = parseArgs({
  allowNegative: true,
  options: {
    holdout: { type: 'boolean', default: false },
    quick: { type: 'boolean' },
    sweep: { type: 'boolean', default: false },
    measures: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    seeds: { type: 'string' },
    only: { type: 'string', default: entries.map(({ name }) => name).join(',') },
    conversion: { type: 'string' },
    delay: { type: 'string' },
    threads: { type: 'string' },
  },
});

const seedsOf = (text: string): readonly number[] => {
  if (text === 'tuning') return tuningSeeds;
  if (text === 'reporting') return reportingSeeds;
  const seeds = text.split(',').map(Number);
  if (!seeds.every(Number.isInteger)) throw new Error('--seeds takes tuning, reporting, or whole numbers with commas.');
  return seeds;
};

type Range = { readonly usual: number; readonly least: number; readonly most: number };

const numberOf = (name: 'conversion' | 'delay' | 'threads', { usual, least, most }: Range): number => {
  const value = Number(options[name] ?? usual);
  if (!(value >= least && value <= most)) throw new Error(`--${name} takes a number from ${least} to ${most}.`);
  return value;
};

const namesOf = (text: string): readonly string[] => {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !entries.some((entry) => entry.name === name));
  if (unknown.length > 0)
    throw new Error(`There is no ${unknown.join(', ')}. There are: ${entries.map(({ name }) => name).join(', ')}.`);
  return entries.map(({ name }) => name).filter((name) => names.includes(name));
};

/** Which code is judged. */
const version = (): string => {
  const git = (...words: readonly string[]) =>
    execFileSync('git', words, { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  try {
    return `Commit ${git('rev-parse', 'HEAD')}${git('status', '--porcelain') === '' ? '' : ', with changes that are not committed'}`;
  } catch {
    return 'A copy without git: commit unknown';
  }
};

const judged = version();
const seeds = seedsOf(options.seeds ?? (options.holdout ? holdoutSeeds.join(',') : 'tuning'));
const names = namesOf(options.only);
/** A sweep is quick unless it is told not to be. */
const isQuick = options.quick ?? options.sweep;
const threads = numberOf('threads', { usual: Math.min(2, cpus().length), least: 1, most: 64 });
const size = isQuick ? quick : fortnight;
const scale = `${size.startsPerDay.toLocaleString('en-US')} verifications a day, ${size.warmUpDays} days to warm up, ${size.testDays} days of test`;

type Timed = { readonly job: { readonly name: string; readonly seed: number }; readonly seconds: number };

const onPlayed = ({ job, seconds }: Timed, more = '') => {
  console.error(`${job.name}, seed ${job.seed}${more}: ${seconds.toFixed(1)} s`);
};
const habits = {
  ...usualHabits,
  conversion: numberOf('conversion', { usual: usualHabits.conversion, least: 0.5, most: 0.97 }),
  delayMedianSeconds: numberOf('delay', { usual: usualHabits.delayMedianSeconds, least: 1, most: 120 }),
};
const jobs: readonly Job[] = names.flatMap((name) => seeds.map((seed) => ({ name, seed, size, habits })));

const columnOf = (name: string, played: readonly Played[]): Column => ({
  name,
  summary: summaryOf(played.filter(({ job }) => job.name === name).map(({ score }) => score)),
});

const section = (title: string, table: string | undefined) =>
  table === undefined ? [] : [`## ${title}`, '', table, ''];

const told = (played: readonly Played[], shown: string, measures: Measures | undefined): string => {
  const columns = names.map((name) => columnOf(name, played));
  const own = columns.find(({ name }) => name === shown);
  const bySeed = played.map(({ job, score }) => ({ name: job.name, seed: job.seed, summary: summaryOf([score]) }));
  return [
    '# The burst detector, judged',
    '',
    `${judged}.`,
    '',
    `Seeds ${seeds.join(', ')}; ${scale};`,
    `conversion ${habits.conversion}, median delay ${habits.delayMedianSeconds} s. Traffic and attacks are synthetic; what stands here of others is what`,
    'their published rules, written anew with stated assumptions, do with it. In brackets: intervals of 95%.',
    '',
    ...section('Targets', targetTable(columns, oursName, measures && measuredRows(measures))),
    ...section('Messages that leaked, in all (median per attack)', leakTable(columns)),
    ...section('Legitimate verifications without any SMS', collateralTable(columns)),
    ...section('Beside that', sideTable(columns)),
    ...section(`By family: ${shown}`, own === undefined ? undefined : detailTable(own)),
    ...section('By seed', seedTable(bySeed)),
    ...section('Units', unitTable(columns)),
    ...section('Measured beside the simulation', measures && measuredDetails(measures)),
  ].join('\n');
};

/** One attack of each family, of the first seed. */
const plotsOf = (played: readonly Played[], shown: string) => {
  const first = played.find(({ job }) => job.name === shown);
  if (first === undefined) return [];
  const attacks = Map.groupBy(first.score.attacks, ({ family }) => family);
  return [...attacks].flatMap(([family, [attack]]) =>
    attack === undefined ? [] : [{ file: `${family.replace(' ', '-')}.svg`, svg: plot(attack, shown, first.job.seed) }],
  );
};

const play = (all: readonly Job[]): Promise<readonly Played[]> =>
  playAll<Job, Score>(new URL('./play/worker.ts', import.meta.url), all, threads, (played) => {
    const { conversion, delayMedianSeconds } = played.job.habits;
    onPlayed(played, options.sweep ? `, conversion ${conversion}, delay ${delayMedianSeconds} s` : '');
  });

const folder = import.meta.dirname;

const judge = async () => {
  const played = await play(jobs);
  // When all runs are over: the machine is its own.
  const isMeasured = options.measures || options.write;
  const measures = isMeasured
    ? await measureAll(isQuick ? quickMeasures : wholeMeasures, (step) => console.error(`${step} …`))
    : undefined;
  const shown = names.includes(oursName) ? oursName : (names[0] ?? oursName);
  const results = told(played, shown, measures);
  console.log(results);
  if (!options.write) return;
  await mkdir(path.join(folder, 'plots'), { recursive: true });
  await writeFile(path.join(folder, 'results.md'), results);
  for (const { file, svg } of plotsOf(played, shown)) await writeFile(path.join(folder, 'plots', file), svg);
};

const sweep = async () => {
  const swept = sweptHabits.flatMap((each) => seeds.map((seed) => ({ name: oursName, seed, size, habits: each })));
  const results = [
    '# The burst detector, where people are otherwise',
    '',
    `${judged}.`,
    '',
    `Seeds ${seeds.join(', ')}; ${scale}. Of attacks: what leaked, in all (median per attack).`,
    '',
    sweepTable(await play(swept)),
    '',
  ].join('\n');
  console.log(results);
  if (options.write) await writeFile(path.join(folder, 'sweep.md'), results);
};

/** What the hold-out does not have. */
const onlyOfFortnight = ['conversion', 'delay'] as const;

const judgeByHoldout = async () => {
  const given = onlyOfFortnight.filter((name) => options[name] !== undefined);
  if (given.length > 0) throw new Error(`--holdout goes without ${given.map((name) => `--${name}`).join(', ')}.`);
  const table = await judgedByHoldout({ names, seeds, isQuick: isQuick === true, threads, onPlayed });
  const results = `# The burst detector, judged by another hand\n\n${judged}.\n\n${table}\n`;
  console.log(results);
  if (options.write) await writeFile(path.join(folder, 'holdout.md'), results);
};

const asked = options.holdout ? judgeByHoldout : options.sweep ? sweep : judge;
await asked();
