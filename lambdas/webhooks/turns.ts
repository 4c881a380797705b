/** A delivery that takes longer holds up the others of its batch. Milliseconds. */
export const freeMs = 1000;
/** The time that an application may hold a container beyond that, and how much of it comes back with time. */
const maxCreditMs = 6000;
const creditPerMs = 0.2;

export type Turns = {
  /** Whether an application may be tried now, or has used its time up. */
  readonly mayTry: (application: string) => boolean;
  /** @param ms that the longest delivery of an application took in a batch. */
  readonly note: (application: string, ms: number) => void;
};

/** What a batch can use up at most. A clock that is set forward meanwhile makes it look longer. */
const maxHeldMs = 5000;

type Credit = { readonly ms: number; readonly atMs: number };

/**
 * Bounds the time that slow consumers hold a container: two slow batches of each at once, and one of any in twenty seconds for good.
 * So three quarters of each container are for the others, however many are slow. A consumer that answers within a second never waits.
 */
export const createTurns = (now: () => number): Turns => {
  const credits = new Map<string, Credit>();
  /** Gives what came back since the last look. Those that are slow at the same time share it. */
  const refill = (): void => {
    const nowMs = now();
    const perMs = creditPerMs / Math.max(1, credits.size);
    for (const [application, { ms, atMs }] of credits) {
      const next = ms + Math.max(0, nowMs - atMs) * perMs;
      if (next < maxCreditMs) credits.set(application, { ms: next, atMs: nowMs });
      else credits.delete(application);
    }
  };
  const creditOf = (application: string): number => credits.get(application)?.ms ?? maxCreditMs;
  return {
    mayTry: (application) => {
      refill();
      return creditOf(application) > 0;
    },
    note: (application, ms) => {
      refill();
      const held = Math.min(maxHeldMs, ms - freeMs);
      if (held > 0) credits.set(application, { ms: creditOf(application) - held, atMs: now() });
    },
  };
};
