import { minuteMs } from '../traffic/calendar.ts';
import type { Entry } from './contender.ts';
import { everySms } from './every-sms.ts';
import { slidingCount } from './sliding.ts';

const maxPerIp = 20;
const ipWindowMs = 10 * minuteMs;
const maxPerPhone = 10;
const phoneWindowMs = 30 * minuteMs;

/** Counts include the current request. */
export const exceedsAcfp = ({ perIp, perPhone }: { readonly perIp: number; readonly perPhone: number }) =>
  perIp > maxPerIp || perPhone > maxPerPhone;

/**
 * The volumetric rules of AWS WAF's account creation fraud prevention: over 20 creations per IP in 10 minutes (CAPTCHA),
 * over 10 per phone number in 30 minutes (block).
 * https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-acfp.html
 *
 * Assumed:
 * - Each SMS is such a request. Refused requests count.
 * - Nobody solves the CAPTCHA.
 * - The rules act at once. AWS says that they lag.
 * - Rules on sessions, tokens, bots and stolen credentials are left out: they need more than a request shows.
 */
export const wafAcfp: Entry = {
  name: 'WAF ACFP',
  enter: () => {
    const [ips, phones] = [slidingCount(ipWindowMs), slidingCount(phoneWindowMs)];
    return everySms(({ ip, phone }, atMs) => {
      ips.add(ip, atMs);
      phones.add(phone, atMs);
      const counts = { perIp: ips.count(ip, atMs), perPhone: phones.count(phone, atMs) };
      return exceedsAcfp(counts) ? 'refused' : 'sent';
    });
  },
};
