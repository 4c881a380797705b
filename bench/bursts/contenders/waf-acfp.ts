import { minuteMs } from '../traffic/calendar.ts';
import type { Entry } from './contender.ts';
import { everySms } from './every-sms.ts';
import { slidingCount } from './sliding.ts';

const maxPerIp = 20;
const ipWindowMs = 10 * minuteMs;
const maxPerPhone = 10;
const phoneWindowMs = 30 * minuteMs;

/** Counts include the request that is judged. */
export const exceedsAcfp = ({ perIp, perPhone }: { readonly perIp: number; readonly perPhone: number }) =>
  perIp > maxPerIp || perPhone > maxPerPhone;

/**
 * The volumetric rules of AWS WAF's account creation fraud prevention, as its rule table tells them: more than 20
 * creations from an address in 10 minutes (CAPTCHA), more than 10 with a phone number in 30 minutes (block).
 *
 * Assumed: every SMS is such a request; refused requests count; a CAPTCHA stops whoever meets it, as there is no telling
 * here who would solve it; the rules act at once (AWS says that they lag). Left out: rules on sessions, tokens, bots and
 * stolen credentials, which need more than a request shows here.
 * https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-acfp.html
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
