// @ts-check

/**
 * The service's clock, as far as the page knows it. It may be ahead of this machine's: the page and tests move it.
 *
 * @typedef {object} ServerClock
 * @property {() => number} now epoch milliseconds
 * @property {() => number} offsetMs how far it is ahead of this machine's clock
 * @property {() => Promise<Time>} look asks the server
 * @property {(seconds: number) => Promise<void>} advance
 *
 * @typedef {{ now: string, offsetSeconds: number }} Time as `/_local/clock` answers
 */

// A smaller difference is network delay, and would make countdowns flicker.
const jitterMs = 300;

/**
 * The whole page gets the service's time, since `<otp-form>` counts down by `Date.now`.
 *
 * @returns {ServerClock}
 */
export const createServerClock = () => {
  const machineNow = Date.now.bind(Date);
  let offsetMs = 0;
  const now = () => machineNow() + offsetMs;
  Date.now = now;
  /** @param {RequestInit} [init] */
  const ask = async (init) => {
    const sentMs = machineNow();
    const response = await fetch('/_local/clock', init);
    if (!response.ok) throw new Error(`The clock answered ${response.status}.`);
    /** @type {Time} */
    const time = await response.json();
    const offset = Date.parse(time.now) - (sentMs + machineNow()) / 2;
    if (Math.abs(offset - offsetMs) > jitterMs) offsetMs = offset;
    return time;
  };
  return {
    now,
    offsetMs: () => offsetMs,
    look: () => ask(),
    advance: async (seconds) => {
      await ask({
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ advanceSeconds: seconds }),
      });
    },
  };
};
