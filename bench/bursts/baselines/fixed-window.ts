import { minuteMs } from '../calendar.ts';
import type { Entry } from '../contender.ts';
import { everySms } from './every-sms.ts';

const windowMs = 10 * minuteMs;
const mostSends = 5;

/**
 * What is built first: a counter per number that starts anew every ten minutes of the clock.
 *
 * Five in ten minutes is Twilio Verify's limit (error 60203); a fixed window lets twice as many through at its edge.
 */
export const fixedWindow: Entry = {
  name: 'fixed window',
  enter: () => {
    let [window, counts] = [0, new Map<string, number>()];
    return everySms(({ phone }, atMs) => {
      const current = Math.floor(atMs / windowMs);
      if (current !== window) [window, counts] = [current, new Map()];
      const count = (counts.get(phone) ?? 0) + 1;
      counts.set(phone, count);
      return count > mostSends ? 'refused' : 'sent';
    });
  },
};
