import * as v from 'valibot';
import type { Replay } from '../bursts/replay.ts';
import { deadLetterPrefix } from '../contract.ts';

/** No unknown fields, so that a mistyped `dryRun` does not start a replay. */
const wanted = v.strictObject({
  prefix: v.optional(v.pipe(v.string(), v.startsWith(deadLetterPrefix)), deadLetterPrefix),
  dryRun: v.optional(v.boolean(), false),
});

/** The answer to a call that is none. */
export const replayRefusal = `Write {} to replay all dead letters, {"prefix":"${deadLetterPrefix}…"} to replay some, or {"dryRun":true} to count them.`;

/** The replay that staff ask for; `undefined` for a call that asks for none. */
export const readReplay = (event: unknown): Replay | undefined => {
  const { success, output } = v.safeParse(wanted, event);
  return success ? output : undefined;
};
