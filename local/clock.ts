/** The offset of the functions' clock from the machine's, in milliseconds. The threads share it. */
export type ClockOffset = BigInt64Array<SharedArrayBuffer>;

export type Clock = {
  /** The time that the functions see, in epoch milliseconds. */
  readonly now: () => number;
  /** Moves that time forward, or back if negative. Timers do not move. */
  readonly advance: (ms: number) => void;
  readonly offsetMs: () => number;
  /** For worker threads. */
  readonly offset: ClockOffset;
};

// Ten years. Far beyond that, dates become invalid.
const limitMs = 10 * 366 * 24 * 3600 * 1000;

/** The clock of a local stack. Tests and the page move it, instead of waiting for a code to expire. */
export const createClock = (): Clock => {
  const offset: ClockOffset = new BigInt64Array(new SharedArrayBuffer(8));
  const offsetMs = () => Number(Atomics.load(offset, 0));
  return {
    now: () => Date.now() + offsetMs(),
    advance: (ms) => {
      if (!Number.isSafeInteger(Math.round(ms)) || Math.abs(offsetMs() + ms) > limitMs)
        throw new RangeError('The clock can be moved by up to ten years, for example by 86400 seconds.');
      Atomics.add(offset, 0, BigInt(Math.round(ms)));
    },
    offsetMs,
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
  const now = () => RealDate.now() + Number(Atomics.load(offset, 0));
  const shifted = new Proxy(RealDate, {
    apply: () => new RealDate(now()).toString(),
    construct: (target, given, newTarget) => Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget),
    get: (target, property, receiver) => (property === 'now' ? now : Reflect.get(target, property, receiver)),
  });
  RealDate.prototype.constructor = shifted;
  globalThis.Date = shifted;
};
