import type { BlockLevel } from '../otp/admission.ts';
import type { Explanation, Ruling, Severity } from './judge.ts';
import type { Key } from './traffic.ts';

/**
 * A finding as security tools read it: OCSF 1.6 Detection Finding, class 2004 (https://schema.ocsf.io). It explains
 * itself, names no number and no address, and says what to do.
 */
export type Finding = ReturnType<typeof findingOf>;

const severities: Readonly<Record<Severity, readonly [id: number, name: string]>> = {
  low: [2, 'Low'],
  medium: [3, 'Medium'],
  high: [4, 'High'],
  critical: [5, 'Critical'],
};

type Technique = { readonly uid: string; readonly name: string; readonly tactic: readonly [uid: string, name: string] };
const impact = ['TA0040', 'Impact'] as const;
const credentialAccess = ['TA0006', 'Credential Access'] as const;
const pumping: Technique = { uid: 'T1496.003', name: 'Resource Hijacking: SMS Pumping', tactic: impact };
const bruteForce: Technique = { uid: 'T1110', name: 'Brute Force', tactic: credentialAccess };
const bombing: Technique = {
  uid: 'T1621',
  name: 'Multi-Factor Authentication Request Generation',
  tactic: credentialAccess,
};

type RuleText = { readonly title: string; readonly technique: Technique; readonly confidence: number };

const ruleTexts: Readonly<Record<Ruling['rule'], RuleText>> = {
  'unverified-burst': { title: 'Codes are asked for in numbers and not typed in', technique: pumping, confidence: 95 },
  silence: { title: 'Many codes are out and not one is typed in', technique: pumping, confidence: 90 },
  'low-and-slow': { title: 'For hours, more codes than usual are not typed in', technique: pumping, confidence: 80 },
  'operators-blocked': { title: 'Several operators of a country are under attack', technique: pumping, confidence: 95 },
  'converting-strangers': {
    title: 'Unknown numbers of one block verify in numbers that nobody expects',
    technique: pumping,
    confidence: 60,
  },
  spray: { title: 'Codes are guessed at over many numbers', technique: bruteForce, confidence: 90 },
  guessing: { title: 'The codes of one number are guessed at', technique: bruteForce, confidence: 80 },
  bombing: { title: 'One number is asked for far more codes than are sent', technique: bombing, confidence: 80 },
  trickle: { title: 'Next to nobody verifies in a country that SMS go to', technique: pumping, confidence: 50 },
};

const levelNames: Readonly<Record<BlockLevel, string>> = {
  phone: 'number',
  block: 'number block',
  operator: 'operator prefix',
  country: 'country',
  address: 'caller address',
};

const observableTypes: Readonly<Record<BlockLevel, readonly [id: number, name: string]>> = {
  phone: [99, 'Keyed hash of a phone number'],
  address: [99, 'Keyed hash of an IP address'],
  block: [99, 'MSISDN block'],
  operator: [99, 'MSISDN prefix'],
  country: [99, 'Country code'],
};

/** Hidden digits are shown as such; keyed hashes by their beginning. */
const shown = ({ level, of }: Key): string => {
  if (level === 'block') return `${of} ••••`;
  if (level === 'operator') return `${of}…`;
  return level === 'country' ? of : `${of.slice(0, 12)}…`;
};

const count = (value: number): string => String(Math.round(value * 10) / 10);
const usd = (value: number): string => `$${value < 10 ? value.toFixed(2) : Math.round(value)}`;
const timeOf = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');
const minutes = (ms: number): number => Math.round(ms / 60_000);

const chanceText = (chance: number): string =>
  chance < 1e-30 ? 'less than 1 in 10³⁰' : chance >= 0.01 ? count(chance) : chance.toExponential(0);

/** Why, in sentences that a person can follow at night. */
const reasonsOf = (key: Key, explanation: Explanation): readonly string[] => {
  const { rule, evidence, threshold, chance, expectedPerHour, conversion } = explanation;
  const { startedTenMinutes, startedHour, seenStarted, seenVerified, pending, oldestPendingSeconds } = explanation;
  const traffic = `${count(startedTenMinutes)} verifications were requested within ten minutes and ${count(startedHour)} within the hour; ${count(expectedPerHour)} an hour are usual here (the chance of so many: ${chanceText(chance)}).`;
  const typed = `Of the latest ${count(seenStarted)}, ${count(seenVerified)} were typed in; usually ${Math.round(conversion * 100)}% are. ${count(pending)} are out, the oldest for ${oldestPendingSeconds} s.`;
  const score = `The evidence is ${count(evidence)}, and ${threshold} is enough.`;
  if (rule === 'spray') return [`${explanation.wrong} wrong codes for ${count(seenStarted)} verifications.`, traffic];
  if (rule === 'guessing') return [`${explanation.wrong} wrong codes were entered for the number of late.`];
  if (rule === 'bombing') return [`${explanation.limited} requests for the number were refused of late.`];
  if (rule === 'operators-blocked')
    return [`Blocked in ${key.of}: ${explanation.operators.join(', ')}.`, traffic, typed];
  if (rule === 'converting-strangers') {
    return [
      `${explanation.startedHour} numbers that had never verified, from some ${explanation.distinctAddresses} addresses, within the hour.`,
      traffic,
      typed,
    ];
  }
  return rule === 'trickle' ? [typed] : [traffic, typed, score];
};

const actionText = ({ action, mode, atMs, untilMs, rule }: Ruling): string => {
  if (action === 'none') {
    return mode === 'record-only'
      ? 'Nothing was blocked: the settings say record-only here, or the detector is younger than its learning time.'
      : rule === 'bombing'
        ? 'The limits of the number hold; no block was needed.'
        : 'Nothing was blocked.';
  }
  const until = `for ${minutes(untilMs - atMs)} minutes, until ${timeOf(untilMs)}; it ends by itself`;
  return action === 'challenge'
    ? `Numbers that have never verified, from addresses where nobody has, get no SMS ${until}.`
    : `Sends are refused ${until}. Numbers that have verified within 90 days are spared by blocks on groups of numbers.`;
};

const collateralText = ({ level }: Key, { collateral }: Explanation): string =>
  level === 'phone' ? '' : `About ${collateral} people verified here within a day.`;

/** The command that lifts the block and keeps the detector from writing another for an hour. */
const liftCommand = ({ level, of }: Key): string =>
  `aws dynamodb put-item --table-name GUARDS_TABLE --item '{"pk":{"S":"block#${level}#${of}"},"liftedUntil":{"N":"'$(date -d '1 hour' +%s)'"},"expiresAt":{"N":"'$(date -d '2 days' +%s)'"},"reason":{"S":"why"},"author":{"S":"you"}}'`;

/**
 * @param ruling what was found and done.
 * @param version of this software.
 */
export const findingOf = (ruling: Ruling, version: string) => {
  const { key, rule, explanation, atMs, firstMs, untilMs, uid, isUpdate, action, step } = ruling;
  const { title, technique, confidence } = ruleTexts[rule];
  const [severity_id, severity] = severities[ruling.severity];
  const [type_id, type] = observableTypes[key.level];
  const where = `${levelNames[key.level]} ${shown(key)}`;
  const reasons = reasonsOf(key, explanation);
  const money = `By estimate ${usd(explanation.spentUsd)} were spent on these SMS, at ${usd(explanation.usdPerHour)} an hour.`;
  const message = [`${title}: ${where}.`, ...reasons, money, actionText(ruling), collateralText(key, explanation)]
    .filter((sentence) => sentence !== '')
    .join(' ');
  return {
    category_uid: 2,
    category_name: 'Findings',
    class_uid: 2004,
    class_name: 'Detection Finding',
    activity_id: isUpdate ? 2 : 1,
    activity_name: isUpdate ? 'Update' : 'Create',
    type_uid: isUpdate ? 200402 : 200401,
    time: atMs,
    severity_id,
    severity,
    status_id: 1,
    status: 'New',
    is_alert: action !== 'none' || ruling.severity !== 'low',
    confidence_score: confidence,
    message,
    metadata: {
      version: '1.6.0',
      product: { name: 'OTP service', vendor_name: 'OTP service', version, feature: { name: 'burst detector' } },
    },
    finding_info: {
      uid,
      title: `${title} (${where})`,
      desc: reasons.join(' '),
      created_time: firstMs,
      first_seen_time: firstMs,
      last_seen_time: atMs,
      types: [rule],
      analytic: { type_id: 1, type: 'Rule', uid: rule, name: title, version: '1' },
      attacks: [
        {
          technique: { uid: technique.uid, name: technique.name },
          tactics: [{ uid: technique.tactic[0], name: technique.tactic[1] }],
        },
      ],
    },
    observables: [
      { name: `otp.${key.level}`, type_id, type, value: key.of },
      ...(key.level === 'country'
        ? []
        : [{ name: 'otp.country', type_id: 99, type: 'Country code', value: ruling.country }]),
    ],
    evidences: [{ data: explanation }],
    remediation: {
      desc:
        action === 'none'
          ? 'Look whether it is an attack. If it is, block by hand; see the runbook.'
          : `If these are your users, lift the block, and have none for an hour: ${liftCommand(key)}`,
      references: [`docs/runbook.md#${ruling.severity === 'critical' ? 'burstcritical' : 'bursthigh'}`],
    },
    unmapped: {
      level: key.level,
      of: key.of,
      rule,
      mode: ruling.mode,
      action,
      step,
      until: timeOf(untilMs),
      part_of_campaign: ruling.isPartOfCampaign === true,
    },
  };
};
