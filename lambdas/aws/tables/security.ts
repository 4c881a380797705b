import type { Update } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { AuditEntry } from '../../bursts/audit.ts';
import { trafficKinds } from '../../bursts/counts/events.ts';
import {
  type AnnouncedLaunch,
  isLaunch,
  type Launch,
  type LaunchProgress,
  launchLevels,
} from '../../bursts/evidence/launches.ts';
import type { Case, StaffNotes } from '../../bursts/findings/case.ts';
import type { Finding } from '../../bursts/findings/finding.ts';
import type { Notification } from '../../bursts/findings/render.ts';
import { type findingNotes, itemKinds } from '../../contract.ts';
import type { Action } from '../../desk/actions.ts';
import type { BlockPlace, HeldBlock, NewStaffBlock } from '../../desk/blocks.ts';
import type { FindingVerdict, KnownFinding } from '../../desk/findings.ts';
import type { NumberEvent } from '../../desk/numbers/history.ts';
import { daySeconds } from '../../otp/durations.ts';
import { type Item, keyOf, values } from '../dynamo/items.ts';
import { versionAt } from '../dynamo/versions.ts';

const { security: kinds } = itemKinds;

/**
 * The attributes of each kind of item, beside the keys and the TTL attribute. Times are epoch milliseconds, except
 * `expiresAt` and those that staff write: epoch seconds.
 */
export const securityAttributes = {
  finding: [
    'finding',
    'version',
    'isOpen',
    'level',
    'of',
    'country',
    'rule',
    'severity',
    'action',
    'firstAt',
    'ruledAt',
    'updatedAt',
    'until',
    'quietFor',
    'refused',
    'refusedBefore',
    'refusedFrom',
    'spared',
    'parent',
    'children',
    'childrenNotified',
  ],
  open: [],
  outbox: ['finding', 'alarmSeverity', 'isLogged'],
  action: ['at', 'principal', 'action', 'reason', 'about', 'finding', 'order', 'level', 'of', 'until', 'expected'],
  'staff-block': ['at', 'until', 'reason', 'author'],
  export: [
    ...(['at', 'from', 'to', 'reason', 'principal', 'phase', 'finishedAt', 'why'] as const),
    ...(['run', 'holder', 'heldUntil', 'tries', 'places', 'parts', 'bytes', 'tally', 'estimate', 'settings'] as const),
  ],
  'export-part': ['name', 'sha256', 'bytes', 'lines', 'isKept'],
  'export-lock': ['export'],
  phone: [
    'version',
    'kind',
    'at',
    'range',
    'prefix',
    'country',
    'ip',
    'application',
    'sharedIp',
    'purpose',
    'unverified',
    'network',
    'trustedIp',
    'pair',
    'sincePreviousSendMs',
    'sinceFirstSendMs',
    'probes',
    'startedAt',
    'sends',
    'mistyped',
    'verification',
    'reason',
    'limit',
    'batch',
    'place',
    'records',
    'judgedAt',
    'streamAt',
    'counted',
  ],
  launch: [
    'country',
    'from',
    'until',
    'expected',
    'reason',
    'author',
    'requests',
    'rolledUp',
    'rolledUpTo',
    'exceededAt',
  ],
} as const satisfies Record<keyof typeof kinds, readonly string[]>;

type Attributes<Kind extends keyof typeof securityAttributes> = Readonly<
  Partial<Record<(typeof securityAttributes)[Kind][number] | 'pk' | 'sk' | 'expiresAt', unknown>>
>;

/** All findings stand under one key, each by its uid: staff list them by one Query, and read nothing else with them. */
export const findingKey = (uid: string): Item => keyOf(kinds.finding.pk, uid);
/** Those of them that are open, so that a sweep need not read them all. */
export const openPartition = kinds.open.pk;
export const openKey = (uid: string): Item => keyOf(openPartition, uid);
/** Notifications that are pending, in the order of their changes. */
export const outboxPartition = kinds.outbox.pk;
export const outboxKey = (id: string): Item => keyOf(outboxPartition, id);
/** The audit trail of a number, by its keyed hash. */
export const auditKey = (phoneKey: string): string => `${kinds.phone.pk}${phoneKey}`;

/** A notification that is pending for this long is never sent. The finding itself is kept. */
export const outboxDays = 30;

/** A case that is open this long after its end is no longer followed. */
export const openDays = 30;

/** A case with the finding that its last change rendered. */
export type StoredCase = { readonly before: Case; readonly finding: Finding };

/**
 * What the detector writes of a case. What staff write (`acknowledgedBy`, `label`, …) is not among it, nor the count of
 * `children`, which only grows by additions.
 */
export const attributesOfCase = (after: Case, finding: Finding, findingDays: number): Attributes<'finding'> => ({
  level: after.key.level,
  of: after.key.of,
  country: after.country,
  rule: finding.unmapped.rule,
  severity: after.severity,
  action: after.action,
  isOpen: after.isOpen,
  version: after.version,
  firstAt: after.firstMs,
  ruledAt: after.atMs,
  until: after.untilMs,
  quietFor: after.quietMs,
  updatedAt: after.notifiedMs,
  refused: after.refusals.total,
  refusedBefore: after.refusals.before,
  refusedFrom: after.refusals.from,
  spared: after.sparedUsd,
  childrenNotified: after.childrenNotified,
  ...(after.parent === undefined ? {} : { parent: after.parent }),
  finding: JSON.stringify(finding),
  expiresAt: Math.ceil(Math.max(after.untilMs, after.notifiedMs) / 1000) + findingDays * daySeconds,
});

type Notes = Readonly<Partial<Record<(typeof findingNotes)[number], unknown>>>;

const staffNotes = ({ acknowledgedBy, label, labeledBy, labeledAt }: Notes): StaffNotes => {
  const labeled =
    typeof labeledAt === 'number'
      ? // Staff write seconds, and may be as quick as the ruling.
        { by: typeof labeledBy === 'string' ? labeledBy : 'staff', atMs: (labeledAt + 1) * 1000 }
      : undefined;
  return {
    acknowledgedBy: typeof acknowledgedBy === 'string' ? acknowledgedBy : undefined,
    falsePositive: label === 'false-positive' ? labeled : undefined,
    ...(label === 'resolved' ? { resolved: labeled } : {}),
  };
};

const numbers = [
  'version',
  'firstAt',
  'ruledAt',
  'until',
  'quietFor',
  'updatedAt',
  'refused',
  'refusedBefore',
  'refusedFrom',
  'spared',
  'childrenNotified',
] as const;

/** A number that no text of JavaScript can hold makes the whole item unreadable, and stops nothing. */
const plainOf = (item: Item | undefined): Readonly<Record<string, unknown>> => {
  try {
    return item === undefined ? {} : unmarshall(item);
  } catch {
    return {};
  }
};

/** A stored case. If it cannot be read, only its version is known. */
export type FoundCase = { readonly version: number; readonly stored: StoredCase | undefined };

/** Reads a case; the only place that trusts what the table holds to be what `attributesOfCase` wrote. */
export const readCase = (item: Item | undefined): FoundCase => {
  const plain = plainOf(item);
  const version = versionAt(item);
  const isWhole = numbers.every((name) => typeof plain[name] === 'number') && typeof plain['finding'] === 'string';
  return { version, stored: isWhole ? storedOf(plain) : undefined };
};

/** A finding that was not written by hand has these, and can be rendered again. */
const isFinding = (value: Partial<Finding> | null): boolean =>
  typeof value?.finding_info === 'object' &&
  typeof value.metadata === 'object' &&
  typeof value.unmapped === 'object' &&
  typeof value.evidences?.[0]?.data === 'object';

const storedOf = (plain: Readonly<Record<string, unknown>>): StoredCase | undefined => {
  const { sk, level, of, country, severity, action, isOpen, parent, children, ...rest } = plain as Stored;
  try {
    const finding: Finding = JSON.parse(rest.finding);
    if (!isFinding(finding)) return undefined;
    const before: Case = {
      uid: sk,
      key: { level, of },
      country,
      severity,
      action,
      isOpen: isOpen === true,
      status: finding.status,
      version: rest.version,
      firstMs: rest.firstAt,
      atMs: rest.ruledAt,
      untilMs: rest.until,
      quietMs: rest.quietFor,
      notifiedMs: rest.updatedAt,
      refusals: { total: rest.refused, before: rest.refusedBefore, from: rest.refusedFrom },
      sparedUsd: rest.spared,
      parent,
      children: children ?? 0,
      childrenNotified: rest.childrenNotified,
      staff: staffNotes(plain),
    };
    return { before, finding };
  } catch {
    return undefined;
  }
};

type Stored = Readonly<Record<(typeof numbers)[number], number>> & {
  readonly sk: string;
  readonly level: Case['key']['level'];
  readonly of: string;
  readonly country: string;
  readonly severity: Case['severity'];
  readonly action: Case['action'];
  readonly isOpen: unknown;
  readonly parent: string | undefined;
  readonly children: number | undefined;
  readonly finding: string;
};

export const openItem = ({ uid, untilMs }: Case): Item => ({
  ...openKey(uid),
  ...values({ expiresAt: Math.ceil(untilMs / 1000) + openDays * daySeconds } satisfies Attributes<'open'>),
});

export const outboxItem = ({ id, finding, alarmSeverity }: Notification): Item => ({
  ...outboxKey(id),
  ...values({
    finding: JSON.stringify(finding),
    alarmSeverity,
    expiresAt: Math.ceil(finding.time / 1000) + outboxDays * daySeconds,
  } satisfies Attributes<'outbox'>),
});

/** `undefined` if it cannot be read. */
export const readNotification = (item: Item): Notification | undefined => {
  const { sk, finding, alarmSeverity, isLogged } = plainOf(item) as Readonly<Record<string, never>>;
  try {
    const parsed: Finding = JSON.parse(finding ?? '');
    if (sk === undefined || !isFinding(parsed)) return undefined;
    return { id: sk, finding: parsed, alarmSeverity, isLogged: isLogged === true };
  } catch {
    return undefined;
  }
};

/** One number's history is one Query, in the order in which it happened. */
export const auditItem = ({ id, phoneKey, atMs, startedAtMs, judgedAtMs, streamAtMs, ...rest }: AuditEntry): Item =>
  values({
    pk: auditKey(phoneKey),
    sk: `${new Date(atMs).toISOString()}#${id}`,
    at: atMs,
    startedAt: startedAtMs,
    judgedAt: judgedAtMs,
    streamAt: streamAtMs,
    ...rest,
  } satisfies Attributes<'phone'>);

/** An event as privacy officers see it; `undefined` if it cannot be read. */
export const readNumberEvent = (item: Item): NumberEvent | undefined => {
  const { at, kind, reason, limit, country, purpose, application } = plainOf(item);
  if (typeof at !== 'number') return undefined;
  const known = trafficKinds.find((each) => each === kind);
  if (known === undefined) return undefined;
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const optional = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  return {
    atMs: at,
    kind: known,
    reason: optional(reason),
    limit: optional(limit),
    country: text(country),
    purpose: text(purpose),
    application: text(application),
  };
};

/** Stands in the entry of an event that was counted: both are written in one transaction, so that each event counts once. */
export const countedMark = values({ counted: true } satisfies Attributes<'phone'>);
/** There is no entry, or one that was kept without being counted. */
export const isNotCounted = 'attribute_not_exists(counted)';

/** What operators did, in the order in which they did it. */
export const actionPartition = kinds.action.pk;

export const actionItem = ({ id, atMs, untilMs, ...rest }: Action, auditDays: number): Item => ({
  ...keyOf(actionPartition, `${new Date(atMs).toISOString()}#${id}`),
  ...values({
    at: atMs,
    until: untilMs,
    ...rest,
    expiresAt: Math.ceil(atMs / 1000) + auditDays * daySeconds,
  } satisfies Attributes<'action'>),
});

export const readAction = (item: Item): Action | undefined => {
  const { sk, at, principal, action, reason, about, finding, order } = plainOf(item) as Partial<Action> & StoredAction;
  if (sk === undefined || at === undefined || principal === undefined || action === undefined) return undefined;
  const id = sk.slice(sk.indexOf('#') + 1);
  return { id, atMs: at, principal, action, reason: reason ?? '', about: about ?? '', finding, order };
};

type StoredAction = { readonly sk?: string; readonly at?: number };

/** The blocks that staff wrote, so that they are listed without a scan of Guards. */
export const staffBlockPartition = kinds['staff-block'].pk;
export const staffBlockKey = ({ level, of }: BlockPlace): Item => keyOf(staffBlockPartition, `${level}#${of}`);

export const staffBlockItem = ({ place, untilMs, reason }: NewStaffBlock, { principal, atMs }: Action): Item => ({
  ...staffBlockKey(place),
  ...values({
    at: atMs,
    until: untilMs,
    reason,
    author: principal,
    expiresAt: Math.ceil(untilMs / 1000),
  } satisfies Attributes<'staff-block'>),
});

/** `undefined` if it cannot be read. */
export const readStaffBlock = (item: Item): (BlockPlace & Pick<HeldBlock, 'untilMs' | 'reason' | 'by'>) | undefined => {
  const { sk, until, reason, author } = plainOf(item) as Readonly<Record<string, unknown>>;
  const [, level, of] = /^([\w-]+)#(.+)$/.exec(String(sk)) ?? [];
  if (level === undefined || of === undefined || typeof until !== 'number') return undefined;
  return {
    level: level as BlockPlace['level'],
    of,
    untilMs: until,
    reason: String(reason ?? ''),
    by: String(author ?? ''),
  };
};

/** What an operator's verdict sets on a finding. Times are epoch seconds. */
export const verdictAttributes = (verdict: FindingVerdict, note: string | undefined, { principal, atMs }: Action) => {
  const atSeconds = Math.floor(atMs / 1000);
  return {
    ...(verdict === 'acknowledged'
      ? { acknowledgedBy: principal, acknowledgedAt: atSeconds }
      : { label: verdict, labeledBy: principal, labeledAt: atSeconds }),
    ...(note === undefined ? {} : { note }),
  } satisfies Notes;
};

/** `undefined` if it cannot be read. */
export const readKnownFinding = (item: Item): KnownFinding | undefined => {
  const { stored } = readCase(item);
  if (stored === undefined) return undefined;
  const { label, note, acknowledgedBy } = plainOf(item);
  const verdict = label === 'false-positive' || label === 'resolved' ? label : undefined;
  return {
    known: stored.before,
    finding: stored.finding,
    note: typeof note === 'string' ? note : undefined,
    verdict: verdict ?? (typeof acknowledgedBy === 'string' ? 'acknowledged' : undefined),
  };
};

/** All launches stand under one key, each by its level and its country or prefix: the detector reads them by one Query. */
export const launchPartition = kinds.launch.pk;
export const launchKey = ({ level, of }: Pick<Launch, 'level' | 'of'>): Item =>
  keyOf(launchPartition, `${level}#${of}`);

/** An announcement. It takes the place of an earlier one of the same key, so that its requests are counted anew. */
export const launchItem = ({ level, of, country, fromMs, untilMs, expected, reason, author }: Launch): Item => ({
  ...launchKey({ level, of }),
  ...values({
    country,
    from: fromMs,
    until: untilMs,
    expected,
    reason,
    author,
    expiresAt: Math.ceil(untilMs / 1000),
  } satisfies Attributes<'launch'>),
});

/** What the detector notes of a launch, unless it was announced anew, exceeded or noted since it was read. */
export const launchUpdate = (TableName: string, before: AnnouncedLaunch, progress: LaunchProgress) => {
  const { requests, rolledUp, rolledUpTo, exceededMs } = progress;
  const noted = { requests, rolledUp, rolledUpTo, ...(exceededMs === undefined ? {} : { exceededAt: exceededMs }) };
  const sets = Object.keys(noted satisfies Attributes<'launch'>).map((name) => `${name} = :${name}`);
  return {
    TableName,
    Key: launchKey(before),
    UpdateExpression: `SET ${sets.join(', ')}`,
    ConditionExpression: [isSameLaunch, isNotExceeded, isNotedAs].join(' AND '),
    ExpressionAttributeNames: { '#from': 'from' },
    ExpressionAttributeValues: values({
      ...Object.fromEntries(Object.entries(noted).map(([name, value]) => [`:${name}`, value])),
      ':from': before.fromMs,
      ':before': before.progress.rolledUpTo,
    }),
  } satisfies Update;
};

const isSameLaunch = '#from = :from';
const isNotExceeded = 'attribute_not_exists(exceededAt)';
const isNotedAs = '(attribute_not_exists(rolledUpTo) OR rolledUpTo = :before)';

const isProgress = (value: unknown): value is number | undefined => value === undefined || typeof value === 'number';

/** A launch with its progress; `undefined` if it cannot be read, or is none that staff may announce. */
export const readLaunch = (item: Item): AnnouncedLaunch | undefined => {
  const { sk, country, from, until, expected, reason, author, ...noted } = plainOf(item);
  const [level, of] = typeof sk === 'string' ? sk.split('#') : [];
  const known = launchLevels.find((each) => each === level);
  if (known === undefined || of === undefined) return undefined;
  if (typeof from !== 'number' || typeof until !== 'number' || typeof expected !== 'number') return undefined;
  if (typeof reason !== 'string' || typeof author !== 'string') return undefined;
  if (country !== undefined && typeof country !== 'string') return undefined;
  const progress = readProgress(noted);
  const launch: Launch = { level: known, of, country, fromMs: from, untilMs: until, expected, reason, author };
  return progress !== undefined && isLaunch(launch) ? { ...launch, progress } : undefined;
};

const readProgress = (noted: Readonly<Record<string, unknown>>): LaunchProgress | undefined => {
  const { requests, rolledUp, rolledUpTo, exceededAt } = noted;
  if (!isProgress(requests) || !isProgress(rolledUp) || !isProgress(rolledUpTo) || !isProgress(exceededAt))
    return undefined;
  return { requests: requests ?? 0, rolledUp: rolledUp ?? 0, rolledUpTo: rolledUpTo ?? 0, exceededMs: exceededAt };
};
