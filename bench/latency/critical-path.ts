/**
 * The critical path of a flow: the time that no code can save, because each call waits for answers of others.
 *
 * A recording with delays far longer than any computation says which call waits for which. A measured flow brings the time
 * that AWS took for each of these calls.
 */

import type { Call } from '../flow/fake-aws.ts';

/** A call of a flow. `after` has the places of the calls that had their answers before it began. */
export type Step = { readonly operation: string; readonly after: readonly number[] };

const byStart = (calls: readonly Call[]) => calls.toSorted((a, b) => a.startedMs - b.startedMs);

export const stepsOf = (recorded: readonly Call[]): readonly Step[] => {
  const calls = byStart(recorded);
  return calls.map(({ operation, startedMs }) => ({
    operation,
    after: calls.flatMap(({ endedMs }, place) => (endedMs <= startedMs ? [place] : [])),
  }));
};

/** The time that AWS took, by its own clock: from the whole request to the answer. */
const servedMs = ({ receivedMs, endedMs }: Call): number => endedMs - receivedMs;

/** The length of the longest chain, with the weight of each step. */
const longestChain = (steps: readonly Step[], weights: readonly number[]): number => {
  const ends: number[] = [];
  for (const [place, { after }] of steps.entries()) {
    const begins = Math.max(0, ...after.map((before) => ends[before] ?? 0));
    ends.push(begins + (weights[place] ?? 0));
  }
  return Math.max(0, ...ends);
};

/** How many calls wait for each other at most. */
export const depthOf = (steps: readonly Step[]): number =>
  longestChain(
    steps,
    steps.map(() => 1),
  );

/** @throws Error if the flow made other calls than the recorded one */
export const criticalPathMs = (steps: readonly Step[], measured: readonly Call[]): number => {
  const left = byStart(measured);
  const weights = steps.map(({ operation }) => {
    const [call] = left.splice(left.findIndex((each) => each.operation === operation) >>> 0, 1);
    if (call === undefined) throw new Error(`A measured flow has no ${operation}, as the recorded one has.`);
    return servedMs(call);
  });
  if (left.length > 0) throw new Error(`A measured flow has ${left.length} calls more than the recorded one.`);
  return longestChain(steps, weights);
};
