import type { Case, PastRuling, StaffNotes } from '../../../bursts/findings/case.ts';
import type { Finding } from '../../../bursts/findings/finding.ts';
import { type findingNotes, itemKinds } from '../../../contract.ts';
import type { Action } from '../../../desk/actions.ts';
import type { FindingVerdict, KnownFinding } from '../../../desk/findings.ts';
import { daySeconds } from '../../../otp/durations.ts';
import { type Item, keyOf, values } from '../../dynamo/items.ts';
import { versionAt } from '../../dynamo/versions.ts';
import type { Attributes } from './attributes.ts';
import { plainOf } from './plain.ts';

const { security: kinds } = itemKinds;

/** All findings stand under one key, each by its uid: staff list them by one Query, and read nothing else with them. */
export const findingKey = (uid: string): Item => keyOf(kinds.finding.pk, uid);
/** Those of them that are open, so that a sweep need not read them all. */
export const openPartition = kinds.open.pk;
export const openKey = (uid: string): Item => keyOf(openPartition, uid);

/** A case that is open this long after its end is no longer followed. */
export const openDays = 30;

/** A case with the finding that its last change rendered. */
export type StoredCase = { readonly before: Case; readonly finding: Finding };

/**
 * Attributes that the detector writes of a case. Those of staff (`acknowledgedBy`, `label`, …) are not among them, nor the count of
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
  rulings: after.rulings.map(rulingText),
  ...(after.parent === undefined ? {} : { parent: after.parent }),
  finding: JSON.stringify(finding),
  expiresAt: Math.ceil(Math.max(after.untilMs, after.notifiedMs) / 1000) + findingDays * daySeconds,
});

/** A ruling of the past in one text: its time, what it came to, and the end of that. */
const rulingText = ({ atMs, severity, action, untilMs }: PastRuling): string =>
  [atMs, severity, action, untilMs].join(' ');

const pastSeverities: readonly Case['severity'][] = ['low', 'medium', 'high', 'critical'];
const pastActions: readonly Case['action'][] = ['block', 'restrict', 'longer-codes', 'none'];

/** Findings from before ADR 97 have none, and what cannot be read of them is none. */
const readRulings = (texts: unknown): readonly PastRuling[] =>
  (Array.isArray(texts) ? texts : []).flatMap((text: unknown) => {
    const [at, named, acted, until] = String(text).split(' ');
    const [atMs, untilMs] = [Number(at), Number(until)];
    const severity = pastSeverities.find((each) => each === named);
    const action = pastActions.find((each) => each === acted);
    const isRead = Number.isFinite(atMs) && Number.isFinite(untilMs) && severity !== undefined && action !== undefined;
    return isRead ? [{ atMs, severity, action, untilMs }] : [];
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
export const isFinding = (value: Partial<Finding> | null): boolean =>
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
      rulings: readRulings(plain['rulings']),
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

/** An acknowledgement ends what staff judged before: somebody looks at it again. */
export const labelAttributes = ['label', 'labeledBy', 'labeledAt'] as const satisfies readonly (keyof Notes)[];

/** Attributes that an operator's verdict sets on a finding. Times are epoch seconds. */
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
