import { dayMs } from '../traffic/calendar.ts';
import type { Entry } from './contender.ts';
import { everySms } from './every-sms.ts';
import { slidingCount } from './sliding.ts';

/** Of the last 24 hours, with the request that is judged. */
export type Velocities = { readonly ip: number; readonly phone: number; readonly prefix: number };

const thresholds: Velocities = { ip: 5, phone: 5, prefix: 10 };
const weight = 2;
/** A score from here on is of the level `HIGH`. */
const highFrom = 2;
/** The prefix is the number without so many digits. */
const suffixDigits = 3;

/** Each velocity over its threshold multiplies the risk by how far it is over, and by 2. */
export const riskOf = (velocities: Velocities): number =>
  (['ip', 'phone', 'prefix'] as const).reduce((risk, of) => {
    const isOver = velocities[of] > thresholds[of];
    return isOver ? ((risk * velocities[of]) / thresholds[of]) * weight : risk;
  }, 1);

/**
 * The rule of a sample by AWS's own people: github.com/achrafsouk/sms-pumping, at 5eb27a49; thresholds and weights are
 * its defaults.
 *
 * Assumed: it blocks from `HIGH` on (as published it only counts); every request counts, refused ones as well, because
 * the sample stores it before it decides; its own request is among those counted (the sample reads and writes at the
 * same time); no signal of bots, anonymous addresses or sessions, and every country is a core country.
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
