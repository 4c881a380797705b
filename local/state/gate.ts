import { setTimeout as sleep } from 'node:timers/promises';

export type Gate = {
  /** Runs a call once the gate is open. */
  readonly pass: <T>(call: () => Promise<T>) => Promise<T>;
  readonly isOpen: () => boolean;
  /**
   * Closes the gate, waits until the calls within have ended or the time is over, and opens the gate after the act. Callers
   * at the same time share one act.
   */
  readonly closeDuring: (act: () => Promise<void>, patienceMs: number) => Promise<void>;
};

/** Keeps the calls of the API apart from an act that they must not see half done. */
export const createGate = (): Gate => {
  const within = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;
  const pass: Gate['pass'] = async (call) => {
    while (closing !== undefined) await closing.catch(() => {});
    const running = call();
    within.add(running);
    try {
      return await running;
    } finally {
      within.delete(running);
    }
  };
  const close = async (act: () => Promise<void>, patienceMs: number): Promise<void> => {
    const timeUp = new AbortController();
    await Promise.race([
      Promise.allSettled([...within]),
      sleep(patienceMs, undefined, { signal: timeUp.signal }).catch(() => {}),
    ]);
    timeUp.abort();
    await act();
  };
  return {
    pass,
    isOpen: () => closing === undefined,
    closeDuring: (act, patienceMs) => {
      closing ??= close(act, patienceMs).finally(() => {
        closing = undefined;
      });
      return closing;
    },
  };
};
