import type { Key, Level } from '../counts/keys.ts';
import type { Explanation, Ruling } from '../judge/ruling.ts';

const levelNames: Readonly<Record<Level, string>> = {
  phone: 'number',
  range: 'range',
  prefix: 'prefix',
  country: 'country',
  ip: 'caller IP',
  codes: 'codes of country',
  everywhere: 'everywhere',
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
export const whereText = (key: Key): string => `${levelNames[key.level]} ${shown(key)}`;

export const moneyText = ({ spentUsd, usdPerHour }: Explanation): string =>
  `By estimate ${usd(spentUsd)} were spent on these SMS, at ${usd(usdPerHour)} an hour.`;

/** Why, in sentences that a person can follow at night. */
export const reasonsOf = (key: Key, explanation: Explanation): readonly string[] => {
  const { rule, evidence, threshold, chance, expectedPerHour, conversion } = explanation;
  const { startedTenMinutes, startedHour, seenStarted, seenVerified, pending, oldestPendingSeconds } = explanation;
  const traffic = `${count(startedTenMinutes)} verifications were requested within ten minutes and ${count(startedHour)} within the hour; ${count(expectedPerHour)} an hour are usual here (the chance of so many: ${chanceText(chance)}).`;
  const typed = `Of the latest ${count(seenStarted)}, ${count(seenVerified)} were typed in; usually ${Math.round(conversion * 100)}% are. ${count(pending)} are out, the oldest for ${oldestPendingSeconds} s.`;
  const score = `The evidence is ${count(evidence)}, and ${threshold} is enough.`;
  if (rule === 'code-spraying') {
    return [
      `${explanation.wrong} wrong codes that no right one followed, for ${count(seenStarted)} verifications within half an hour.`,
    ];
  }
  if (rule === 'guessing') return [`${explanation.wrong} wrong codes were entered for the number of late.`];
  if (rule === 'bombing') return [`${explanation.limited} requests for the number were refused of late.`];
  if (rule === 'prefixes-blocked') return [`Blocked in ${key.of}: ${explanation.prefixes.join(', ')}.`, traffic, typed];
  if (rule === 'converting-strangers') {
    return [
      `${explanation.startedHour} numbers that had never verified, from some ${explanation.distinctIps} IPs, within the hour.`,
      traffic,
      typed,
    ];
  }
  if (rule === 'conversion-drop') return conversionDropReasons(explanation);
  return [traffic, typed, score];
};

const conversionDropReasons = ({
  seenStarted,
  seenVerified,
  conversion,
  evidence,
  threshold,
  chance,
  countries,
}: Explanation) => [
  `Of about ${count(seenStarted)} verifications of unverified numbers within a day and a half, ${count(seenVerified)} were typed in; ${count(seenStarted * conversion)} would be usual.`,
  `That is ${count(evidence)} standard deviations less (the chance: ${chanceText(chance)}), and ${threshold} are enough.`,
  ...(countries.length < 2 ? [] : [`Most are missing in ${countries.join(', ')}.`]),
  'It may be an attack below every rate, or codes that do not arrive.',
];

export const actionText = ({ action, mode, atMs, untilMs, rule }: Ruling): string => {
  if (action === 'none') {
    return mode === 'record-only'
      ? 'Nothing was blocked: the settings say record-only here, or the detector is younger than its learning time.'
      : rule === 'bombing'
        ? 'The limits of the number hold; no block was needed.'
        : 'Nothing was blocked.';
  }
  const until = `for ${minutes(untilMs - atMs)} minutes, until ${timeOf(untilMs)}; it ends by itself`;
  if (action === 'longer-codes') {
    return `New codes of the country are longer and have fewer attempts ${until}. Nobody is refused. A client must take codeLength from the answer.`;
  }
  return action === 'restrict'
    ? `Numbers that have never verified, from IPs where nobody has, get no SMS ${until}.`
    : `Sends are refused ${until}. Numbers that have verified within 90 days are spared by blocks on groups of numbers.`;
};

export const collateralText = ({ level }: Key, { collateral }: Explanation): string =>
  level === 'phone' || level === 'codes' ? '' : `About ${collateral} people verified here within a day.`;
