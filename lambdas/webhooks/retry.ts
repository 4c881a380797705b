import { webhookRetries } from '../contract.ts';

/** A wait is longer than planned by up to this share of it, so that messages that failed together come back apart. */
const jitter = 0.25;

/**
 * The wait before the next try, in seconds: twice as long each time, and never less than the consumer asks for, up to the longest
 * wait. Chance only adds to it, so that all tries take as long as they promise.
 *
 * @param tries 1 or more: this one included.
 * @param random 0 to below 1.
 */
export const waitSecondsAfter = (tries: number, random: number, retryAfterSeconds = 0): number => {
  const { firstWaitSeconds, maxWaitSeconds } = webhookRetries;
  const planned = Math.min(maxWaitSeconds, firstWaitSeconds * 2 ** Math.min(tries - 1, 30));
  const asked = Math.min(maxWaitSeconds, retryAfterSeconds);
  return Math.round(Math.max(planned, asked) * (1 + jitter * random));
};
