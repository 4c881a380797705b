/** Renders the quotas: the use at each rate, and the quota that binds first. */

import { table } from '../markdown.ts';
import { shipped } from './bill.ts';
import { pace } from './detector.ts';
import { type Measured, type Rate, rates } from './measured.ts';
import { boundAt, maxSendsPerSecond, type Quota, quotasOf, recordsPerSend, sendsAt, shardsAt } from './quotas.ts';
import type { Source } from './sources.ts';

const number = (value: number): string => value.toLocaleString('en');

/** Rounded up, except for the error of binary fractions. */
const rounded = (value: number): string => number(Math.ceil(Number(value.toFixed(6))));

const useCell = ({ use, least }: Quota, rate: Rate): string => {
  const used = rounded(use(rate));
  return use(rate) > least(rate) ? `**${used}**` : used;
};

const linked = ({ page }: Source): string => `[page](${page})`;

const useTable = (quotas: readonly Quota[]): string =>
  table(
    ['quota, by second', ...rates.map((rate) => `${number(rate)} SMS/s`), 'default', 'source'],
    quotas.map((quota) => [
      quota.name,
      ...rates.map((rate) => useCell(quota, rate)),
      quota.byDefault,
      quota.source === undefined ? 'measured' : linked(quota.source),
    ]),
  );

/** A row for each quota that a rate exceeds, in the order in which they bind. */
const boundRows = (quotas: readonly Quota[]): readonly (readonly string[])[] =>
  rates.flatMap((rate) =>
    boundAt(quotas, rate).map((quota, nth) => [
      nth === 0 ? `**${number(rate)}**` : '',
      quota.name,
      number(Math.floor(sendsAt(quota, rate))),
      quota.raise,
    ]),
  );

const boundTable = (quotas: readonly Quota[]): string =>
  table(['SMS/s', 'quota that binds', 'binds at SMS/s', 'to raise it'], boundRows(quotas));

const unbound = (quotas: readonly Quota[]): string => {
  const free = rates.filter((rate) => boundAt(quotas, rate).length === 0).map(number);
  return free.length === 0 ? '' : ` At ${free.join(' and ')} a second none binds.`;
};

const detectorWords = (): string => {
  const most = rates[rates.length - 1] ?? 1;
  const [records, shards] = [most * recordsPerSend, shardsAt(most)];
  const carried = (perShard: number) => number(Math.floor(shards * perShard * pace.share));
  return [
    `\`detect-bursts\` takes the stream in order, one batch per shard at a time.`,
    `With ${pace.megabytes} MB one shard carries ${pace.perShard} records a second, and with ${number(pace.coreMegabytes)} MB ${pace.perShardOnCore}.`,
    `${pace.measuredShards} shards in one country carry ${number(pace.share * pace.measuredShards)} times as much as one: their transactions meet at its counts.`,
    `[results.md](../bench/bursts/results.md) has the measurement.`,
    'It is of a detector that is behind: that one counts large batches by transactions, which are faster and cost twice the units ([ADR 124](decisions/0124-plain-writes-count-batches-of-any-size.md)).',
    `${number(most)} SMS a second are ${number(records)} records, on ${shards} shards. These carry ${carried(pace.perShard)}, or ${carried(pace.perShardOnCore)} with ${number(pace.coreMegabytes)} MB.`,
    `More than ${pace.measuredShards} shards were not measured.`,
    'The memory is `memoryMegabytes` in `lambdas/contract.ts`.',
    'If the detector falls behind, sends go on, and the alarm [Lambda-IteratorAge-detect-bursts](runbook.md#lambda-iteratorage-detect-bursts) goes off.',
  ].join(' ');
};

export const quotaSections = (measured: Measured): readonly string[] => {
  const quotas = quotasOf({ measured, variant: shipped });
  return [
    '## Quotas',
    'The table has the use per second at each rate of SMS. Each SMS has one right check, and every second one a wrong check before. Bold is above the minimum that AWS, or our own default, gives. A partition of DynamoDB throttles reads and writes each by themselves. Quotas are of an account and Region, and were looked up as the prices were.',
    useTable(quotas),
    '### The quota that binds first',
    `At each rate the first row is the quota that binds first, and the rows below it bind next.${unbound(quotas)} Ask for more weeks ahead.`,
    boundTable(quotas),
    `**About ${number(maxSendsPerSecond)} SMS a second is the maximum** of one deployment with one counter of the total cap: each send writes that item once.`,
    '### The detector',
    detectorWords(),
  ];
};
