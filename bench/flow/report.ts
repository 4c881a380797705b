/** The tables, targets and sentences of a run. */

import type { Cell, Table, Target } from '../report/results.ts';
import { bootstrap, type Interval, median } from '../report/statistics.ts';
import type { Sample } from './measure.ts';
import type { Memory } from './memory.ts';
import { mostOf, type PartName, partNames } from './profile/parts.ts';

type Round = Sample & { readonly round: number };

/** Shares of the parts, by contender. */
export type Profiles = ReadonlyMap<string, ReadonlyMap<PartName, number>>;

export type Measured = {
  /** This service first. */
  readonly contenders: readonly [string, ...string[]];
  readonly concurrencies: readonly number[];
  /** Trips to AWS in sequence. */
  readonly depths: Readonly<Record<'send' | 'check', number>>;
  readonly samples: readonly Round[];
  readonly memories: readonly Memory[];
  readonly profiles: Profiles;
};

const interval = (values: readonly number[]): Interval => bootstrap(values, Math.random);
const inMebibytes = (bytes: number) => bytes / 2 ** 20;

/** Pairs of one round: a slow minute of the machine slows both. */
const ratios = (of: 'cpuMs' | 'flowsPerSecond', first: readonly Round[], other: readonly Round[]): readonly number[] =>
  first.flatMap((sample) => {
    const beside = other.find(({ round }) => round === sample.round);
    return beside === undefined ? [] : [sample[of] / beside[of]];
  });

const samplesOf = ({ samples }: Measured, contender: string, concurrency: number) =>
  samples.filter((sample) => sample.contender === contender && sample.concurrency === concurrency);

const speedTable = (measured: Measured, concurrency: number): Table => {
  const [ours] = measured.contenders;
  const first = samplesOf(measured, ours, concurrency);
  const row = (contender: string): readonly Cell[] => {
    const own = samplesOf(measured, contender, concurrency);
    return [
      contender,
      interval(own.map(({ cpuMs }) => cpuMs)),
      contender === ours ? 1 : interval(ratios('cpuMs', first, own)),
      interval(own.map(({ flowsPerSecond }) => flowsPerSecond)),
      contender === ours ? 1 : interval(ratios('flowsPerSecond', first, own)),
      Math.round(inMebibytes(Math.max(...own.map(({ rssBytes }) => rssBytes)))),
      median(own.map(({ calls }) => calls)),
      median(own.map(({ connections }) => connections)),
    ];
  };
  return {
    title: `${concurrency} at a time`,
    columns: [
      ...['contender', 'CPU ms per flow', 'our CPU ÷ its', 'flows/s', 'our flows/s ÷ its'],
      ...['RSS MiB', 'calls per flow', 'new connections per flow'],
    ],
    rows: measured.contenders.map(row),
  };
};

const flowsOf = (memories: readonly Memory[]): string => (memories[0]?.flows ?? 0).toLocaleString('en');

const memoryTable = (memories: readonly Memory[]): Table => ({
  title: `RSS after ${flowsOf(memories)} flows, 16 at a time, with the heap of a function of ${memories[0]?.megabytes} MB`,
  columns: ['contender', 'RSS MiB at the end', 'RSS MiB at most', 'fresh processes'],
  rows: [...Map.groupBy(memories, ({ contender }) => contender)].map(([contender, own]) => [
    contender,
    interval(own.map(({ rssBytes }) => inMebibytes(rssBytes))),
    interval(own.map(({ peakRssBytes }) => inMebibytes(peakRssBytes))),
    own.length,
  ]),
});

const cpuOf = (measured: Measured, contender: string): number =>
  median(samplesOf(measured, contender, 1).map(({ cpuMs }) => cpuMs));

/** Milliseconds are the share of the CPU that was measured without the profiler. */
const profileTable = (measured: Measured): Table => {
  const profiled = [...measured.profiles];
  return {
    title: 'CPU by part, one at a time',
    columns: ['part', ...profiled.flatMap(([name]) => [`${name}: share %`, `${name}: ms per flow`])],
    rows: partNames.map((part) => [
      part,
      ...profiled.flatMap(([name, shares]) => {
        const share = shares.get(part) ?? 0;
        return [Number((share * 100).toFixed(1)), Number((share * cpuOf(measured, name)).toFixed(2))];
      }),
    ]),
  };
};

export const tablesOf = (measured: Measured): readonly Table[] => [
  ...measured.concurrencies.map((concurrency) => speedTable(measured, concurrency)),
  ...(measured.memories.length === 0 ? [] : [memoryTable(measured.memories)]),
  ...(measured.profiles.size === 0 ? [] : [profileTable(measured)]),
];

/** A cell of the page has 25 words at most. */
const whySlow = ({ profiles, contenders: [ours] }: Measured): string =>
  `Most of our CPU goes to ${mostOf(profiles.get(ours) ?? new Map(), 3)}.`;

const whyBehind = (measured: Measured, other: string): string => {
  const callsOf = (name: string) => median(samplesOf(measured, name, 16).map(({ calls }) => calls));
  const [ours] = measured.contenders;
  return `We make ${callsOf(ours)} calls over TLS for a flow, and ${other} ${callsOf(other) || 'none'}.`;
};

const whyBig = (own: readonly Memory[], beside: readonly Memory[]): string => {
  const bytes = (memories: readonly Memory[], of: 'heapBytes' | 'rssBytes') =>
    Math.round(inMebibytes(median(memories.map((memory) => memory[of]))));
  return `${bytes(own, 'heapBytes')} MiB of it are the heap of V8. The bare SDK takes ${bytes(beside, 'rssBytes')} MiB in all.`;
};

export const targetsOf = (measured: Measured): readonly Target[] => {
  const [ours] = measured.contenders;
  const compared = (of: 'cpuMs' | 'flowsPerSecond', other: string, concurrency: number) =>
    interval(ratios(of, samplesOf(measured, ours, concurrency), samplesOf(measured, other, concurrency)));
  const memoriesOf = (name: string) => measured.memories.filter(({ contender }) => contender === name);
  const own = memoriesOf(ours);
  return [
    {
      measure: 'CPU per flow (send and check), divided by that of the bare SDK with the same calls, one at a time',
      unit: '×',
      bound: { atMost: 0.7 },
      value: compared('cpuMs', 'bare SDK', 1),
      why: whySlow(measured),
    },
    {
      measure: "flows per second, divided by those of Better Auth's phone plugin on SQLite in memory, 16 at a time",
      unit: '×',
      bound: { atLeast: 0.55 },
      value: compared('flowsPerSecond', 'Better Auth', 16),
      why: whyBehind(measured, 'Better Auth'),
    },
    {
      measure: `RSS after ${flowsOf(own)} flows with the heap flags of Lambda for ${own[0]?.megabytes} MB`,
      unit: 'MiB',
      bound: { atMost: 128 },
      value: interval(own.map(({ rssBytes }) => inMebibytes(rssBytes))),
      why: whyBig(own, memoriesOf('bare SDK')),
    },
  ];
};

export const depthSentence = ({ depths }: Measured): string =>
  `Trips to AWS in sequence: send ${depths.send}, check ${depths.check}.`;

/** @throws if the bare SDK did not make our calls: nothing could be compared. */
export const expectSameCalls = (measured: Measured): void => {
  for (const concurrency of measured.concurrencies) {
    const callsOf = (contender: string) =>
      median(samplesOf(measured, contender, concurrency).map(({ calls }) => calls));
    const [ours] = measured.contenders;
    if (callsOf(ours) !== callsOf('bare SDK'))
      throw new Error(`We made ${callsOf(ours)} calls a flow, and the bare SDK ${callsOf('bare SDK')}.`);
  }
};
