import { productVersion } from '../../contract.ts';
import { areOfNumber, type Level } from '../counts/keys.ts';
import type { Ruling, Severity } from '../judge/ruling.ts';
import type { CaseStatus, Change } from './case.ts';
import { commandsOf, type Deployment, launchCommand } from './commands.ts';
import { ruleTexts, titleOf } from './rule-texts.ts';
import { actionText, applicationsText, collateralText, moneyText, reasonsOf, timeOf } from './texts.ts';
import { whereText } from './words/group-names.ts';
import { headlineOf } from './words/headline.ts';
import { type Lines, runbookUrlOf } from './words/lines.ts';

export const severities: Readonly<Record<Severity, { readonly severity_id: number; readonly severity: string }>> = {
  low: { severity_id: 2, severity: 'Low' },
  medium: { severity_id: 3, severity: 'Medium' },
  high: { severity_id: 4, severity: 'High' },
  critical: { severity_id: 5, severity: 'Critical' },
};

type Activity = { readonly activity_id: number; readonly activity_name: string; readonly type_uid: number };
export const activities: Readonly<Record<Change['kind'], Activity>> = {
  create: { activity_id: 1, activity_name: 'Create', type_uid: 200401 },
  update: { activity_id: 2, activity_name: 'Update', type_uid: 200402 },
  close: { activity_id: 3, activity_name: 'Close', type_uid: 200403 },
};

const observableTypes: Readonly<Record<Level, string>> = {
  phone: 'Keyed hash of a phone number',
  ip: 'Keyed hash of an IP',
  range: 'MSISDN range',
  prefix: 'MSISDN prefix',
  country: 'Country code',
  'new-network': 'Country code',
  codes: 'Country code',
  everywhere: 'All countries',
};

/** What OCSF has no field for. */
type Unmapped = {
  readonly level: Level;
  readonly of: string;
  readonly rule: Ruling['rule'];
  readonly mode: Ruling['mode'];
  readonly action: Ruling['action'];
  readonly step: number;
  readonly until: string;
  /** Of those whom the action holds, so many an hour pass as probes. */
  readonly probes_per_hour?: number;
  readonly part_of_campaign: boolean;
  /** Whether staff get a mail of this notification: a rule on the bus selects by it. */
  readonly is_mailed: boolean;
  /** Names of the applications of the evidence. */
  readonly applications: readonly string[];
  /** Sends that were refused because of it, and what they would have cost. */
  readonly refused: number;
  readonly spared_usd: number;
  /** Findings that are part of this one, and the one that this is part of. */
  readonly children: number;
  readonly parent?: string;
  /** The numbers behind it, in sentences. */
  readonly evidence: readonly string[];
  readonly commands: ReturnType<typeof commandsOf> & { readonly launch?: string };
};

/** What a ruling says by itself, whatever becomes of its case. */
export type Description = ReturnType<typeof descriptionOf>;

/**
 * A finding as security tools read it: OCSF 1.6 Detection Finding, class 2004 (https://schema.ocsf.io). It explains
 * itself, names no number and no IP, and says what to do.
 */
export type Finding = Description &
  Activity & {
    readonly unmapped: Lines;
    readonly status_id: number;
    readonly status: CaseStatus;
    readonly time: number;
    /** End of the block; of a finding that is closed. */
    readonly end_time?: number;
    readonly status_detail?: string;
    readonly verdict_id?: number;
    readonly verdict?: string;
    readonly assignee?: { readonly name: string };
  };

const unmappedOf = (ruling: Ruling, deployment: Deployment): Unmapped => {
  const { key, rule, mode, action, step, untilMs, uid, isPartOfCampaign, explanation } = ruling;
  const launch = launchCommand(ruling, deployment);
  return {
    level: key.level,
    of: key.of,
    rule,
    mode,
    action,
    step,
    until: timeOf(untilMs),
    ...(action === 'restrict' || action === 'block' ? { probes_per_hour: explanation.probesPerHour } : {}),
    part_of_campaign: isPartOfCampaign === true,
    is_mailed: false,
    applications: explanation.applications,
    refused: 0,
    spared_usd: 0,
    children: 0,
    evidence: reasonsOf(explanation),
    commands: { ...commandsOf(key, uid, deployment), ...(launch === undefined ? {} : { launch }) },
  };
};

const findingInfoOf = ({ key, rule, explanation, uid, firstMs, atMs }: Ruling) => {
  const { technique } = ruleTexts[rule];
  const title = titleOf(rule, key.level);
  return {
    uid,
    title: key.level === 'phone' || areOfNumber(key) ? title : `${title} (${whereText(key)})`,
    desc: reasonsOf(explanation).join(' '),
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
  };
};

/** OCSF lists no types for these values: 99 is "Other". */
const observablesOf = ({ key, country }: Ruling) => [
  {
    name: `otp.${key.level}`,
    type_id: 99,
    type: areOfNumber(key) ? observableTypes.phone : observableTypes[key.level],
    value: key.of,
  },
  ...(key.level === 'country' ? [] : [{ name: 'otp.country', type_id: 99, type: 'Country code', value: country }]),
];

const remediationOf = (ruling: Ruling, deployment: Deployment) => {
  const { key, uid, action } = ruling;
  const { lift, show } = commandsOf(key, uid, deployment);
  return {
    desc:
      action === 'none'
        ? `Check whether it is an attack: ${show}`
        : `If these are your users, lift it, and prevent a new one for an hour: ${lift}`,
    references: [runbookUrlOf(ruling, deployment)],
  };
};

/** In plain words first. The numbers behind it come last. */
const messageOf = (ruling: Ruling): string => {
  const { explanation } = ruling;
  return [
    `${headlineOf(ruling)}.`,
    applicationsText(explanation),
    explanation.atRisk === undefined ? moneyText(explanation) : '',
    actionText(ruling),
    collateralText(ruling),
    ...reasonsOf(explanation),
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
};

const noProfiles: readonly string[] = [];

export const descriptionOf = (ruling: Ruling, deployment: Deployment) => {
  const { rule, explanation, uid, action, severity } = ruling;
  return {
    category_uid: 2,
    category_name: 'Findings',
    class_uid: 2004,
    class_name: 'Detection Finding',
    ...severities[severity],
    is_alert: action !== 'none' || severity !== 'low',
    confidence_score: ruleTexts[rule].confidence,
    message: messageOf(ruling),
    metadata: {
      version: '1.6.0',
      uid,
      profiles: noProfiles,
      product: {
        name: 'OTP service',
        vendor_name: 'OTP service',
        version: productVersion,
        feature: { name: 'burst detector' },
      },
    },
    finding_info: findingInfoOf(ruling),
    observables: observablesOf(ruling),
    evidences: [{ data: explanation }] as const,
    remediation: remediationOf(ruling, deployment),
    unmapped: unmappedOf(ruling, deployment),
  };
};
