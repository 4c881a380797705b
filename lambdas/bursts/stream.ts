import { type GuessFact, guessOf } from '../otp/guesses.ts';
import { type AuditTrail, auditEntryOf } from './audit.ts';
import { eventOf, isCounted, type StreamChange, type TrafficEvent } from './counts/events.ts';
import { requirePossible } from './counts/possible.ts';

/** A change of a record, decoded: an event for the detector, a guess for its number. */
export type Decoded = { readonly event: TrafficEvent | undefined; readonly guess: GuessFact | undefined };

/** @throws Error for a change that no function of the service makes. */
export const decodeChange = (change: StreamChange, exemptApplications: readonly string[] = []): Decoded => {
  requirePossible(change.before, change.after);
  return { event: eventOf(change), guess: guessOf(change, exemptApplications) };
};

export type StreamPorts = {
  readonly now: () => number;
  readonly detect: (events: readonly TrafficEvent[]) => Promise<unknown>;
  readonly countGuess: (guess: GuessFact) => Promise<unknown>;
  readonly trail: AuditTrail;
};

/** Acts on changes. Safe to repeat: what was counted before is known by its mark. */
export const actOnStream =
  ({ now, detect, countGuess, trail }: StreamPorts, auditDays: number) =>
  async (all: readonly Decoded[]): Promise<void> => {
    // No block waits for the trail. If either fails, the stream brings the records again to both.
    await settleAll([countAll, keepAll]);

    async function countAll(): Promise<void> {
      const nowMs = now();
      // Bursts first: a block is wanted within seconds, a reputation by the number's next verification.
      await detect(all.flatMap(({ event }) => (event !== undefined && isCounted(event, nowMs) ? [event] : [])));
      for (const { guess } of all) if (guess !== undefined && isCounted(guess, nowMs)) await countGuess(guess);
    }

    async function keepAll(): Promise<void> {
      await trail.keep(all.flatMap(({ event }) => (event === undefined ? [] : [auditEntryOf(event, auditDays)])));
    }
  };

/** Runs all acts in parallel and waits for each. @throws the error of the first that failed, in their order. */
export const settleAll = async (acts: readonly (() => Promise<unknown>)[]): Promise<void> => {
  const outcomes = await Promise.allSettled(acts.map((act) => act()));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
};
