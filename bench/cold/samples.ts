/** The measurements of the first flows. */

import { functions } from '../../lambdas/contract.ts';
import type { FirstFlow } from '../../test/fakes/cold-start/first-flow.ts';
import { bootstrap, type Interval } from '../report/statistics.ts';

type Times = Pick<FirstFlow, 'loadMs' | 'firstFlowMs' | 'totalMs' | 'cpuMs' | 'loadCpuMs'>;

export type Sample = Times & {
  readonly name: string;
  readonly round: number;
};

export type Part = (sample: Times) => number;

/** Node's own start, until it imports the bundle. Nobody who writes a function can change it. */
export const startMs: Part = ({ totalMs, loadMs, firstFlowMs }) => totalMs - loadMs - firstFlowMs;
export const loadMs: Part = (sample) => sample.loadMs;
export const firstFlowMs: Part = (sample) => sample.firstFlowMs;
export const bothMs: Part = (sample) => sample.loadMs + sample.firstFlowMs;
export const cpuMs: Part = (sample) => sample.cpuMs;

/** Lambda gives a whole core for 1,769 MB: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const megabytesOfCore = 1769;
const { memoryMegabytes } = functions['request-verification'];

/**
 * CPU of the first flow as it takes Lambda's share of a core. The load has a whole core, as measured by others:
 * https://bitesizedserverless.com/bite/lambda-cold-start-bootstrap/
 */
export const sharedMs: Part = (sample) =>
  sample.loadCpuMs + ((sample.cpuMs - sample.loadCpuMs) * megabytesOfCore) / memoryMegabytes;

export const named = (samples: readonly Sample[], name: string): readonly Sample[] =>
  samples.filter((sample) => sample.name === name);

export const intervalOf = (samples: readonly Sample[], part: Part): Interval =>
  bootstrap(samples.map(part), Math.random);

/** By pairs of one round: a slow minute of the machine slows both. */
export const ratioOf = (of: readonly Sample[], to: readonly Sample[], part: Part): Interval => {
  const ratios = of.flatMap((sample) => {
    const other = to.find(({ round }) => round === sample.round);
    return other === undefined ? [] : [part(sample) / part(other)];
  });
  return bootstrap(ratios, Math.random);
};
