import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { CaseFile, News, StaffWords } from '../../bursts/findings/case.ts';
import type { Finding } from '../../bursts/findings/finding.ts';
import type { Item } from './verifications.ts';

const daySeconds = 86_400;

/** What is left untold for so long is told to nobody any more; the finding itself is kept. */
const outboxDays = 30;

/**
 * What the detector writes of a case. What staff write (`acknowledgedBy`, `label`, …) is not among it, nor the count of
 * `children`, which only grows by additions.
 */
export const attributesOfCase = (file: CaseFile, findingDays: number): Readonly<Record<string, unknown>> => ({
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
  childrenTold: file.childrenTold,
  finding: JSON.stringify(file.finding),
  expiresAt: Math.ceil(Math.max(file.untilMs, file.toldMs) / 1000) + findingDays * daySeconds,
});

const staffWords = ({ acknowledgedBy, label, labelledBy, labelledAt }: Record<string, unknown>): StaffWords => ({
  acknowledgedBy: typeof acknowledgedBy === 'string' ? acknowledgedBy : undefined,
  falsePositive:
    label === 'false-positive' && typeof labelledAt === 'number'
      ? // Staff write seconds, and may be as quick as the ruling.
        { by: typeof labelledBy === 'string' ? labelledBy : 'staff', atMs: (labelledAt + 1) * 1000 }
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
  'childrenTold',
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
      childrenTold: rest.childrenTold,
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

export const attributesOfNews = ({ finding, rings }: News): Readonly<Record<string, unknown>> => ({
  finding: JSON.stringify(finding),
  rings,
  expiresAt: Math.ceil(finding.time / 1000) + outboxDays * daySeconds,
});

/** News of an item of the outbox; `undefined` where nobody can read it. */
export const readNews = (item: Item): News | undefined => {
  const { sk, finding, rings, isSaid } = unmarshall(item);
  try {
    const parsed: Finding = JSON.parse(finding);
    return { id: sk, finding: parsed, rings, isSaid: isSaid === true };
  } catch {
    return undefined;
  }
};
