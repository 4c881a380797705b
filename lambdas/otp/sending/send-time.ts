/** The times of one send, by the clock of its flow. */
export type SendTime = {
  /** How long the code is good for from now, in seconds. */
  readonly secondsLeft: () => number;
  /** Whether there is time for another try, by this route or the next. The first try needs none. */
  readonly isEnough: () => boolean;
};

/**
 * So long after the first try begins the last. The function has 28 seconds in all. If it ended before the answer, a send that
 * failed would not be rolled back.
 */
const maxTryingMs = 15_000;

/**
 * Of a send whose first try begins now.
 *
 * @param now epoch milliseconds.
 * @param expiresAt epoch seconds.
 */
export const sendTimeOf = (now: () => number, expiresAt: number): SendTime => {
  const startedAtMs = now();
  return {
    secondsLeft: () => expiresAt - now() / 1000,
    isEnough: () => now() - startedAtMs < maxTryingMs,
  };
};
