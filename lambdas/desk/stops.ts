import { wordsOf } from '../bursts/ring-stops.ts';
import type { Stop, StopWhat } from '../otp/limits/stops.ts';
import { type Action, actionOf, type Operator } from './actions.ts';

export type StopDesk = {
  /**
   * Writes the stop and its action, or nothing. A stop that holds already keeps its time and its author.
   *
   * @returns the stop that holds.
   */
  readonly stop: (stop: Stop, action: Action) => Promise<Stop>;
  /** Ends the stop and writes the action, or does nothing. @returns false: it does not hold. */
  readonly resume: (what: StopWhat, action: Action) => Promise<boolean>;
};

export type StopRequest = { readonly what: StopWhat; readonly reason: string };

const labelOf = (what: StopWhat): string => (what.kind === 'all' ? 'all sending' : wordsOf(what));

/** Stops sending, from the next request on. It holds until somebody resumes. */
export const stopSending =
  (desk: Pick<StopDesk, 'stop'>) =>
  async ({ what, reason }: StopRequest, operator: Operator): Promise<Stop> => {
    const stop: Stop = { what, atMs: operator.atMs, by: operator.principal, reason };
    return desk.stop(stop, actionOf(operator, 'stop-sending', { about: labelOf(what), reason }));
  };

/** @returns false: no such stop holds. */
export const resumeSending =
  (desk: Pick<StopDesk, 'resume'>) =>
  async ({ what, reason }: StopRequest, operator: Operator): Promise<boolean> =>
    desk.resume(what, actionOf(operator, 'resume-sending', { about: labelOf(what), reason }));
