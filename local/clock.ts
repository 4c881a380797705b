/**
 * What the threads share of the functions' clock: its offset from the machine's clock in milliseconds, and the time at
 * which it is held, in epoch milliseconds, or 0.
 */
export type ClockOffset = BigInt64Array<SharedArrayBuffer>;

const nowBy = (shared: ClockOffset, machineNow: () => number): number => {
  const heldAt = Number(Atomics.load(shared, 1));
  return heldAt === 0 ? machineNow() + Number(Atomics.load(shared, 0)) : heldAt;
};

export type Clock = {
  /** The time that the functions see, in epoch milliseconds. */
  readonly now: () => number;
  /** Moves that time forward, or back if negative. Timers do not move. */
  readonly advance: (ms: number) => void;
  /** The time stands still while `act` runs: a race of many callers must not outlast a cooldown on a slow machine. */
  readonly holdDuring: <T>(act: () => Promise<T>) => Promise<T>;
  readonly offsetMs: () => number;
  /**
   * The time that the functions saw at a time of the machine, to the second. DynamoDB stamps records with the latter, and
   * without its fractions.
   */
  readonly seenAt: (machineMs: number) => number;
  /** For worker threads. */
  readonly offset: ClockOffset;
};

// Ten years. Far beyond that, dates become invalid.
const limitMs = 10 * 366 * 24 * 3600 * 1000;

/** A record that waited for longer than so many moves is stamped by the oldest of them. */
const maxMoves = 10_000;

/** The clock of a local stack. Tests and the page move it, instead of waiting for a code to expire. */
export const createClock = (): Clock => {
  const offset: ClockOffset = new BigInt64Array(new SharedArrayBuffer(16));
  const offsetMs = () => Number(Atomics.load(offset, 0));
  const now = () => nowBy(offset, Date.now);
  // From when on which offset holds. The newest last.
  const moves: { readonly fromMs: number; readonly offsetMs: number }[] = [];
  const noteMove = () => {
    moves.push({ fromMs: Date.now(), offsetMs: offsetMs() });
    if (moves.length > maxMoves) moves.shift();
  };
  return {
    now,
    advance: (ms) => {
      if (!Number.isSafeInteger(Math.round(ms)) || Math.abs(offsetMs() + ms) > limitMs)
        throw new RangeError('The clock can be moved by up to ten years, for example by 86400 seconds.');
      const isHeld = Atomics.load(offset, 1) !== 0n;
      Atomics.add(offset, isHeld ? 1 : 0, BigInt(Math.round(ms)));
      noteMove();
    },
    holdDuring: async (act) => {
      Atomics.store(offset, 1, BigInt(now()));
      try {
        return await act();
      } finally {
        Atomics.store(offset, 0, BigInt(now() - Date.now()));
        Atomics.store(offset, 1, 0n);
        noteMove();
      }
    },
    offsetMs,
    seenAt: (machineMs) => machineMs + (moves.findLast(({ fromMs }) => fromMs < machineMs + 1000)?.offsetMs ?? 0),
    offset,
  };
};

/**
 * Replaces `Date` in this thread by one that is ahead by the shared offset.
 *
 * A proxy and not a subclass, so that `instanceof`, `Date.prototype` and dates made from numbers stay the same.
 */
export const shiftDate = (offset: ClockOffset): void => {
  const RealDate = globalThis.Date;
  const now = () => nowBy(offset, RealDate.now);
  const shifted = new Proxy(RealDate, {
    apply: () => new RealDate(now()).toString(),
    construct: (target, given, newTarget) => Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget),
    get: (target, property, receiver) => (property === 'now' ? now : Reflect.get(target, property, receiver)),
  });
  RealDate.prototype.constructor = shifted;
  globalThis.Date = shifted;
};
