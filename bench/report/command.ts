/** A bench as a command: its numbers of rounds, its print, and whether its result may be kept. */

import { parseArgs } from 'node:util';
import { boundOf, isMet, shown, withUnit } from './cells.ts';
import { isNoisy } from './machine.ts';
import { type Result, type Table, writeResult } from './results.ts';

export type Command = {
  /** As typed, without the options that change no figure. */
  readonly command: string;
  readonly isQuick: boolean;
  /** The value of a count, such as `--rounds`. */
  readonly count: (name: string) => number;
  /** The value of an option that changes no figure of this service, such as `--before`. */
  readonly text: (name: string) => string | undefined;
  /** Prints the result. Writes it if `--write` asks for it. */
  readonly publish: (result: Result) => Promise<void>;
};

/** The value of each count by default, and with `--quick`. */
export type Counts = Readonly<Record<string, { readonly usual: number; readonly quick: number }>>;

const textOf = ({ title, columns, rows }: Table): string => {
  const lines = [columns, ...rows].map((cells) => cells.map(shown));
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  const aligned = lines.map((line) =>
    line.map((text, column) => (column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0))),
  );
  return [title, ...aligned.map((line) => line.join('  '))].join('\n');
};

const printed = ({ machine, commit, date, command, loads, tables, targets, notes }: Result): string => {
  const subject = `${machine.processor}, ${machine.cores} cores, ${machine.platform}, Node ${machine.node}`;
  const load = `load average: ${loads.before.toFixed(1)} before, ${loads.highest.toFixed(1)} at most`;
  const judged = targets.map((target) => {
    const value = withUnit(shown(target.value), target.unit);
    return `${isMet(target) ? 'met   ' : 'MISSED'} ${target.measure}: ${value}, target ${boundOf(target)}`;
  });
  const head = `${subject}, commit ${commit}, ${date}\n${command}\n${load}`;
  return [head, ...tables.map(textOf), judged.join('\n'), ...notes].join('\n\n');
};

/** Why a run is not kept, if so. A busy machine is no reason for somebody who says `--noisy`. */
export const refusalOf = (
  { loads }: Pick<Result, 'loads'>,
  { isQuick, takesNoise }: { readonly isQuick: boolean; readonly takesNoise: boolean },
): string | undefined => {
  if (isQuick) return 'QUICK: a few rounds say nothing. Do not publish these figures.';
  if (isNoisy(loads) && !takesNoise) return 'NOISY: other programs ran. Do not publish these figures.';
  return undefined;
};

/**
 * Reads the command line: the counts, and `--quick`, `--write`, `--noisy`.
 *
 * @throws Error if a count is no whole number from 1
 */
export const commandOf = (
  script: string,
  counts: Counts,
  args = process.argv.slice(2),
  texts: readonly string[] = [],
): Command => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...Object.fromEntries([...Object.keys(counts), ...texts].map((name) => [name, { type: 'string' } as const])),
      quick: { type: 'boolean' },
      write: { type: 'boolean' },
      noisy: { type: 'boolean' },
    },
  });
  const given: Readonly<Record<string, string | boolean | undefined>> = values;
  const isQuick = given['quick'] === true;
  const count = (name: string): number => {
    const { usual = 1, quick = 1 } = counts[name] ?? {};
    const number = Number(given[name] ?? (isQuick ? quick : usual));
    if (!Number.isInteger(number) || number < 1)
      throw new Error(`--${name} is ${given[name]}. Allowed are whole numbers from 1: for example --${name} ${usual}.`);
    return number;
  };
  const options = isQuick ? ['--quick'] : Object.keys(counts).map((name) => `--${name} ${count(name)}`);
  const publish = async (result: Result): Promise<void> => {
    console.log(printed(result));
    const refusal = refusalOf(result, { isQuick, takesNoise: given['noisy'] === true });
    if (refusal !== undefined) console.log(`\n${refusal}`);
    if (given['write'] !== true) return;
    if (refusal !== undefined) throw new Error('The result is not written.');
    await writeResult(result);
  };
  const text = (name: string): string | undefined => {
    const value = given[name];
    return typeof value === 'string' ? value : undefined;
  };
  return { command: `npm run ${script} -- ${options.join(' ')}`, isQuick, count, text, publish };
};
