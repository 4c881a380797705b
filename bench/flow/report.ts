/** The tables of the bench. */

import type { Contender, Sample } from './measure.ts';
import { bootstrap, type Interval, median } from './statistics.ts';

/** The load average of the last minute. */
export type Load = number;

/** Above it, other programs ran: the containers and AWS take a core and a half at most. */
export const noisyLoad = 1.5;

type Measured = {
  readonly contenders: readonly Contender[];
  readonly concurrencies: readonly number[];
  readonly samples: readonly (Sample & { readonly round: number })[];
  readonly loads: readonly Load[];
};

const shown = ({ middle, low, high }: Interval, digits: number) =>
  `${middle.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`;

const row = (columns: readonly string[]) =>
  columns.map((column, index) => (index === 0 ? column.padEnd(14) : column.padStart(22))).join('');

export const report = ({ contenders, concurrencies, samples, loads }: Measured): string => {
  const of = (name: string, concurrency: number) =>
    samples.filter((sample) => sample.contender === name && sample.concurrency === concurrency);
  const tables = concurrencies.map((concurrency) => {
    const first = of(contenders[0]?.name ?? '', concurrency);
    const lines = contenders.map(({ name }) => {
      const own = of(name, concurrency);
      const show = (what: (sample: Sample) => number, digits: number) =>
        shown(bootstrap(own.map(what), Math.random), digits);
      // Pairs of one round: a slow minute of the machine slows both.
      const ratios = first.flatMap((sample) => {
        const other = own.find(({ round }) => round === sample.round);
        return other === undefined ? [] : [sample.cpuMs / other.cpuMs];
      });
      return row([
        name,
        show(({ cpuMs }) => cpuMs, 2),
        `${shown(bootstrap(ratios, Math.random), 2)}×`,
        show(({ flowsPerSecond }) => flowsPerSecond, 0),
        (Math.max(...own.map(({ rssBytes }) => rssBytes)) / 2 ** 20).toFixed(0),
        median(own.map(({ calls }) => calls)).toFixed(1),
        median(own.map(({ connections }) => connections)).toFixed(1),
      ]);
    });
    const heads = ['CPU ms', 'CPU of the first', 'flows/s', 'RSS MiB', 'calls', 'connections'];
    return [`${concurrency} at a time`, row(['', ...heads]), ...lines].join('\n');
  });
  const load = `load average: ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}`;
  return [...tables, load].join('\n\n');
};
