import type { Counts } from '../counts/counts.ts';
import { hourTimeBuckets, type KeyState } from '../counts/history.ts';
import type { Level } from '../counts/keys.ts';
import { slotSeconds, slotsPerTimeBucket, timeBucketMs, timeBucketOf } from '../counts/time-buckets.ts';
import { probesOf } from './probes.ts';
import { thresholds } from './thresholds.ts';
import { typedIn } from './typed-in.ts';
import { beganBefore, isBefore, type Since } from './weigh.ts';

/** People of whom it can be said by now whether they are people. */
export type Lately = {
  /** Those whose codes people would have entered by now, if nobody were an attacker. */
  readonly ripe: number;
  readonly verified: number;
};

/** Levels of which a restriction refuses many new people. */
export const isWide = (level: Level): boolean => level === 'prefix' || level === 'country' || level === 'new-network';

type Weighed = { readonly nowMs: number; readonly since: Since | undefined };

function* ofSlots(counts: readonly Counts[], { nowMs, since }: Weighed): Generator<Lately> {
  for (const { timeBucket, started, verified } of counts.toReversed()) {
    for (let slot = slotsPerTimeBucket - 1; slot >= 0; slot -= 1) {
      const startMs = timeBucket * timeBucketMs + slot * slotSeconds * 1000;
      const people = started[slot] ?? 0;
      if (people === 0 || isBefore(startMs, since)) continue;
      yield {
        ripe: people * typedIn((nowMs - startMs) / 1000 - slotSeconds / 2),
        verified: Math.min(people, verified[slot] ?? 0),
      };
    }
  }
}

function* ofHistory({ history }: KeyState, { nowMs, since }: Weighed): Generator<Lately> {
  if (history === undefined) return;
  for (const [back, people] of history.recent.entries()) {
    const timeBucket = history.timeBucket - back;
    if (timeBucket <= timeBucketOf(nowMs) - hourTimeBuckets || beganBefore(timeBucket, since)) return;
    yield { ripe: people, verified: history.recentVerified[back] ?? 0 };
  }
}

/** After a restriction, its probes stand for the people before. */
function* ofProbes(state: KeyState, { nowMs, since }: Weighed): Generator<Lately> {
  if (since === undefined) return;
  for (const { verified, failed } of probesOf(state, nowMs).toReversed()) yield { ripe: failed + verified, verified };
}

/** The latest people of a group: as many as it takes to tell a crowd from a flood, of the last hour. */
export const latelyOf = (state: KeyState, weighed: Weighed): Lately => {
  let [ripe, verified] = [0, 0];
  for (const each of [ofSlots(state.counts, weighed), ofHistory(state, weighed), ofProbes(state, weighed)]) {
    for (const found of each) {
      if (ripe >= thresholds.lately) return { ripe, verified };
      ripe += found.ripe;
      verified += found.verified;
    }
  }
  return { ripe, verified };
};
