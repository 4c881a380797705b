import type { Counts } from '../bursts/counts/counts.ts';
import type { Key } from '../bursts/counts/keys.ts';
import type { Case, PastRuling } from '../bursts/findings/case.ts';
import type { Finding } from '../bursts/findings/finding.ts';
import { clockTime } from '../bursts/findings/words/figures.ts';
import { type Action, actionOf, type Operator } from './actions.ts';
import { hasCounts, paceText } from './pace.ts';
import { type Series, seriesFrom, seriesOf } from './series.ts';

/** What staff say of a finding. */
export const findingVerdicts = ['acknowledged', 'resolved', 'false-positive'] as const;
export type FindingVerdict = (typeof findingVerdicts)[number];

/** Ids of findings. A longer one than DynamoDB takes would be an error. */
export const findingIdPattern = /^[\w-]{1,64}$/;

/** A finding with its case, as it is stored. */
export type KnownFinding = {
  readonly known: Case;
  readonly finding: Finding;
  readonly note: string | undefined;
  readonly verdict: FindingVerdict | undefined;
};

export type FindingStatus = 'new' | FindingVerdict | 'lifted' | 'over';

export const statusOf = ({ known, verdict }: KnownFinding): FindingStatus => {
  if (verdict === 'false-positive' || verdict === 'resolved') return verdict;
  if (known.isOpen) return known.staff.acknowledgedBy === undefined ? 'new' : 'acknowledged';
  return known.status === 'Suppressed' ? 'lifted' : 'over';
};

export type FindingFilter = {
  /** `open` and `closed` besides the statuses themselves. */
  readonly status?: FindingStatus | 'open' | 'closed' | undefined;
  readonly severity?: Case['severity'] | undefined;
  /** Findings that have changed since. */
  readonly sinceMs?: number | undefined;
};

export type FindingPage = {
  readonly findings: readonly KnownFinding[];
  /** Stored findings that cannot be read. They hold up no other. */
  readonly unreadable: number;
  readonly cursor: string | undefined;
};

export type FindingStore = {
  readonly all: (
    openOnly: boolean,
  ) => Promise<{ readonly findings: readonly KnownFinding[]; readonly unreadable: number }>;
  readonly one: (uid: string) => Promise<KnownFinding | undefined>;
  /** Actions of operators on a finding, oldest first. */
  readonly actionsOn: (uid: string, sinceMs: number) => Promise<readonly Action[]>;
  /** Writes the verdict and its action, or nothing. @returns false: there is no such finding. */
  readonly judge: (uid: string, verdict: FindingVerdict, note: string | undefined, action: Action) => Promise<boolean>;
};

const pageSize = 50;

/** Orders findings by their last change, the newest first. A cursor names the last one of a page. */
const cursorOf = ({ known }: KnownFinding): string =>
  `${String(Math.floor(known.notifiedMs)).padStart(15, '0')}.${known.uid}`;

const matches = (each: KnownFinding, { status, severity, sinceMs }: FindingFilter): boolean => {
  if (severity !== undefined && each.known.severity !== severity) return false;
  if (sinceMs !== undefined && each.known.notifiedMs < sinceMs) return false;
  if (status === undefined) return true;
  if (status === 'open' || status === 'closed') return each.known.isOpen === (status === 'open');
  return statusOf(each) === status;
};

const openStatuses: readonly FindingFilter['status'][] = ['open', 'new', 'acknowledged'];

/** A page of findings, by the time of their last change, the newest first. */
export const listFindings =
  (store: Pick<FindingStore, 'all'>) =>
  async (filter: FindingFilter, cursor: string | undefined): Promise<FindingPage> => {
    const { findings, unreadable } = await store.all(openStatuses.includes(filter.status));
    const sorted = findings
      .filter((each) => matches(each, filter))
      .toSorted((one, other) => (cursorOf(one) < cursorOf(other) ? 1 : -1))
      .filter((each) => cursor === undefined || cursorOf(each) < cursor);
    const page = sorted.slice(0, pageSize);
    const last = page.at(-1);
    return {
      findings: page,
      unreadable,
      cursor: sorted.length > pageSize && last !== undefined ? cursorOf(last) : undefined,
    };
  };

export type TimelineEntry = { readonly atMs: number; readonly text: string };

const doneBy: Readonly<Record<Case['action'], string>> = {
  block: 'it blocked, until',
  restrict: 'it restricted, until',
  'longer-codes': 'it made codes longer, until',
  none: 'it refused nobody',
};

const ended: Readonly<
  Record<Exclude<Case['action'], 'none'>, readonly [open: string, closed: string, lifted: string]>
> = {
  block: ['The block ends, unless it is renewed.', 'The block ends.', 'The block would have ended.'],
  restrict: [
    'The restriction ends, unless it is renewed.',
    'The restriction ends.',
    'The restriction would have ended.',
  ],
  'longer-codes': [
    'The longer codes end, unless they are renewed.',
    'The longer codes end.',
    'The longer codes would have ended.',
  ],
};

const endOf = ({ action, status, isOpen, untilMs }: Case): readonly TimelineEntry[] => {
  if (action === 'none') return [];
  const [open, closed, lifted] = ended[action];
  return [{ atMs: untilMs, text: isOpen ? open : status === 'Suppressed' ? lifted : closed }];
};

/** What a ruling came to, after a comma: severity and act. */
const outcomeOf = ({ severity, action, untilMs }: PastRuling): string =>
  `${severity}; ${doneBy[action]}${action === 'none' ? '' : ` ${clockTime(untilMs)}`}`;

/** Rulings by the stored case, of which a long one has the latest alone. A case of an earlier version has none. */
const rulingsOf = ({ firstMs, atMs, rulings }: Case): readonly TimelineEntry[] => {
  const first = rulings.find((each) => each.atMs === firstMs);
  const later = rulings.filter((each) => each.atMs > firstMs);
  const isLastKnown = later.length > 0 || atMs <= firstMs;
  return [
    { atMs: firstMs, text: `The detector found it${first === undefined ? '.' : `: ${outcomeOf(first)}.`}` },
    ...later.map((each) => ({ atMs: each.atMs, text: `The detector found it again: ${outcomeOf(each)}.` })),
    ...(isLastKnown ? [] : [{ atMs, text: 'The detector found it again, for the last time so far.' }]),
  ];
};

/** What happened to a finding, oldest first. */
export const timelineOf = ({ known, finding }: KnownFinding, actions: readonly Action[]): readonly TimelineEntry[] => {
  const { notifiedMs, isOpen } = known;
  const own: TimelineEntry[] = [
    ...rulingsOf(known),
    ...(isOpen ? [] : [{ atMs: notifiedMs, text: finding.status_detail ?? 'Closed.' }]),
    ...endOf(known),
  ];
  const staff = actions.map(({ atMs: at, principal, action, reason }) => ({
    atMs: at,
    text: `${principal}: ${action}${reason === '' ? '' : `, because: ${reason}`}`,
  }));
  return [...own, ...staff].toSorted((one, other) => one.atMs - other.atMs);
};

export type ShowPorts = Pick<FindingStore, 'one' | 'actionsOn'> & {
  /** The counts of a group from a time bucket on. */
  readonly countsFrom: (key: Key, timeBucket: number) => Promise<readonly Counts[]>;
};

export type ShownFinding = {
  readonly shown: KnownFinding;
  readonly timeline: readonly TimelineEntry[];
  /** Whether it goes on, in a sentence; of a finding whose group has counts. */
  readonly pace: string | undefined;
  /** The traffic of its group, likewise. */
  readonly series: Series | undefined;
};

export const showFinding =
  (store: ShowPorts) =>
  async (uid: string, nowMs: number): Promise<ShownFinding | undefined> => {
    const shown = findingIdPattern.test(uid) ? await store.one(uid) : undefined;
    if (shown === undefined) return undefined;
    const { key, firstMs } = shown.known;
    const [actions, counts] = await Promise.all([
      store.actionsOn(uid, firstMs),
      hasCounts(key) ? store.countsFrom(key, seriesFrom(nowMs)) : undefined,
    ]);
    return {
      shown,
      timeline: timelineOf(shown, actions),
      pace: counts && paceText(counts, nowMs),
      series: counts && seriesOf(counts, nowMs),
    };
  };

const actionOfVerdict = {
  acknowledged: 'acknowledge',
  resolved: 'resolve',
  'false-positive': 'false-positive',
} as const;

export const judgeFinding =
  (store: Pick<FindingStore, 'judge' | 'one'>) =>
  async (
    {
      uid,
      verdict,
      note,
    }: { readonly uid: string; readonly verdict: FindingVerdict; readonly note?: string | undefined },
    operator: Operator,
  ): Promise<KnownFinding | undefined> => {
    if (!findingIdPattern.test(uid)) return undefined;
    const about = { about: `finding ${uid}`, reason: note ?? '', finding: uid };
    const isThere = await store.judge(uid, verdict, note, actionOf(operator, actionOfVerdict[verdict], about));
    return isThere ? await store.one(uid) : undefined;
  };
