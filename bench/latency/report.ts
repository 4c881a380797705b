/** The result of the bench of latency: a table, its targets, and the plot. */

import type { Measured, Plot, Table, Target } from '../report/results.ts';
import { bootstrap, type Interval, median, quantile } from '../report/statistics.ts';
import { depthOf, type Step } from './critical-path.ts';
import { type FlowName, flowNames, type Sample } from './play.ts';

export type Played = {
  readonly steps: Readonly<Record<FlowName, readonly Step[]>>;
  readonly samples: Readonly<Record<FlowName, readonly Sample[]>>;
};

/** Milliseconds above the critical path, at most. */
const bounds: Readonly<Record<FlowName, { readonly p50: number; readonly p99: number }>> = {
  request: { p50: 4, p99: 9 },
  'check wrong': { p50: 2.5, p99: 5 },
  'check right': { p50: 4, p99: 7 },
};

const p99 = (values: readonly number[]) => quantile(values, 0.99);

type Figures = {
  readonly tookMs: number;
  readonly criticalMs: number;
  readonly p50: Interval;
  readonly p99: Interval;
  readonly cpuMs: number;
  readonly connections: number;
};

/** Each flow is compared with its own critical path: a late timer lengthens both. */
const figuresOf = (samples: readonly Sample[], random: () => number): Figures => {
  const above = samples.map(({ tookMs, criticalMs }) => tookMs - criticalMs);
  return {
    tookMs: median(samples.map(({ tookMs }) => tookMs)),
    criticalMs: median(samples.map(({ criticalMs }) => criticalMs)),
    p50: bootstrap(above, random),
    p99: bootstrap(above, random, p99),
    cpuMs: median(samples.map(({ cpuMs }) => cpuMs)),
    connections: samples.reduce((sum, { connections }) => sum + connections, 0) / samples.length,
  };
};

/** The flows at a percentile and beyond have CPU of their own: a slow flow computes more, or the machine was busy. */
const whyOf = (samples: readonly Sample[], part: number, at: number): string => {
  const slow = samples.filter(({ tookMs, criticalMs }) => tookMs - criticalMs >= at);
  const flows = part === 0.5 ? 'A flow' : 'A flow of the slowest hundredth';
  const cpuMs = median((part === 0.5 ? samples : slow).map(({ cpuMs }) => cpuMs));
  return `${flows} takes ${cpuMs.toFixed(1)} ms of CPU in the container, at the median.`;
};

const targetsOf = (flow: FlowName, samples: readonly Sample[], figures: Figures): readonly Target[] =>
  (['p50', 'p99'] as const).map((name) => ({
    measure: `${flow}, above the critical path, ${name}`,
    unit: 'ms',
    bound: { atMost: bounds[flow][name] },
    value: figures[name],
    why: whyOf(samples, name === 'p50' ? 0.5 : 0.99, figures[name].middle),
  }));

const columns = [
  'flow',
  'trips',
  'calls',
  'wall ms, p50',
  'critical path ms, p50',
  'above it ms, p50',
  'above it ms, p99',
  'CPU ms, p50',
  'new connections',
];

const round = (value: number): number => Math.round(value * 100) / 100;

export const measuredOf = (
  { steps, samples }: Played,
  random: () => number,
): Pick<Measured, 'tables' | 'targets'> & { readonly plots: readonly Plot[] } => {
  const all = flowNames.map((flow) => ({ flow, figures: figuresOf(samples[flow], random) }));
  const rows: Table['rows'] = all.map(({ flow, figures }) => [
    flow,
    depthOf(steps[flow]),
    steps[flow].length,
    round(figures.tookMs),
    round(figures.criticalMs),
    figures.p50,
    figures.p99,
    round(figures.cpuMs),
    round(figures.connections),
  ]);
  const bars = all.map(({ flow, figures }) => ({
    name: flow,
    parts: [
      { name: 'critical path, p50', value: round(figures.criticalMs) },
      { name: 'above it, p50', value: round(figures.p50.middle) },
    ],
    whisker: round(figures.criticalMs + figures.p99.middle),
  }));
  return {
    tables: [{ title: `${samples.request.length} verifications, one at a time`, columns, rows }],
    targets: all.flatMap(({ flow, figures }) => targetsOf(flow, samples[flow], figures)),
    plots: [{ name: 'benchmarks-latency', title: 'One flow at a time, line to the 99th percentile', unit: 'ms', bars }],
  };
};
