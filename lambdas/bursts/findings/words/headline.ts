import type { RuleName } from '../../../policy.ts';
import type { Key } from '../../counts/keys.ts';
import { thresholds } from '../../evidence/thresholds.ts';
import type { Explanation, Ruling } from '../../judge/ruling.ts';
import { riskHeadline } from './at-risk.ts';
import { counted, spanText, usualText } from './figures.ts';
import { countryText, whereText } from './group-names.ts';

const requesting = (key: Key): string => {
  const { level, of } = key;
  if (level === 'new-network') return `Trusted numbers of ${countryText(of)} request codes from new networks`;
  return `Somebody requests codes ${level === 'ip' ? 'from' : 'for'} ${whereText(key)}`;
};

const fewShare = 0.2;

const entering = ({ seenStarted, seenVerified }: Explanation): string => {
  if (Math.round(seenVerified) === 0) return 'nobody enters them';
  return seenVerified < fewShare * seenStarted ? 'few enter them' : 'only some enter them';
};

/** A review of whole days does not say how long its messages took. */
const messages = ({ seenSms, seenSeconds, seenVerified }: Explanation): string => {
  const sent = counted(seenSms, 'message');
  const entered = Math.round(seenVerified) === 0 ? '' : `, ${Math.round(seenVerified)} entered`;
  return `${seenSeconds === undefined ? sent : `${sent} in ${spanText(seenSeconds * 1000)}`}${entered}`;
};

const burst = (key: Key, explanation: Explanation): string =>
  `${requesting(key)} and ${entering(explanation)}: ${messages(explanation)}, ${usualText(explanation.expectedPerHour)}`;

const pending = (key: Key, { pending: codes, oldestPendingSeconds }: Explanation): string =>
  `${requesting(key)} and nobody enters them: ${counted(codes, 'code')} ${Math.round(codes) === 1 ? 'is' : 'are'} pending, the oldest for ${spanText(oldestPendingSeconds * 1000)}`;

const slow = (key: Key, { startedSixHours, expectedPerHour }: Explanation): string =>
  `For hours somebody requests codes for ${whereText(key)} and few are entered: ${counted(startedSixHours, 'person', 'people')} in six hours, ${usualText(expectedPerHour)}`;

/** A farm is found by an hour or by six: the text has the numbers that speak. */
const farm = (key: Key, { startedHour, startedSixHours, expectedPerHour }: Explanation): string => {
  const isFast = startedHour >= thresholds.convertingUnverified.unverified;
  const people = counted(isFast ? startedHour : startedSixHours, 'person', 'people');
  return `Many unverified numbers of ${whereText(key)} verify, as a farm of SIM cards would: ${people} in ${isFast ? 'an hour' : 'six hours'}, ${usualText(expectedPerHour)}`;
};

const spraying = (key: Key, { wrong, requests }: Explanation): string => {
  const guesses = `${counted(wrong, 'wrong code')} over ${counted(requests, 'verification')} in half an hour`;
  return key.level === 'ip'
    ? `Somebody guesses codes of many numbers from one IP: ${guesses}`
    : `Somebody guesses codes of many numbers of ${countryText(key.of)}: ${guesses}`;
};

const guessing = (_: Key, { wrong }: Explanation): string =>
  `Somebody guesses the codes of one number: ${counted(wrong, 'wrong code')} in about half an hour`;

const bombing = (_: Key, { limited }: Explanation): string =>
  `Somebody requests codes for one number again and again: its limits refused ${counted(limited, 'request')} in about half an hour`;

const drop = (key: Key, { seenStarted, seenVerified, conversion }: Explanation): string =>
  `Fewer people than usual enter their codes in ${whereText(key)}: ${Math.round(seenVerified)} of ${Math.round(seenStarted)} in a day and a half, usually ${Math.round(seenStarted * conversion)}`;

const launched = (key: Key, { requests, launch }: Explanation): string =>
  `The launch that staff announced in ${whereText(key)} is exceeded: ${counted(requests, 'request')} so far, ${launch?.expected ?? 0} announced`;

const headlines: Readonly<Record<RuleName, (key: Key, explanation: Explanation) => string>> = {
  'unverified-burst': burst,
  'no-conversion': pending,
  'low-and-slow': slow,
  'converting-strangers': farm,
  'code-spraying': spraying,
  guessing,
  bombing,
  'conversion-drop': drop,
  'launch-exceeded': launched,
  'swapped-number': (_, { atRisk }) => riskHeadline(atRisk),
};

/** The first line of a finding: one plain sentence without its full stop. */
export const headlineOf = ({ key, rule, explanation }: Pick<Ruling, 'key' | 'rule' | 'explanation'>): string =>
  headlines[rule](key, explanation);
