/** The page of results: all tables, in the order of results.md. */

import { oursName } from '../contenders/contenders.ts';
import { type Measures, measuredDetails, measuredRows } from '../measures/measures.ts';
import { type Options, sizeOf } from '../options.ts';
import type { Played } from '../play/pool.ts';
import type { Size } from '../traffic/calendar.ts';
import { plot } from './plot.ts';
import { summaryOf } from './summary.ts';
import {
  type Column,
  collateralTable,
  detailTable,
  leakTable,
  seedTable,
  sideTable,
  targetTable,
  unitTable,
  worldTable,
} from './table.ts';

export const scaleOf = ({ startsPerDay, warmUpDays, testDays }: Size): string =>
  `${startsPerDay.toLocaleString('en-US')} verifications a day, ${warmUpDays} days to warm up, ${testDays} days of test`;

const columnOf = (name: string, played: readonly Played[]): Column => ({
  name,
  summary: summaryOf(played.filter(({ job }) => job.name === name).map(({ score }) => score)),
});

const section = (title: string, table: string | undefined) =>
  table === undefined ? [] : [`## ${title}`, '', table, ''];

export type Results = {
  readonly commit: string;
  readonly options: Options;
  readonly played: readonly Played[];
  /** The contender whose details and plots are shown. */
  readonly shown: string;
  readonly measures: Measures | undefined;
  /** The page of denial attacks, if it was written. */
  readonly denials: string | undefined;
};

export const denialsFile = 'denial.md';

/** The targets of a page of denial attacks, and the commit that it judged: it is played by a command of its own. */
const denialsIn = (page: string | undefined): string => {
  const [, commit] = page?.match(/^(.*\bcommit\b.*)$/im) ?? [];
  const [table] = page?.match(/^\| measure \| target \| verdict \|.*(?:\n\|.*)*/m) ?? [];
  if (commit === undefined || table === undefined) {
    return 'Not played yet. `npm run bench:bursts -- --denial --write` plays them, and the next page has their targets here.';
  }
  return `With 90 days of trust. ${commit} [denial.md](${denialsFile}) has all games.\n\n${table}`;
};

const othersText = (seeds: readonly number[], behindDays: number | undefined): string => {
  const [which, them] = seeds.length === 1 ? ['seed', 'it in its other world'] : ['seeds', 'them in its other worlds'];
  return `Other contenders play ${which} ${seeds.join(', ')}, with ${behindDays} days behind them. Ours plays ${them}.`;
};

export const resultsPage = ({ commit, options, played, shown, measures, denials }: Results): string => {
  const { names, seeds, otherSeeds, behinds, habits } = options;
  const columns = names.map((name) => columnOf(name, played));
  const own = columns.find(({ name }) => name === shown);
  const bySeed = played.map(({ job, score }) => ({
    name: job.name,
    seed: job.seed,
    behindDays: job.behindDays,
    summary: summaryOf([score]),
  }));
  const worlds = behinds.flatMap((behindDays) =>
    names
      .filter((name) => played.some(({ job }) => job.name === name && job.behindDays === behindDays))
      .map((name) => ({
        name: `${name}, ${behindDays} days behind it`,
        summary: summaryOf(
          played.filter(({ job }) => job.name === name && job.behindDays === behindDays).map(({ score }) => score),
        ),
      })),
  );
  return [
    '# The burst detector, judged',
    '',
    `${commit}.`,
    '',
    `Seeds ${seeds.join(', ')}; worlds with ${behinds.join(' and ')} days behind them; ${scaleOf(sizeOf(options))};`,
    `conversion ${habits.conversion}, median delay ${habits.delayMedianSeconds} s. Traffic and attacks are synthetic. The columns of others run their`,
    'published rules, with stated assumptions. In brackets: intervals of 95%.',
    ...(otherSeeds === undefined ? [] : [othersText(seeds.slice(0, otherSeeds), behinds[0])]),
    '',
    ...section('Targets', targetTable(columns, oursName, measures && measuredRows(measures))),
    ...section('Denial attacks', denialsIn(denials)),
    ...section('Messages that leaked, in all (median per attack)', leakTable(columns)),
    ...section('Legitimate verifications without any SMS', collateralTable(columns)),
    ...section('Without a target', sideTable(columns)),
    ...section(`By family: ${shown}`, own === undefined ? undefined : detailTable(own)),
    ...section('By world', worldTable(worlds)),
    ...section('By seed', seedTable(bySeed)),
    ...section('Units', unitTable(columns)),
    ...section('Measured beside the simulation', measures && measuredDetails(measures)),
  ].join('\n');
};

/** A plot of one attack of each family, of the first seed. */
export const plotsOf = (played: readonly Played[], shown: string) => {
  const first = played.find(({ job }) => job.name === shown);
  if (first === undefined) return [];
  const attacks = Map.groupBy(first.score.attacks, ({ family }) => family);
  return [...attacks].flatMap(([family, [attack]]) =>
    attack === undefined ? [] : [{ file: `${family.replace(' ', '-')}.svg`, svg: plot(attack, shown, first.job.seed) }],
  );
};
