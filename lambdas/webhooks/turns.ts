/** A delivery that takes longer holds up the others of its batch. Milliseconds. */
const freeMs = 1000;
/** The time that an application may hold a container beyond that, and how much of it comes back with time. */
const maxCreditMs = 6000;
const creditPerMs = 0.2;

export type Turns = {
  /** Whether an application may be tried now, or has used its time up. */
  readonly mayTry: (application: string) => boolean;
  /** @param ms that the longest delivery of an application took in a batch. */
  readonly note: (application: string, ms: number) => void;
};

/**
 * Bounds the time that a slow consumer holds a container: two slow batches at once, and one in twenty seconds for good. So
 * three quarters of each container are for the others. A consumer that answers within a second never waits.
 */
export const createTurns = (now: () => number): Turns => {
  const credits = new Map<string, { readonly ms: number; readonly atMs: number }>();
  const creditOf = (application: string): number => {
    const known = credits.get(application);
    if (known === undefined) return maxCreditMs;
    return Math.min(maxCreditMs, known.ms + Math.max(0, now() - known.atMs) * creditPerMs);
  };
  return {
    mayTry: (application) => creditOf(application) > 0,
    note: (application, ms) => {
      const held = Math.max(0, ms - freeMs);
      if (held > 0) credits.set(application, { ms: creditOf(application) - held, atMs: now() });
    },
  };
};
