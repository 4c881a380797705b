/** The tables, targets and plots of the bench. */

import { type Cell, isInterval, type Plot, type Table, type Target } from '../report/results.ts';
import { median } from '../report/statistics.ts';
import { type Route, routes } from './contenders.ts';
import type { Sized } from './functions.ts';
import {
  bothMs,
  cpuMs,
  firstFlowMs,
  intervalOf,
  loadMs,
  named,
  type Part,
  ratioOf,
  type Sample,
  sharedMs,
  startMs,
} from './samples.ts';

/** The first flows of one route, while AWS answers in one way. */
export type Round = { readonly route: Route; readonly delays: Delays; readonly samples: readonly Sample[] };
export type Delays = 'none' | 'played';

export const delayWords: Readonly<Record<Delays, string>> = {
  none: 'AWS answers at once',
  played: 'AWS takes its time',
};

const heads = [
  'start of Node ms',
  'load ms',
  'first flow ms',
  'load + first flow ms',
  'CPU ms',
  'CPU at Lambda’s share ms',
];
const parts: readonly Part[] = [startMs, loadMs, firstFlowMs, bothMs, cpuMs, sharedMs];

const namesOf = (samples: readonly Sample[]) => [...new Set(samples.map(({ name }) => name))];

const cellsOf = (samples: readonly Sample[], name: string): readonly Cell[] =>
  parts.map((part) => intervalOf(named(samples, name), part));

const routeTable = ({ route, delays, samples }: Round): Table => ({
  title: `${route}-verification, ${delayWords[delays]}`,
  columns: ['', ...heads, 'load + first flow, × of ours'],
  rows: namesOf(samples)
    .toSorted()
    .map((name) => [name, ...cellsOf(samples, name), ratioOf(named(samples, name), named(samples, 'ours'), bothMs)]),
});

const kibibytes = (bytes: number): string => String(Math.ceil(bytes / 1024));

const sizeOf = (sizes: readonly Sized[], name: string): string => {
  const { codeBytes = 0, dataBytes = 0 } = sizes.find((sized) => sized.name === name) ?? {};
  return dataBytes === 0 ? kibibytes(codeBytes) : `${kibibytes(codeBytes)} + ${kibibytes(dataBytes)}`;
};

export const functionsTable = (samples: readonly Sample[], sizes: readonly Sized[]): Table => ({
  title: 'each function of ours, against the local stack',
  columns: ['', 'KiB', ...heads],
  rows: namesOf(samples)
    .toSorted()
    .map((name) => [name, sizeOf(sizes, name), ...cellsOf(samples, name)]),
});

export const tablesOf = (rounds: readonly Round[]): readonly Table[] => rounds.map(routeTable);

const bounds: Readonly<Record<Route, number>> = { request: 1.7, check: 2.5 };

const samplesOf = (rounds: readonly Round[], wanted: Route, wantedDelays: Delays): readonly Sample[] =>
  rounds.flatMap(({ route, delays, samples }) => (route === wanted && delays === wantedDelays ? samples : []));

const cpuRatio = (samples: readonly Sample[]): string =>
  ratioOf(named(samples, 'usual stack'), named(samples, 'ours'), cpuMs).middle.toFixed(2);

export const targetsOf = (rounds: readonly Round[]): readonly Target[] =>
  routes.flatMap((route) => {
    const samples = samplesOf(rounds, route, 'none');
    if (samples.length === 0) return [];
    const value = ratioOf(named(samples, 'usual stack'), named(samples, 'ours'), bothMs);
    return {
      measure: `cold load + first flow of ${route}-verification against the usual stack, over TLS, ${delayWords.none}`,
      unit: '×',
      bound: { atLeast: bounds[route] },
      value,
      why: `The first flow runs cold code for every call to AWS; in CPU the usual stack takes ${cpuRatio(samples)} times ours.`,
    };
  });

export const plotsOf = (rounds: readonly Round[]): readonly Plot[] => {
  const bars = rounds
    .filter(({ delays }) => delays === 'none')
    .flatMap(({ route, samples }) =>
      namesOf(samples)
        .toSorted()
        .map((name) => {
          const value = (part: Part) => median(named(samples, name).map(part));
          return {
            name: `${route}, ${name}`,
            parts: [
              { name: 'start of Node', value: value(startMs) },
              { name: 'load', value: value(loadMs) },
              { name: 'first flow', value: value(firstFlowMs) },
            ],
          };
        }),
    );
  return [{ name: 'benchmarks-cold', title: 'Cold starts by part', unit: 'ms', bars }];
};

const shown = (cell: Cell): string =>
  isInterval(cell) ? `${cell.middle.toFixed(1)} (${cell.low.toFixed(1)}–${cell.high.toFixed(1)})` : String(cell);

const twoDigits = (cell: Cell): string =>
  isInterval(cell) ? `${cell.middle.toFixed(2)} (${cell.low.toFixed(2)}–${cell.high.toFixed(2)})×` : String(cell);

/** A table as text for the terminal. */
export const printed = ({ title, columns, rows }: Table): string => {
  const lines = [
    columns,
    ...rows.map((row) => row.map((cell, index) => (columns[index]?.includes('×') ? twoDigits(cell) : shown(cell)))),
  ];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => (line[index] ?? '').length)));
  const text = lines.map((line) =>
    line
      .map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart((widths[index] ?? 0) + 2)))
      .join(''),
  );
  return [title, ...text].join('\n');
};

export const printedTarget = ({ measure, bound, value, unit }: Target): string => {
  const wanted = 'atLeast' in bound ? `at least ${bound.atLeast}${unit}` : `at most ${bound.atMost}${unit}`;
  return `${measure}: ${twoDigits(typeof value === 'number' ? value : value)}, wanted ${wanted}`;
};
