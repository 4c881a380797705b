import { hourMs } from '../../otp/durations.ts';
import type { Action, ActionName } from '../actions.ts';

/** The entries of acts on numbers in the trail of operators. */
export type NumberActs = {
  /** Writes the entry of an act. Nothing is read or erased without it. */
  readonly note: (action: Action) => Promise<void>;
  /** When acts of this name were noted since a time, newest first. It sees every entry that was written before it asks. */
  readonly timesOf: (name: ActionName, sinceMs: number) => Promise<readonly number[]>;
};

export type TooMany = { readonly kind: 'too-many'; readonly maxPerHour: number; readonly retryAfterSeconds: number };

/**
 * Notes an act, and says whether it is one too many within the hour.
 *
 * It counts after it has written. Callers that race each other all see all entries, so that none gets in beside the last.
 */
export const noteAct = async (acts: NumberActs, action: Action, maxPerHour: number): Promise<TooMany | undefined> => {
  await acts.note(action);
  const times = await acts.timesOf(action.action, action.atMs - hourMs);
  const inTheWay = times[maxPerHour];
  if (inTheWay === undefined) return undefined;
  const waitMs = Math.max(inTheWay + hourMs - action.atMs, 1000);
  return { kind: 'too-many', maxPerHour, retryAfterSeconds: Math.ceil(waitMs / 1000) };
};
