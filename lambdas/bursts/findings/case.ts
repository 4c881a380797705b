import { type Key, timeBucketOf } from '../counts/traffic.ts';
import type { Action, CaseName, Ruling, Severity } from '../judge/judge.ts';
import { type Change, type Finding, retold } from './finding.ts';

/** What staff wrote on a finding. The detector reads it, and never writes it. */
export type StaffWords = {
  /** Who looks after it. */
  readonly acknowledgedBy: string | undefined;
  /** That it was none, and when they said so. What is found later is news. */
  readonly falsePositive: { readonly by: string; readonly atMs: number } | undefined;
};

/** Sends that were refused because of a case. Epochs before `from` are summed up, for their counts go. */
export type Refusals = { readonly total: number; readonly before: number; readonly from: number };

/** A case as it stands: the latest finding of it, and what its next news depend on. */
export type CaseFile = CaseName & {
  readonly key: Key;
  readonly country: string;
  /** Grows with each write, so that of two writers who read the same the second one notices. */
  readonly version: number;
  readonly isOpen: boolean;
  readonly severity: Severity;
  readonly action: Action;
  /** Of the latest ruling. */
  readonly atMs: number;
  /** End of the block; where there is none, the latest ruling. */
  readonly untilMs: number;
  /** So long after that, with nothing new, the case is closed. */
  readonly quietMs: number;
  readonly toldMs: number;
  /** As people were told. */
  readonly refusals: Refusals;
  readonly sparedUsd: number;
  /** Case of the wider group that this one is part of. */
  readonly parent: string | undefined;
  /** Cases that are part of this one, and how many people have heard of. */
  readonly children: number;
  readonly childrenTold: number;
  readonly finding: Finding;
  readonly staff: StaffWords;
};

/** Something to tell, from when it is written until it is told. */
export type News = {
  /** In the order in which they are to be told. */
  readonly id: string;
  readonly finding: Finding;
  /** The severity that an alarm counts: none for what people know already. */
  readonly rings: Severity | undefined;
  /** Whether it is in the log and in the metrics already. */
  readonly isSaid: boolean;
};

/** A ruling as it was told, and what is to be told of it. */
export type Told = { readonly ruling: Ruling; readonly news: News };

/** What becomes of a case, all of it or nothing. */
export type Step = {
  readonly file: CaseFile;
  readonly news: News | undefined;
  /** The case that this one becomes part of, by this step. */
  readonly joins: string | undefined;
};

const ranks: readonly Severity[] = ['low', 'medium', 'high', 'critical'];
const rankOf = (severity: Severity): number => ranks.indexOf(severity);

/** Loud enough to wake somebody. */
export const isLoud = (severity: Severity): boolean => rankOf(severity) >= rankOf('high');

const muffled = (severity: Severity): Severity => (isLoud(severity) ? 'medium' : severity);

/** What is part of a greater case is told, and wakes nobody: its parent did. */
export const asPart = (ruling: Ruling): Ruling =>
  ruling.parent === undefined ? ruling : { ...ruling, severity: muffled(ruling.severity) };

export const withoutParent = ({ parent: _, ...ruling }: Ruling): Ruling => ruling;

/** News ring if the case was none, or was closed, or is graver than people know. */
export const isRinging = (before: CaseFile | undefined, { severity }: Pick<Ruling, 'severity'>): boolean =>
  before === undefined || !before.isOpen || rankOf(severity) > rankOf(before.severity);

const minuteMs = 60_000;
/** What leads to no block is told of every half hour while it goes on; twice that is quiet. */
const quietWithoutBlockMs = 60 * minuteMs;

const newsIdOf = (atMs: number, uid: string, version: number): string =>
  `${String(Math.floor(atMs)).padStart(15, '0')}#${uid}#${version}`;

const newsOf = (file: CaseFile, isLoudly: boolean): News => ({
  id: newsIdOf(file.toldMs, file.uid, file.version),
  finding: file.finding,
  rings: isLoudly ? file.severity : undefined,
  isSaid: false,
});

const noStaff: StaffWords = { acknowledgedBy: undefined, falsePositive: undefined };

/**
 * The case after a ruling on its key.
 *
 * @param before what stood there; `undefined` for a new one.
 * @param version of what stood there, readable or not; 0 for nothing.
 * @param finding what the ruling says by itself.
 */
export const afterRuling = (
  before: CaseFile | undefined,
  version: number,
  ruling: Ruling,
  finding: Finding,
): Step & { readonly news: News } => {
  const { uid, key, country, severity, action, atMs, firstMs, untilMs, parent } = ruling;
  const refusals = before?.refusals ?? { total: 0, before: 0, from: timeBucketOf(atMs) };
  const untold: CaseFile = {
    uid,
    key,
    country,
    version: version + 1,
    isOpen: true,
    severity,
    action,
    atMs,
    firstMs: before?.firstMs ?? firstMs,
    untilMs,
    quietMs: action === 'none' ? quietWithoutBlockMs : untilMs - atMs,
    toldMs: atMs,
    refusals,
    sparedUsd: before?.sparedUsd ?? 0,
    parent,
    children: before?.children ?? 0,
    childrenTold: before?.children ?? 0,
    finding,
    staff: before?.staff ?? noStaff,
  };
  const file = { ...untold, finding: retold(untold, { kind: before === undefined ? 'create' : 'update' }) };
  const joins = parent === undefined || parent === before?.parent ? undefined : parent;
  return { file, news: newsOf(file, isRinging(before, ruling)), joins };
};

/** What a sweep sees of an open case beside its file. */
export type Seen = {
  /** Sends refused from time bucket `refusals.from` on. */
  readonly refusedSince: readonly { readonly timeBucket: number; readonly count: number }[];
  /** Staff want no block on the key before this time. */
  readonly liftedUntilMs: number | undefined;
  /** The case of a wider group that holds, if there is one. */
  readonly parent: string | undefined;
};

/** Counts as small as this are not told of for having doubled. */
const fewRefusals = 10;
const tellAgainMs = 30 * minuteMs;

/**
 * What is to be done about a case that stands open, if anything: once in a sweep at most.
 *
 * A case that is part of another has no news of its own any more, but that it is over.
 */
export const nextStep = (file: CaseFile, seen: Seen, priceUsd: number, nowMs: number): Step | undefined => {
  if (!file.isOpen) return undefined;
  const now = counted(file, seen, priceUsd, nowMs);
  const end = endOf(file, seen, nowMs);
  if (end !== undefined) return told({ ...now, isOpen: false }, end, nowMs);
  if (isAcknowledgedAnew(file)) return told(now, { kind: 'update' }, nowMs);
  if (file.parent === undefined && seen.parent !== undefined) return rolledUp(file, seen.parent);
  return file.parent === undefined && hasGrown(file, now, nowMs) ? told(now, { kind: 'update' }, nowMs) : undefined;
};

const told = (file: CaseFile, change: Change, nowMs: number): Step => {
  const next = { ...file, version: file.version + 1, toldMs: nowMs, childrenTold: file.children };
  const said = { ...next, finding: retold(next, change) };
  return { file: said, news: newsOf(said, false), joins: undefined };
};

const rolledUp = (file: CaseFile, parent: string): Step => {
  const next = { ...file, version: file.version + 1, parent, severity: muffled(file.severity) };
  return { file: { ...next, finding: retold(next, { kind: 'update' }) }, news: undefined, joins: parent };
};

const endOf = ({ atMs, untilMs, quietMs, staff }: CaseFile, { liftedUntilMs }: Seen, nowMs: number) => {
  const { falsePositive } = staff;
  if (falsePositive !== undefined && falsePositive.atMs >= atMs) {
    return { kind: 'close', because: 'false-positive', by: falsePositive.by } as const;
  }
  if (liftedUntilMs !== undefined && nowMs < liftedUntilMs) {
    return { kind: 'close', because: 'lifted', untilMs: liftedUntilMs } as const;
  }
  return nowMs >= untilMs + quietMs ? ({ kind: 'close', because: 'quiet' } as const) : undefined;
};

const isAcknowledgedAnew = ({ staff, finding }: CaseFile): boolean =>
  staff.acknowledgedBy !== undefined && finding.status === 'New';

const counted = (file: CaseFile, { refusedSince }: Seen, priceUsd: number, nowMs: number): CaseFile => {
  const { before } = file.refusals;
  const sum = (counts: Seen['refusedSince']) => counts.reduce((total, { count }) => total + count, 0);
  const from = timeBucketOf(nowMs);
  const total = Math.max(file.refusals.total, before + sum(refusedSince));
  const refusals = { total, before: before + sum(refusedSince.filter(({ timeBucket }) => timeBucket < from)), from };
  return { ...file, refusals, sparedUsd: total * priceUsd };
};

const hasGrown = (file: CaseFile, now: CaseFile, nowMs: number): boolean => {
  const known = file.refusals.total;
  if (now.refusals.total >= 2 * Math.max(known, fewRefusals)) return true;
  if (now.children >= 2 * Math.max(file.childrenTold, 1)) return true;
  return now.refusals.total > known && nowMs >= file.toldMs + tellAgainMs;
};

/** Whether one key is a part of another: ranges of prefixes, and both of countries. */
export const isInside = (inner: Key, country: string, outer: Key): boolean => {
  if (inner.level !== 'range' && inner.level !== 'prefix') return false;
  if (outer.level === 'country') return country === outer.of;
  return outer.level === 'prefix' && inner.level === 'range' && inner.of.startsWith(outer.of);
};

/** What can be the parent of others: a case whose block, or restriction, holds. */
export type Holder = { readonly uid: string; readonly key: Key };

/** The case of the nearest wider group. */
export const parentOf = (key: Key, country: string, holders: readonly Holder[]): string | undefined => {
  const around = holders.filter((holder) => isInside(key, country, holder.key));
  return (around.find((holder) => holder.key.level === 'prefix') ?? around[0])?.uid;
};

/** The open cases whose blocks hold. */
export const holdersAmong = (files: readonly CaseFile[], nowMs: number): readonly Holder[] =>
  files.filter(({ isOpen, action, untilMs }) => isOpen && action !== 'none' && nowMs < untilMs);
