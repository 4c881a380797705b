/** Remembers which proofs were used, so that each is used once. */
export type ReplayStore = {
  /**
   * Notes a `jti` until a time, in epoch seconds. Of parallel calls with one `jti`, one gets true.
   *
   * @returns whether it was not noted before.
   * @throws if it cannot tell. The proof is then refused.
   */
  readonly use: (jti: string, until: number) => Promise<boolean>;
};

/**
 * A store in the memory of this process. It is enough for one process; several need one that they share.
 *
 * @param now for tests: the time in milliseconds.
 */
export const memoryReplay = (now: () => number = Date.now): ReplayStore => {
  const used = new Map<string, number>();
  let sweepAt = 0;
  /** Only proofs with a good signature come here, so that strangers cannot fill the memory. */
  const sweep = (seconds: number) => {
    if (seconds < sweepAt) return;
    sweepAt = seconds + 60;
    for (const [jti, until] of used) if (until < seconds) used.delete(jti);
  };
  return {
    use: async (jti, until) => {
      sweep(now() / 1000);
      if (used.has(jti)) return false;
      used.set(jti, until);
      return true;
    },
  };
};
