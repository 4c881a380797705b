import { hourMs } from '../otp/durations.ts';
import type { Stop, StopFacts, StopWhat } from '../otp/limits/stops.ts';

/** The last time that staff were reminded of the stops, and of which. */
export type Rung = { readonly atMs: number; readonly of: string };

export type StopReminders = {
  readonly read: () => Promise<StopFacts & { readonly rung: Rung | undefined }>;
  readonly keep: (rung: Rung) => Promise<void>;
};

type RingPorts = {
  readonly now: () => number;
  readonly reminders: StopReminders;
  readonly ring: (stops: readonly Stop[]) => void;
};

/** Sweeps come a little early and a little late. One that comes early must not leave a gap of an hour and a minute. */
const earlyMs = 30_000;

/**
 * Reminds staff that sending is stopped: within a minute after the stops changed, and each hour while one holds. A sweep calls it
 * once a minute. It rings first and remembers then, so that a failure rings twice rather than never.
 */
export const ringStops =
  ({ now, reminders, ring }: RingPorts) =>
  async (): Promise<void> => {
    const { stops, rung } = await reminders.read();
    if (stops.length === 0) return;
    const nowMs = now();
    const of = nameOfAll(stops);
    if (rung?.of === of && nowMs < rung.atMs + hourMs - earlyMs) return;
    ring(stops);
    await reminders.keep({ atMs: nowMs, of });
  };

/** What a stop is of, in words for staff. */
export const wordsOf = (what: StopWhat): string => {
  if (what.kind === 'all') return 'all';
  return what.kind === 'application' ? `application ${what.application}` : `country ${what.country}`;
};

/** Names the stops, so that a change of them shows. A stop that was resumed and made again is another one. */
const nameOfAll = (stops: readonly Stop[]): string =>
  stops
    .map(({ what, atMs }) => `${wordsOf(what)} ${atMs}`)
    .toSorted()
    .join(', ');
