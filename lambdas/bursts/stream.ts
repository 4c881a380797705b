import { type GuessFact, guessOf } from '../otp/guesses.ts';
import { settleAll } from '../otp/settle.ts';
import { type AuditTrail, auditEntryOf } from './audit.ts';
import { eventOf, isCounted, type StreamChange, type TrafficEvent } from './counts/events.ts';
import { requirePossible } from './counts/possible.ts';

/** A change of a record, decoded: an event for the detector, a guess for its number. */
export type Decoded = { readonly event: TrafficEvent | undefined; readonly guess: GuessFact | undefined };

/** @throws Error for a change that no function of the service makes. */
export const decodeChange = (change: StreamChange): Decoded => {
  requirePossible(change.before, change.after);
  return { event: eventOf(change), guess: guessOf(change) };
};

export type StreamPorts = {
  readonly now: () => number;
  /** Counts events, keeps them in the trail, and acts on them. */
  readonly detect: (events: readonly TrafficEvent[]) => Promise<unknown>;
  readonly countGuesses: (guesses: readonly GuessFact[]) => Promise<unknown>;
  /** Of events that are too old to be counted. */
  readonly trail: AuditTrail;
};

/** Acts on changes. Safe to repeat: what was counted before is known by its entry in the trail, or by its reputation. */
export const actOnStream =
  ({ now, detect, countGuesses, trail }: StreamPorts, auditDays: number) =>
  async (all: readonly Decoded[]): Promise<void> => {
    const nowMs = now();
    const events = all.flatMap(({ event }) => event ?? []);
    const guesses = all.flatMap(({ guess }) => guess ?? []);
    const late = events.filter((event) => !isCounted(event, nowMs));
    // Each is done, whatever fails beside it. Then the stream brings the records again to all of them.
    await settleAll<unknown>([
      async () => await detect(events.filter((event) => isCounted(event, nowMs))),
      async () => await countGuesses(guesses.filter((guess) => isCounted(guess, nowMs))),
      async () => await trail.keep(late.map((event) => auditEntryOf(event, auditDays))),
    ]);
  };
