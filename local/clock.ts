/** How far the functions' clock is ahead of the machine's: one number that the threads share, in milliseconds. */
export type ClockOffset = BigInt64Array<SharedArrayBuffer>;

export type Clock = {
  /** The time that the functions see, in epoch milliseconds. */
  readonly now: () => number;
  /** Moves that time on (or, if negative, back). Timers are not moved. */
  readonly advance: (ms: number) => void;
  readonly offsetMs: () => number;
  /** To be handed to worker threads. */
  readonly offset: ClockOffset;
};

// Ten years. Further out, dates stop being dates and nothing can be learnt from it.
const limitMs = 10 * 366 * 24 * 3600 * 1000;

/** The one clock of a local stack, which tests and the page move on instead of waiting for a code to expire. */
export const createClock = (): Clock => {
  const offset: ClockOffset = new BigInt64Array(new SharedArrayBuffer(8));
  const offsetMs = () => Number(Atomics.load(offset, 0));
  return {
    now: () => Date.now() + offsetMs(),
    advance: (ms) => {
      if (!Number.isSafeInteger(Math.round(ms)) || Math.abs(offsetMs() + ms) > limitMs)
        throw new RangeError('The clock can be moved by up to ten years.');
      Atomics.add(offset, 0, BigInt(Math.round(ms)));
    },
    offsetMs,
    offset,
  };
};

/**
 * Replaces `Date` in this thread by one that is ahead by the shared offset.
 *
 * A proxy and not a subclass, so that `instanceof`, `Date.prototype` and dates made from numbers stay what they are.
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
