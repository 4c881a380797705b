import { itemKinds } from '../../contract.ts';
import type { Key, Level } from '../counts/traffic.ts';
import type { Explanation, Ruling, Severity } from '../judge/judge.ts';
import type { CaseFile } from './case.ts';

/**
 * A finding as security tools read it: OCSF 1.6 Detection Finding, class 2004 (https://schema.ocsf.io). It explains
 * itself, names no number and no IP, and says what to do.
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
  'no-conversion': { title: 'Many codes are out and not one is typed in', technique: pumping, confidence: 90 },
  'low-and-slow': { title: 'For hours, more codes than usual are not typed in', technique: pumping, confidence: 80 },
  'prefixes-blocked': { title: 'Several prefixes of a country are under attack', technique: pumping, confidence: 95 },
  'converting-strangers': {
    title: 'Unknown numbers of one block verify in numbers that nobody expects',
    technique: pumping,
    confidence: 60,
  },
  'code-spraying': { title: 'Codes are guessed at over many numbers', technique: bruteForce, confidence: 90 },
  guessing: { title: 'The codes of one number are guessed at', technique: bruteForce, confidence: 80 },
  bombing: { title: 'One number is asked for far more codes than are sent', technique: bombing, confidence: 80 },
  'conversion-drop': { title: 'Fewer codes are typed in than usual, for a day', technique: pumping, confidence: 60 },
};

const levelNames: Readonly<Record<Level, string>> = {
  phone: 'number',
  range: 'range',
  prefix: 'prefix',
  country: 'country',
  ip: 'caller IP',
  codes: 'codes of country',
  everywhere: 'everywhere',
};

const observableTypes: Readonly<Record<Level, readonly [id: number, name: string]>> = {
  phone: [99, 'Keyed hash of a phone number'],
  ip: [99, 'Keyed hash of an IP IP'],
  range: [99, 'MSISDN range'],
  prefix: [99, 'MSISDN prefix'],
  country: [99, 'Country code'],
  codes: [99, 'Country code'],
  everywhere: [99, 'All countries'],
};

/** Hidden digits are shown as such; keyed hashes by their beginning. */
const shown = ({ level, of }: Key): string => {
  if (level === 'range') return `${of} ••••`;
  if (level === 'prefix') return `${of}…`;
  return level === 'phone' || level === 'ip' ? `${of.slice(0, 12)}…` : of;
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

const actionText = ({ action, mode, atMs, untilMs, rule }: Ruling): string => {
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

const collateralText = ({ level }: Key, { collateral }: Explanation): string =>
  level === 'phone' || level === 'codes' ? '' : `About ${collateral} people verified here within a day.`;

/** The command that lifts the block and keeps the detector from writing another, and from finding anything, so long. */
const liftCommand = ({ level, of }: Key, so: string, kept: string): string =>
  `aws dynamodb put-item --table-name GUARDS_TABLE --item '{"pk":{"S":"${itemKinds.guards.block.pk}${level}#${of}"},"liftedUntil":{"N":"'$(date -d '${so}' +%s)'"},"expiresAt":{"N":"'$(date -d '${kept}' +%s)'"},"reason":{"S":"why"},"author":{"S":"you"}}'`;

/** A command that writes on the finding itself, and makes none where there is none. */
const noteCommand = (uid: string, update: string, words: string): string =>
  `aws dynamodb update-item --table-name SECURITY_TABLE --key '{"pk":{"S":"${itemKinds.security.finding.pk}"},"sk":{"S":"${uid}"}}' --condition-expression 'attribute_exists(pk)' --update-expression '${update}' --expression-attribute-values '${words}'`;

const now = `{"N":"'$(date +%s)'"}`;

/** What staff can do about it, one command each. */
const commandsOf = (key: Key, uid: string) => ({
  acknowledge: noteCommand(
    uid,
    'SET acknowledgedBy = :you, acknowledgedAt = :now',
    `{":you":{"S":"you"},":now":${now}}`,
  ),
  false_positive: noteCommand(
    uid,
    'SET label = :label, labeledBy = :you, labeledAt = :now',
    `{":label":{"S":"false-positive"},":you":{"S":"you"},":now":${now}}`,
  ),
  lift: liftCommand(key, '1 hour', '2 days'),
  suppress: liftCommand(key, '7 days', '8 days'),
});

/** What becomes of a finding. */
export type Change =
  | { readonly kind: 'create' | 'update' }
  | { readonly kind: 'close'; readonly because: 'quiet' }
  | { readonly kind: 'close'; readonly because: 'lifted'; readonly untilMs: number }
  | { readonly kind: 'close'; readonly because: 'false-positive'; readonly by: string };

type Activity = { readonly activity_id: number; readonly activity_name: string; readonly type_uid: number };
const activities: Readonly<Record<Change['kind'], Activity>> = {
  create: { activity_id: 1, activity_name: 'Create', type_uid: 200401 },
  update: { activity_id: 2, activity_name: 'Update', type_uid: 200402 },
  close: { activity_id: 3, activity_name: 'Close', type_uid: 200403 },
};

type Status = { readonly status_id: number; readonly status: string };
const statuses = {
  new: { status_id: 1, status: 'New' },
  inProgress: { status_id: 2, status: 'In Progress' },
  suppressed: { status_id: 3, status: 'Suppressed' },
  resolved: { status_id: 4, status: 'Resolved' },
} as const satisfies Readonly<Record<string, Status>>;

const statusOf = (change: Change, { staff }: CaseFile): Status => {
  if (change.kind !== 'close') return staff.acknowledgedBy === undefined ? statuses.new : statuses.inProgress;
  return change.because === 'lifted' ? statuses.suppressed : statuses.resolved;
};

const progressText = ({ refusals, sparedUsd, children }: CaseFile): string =>
  [
    refusals.total === 0 ? '' : `${refusals.total} sends were refused, which might have cost ${usd(sparedUsd)}.`,
    children === 0 ? '' : `${children} narrower findings are part of this one.`,
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');

const endText = (change: Change, { action }: CaseFile): string => {
  if (change.kind !== 'close') return '';
  if (change.because === 'quiet') {
    return action === 'none'
      ? 'Closed by itself: nothing more was found for an hour.'
      : 'Closed by itself: it has been quiet for as long again as the block lasted.';
  }
  return change.because === 'lifted'
    ? `Closed: staff want no block here until ${timeOf(change.untilMs)}.`
    : 'Closed: staff say that it was no attack.';
};

/** By the incident profile of OCSF. */
type Judged = {
  readonly verdict_id?: number;
  readonly verdict?: string;
  readonly assignee?: { readonly name: string };
};
const judgedBy = (change: Change, { staff }: CaseFile): Judged => ({
  ...(change.kind === 'close' && change.because === 'false-positive'
    ? { verdict_id: 1, verdict: 'False Positive' }
    : {}),
  ...(staff.acknowledgedBy === undefined ? {} : { assignee: { name: staff.acknowledgedBy } }),
});

type Living = Activity &
  Status &
  Judged & {
    readonly time: number;
    /** When the latest of what it is about ended; of a finding that is closed. */
    readonly end_time?: number;
    readonly status_detail?: string;
  };

/** The finding of a case with all that has become of it since its ruling. Its `metadata.uid` names these news alone. */
export const retold = (file: CaseFile, change: Change): Finding => {
  const { end_time: _, status_detail: __, verdict: ___, verdict_id: ____, assignee: _____, ...finding } = file.finding;
  const [severity_id, severity] = severities[file.severity];
  const judged = judgedBy(change, file);
  const detail = [progressText(file), endText(change, file)].filter((sentence) => sentence !== '').join(' ');
  const isJudged = Object.keys(judged).length > 0;
  return {
    ...finding,
    ...activities[change.kind],
    ...statusOf(change, file),
    ...judged,
    ...(detail === '' ? {} : { status_detail: detail }),
    ...(change.kind === 'close' ? { end_time: file.untilMs } : {}),
    time: file.toldMs,
    severity_id,
    severity,
    metadata: {
      ...finding.metadata,
      uid: `${file.uid}-${file.version}`,
      profiles: isJudged ? ['incident'] : [],
    },
    finding_info: {
      ...finding.finding_info,
      created_time: file.firstMs,
      first_seen_time: file.firstMs,
      modified_time: file.toldMs,
      last_seen_time: Math.max(file.atMs, change.kind === 'close' ? 0 : file.toldMs),
    },
    unmapped: {
      ...finding.unmapped,
      until: timeOf(file.untilMs),
      refused: file.refusals.total,
      spared_usd: Math.round(file.sparedUsd * 100) / 100,
      children: file.children,
      ...(file.parent === undefined ? {} : { parent: file.parent }),
    },
  };
};

type Unmapped = {
  readonly level: Level;
  readonly of: string;
  readonly rule: Ruling['rule'];
  readonly mode: Ruling['mode'];
  readonly action: Ruling['action'];
  readonly step: number;
  readonly until: string;
  readonly part_of_campaign: boolean;
  /** Sends that were refused because of it, and what they might have cost. */
  readonly refused: number;
  readonly spared_usd: number;
  /** Findings that are part of this one, and the one that this is part of. */
  readonly children: number;
  readonly parent?: string;
  readonly commands: ReturnType<typeof commandsOf>;
};

const noProfiles: readonly string[] = [];

/**
 * @param ruling what was found and done.
 * @param version of this software.
 */
export const findingOf = (ruling: Ruling, version: string) => {
  const { key, rule, explanation, atMs, firstMs, untilMs, uid, isUpdate, action, step } = ruling;
  const life: Living = { ...activities[isUpdate ? 'update' : 'create'], ...statuses.new, time: atMs };
  const unmapped: Unmapped = {
    level: key.level,
    of: key.of,
    rule,
    mode: ruling.mode,
    action,
    step,
    until: timeOf(untilMs),
    part_of_campaign: ruling.isPartOfCampaign === true,
    refused: 0,
    spared_usd: 0,
    children: 0,
    commands: commandsOf(key, uid),
  };
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
    ...life,
    severity_id,
    severity,
    is_alert: action !== 'none' || ruling.severity !== 'low',
    confidence_score: confidence,
    message,
    metadata: {
      version: '1.6.0',
      uid,
      profiles: noProfiles,
      product: { name: 'OTP service', vendor_name: 'OTP service', version, feature: { name: 'burst detector' } },
    },
    finding_info: {
      uid,
      title: `${title} (${where})`,
      desc: reasons.join(' '),
      created_time: firstMs,
      modified_time: atMs,
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
          : `If these are your users, lift the block, and have none for an hour: ${liftCommand(key, '1 hour', '2 days')}`,
      references: [`docs/runbook.md#${ruling.severity === 'critical' ? 'findingcritical' : 'findinghigh'}`],
    },
    unmapped,
  };
};
