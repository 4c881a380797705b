/** A bench leaves one file behind, from which `docs/benchmarks.md` and its plots are written. */

import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { commit, type Loads, type Machine, machine } from './machine.ts';
import type { Interval } from './statistics.ts';

export type BenchName = 'cold' | 'flow' | 'latency' | 'race' | 'cost';

/** Text, a number that was counted, or a measurement with the middle 95% of its bootstrap medians. */
export type Cell = string | number | Interval;

export type Table = {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
};

/** A row of the table of targets. */
export type Target = {
  readonly measure: string;
  /** `×`, `ms`, `MiB`, `USD`: shown behind both numbers. */
  readonly unit: string;
  readonly bound: { readonly atLeast: number } | { readonly atMost: number };
  readonly value: number | Interval;
  /** Why it is missed, in a sentence. Shown if it is. */
  readonly why?: string;
};

/** Bars of parts that add up, one bar a row. */
export type Plot = {
  /** File name without folder and ending: `benchmarks-cold`. */
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly bars: readonly {
    readonly name: string;
    readonly parts: readonly { readonly name: string; readonly value: number }[];
    /** End of a thin line beyond the bar: the 99th percentile, say. */
    readonly whisker?: number;
  }[];
};

export type Result = {
  readonly bench: BenchName;
  /** As typed: `npm run bench:flow -- --rounds 12`. */
  readonly command: string;
  readonly machine: Machine;
  readonly commit: string;
  /** YYYY-MM-DD, UTC. */
  readonly date: string;
  readonly loads: Loads;
  readonly tables: readonly Table[];
  readonly targets: readonly Target[];
  readonly plots: readonly Plot[];
  /** Sentences below the tables. */
  readonly notes: readonly string[];
};

export type Measured = Pick<Result, 'bench' | 'command' | 'loads' | 'tables' | 'targets'> &
  Partial<Pick<Result, 'plots' | 'notes'>>;

export const resultOf = (measured: Measured): Result => ({
  plots: [],
  notes: [],
  ...measured,
  machine: machine(),
  commit: commit(),
  date: new Date().toISOString().slice(0, 10),
});

export const isInterval = (value: Cell): value is Interval => typeof value === 'object';

/** The folder of the committed results. */
export const resultsFolder = path.join(import.meta.dirname, '..', 'results');

/** Writes `bench/results/<bench>.json`. */
export const writeResult = async (result: Result): Promise<void> => {
  await mkdir(resultsFolder, { recursive: true });
  await writeFile(path.join(resultsFolder, `${result.bench}.json`), `${JSON.stringify(result, undefined, 2)}\n`);
};
