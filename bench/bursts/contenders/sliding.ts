/** Exact counts of a sliding window per key: all times are kept. */

type Times = { values: number[]; head: number };

export type SlidingCount = {
  readonly add: (key: string, atMs: number) => void;
  /** Count within the window that ends at `atMs`. Times never run backwards. */
  readonly count: (key: string, atMs: number) => number;
};

/** Expired values that are cut off together. */
const tidyFrom = 512;

export const slidingCount = (windowMs: number): SlidingCount => {
  const byKey = new Map<string, Times>();
  let sweptMs = 0;

  const forget = (times: Times, atMs: number) => {
    while ((times.values[times.head] ?? Number.POSITIVE_INFINITY) <= atMs - windowMs) times.head += 1;
    if (times.head < tidyFrom || times.head * 2 < times.values.length) return;
    times.values = times.values.slice(times.head);
    times.head = 0;
  };

  /** Drops unused keys, once per window. */
  const sweep = (atMs: number) => {
    if (atMs - sweptMs < windowMs) return;
    sweptMs = atMs;
    for (const [key, { values }] of byKey) if ((values.at(-1) ?? 0) <= atMs - windowMs) byKey.delete(key);
  };

  return {
    add: (key, atMs) => {
      sweep(atMs);
      const times = byKey.get(key);
      if (times === undefined) byKey.set(key, { values: [atMs], head: 0 });
      else times.values.push(atMs);
    },
    count: (key, atMs) => {
      const times = byKey.get(key);
      if (times === undefined) return 0;
      forget(times, atMs);
      return times.values.length - times.head;
    },
  };
};
