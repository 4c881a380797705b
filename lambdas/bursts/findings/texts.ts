import type { Key, Level } from '../counts/keys.ts';
import type { Explanation, Ruling } from '../judge/ruling.ts';

const levelNames: Readonly<Record<Level, string>> = {
  phone: 'number',
  range: 'number range',
  prefix: 'prefix',
  country: 'country',
  ip: 'IP',
  codes: 'codes of country',
  everywhere: '',
};

/** Hidden digits are shown as such; keyed hashes by their beginning. */
const shown = ({ level, of }: Key): string => {
  if (level === 'range') return `${of} ••••`;
  if (level === 'prefix') return `${of}…`;
  return level === 'phone' || level === 'ip' ? `${of.slice(0, 12)}…` : of;
};

const count = (value: number): string => String(Math.round(value * 10) / 10);
export const usd = (value: number): string => `$${value < 10 ? value.toFixed(2) : Math.round(value)}`;
export const timeOf = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');
const minutes = (ms: number): number => Math.round(ms / 60_000);

const chanceText = (chance: number): string =>
  chance < 1e-30 ? 'less than 1 in 10³⁰' : chance >= 0.01 ? count(chance) : chance.toExponential(0);

/** Level and group, as a person names them. */
export const whereText = (key: Key): string => `${levelNames[key.level]} ${shown(key)}`.trim();

export const moneyText = ({ spentUsd, usdPerHour, criticalUsdPerHour }: Explanation): string =>
  `These SMS cost about ${usd(spentUsd)}, at ${usd(usdPerHour)} an hour.${criticalUsdPerHour === undefined ? '' : ` From ${usd(criticalUsdPerHour)} an hour on, a finding here is critical.`}`;

const trafficText = ({ startedTenMinutes, startedHour, expectedPerHour, chance }: Explanation): string =>
  `${count(startedTenMinutes)} verifications were requested in ten minutes and ${count(startedHour)} in an hour. The usual number here is ${count(expectedPerHour)} an hour. The chance of this many is ${chanceText(chance)}.`;

const enteredText = ({ seenStarted, seenVerified, conversion, pending, oldestPendingSeconds }: Explanation): string =>
  `Of the latest ${count(seenStarted)} codes, ${count(seenVerified)} were entered; ${Math.round(conversion * 100)}% is usual. ${count(pending)} codes are pending, the oldest for ${oldestPendingSeconds} seconds.`;

/** Why, in sentences that a person can follow at night. */
export const reasonsOf = (key: Key, explanation: Explanation): readonly string[] => {
  const { rule, evidence, threshold, wrong, limited, seenStarted, startedHour, distinctIps } = explanation;
  const [traffic, entered] = [trafficText(explanation), enteredText(explanation)];
  if (rule === 'code-spraying') {
    return [
      `${wrong} wrong codes were entered without a right one after them, over ${count(seenStarted)} verifications in half an hour.`,
    ];
  }
  if (rule === 'guessing') return [`${wrong} wrong codes were entered for the number recently.`];
  if (rule === 'bombing') return [`${limited} requests for the number were refused recently.`];
  if (rule === 'prefixes-blocked') {
    return [`Blocked prefixes of ${key.of}: ${explanation.prefixes.join(', ')}.`, traffic, entered];
  }
  if (rule === 'converting-strangers') {
    const numbers = `${startedHour} unverified numbers requested codes within an hour, from about ${distinctIps} IPs.`;
    return [numbers, traffic, entered];
  }
  if (rule === 'conversion-drop') return conversionDropReasons(explanation);
  return [traffic, entered, `The evidence is ${count(evidence)} nats; the threshold is ${threshold}.`];
};

const conversionDropReasons = (explanation: Explanation): readonly string[] => {
  const { seenStarted, seenVerified, conversion, evidence, threshold, chance, countries } = explanation;
  return [
    `Unverified numbers requested about ${count(seenStarted)} codes in a day and a half and entered ${count(seenVerified)}; ${count(seenStarted * conversion)} is usual.`,
    `That is ${count(evidence)} standard deviations less (chance: ${chanceText(chance)}); the threshold is ${threshold}.`,
    ...(countries.length < 2 ? [] : [`The largest drops are in ${countries.join(', ')}.`]),
    'The cause may be an attack below every rate, or codes that do not arrive.',
  ];
};

const noActionText = ({ mode, rule }: Ruling): string => {
  if (mode === 'record-only') {
    return 'Nothing was blocked: the settings say record-only here, or the detector still learns what is usual.';
  }
  return rule === 'bombing' ? 'The limits of the number hold, so no block was needed.' : 'Nothing was blocked.';
};

export const actionText = (ruling: Ruling): string => {
  const { action, atMs, untilMs } = ruling;
  if (action === 'none') return noActionText(ruling);
  const period = `for ${minutes(untilMs - atMs)} minutes, until ${timeOf(untilMs)}`;
  if (action === 'longer-codes') {
    return `New codes of the country are longer and have fewer attempts ${period}. This ends by itself. No request is refused. Clients must take codeLength from the answer.`;
  }
  return action === 'restrict'
    ? `Unverified numbers get no SMS ${period}, unless they call from a trusted IP. The restriction ends by itself.`
    : `Sends are refused ${period}. The block ends by itself. Trusted numbers pass blocks on groups of numbers.`;
};

export const collateralText = ({ level }: Key, { collateral }: Explanation): string =>
  level === 'phone' || level === 'codes' ? '' : `About ${collateral} people verified here in a day.`;
