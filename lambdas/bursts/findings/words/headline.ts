import type { RuleName } from '../../../policy.ts';
import { areOfNumber, type Key } from '../../counts/keys.ts';
import { thresholds } from '../../evidence/thresholds.ts';
import type { Explanation, Ruling } from '../../judge/ruling.ts';
import { count, counted, spanText, usualText } from './figures.ts';
import { countryText, whereText } from './group-names.ts';

/** The groups of requests, as the end of "Somebody requests codes …". */
const requestedText = (key: Key): string => {
  const { level, of } = key;
  if (level === 'ip') return 'from one IP';
  if (level === 'new-network') return `from new networks for trusted numbers of ${countryText(of)}`;
  return `for ${whereText(key)}`;
};

const enteredText = ({ seenStarted, seenVerified }: Explanation): string => {
  const entered = Math.round(seenVerified);
  if (entered === 0) return 'nobody enters them';
  return `only ${entered} of ${Math.round(seenStarted)} ${entered === 1 ? 'is' : 'are'} entered`;
};

/** A finding of an earlier version does not say how long it took. */
const messagesText = ({ seenSms, seenSeconds }: Explanation): string => {
  const messages = counted(seenSms, 'message');
  return seenSeconds === undefined ? messages : `${messages} in ${spanText(seenSeconds * 1000)}`;
};

const burst = (key: Key, explanation: Explanation): string =>
  `Somebody requests codes ${requestedText(key)} and ${enteredText(explanation)}: ${messagesText(explanation)}, ${usualText(explanation.expectedPerHour)}`;

const pending = (key: Key, { pending: codes, oldestPendingSeconds }: Explanation): string =>
  `Somebody requests codes ${requestedText(key)} and nobody enters them: ${counted(codes, 'code')} ${Math.round(codes) === 1 ? 'is' : 'are'} pending, the oldest for ${spanText(oldestPendingSeconds * 1000)}`;

const slow = (key: Key, { startedSixHours, expectedPerHour }: Explanation): string =>
  `For hours somebody requests codes ${requestedText(key)} and few are entered: ${counted(startedSixHours, 'person', 'people')} in six hours, ${usualText(expectedPerHour)}`;

/** A farm is found by an hour or by six: the text has the numbers that speak. */
const farm = (key: Key, { startedHour, startedSixHours, expectedPerHour }: Explanation): string => {
  const isFast = startedHour >= thresholds.convertingUnverified.unverified;
  const people = counted(isFast ? startedHour : startedSixHours, 'person', 'people');
  return `Unusually many unverified numbers of ${whereText(key)} verify, as in a farm of SIM cards: ${people} in ${isFast ? 'an hour' : 'six hours'}, ${usualText(expectedPerHour)}`;
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
  `Fewer people than usual enter their codes in ${whereText(key)}: ${Math.round(seenVerified)} of ${Math.round(seenStarted)} in a day and a half, usually ${count(Math.round(seenStarted * conversion))}`;

const headlines: Readonly<Record<RuleName, (key: Key, explanation: Explanation) => string>> = {
  'unverified-burst': burst,
  'no-conversion': pending,
  'low-and-slow': slow,
  'converting-strangers': farm,
  'code-spraying': spraying,
  guessing,
  bombing,
  'conversion-drop': drop,
};

/** The first line of a finding: one plain sentence without its full stop. */
export const headlineOf = ({ key, rule, explanation }: Pick<Ruling, 'key' | 'rule' | 'explanation'>): string =>
  headlines[rule](key, explanation);

/** Whether guesses are found, which cost no message. */
export const isOfGuesses = (key: Key, rule: RuleName): boolean =>
  rule === 'code-spraying' || rule === 'guessing' || key.level === 'codes' || areOfNumber(key);
