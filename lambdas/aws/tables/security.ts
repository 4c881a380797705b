import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { AuditEntry } from '../../bursts/audit.ts';
import type { CaseFile, News, StaffWords } from '../../bursts/findings/case.ts';
import type { Finding } from '../../bursts/findings/finding.ts';
import { type findingNotes, itemKinds } from '../../contract.ts';
import { daySeconds, type Item, keyOf, values } from '../dynamo/items.ts';

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
  phone: [
    'version',
    'kind',
    'at',
    'range',
    'prefix',
    'country',
    'ip',
    'application',
    'purpose',
    'unverified',
    'verification',
    'reason',
    'limit',
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
/** What has not been told yet, in the order in which it is to be told. */
export const outboxPartition = kinds.outbox.pk;
export const outboxKey = (id: string): Item => keyOf(outboxPartition, id);
/** The audit trail of a number, by its keyed hash. */
export const auditKey = (phoneKey: string): string => `${kinds.phone.pk}${phoneKey}`;

/** What is left untold for so long is told to nobody any more; the finding itself is kept. */
export const outboxDays = 30;

/** Long after it should have been closed, a case is not looked after any more. */
export const openDays = 30;

/**
 * What the detector writes of a case. What staff write (`acknowledgedBy`, `label`, …) is not among it, nor the count of
 * `children`, which only grows by additions.
 */
export const attributesOfCase = (file: CaseFile, findingDays: number): Attributes<'finding'> => ({
  level: file.key.level,
  of: file.key.of,
  country: file.country,
  rule: file.finding.unmapped.rule,
  severity: file.severity,
  action: file.action,
  isOpen: file.isOpen,
  version: file.version,
  firstAt: file.firstMs,
  ruledAt: file.atMs,
  until: file.untilMs,
  quietFor: file.quietMs,
  updatedAt: file.toldMs,
  refused: file.refusals.total,
  refusedBefore: file.refusals.before,
  refusedFrom: file.refusals.from,
  spared: file.sparedUsd,
  childrenNotified: file.childrenTold,
  finding: JSON.stringify(file.finding),
  expiresAt: Math.ceil(Math.max(file.untilMs, file.toldMs) / 1000) + findingDays * daySeconds,
});

type Notes = Readonly<Partial<Record<(typeof findingNotes)[number], unknown>>>;

const staffWords = ({ acknowledgedBy, label, labeledBy, labeledAt }: Notes): StaffWords => ({
  acknowledgedBy: typeof acknowledgedBy === 'string' ? acknowledgedBy : undefined,
  falsePositive:
    label === 'false-positive' && typeof labeledAt === 'number'
      ? // Staff write seconds, and may be as quick as the ruling.
        { by: typeof labeledBy === 'string' ? labeledBy : 'staff', atMs: (labeledAt + 1) * 1000 }
      : undefined,
});

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

/** What stands of a case. `file` is `undefined` where there is none, or nobody can read it: then the version still tells. */
export type FoundCase = { readonly version: number; readonly file: CaseFile | undefined };

/** Reads a case; the only place that trusts what the table holds to be what `attributesOfCase` wrote. */
export const readCase = (item: Item | undefined): FoundCase => {
  const plain: Record<string, unknown> = item === undefined ? {} : unmarshall(item);
  const version = typeof plain['version'] === 'number' ? plain['version'] : 0;
  const isWhole = numbers.every((name) => typeof plain[name] === 'number') && typeof plain['finding'] === 'string';
  return { version, file: isWhole ? fileOf(plain) : undefined };
};

const fileOf = (plain: Record<string, unknown>): CaseFile | undefined => {
  const { sk, level, of, country, severity, action, isOpen, parent, children, finding, ...rest } = plain as Stored;
  try {
    return {
      uid: sk,
      key: { level, of },
      country,
      severity,
      action,
      isOpen: isOpen === true,
      version: rest.version,
      firstMs: rest.firstAt,
      atMs: rest.ruledAt,
      untilMs: rest.until,
      quietMs: rest.quietFor,
      toldMs: rest.updatedAt,
      refusals: { total: rest.refused, before: rest.refusedBefore, from: rest.refusedFrom },
      sparedUsd: rest.spared,
      parent,
      children: children ?? 0,
      childrenTold: rest.childrenNotified,
      finding: JSON.parse(finding),
      staff: staffWords(plain),
    };
  } catch {
    return undefined;
  }
};

type Stored = Readonly<Record<(typeof numbers)[number], number>> & {
  readonly sk: string;
  readonly level: CaseFile['key']['level'];
  readonly of: string;
  readonly country: string;
  readonly severity: CaseFile['severity'];
  readonly action: CaseFile['action'];
  readonly isOpen: unknown;
  readonly parent: string | undefined;
  readonly children: number | undefined;
  readonly finding: string;
};

export const openItem = ({ uid, untilMs }: CaseFile): Item => ({
  ...openKey(uid),
  ...values({ expiresAt: Math.ceil(untilMs / 1000) + openDays * daySeconds } satisfies Attributes<'open'>),
});

export const outboxItem = (news: News): Item => ({ ...outboxKey(news.id), ...values(attributesOfNews(news)) });

const attributesOfNews = ({ finding, rings }: News): Attributes<'outbox'> => ({
  finding: JSON.stringify(finding),
  alarmSeverity: rings,
  expiresAt: Math.ceil(finding.time / 1000) + outboxDays * daySeconds,
});

/** News of an item of the outbox; `undefined` where nobody can read it. */
export const readNews = (item: Item): News | undefined => {
  const { sk, finding, alarmSeverity, isLogged } = unmarshall(item);
  try {
    const parsed: Finding = JSON.parse(finding);
    return { id: sk, finding: parsed, rings: alarmSeverity, isSaid: isLogged === true };
  } catch {
    return undefined;
  }
};

/** One number's history is one Query, in the order in which it happened. */
export const auditItem = ({ id, phoneKey, atMs, ...rest }: AuditEntry): Item =>
  values({
    pk: auditKey(phoneKey),
    sk: `${new Date(atMs).toISOString()}#${id}`,
    at: atMs,
    ...rest,
  } satisfies Attributes<'phone'>);
