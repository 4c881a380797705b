import { hourMs } from '../../otp/durations.ts';
import { areOfNumber, type Level } from '../counts/keys.ts';
import { thresholds } from '../evidence/thresholds.ts';
import type { Explanation, Ruling } from '../judge/ruling.ts';
import { launchReasons, sparedText } from './launch-texts.ts';
import { riskReasons } from './words/at-risk.ts';
import { count, usd } from './words/figures.ts';

export const timeOf = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');
const minutes = (ms: number): number => Math.round(ms / 60_000);

const chanceText = (chance: number): string =>
  chance < 1e-30 ? 'less than 1 in 10³⁰' : chance >= 0.01 ? count(chance) : chance.toExponential(0);

export const moneyText = ({ spentUsd, usdPerHour, criticalUsdPerHour }: Explanation): string =>
  `These SMS cost about ${usd(spentUsd)}, at ${usd(usdPerHour)} an hour.${criticalUsdPerHour === undefined ? '' : ` From ${usd(criticalUsdPerHour)} an hour on, a finding here is critical.`}`;

export const applicationsText = ({ applications }: Explanation): string =>
  applications.length === 0
    ? ''
    : `They came through ${applications.length === 1 ? 'the application' : 'the applications'} ${applications.join(', ')}.`;

const trafficText = ({ startedTenMinutes, startedHour, expectedPerHour, chance }: Explanation): string =>
  `${count(startedTenMinutes)} people requested codes in ten minutes and ${count(startedHour)} in an hour. The usual number here was ${count(expectedPerHour)} an hour. The chance of this many was ${chanceText(chance)}.`;

const enteredText = (explanation: Explanation): string => {
  const { seenStarted, seenVerified, seenSms, conversion, pending, oldestPendingSeconds, arriving } = explanation;
  return [
    `Of the latest ${count(seenStarted)} people, who got ${count(seenSms)} SMS, ${count(seenVerified)} verified; ${percent(conversion)} was usual.`,
    `${count(pending)} codes were pending, the oldest for ${oldestPendingSeconds} seconds.`,
    arriving < 0.9
      ? `Pairs verify less often than usual as well: about ${percent(arriving)} of the country's codes arrive. Missing approvals weigh less for it.`
      : '',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
};

const percent = (share: number): string => `${Math.round(share * 100)}%`;

/** Why, in sentences that a person can follow at night. */
export const reasonsOf = (explanation: Explanation): readonly string[] => {
  const { rule, evidence, threshold, wrong, requests, limited, startedHour, startedSixHours, distinctIps } =
    explanation;
  const [traffic, entered] = [trafficText(explanation), enteredText(explanation)];
  if (rule === 'code-spraying') {
    return [
      `${wrong} wrong codes were entered without a right one after them, over ${count(requests)} verifications in half an hour.`,
    ];
  }
  if (rule === 'guessing') return [`${wrong} wrong codes were entered for the number recently.`];
  if (rule === 'bombing') return [`${limited} requests for the number were refused recently.`];
  if (rule === 'converting-strangers') {
    const numbers = `${startedHour} unverified numbers requested codes within an hour, and ${startedSixHours} within six. The latest came from about ${distinctIps} IPs.`;
    return [numbers, traffic, entered];
  }
  if (rule === 'conversion-drop') return conversionDropReasons(explanation);
  if (rule === 'launch-exceeded') return launchReasons(explanation);
  if (explanation.atRisk !== undefined) return riskReasons(explanation.atRisk);
  return [traffic, entered, `The evidence was ${count(evidence)} nats; the threshold was ${threshold}.`];
};

const conversionDropReasons = (explanation: Explanation): readonly string[] => {
  const { seenStarted, seenVerified, conversion, evidence, threshold, chance, countries } = explanation;
  return [
    `About ${count(seenStarted)} people with unverified numbers requested codes from untrusted IPs in a day and a half, and ${count(seenVerified)} verified; ${count(seenStarted * conversion)} was usual.`,
    `That was ${count(evidence)} standard deviations less (chance: ${chanceText(chance)}); the threshold was ${threshold}.`,
    ...(countries.length < 2 ? [] : [`The largest drops are in ${countries.join(', ')}.`]),
    'The cause may be an attack below every rate, or codes that do not arrive.',
  ];
};

const noActionText = ({ mode, rule, explanation: { launch } }: Ruling): string => {
  if (rule === 'launch-exceeded') return 'Nothing was blocked: the launch no longer holds.';
  if (rule === 'swapped-number') return 'Nothing was blocked: the settings say what becomes of such a request.';
  if (launch !== undefined) return sparedText(launch);
  if (mode === 'record-only') {
    return 'Nothing was blocked: the settings say record-only here, or the detector still learns what is usual.';
  }
  return rule === 'bombing' ? 'The limits of the number hold, so no block was needed.' : 'Nothing was blocked.';
};

/** How a restriction ends. If those who verify are the attack, it goes on while probes verify. */
const endText = ({ rule, explanation }: Ruling): string => {
  const probes = count(explanation.probesPerHour);
  const { ms, maxMs } = thresholds.restriction;
  const outcome = rule === 'converting-strangers' ? 'verify' : 'fail';
  return `As probes, ${probes} an hour of those that it holds pass. It ends by itself. While its probes ${outcome}, it is renewed for ${minutes(ms)} minutes at a time, for ${maxMs / hourMs} hours at most. Requests that are refused renew nothing.`;
};

const heldText = ({ key, action }: Ruling, period: string): string => {
  if (key.level === 'ip') return `Unverified numbers behind the IP get no SMS ${period}.`;
  if (key.level === 'new-network')
    return `Trusted numbers get no SMS ${period} if they ask from a network where they have never verified and from an untrusted IP.`;
  return action === 'block'
    ? `Unverified numbers get no SMS ${period}, from trusted IPs neither.`
    : `Unverified numbers get no SMS ${period}, unless they come from a trusted IP.`;
};

export const actionText = (ruling: Ruling): string => {
  const { key, action, atMs, untilMs } = ruling;
  if (action === 'none') return noActionText(ruling);
  const period = `for ${minutes(untilMs - atMs)} minutes, until ${timeOf(untilMs)}`;
  if (action === 'longer-codes') {
    return `New codes of the ${areOfNumber(key) ? 'number, except from networks where it has verified,' : 'country'} are longer and have fewer attempts ${period}, and longer while guesses go on. This ends by itself. No request is refused. Clients must take codeLength from the answer.`;
  }
  return `${heldText(ruling, period)} ${endText(ruling)}`;
};

const affected: Readonly<Partial<Record<Level, string>>> = {
  range: 'people with unverified numbers',
  prefix: 'people with unverified numbers at untrusted IPs',
  country: 'people with unverified numbers at untrusted IPs',
  ip: 'people',
  'new-network': 'people with trusted numbers in new networks',
};

/** The people whom an action may affect. */
export const collateralText = ({ key, explanation }: Ruling): string => {
  const people = affected[key.level];
  return people === undefined ? '' : `About ${explanation.collateral} ${people} verified here in a day.`;
};
