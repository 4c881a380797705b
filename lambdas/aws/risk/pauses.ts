import type { Clock } from '../../otp/ports.ts';
import type { RiskAnswer, UnknownReason } from '../../otp/risk/ports.ts';
import type { WireAnswer } from './wire.ts';

/** Failures in a row after which a provider counts as down. */
const failuresToPause = 3;
/** How long it is left alone then. After it, one look-up tries again. */
const downMs = 5000;
/** How long a provider is left alone that says that it is asked too often, if it does not say how long. Seconds. */
const busySeconds = { byDefault: 2, max: 60 } as const;

export type Pauses = {
  /** The reason to leave the provider alone now. `undefined`: ask it. */
  readonly now: () => UnknownReason | undefined;
  readonly heard: (response: WireAnswer) => void;
  readonly ended: (answer: RiskAnswer) => void;
};

const down: readonly UnknownReason[] = ['no-answer', 'unavailable', 'no-token'];

/** Keeps a provider that is down from costing each person 800 ms, and one that is busy from being asked more. */
export const createPauses = (now: Clock): Pauses => {
  let failures = 0;
  let paused: { readonly untilMs: number; readonly reason: UnknownReason } | undefined;
  return {
    now: () => {
      if (paused === undefined) return undefined;
      if (now() < paused.untilMs) return paused.reason;
      // This look-up is the one that tries. The others wait for what it finds.
      paused = paused.reason === 'throttled' ? undefined : { ...paused, untilMs: now() + downMs };
      return undefined;
    },
    heard: ({ status, body, retryAfter }) => {
      // A quota that is used up does not come back in seconds, so that waiting gains nothing.
      if (status !== 429 || body?.['code'] === 'QUOTA_EXCEEDED') return;
      const seconds = Math.min(busySeconds.max, Math.max(1, retryAfter ?? busySeconds.byDefault));
      paused = { untilMs: now() + seconds * 1000, reason: 'throttled' };
    },
    ended: (answer) => {
      if (answer.kind === 'unknown' && down.includes(answer.reason)) {
        failures += 1;
        // Look-ups that were on their way shorten no time that the provider asked for.
        if (failures >= failuresToPause && paused?.reason !== 'throttled')
          paused = { untilMs: now() + downMs, reason: answer.reason };
        return;
      }
      failures = 0;
      if (paused?.reason !== 'throttled') paused = undefined;
    },
  };
};
