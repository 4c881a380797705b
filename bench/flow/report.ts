/** The tables of the bench. */

import type { Loads } from '../report/machine.ts';
import { bootstrap, type Interval, median } from '../report/statistics.ts';
import type { Sample } from './measure.ts';

type Named = { readonly name: string };

type Measured = {
  readonly contenders: readonly Named[];
  readonly concurrencies: readonly number[];
  /** Trips to AWS in sequence. */
  readonly depths: Readonly<Record<'send' | 'check', number>>;
  readonly samples: readonly (Sample & { readonly round: number })[];
  readonly loads: Loads;
};

const shown = ({ middle, low, high }: Interval, digits: number) =>
  `${middle.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`;

const row = (columns: readonly string[]) =>
  columns.map((column, index) => (index === 0 ? column.padEnd(14) : column.padStart(24))).join('');

const heads = ['CPU ms', 'CPU of the first', 'flows/s', 'flows/s of the first', 'RSS MiB', 'calls', 'connections'];

type Round = Sample & { readonly round: number };

/** Pairs of one round: a slow minute of the machine slows both. */
const ratiosOf = (what: 'cpuMs' | 'flowsPerSecond', first: readonly Round[], own: readonly Round[]) =>
  first.flatMap((sample) => {
    const other = own.find(({ round }) => round === sample.round);
    return other === undefined ? [] : [sample[what] / other[what]];
  });

const line = (name: string, first: readonly Round[], own: readonly Round[]): string => {
  const show = (values: readonly number[], digits: number) => shown(bootstrap(values, Math.random), digits);
  return row([
    name,
    show(
      own.map(({ cpuMs }) => cpuMs),
      2,
    ),
    `${show(ratiosOf('cpuMs', first, own), 2)}×`,
    show(
      own.map(({ flowsPerSecond }) => flowsPerSecond),
      0,
    ),
    `${show(ratiosOf('flowsPerSecond', first, own), 2)}×`,
    (Math.max(...own.map(({ rssBytes }) => rssBytes)) / 2 ** 20).toFixed(0),
    median(own.map(({ calls }) => calls)).toFixed(1),
    median(own.map(({ connections }) => connections)).toFixed(1),
  ]);
};

export const report = ({ contenders, concurrencies, depths, samples, loads }: Measured): string => {
  const tables = concurrencies.map((concurrency) => {
    const of = ({ name }: Named) =>
      samples.filter((sample) => sample.contender === name && sample.concurrency === concurrency);
    const first = contenders.slice(0, 1).flatMap(of);
    const lines = contenders.map((contender) => line(contender.name, first, of(contender)));
    return [`${concurrency} at a time`, row(['', ...heads]), ...lines].join('\n');
  });
  const depth = `trips in sequence: send ${depths.send}, check ${depths.check}`;
  const load = `load average: ${loads.before.toFixed(1)} before, ${loads.highest.toFixed(1)} at most`;
  return [...tables, `${depth}\n${load}`].join('\n\n');
};
