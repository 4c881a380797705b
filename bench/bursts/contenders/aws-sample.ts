import { dayMs } from '../traffic/calendar.ts';
import type { Entry } from './contender.ts';
import { everySms } from './every-sms.ts';
import { slidingCount } from './sliding.ts';

/** Requests of the last 24 hours, including the current one. */
export type Velocities = { readonly ip: number; readonly phone: number; readonly prefix: number };

const thresholds: Velocities = { ip: 5, phone: 5, prefix: 10 };
const weight = 2;
/** The lowest score of the level `HIGH`. */
const highFrom = 2;
/** Digits at the end of a number that do not belong to its prefix. */
const suffixDigits = 3;

/** Each velocity over its threshold multiplies the risk by velocity / threshold, and by 2. */
export const riskOf = (velocities: Velocities): number =>
  (['ip', 'phone', 'prefix'] as const).reduce((risk, of) => {
    const isOver = velocities[of] > thresholds[of];
    return isOver ? ((risk * velocities[of]) / thresholds[of]) * weight : risk;
  }, 1);

/**
 * A sample by AWS staff, with its default thresholds and weights: github.com/achrafsouk/sms-pumping at 5eb27a49.
 *
 * Assumed:
 * - It blocks from `HIGH` on. As published, it only counts.
 * - Refused requests count, because the sample stores a request before it decides.
 * - The current request counts, because the sample reads and writes at the same time.
 * - There is no signal of bots, anonymous IPs or sessions. Every country is a core country.
 */
export const awsSample: Entry = {
  name: 'AWS sample',
  enter: () => {
    const [ips, phones, prefixes] = [slidingCount(dayMs), slidingCount(dayMs), slidingCount(dayMs)];
    return everySms(({ ip, phone }, atMs) => {
      const prefix = phone.slice(0, -suffixDigits);
      ips.add(ip, atMs);
      phones.add(phone, atMs);
      prefixes.add(prefix, atMs);
      const risk = riskOf({
        ip: ips.count(ip, atMs),
        phone: phones.count(phone, atMs),
        prefix: prefixes.count(prefix, atMs),
      });
      return risk >= highFrom ? 'refused' : 'sent';
    });
  },
};
