import { minuteMs } from '../traffic/calendar.ts';
import type { Entry } from './contender.ts';
import { everySms } from './every-sms.ts';

const windowMs = 10 * minuteMs;
const maxSends = 5;

/**
 * Estimates the count of a window from two buckets, the earlier one by the share that the window covers.
 * https://blog.cloudflare.com/counting-things-a-lot-of-different-things
 */
export const estimateOf = (before: number, current: number, elapsed: number): number =>
  before * (1 - elapsed) + current;

/** Five SMS per number in a sliding window of ten minutes, as Twilio Verify (error 60203). Refused requests count. */
export const slidingWindow: Entry = {
  name: 'sliding window',
  enter: () => {
    let [bucket, before, counts] = [0, new Map<string, number>(), new Map<string, number>()];
    return everySms(({ phone }, atMs) => {
      const current = Math.floor(atMs / windowMs);
      if (current !== bucket) {
        [bucket, before, counts] = [current, current === bucket + 1 ? counts : new Map(), new Map()];
      }
      const count = (counts.get(phone) ?? 0) + 1;
      counts.set(phone, count);
      const elapsed = (atMs % windowMs) / windowMs;
      return estimateOf(before.get(phone) ?? 0, count, elapsed) > maxSends ? 'refused' : 'sent';
    });
  },
};
