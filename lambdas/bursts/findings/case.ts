import { minuteMs } from '../../otp/durations.ts';
import type { Key } from '../counts/keys.ts';
import { timeBucketOf } from '../counts/time-buckets.ts';
import type { Action, CaseName, Ruling, Severity } from '../judge/ruling.ts';

/** What staff wrote on a finding. The detector reads it, and never writes it. */
export type StaffNotes = {
  /** The person who looks after it. */
  readonly acknowledgedBy: string | undefined;
  /** That it was no attack, and when they said so. A later ruling opens the case again. */
  readonly falsePositive: { readonly by: string; readonly atMs: number } | undefined;
  /** That nothing is left to do about it. A later ruling opens the case again. */
  readonly resolved?: { readonly by: string; readonly atMs: number } | undefined;
};

/** Sends that were refused because of a case. Counts from before `from` are summed up, because they expire. */
export type Refusals = { readonly total: number; readonly before: number; readonly from: number };

/** In the words of OCSF. */
export type CaseStatus = 'New' | 'In Progress' | 'Suppressed' | 'Resolved';

/** What a ruling made of a case, and when: for the timeline. */
export type PastRuling = Pick<Ruling, 'atMs' | 'severity' | 'action' | 'untilMs'>;

/** The item of a case has room for these. Of a case that goes on for days, the latest are kept. */
const maxRulings = 20;

/** A case as it stands. */
export type Case = CaseName & {
  readonly key: Key;
  readonly country: string;
  /** Grows with each write: of two writers that read the same version, the second one loses the race. */
  readonly version: number;
  readonly isOpen: boolean;
  readonly status: CaseStatus;
  readonly severity: Severity;
  readonly action: Action;
  /** Time of the latest ruling. */
  readonly atMs: number;
  /** End of the block; without a block, the time of the latest ruling. */
  readonly untilMs: number;
  /** The case is closed this long after `untilMs`, if nothing new is found. */
  readonly quietMs: number;
  readonly notifiedMs: number;
  /** As of the last notification. */
  readonly refusals: Refusals;
  readonly sparedUsd: number;
  /** Case of the wider group that this one is part of. */
  readonly parent: string | undefined;
  /** Cases that are part of this one, and how many the last notification named. */
  readonly children: number;
  readonly childrenNotified: number;
  /** The latest rulings, oldest first. */
  readonly rulings: readonly PastRuling[];
  readonly staff: StaffNotes;
};

/** What happens to a case. */
export type Change =
  | { readonly kind: 'create' | 'update' }
  | { readonly kind: 'close'; readonly because: 'quiet' }
  | { readonly kind: 'close'; readonly because: 'lifted'; readonly untilMs: number }
  | { readonly kind: 'close'; readonly because: 'false-positive' | 'resolved'; readonly by: string };

/** That staff are to be notified, and what an alarm counts: nothing for what they know already. */
export type Notice = {
  /** In the order of the changes. */
  readonly id: string;
  readonly alarmSeverity: Severity | undefined;
};

/** A change of a case, as data: its finding is rendered from it. */
export type Transition = {
  readonly after: Case;
  readonly change: Change;
  readonly notice: Notice | undefined;
  /** The case that this one becomes part of, by this change. */
  readonly joins: string | undefined;
};

const ranks: readonly Severity[] = ['low', 'medium', 'high', 'critical'];
const rankOf = (severity: Severity): number => ranks.indexOf(severity);

/** High or critical. */
export const isSevere = (severity: Severity): boolean => rankOf(severity) >= rankOf('high');

/** Whether an action refuses numbers of a whole range, or of a wider group. */
export const isWideHold = ({ key, action }: Pick<Ruling, 'key' | 'action'>): boolean =>
  (action === 'restrict' || action === 'block') && wideLevels.some((level) => level === key.level);
const wideLevels = ['range', 'prefix', 'country', 'new-network'] as const satisfies readonly Key['level'][];

export const atMostMedium = (severity: Severity): Severity => (isSevere(severity) ? 'medium' : severity);

/** A part of a wider case has at most medium severity, because the alarm of its parent was raised already. */
export const asPart = (ruling: Ruling): Ruling =>
  ruling.parent === undefined ? ruling : { ...ruling, severity: atMostMedium(ruling.severity) };

export const withoutParent = ({ parent: _, ...ruling }: Ruling): Ruling => ruling;

/** A ruling raises an alarm if its case is new, was closed, or had a lower severity. */
export const raisesAlarm = (before: Case | undefined, { severity }: Pick<Ruling, 'severity'>): boolean =>
  before === undefined || !before.isOpen || rankOf(severity) > rankOf(before.severity);

/** Staff are notified every half hour of what goes on without a block; twice that is quiet. */
const quietWithoutBlockMs = 60 * minuteMs;

export const noticeOf = ({ uid, version, notifiedMs }: Case, alarmSeverity: Severity | undefined): Notice => ({
  id: `${String(Math.floor(notifiedMs)).padStart(15, '0')}#${uid}#${version}`,
  alarmSeverity,
});

export const statusOf = (change: Change, { acknowledgedBy }: StaffNotes): CaseStatus => {
  if (change.kind !== 'close') return acknowledgedBy === undefined ? 'New' : 'In Progress';
  return change.because === 'lifted' ? 'Suppressed' : 'Resolved';
};

const noNotes: StaffNotes = { acknowledgedBy: undefined, falsePositive: undefined };

/**
 * The case after a ruling on its key.
 *
 * @param before `undefined` for a new case, and for one that cannot be read.
 * @param version of the stored case, readable or not; 0 if there is none.
 */
export const afterRuling = (
  before: Case | undefined,
  version: number,
  ruling: Ruling,
): Transition & { readonly notice: Notice } => {
  const { uid, key, country, severity, action, atMs, firstMs, untilMs, parent } = ruling;
  const staff = before?.staff ?? noNotes;
  const change = { kind: before === undefined ? 'create' : 'update' } as const;
  const after: Case = {
    uid,
    key,
    country,
    version: version + 1,
    isOpen: true,
    status: statusOf(change, staff),
    severity,
    action,
    atMs,
    firstMs: before?.firstMs ?? firstMs,
    untilMs,
    quietMs: action === 'none' ? quietWithoutBlockMs : untilMs - atMs,
    notifiedMs: atMs,
    refusals: before?.refusals ?? { total: 0, before: 0, from: timeBucketOf(atMs) },
    sparedUsd: before?.sparedUsd ?? 0,
    parent,
    children: before?.children ?? 0,
    childrenNotified: before?.children ?? 0,
    rulings: [...(before?.rulings ?? []), { atMs, severity, action, untilMs }].slice(-maxRulings),
    staff,
  };
  const joins = parent === undefined || parent === before?.parent ? undefined : parent;
  return { after, change, notice: noticeOf(after, raisesAlarm(before, ruling) ? severity : undefined), joins };
};
