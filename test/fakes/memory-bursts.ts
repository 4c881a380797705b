import { historyText } from '../../lambdas/aws/tables/traffic.ts';
import type { History } from '../../lambdas/bursts/counts/history.ts';
import {
  additionsOf,
  type Counts,
  type Key,
  nameOf,
  slotsPerTimeBucket,
  type TrafficEvent,
  timeBucketOf,
} from '../../lambdas/bursts/counts/traffic.ts';
import {
  asNews,
  type BurstLedger,
  campaignBefore,
  type GraveCase,
  type KeyFacts,
  type RolledUp,
  remembered,
} from '../../lambdas/bursts/detect.ts';
import { afterRuling, asPart, isLoud, isRinging, withoutParent } from '../../lambdas/bursts/findings/case.ts';
import { type Finding, findingOf } from '../../lambdas/bursts/findings/finding.ts';
import type { Outbox } from '../../lambdas/bursts/findings/notify.ts';
import { type LastBlock, type LastTold, partName, type Ruling } from '../../lambdas/bursts/judge/judge.ts';
import type { CaseLedger } from '../../lambdas/bursts/sweep.ts';
import { dayOf } from '../../lambdas/otp/limits/caps.ts';
import { type MemoryCases, memoryCases } from './memory-cases.ts';

/** Time buckets that counts are kept for before they are rolled up: 26 hours. */
const keptTimeBuckets = 156;

type Mutable = {
  timeBucket: number;
  started: number[];
  verified: number[];
  trusted: number;
  resent: number;
  wrong: number;
  blocked: number;
  limited: number;
  ips: number[];
};

type Held = {
  readonly key: Key;
  history: History | undefined;
  counts: Mutable[];
  last: LastBlock | undefined;
  told: LastTold | undefined;
  parts: { of: string; atMs: number }[];
};

const emptyTimeBucket = (timeBucket: number): Mutable => ({
  timeBucket,
  started: Array.from({ length: slotsPerTimeBucket }, () => 0),
  verified: Array.from({ length: slotsPerTimeBucket }, () => 0),
  trusted: 0,
  resent: 0,
  wrong: 0,
  blocked: 0,
  limited: 0,
  ips: [],
});

/**
 * Capacity units as DynamoDB bills them, by what they are for: a write per KB, two in a transaction; a read that may lag
 * is a half. `bench/bursts/tests/exactness.test.ts` holds them against those of the emulator.
 */
export type Units = {
  /** Written: that an event was counted; what it adds; the approvals of a country's day. */
  marks: number;
  counts: number;
  days: number;
  /** Written: what is remembered of a key’s past; blocks and findings. */
  rollUps: number;
  rulings: number;
  /** Written: news that were told, and go. */
  news: number;
  /** Read: whatever is judged. */
  reads: number;
};

const inTransaction = 2;
/** Names and values, as DynamoDB counts them: about 40 bytes beside the key's name and the text. */
const rollUpUnits = ({ key, history }: RolledUp): number =>
  Math.ceil((40 + nameOf(key).length + historyText(history).length) / 1024);

/** History, last ruling and block; the counts of half an hour; of what has parts, which of them were blocked. */
const readsOf = ({ level }: Key): number => {
  if (level === 'codes' || level === 'everywhere') return 1;
  return level === 'country' || level === 'prefix' ? 2.5 : 2;
};

/** The ledger without the waiting. */
type AtOnce = {
  readonly [Port in keyof BurstLedger]: (
    ...args: Parameters<BurstLedger[Port]>
  ) => Awaited<ReturnType<BurstLedger[Port]>>;
};

export type MemoryBursts = BurstLedger & {
  readonly atOnce: AtOnce;
  readonly units: Units;
  /** The block that holds on a key. */
  readonly blockOn: (key: Key, nowMs: number) => LastBlock | undefined;
  /** All keys of which anything is known. */
  readonly keys: () => readonly Key[];
  readonly countsOf: (key: Key) => readonly Counts[];
  readonly historyOf: (key: Key) => History | undefined;
  readonly lift: (key: Key, nowMs: number, untilMs: number) => void;
  readonly cases: CaseLedger;
  readonly outbox: Outbox;
  readonly caseOf: MemoryCases['caseOf'];
  readonly note: MemoryCases['note'];
  /** Forgets what has long expired. */
  readonly sweep: (nowMs: number) => void;
};

/** What stands in the tables of the detector, in memory. Each call is atomic, as a transaction is. */
export const memoryBursts = (exemptApplications: readonly string[] = []): MemoryBursts => {
  const held = new Map<string, Held>();
  const marks = new Map<string, number>();
  const units: Units = { marks: 0, counts: 0, days: 0, rollUps: 0, rulings: 0, news: 0, reads: 0 };
  let runningSince: number | undefined;
  let grave: readonly GraveCase[] = [];
  const cases = memoryCases();

  const of = (key: Key): Held => {
    const name = nameOf(key);
    const known = held.get(name);
    if (known !== undefined) return known;
    const made: Held = { key, history: undefined, counts: [], last: undefined, told: undefined, parts: [] };
    held.set(name, made);
    return made;
  };

  const timeBucketIn = (counts: Mutable[], timeBucket: number): Mutable => {
    for (let at = counts.length - 1; at >= 0; at -= 1) {
      const each = counts[at];
      if (each?.timeBucket === timeBucket) return each;
    }
    const made = emptyTimeBucket(timeBucket);
    counts.push(made);
    counts.sort((one, other) => one.timeBucket - other.timeBucket);
    return made;
  };

  const atOnce: AtOnce = {
    count: (events) => {
      const fresh: TrafficEvent[] = [];
      for (const event of events) {
        if (marks.has(event.id)) continue;
        marks.set(event.id, event.atMs);
        fresh.push(event);
      }
      const additions = additionsOf(fresh, exemptApplications);
      units.marks += inTransaction * fresh.length;
      units.counts += inTransaction * additions.length;
      units.days += inTransaction * daysOf(fresh);
      for (const { key, timeBucket, add, ips } of additions) {
        const counts = timeBucketIn(of(key).counts, timeBucket);
        for (const [name, by] of add) {
          if (name.startsWith('s')) bump(counts.started, Number(name.slice(1)), by);
          else if (name.startsWith('v')) bump(counts.verified, Number(name.slice(1)), by);
          else counts[name as 'trusted' | 'resent' | 'wrong' | 'blocked' | 'limited'] += by;
        }
        for (const slot of ips) if (!counts.ips.includes(slot)) counts.ips.push(slot);
      }
    },
    read: (keys, nowMs) => {
      const oldest = timeBucketOf(nowMs) - keptTimeBuckets;
      units.reads += keys.reduce((sum, key) => sum + readsOf(key), 0);
      return new Map(
        keys.map((key): [string, KeyFacts] => {
          const { history, counts, last, told, parts } = of(key);
          const from = Math.max(oldest, (history?.timeBucket ?? Number.NEGATIVE_INFINITY) + 1);
          const open = counts.filter(({ timeBucket }) => timeBucket >= from);
          return [nameOf(key), { history, counts: open, last, told, parts }];
        }),
      );
    },
    rollUp: (rolledUp) => {
      const { key, history } = rolledUp;
      const known = of(key);
      units.rollUps += rollUpUnits(rolledUp);
      if (known.history !== undefined && known.history.timeBucket >= history.timeBucket) return;
      known.history = history;
      known.counts = known.counts.filter(({ timeBucket }) => timeBucket > history.timeBucket);
    },
    rule: (ruling) => {
      const known = of(ruling.key);
      const { action, atMs, untilMs, step, uid, firstMs } = ruling;
      if (known.last !== undefined && atMs < known.last.untilMs && !isHardened(known.last, ruling)) return undefined;
      const before = cases.caseOf(uid);
      const hasParent = ruling.parent !== undefined && cases.isOpen(ruling.parent);
      const part = hasParent ? asPart(ruling) : withoutParent(ruling);
      const isCounted = isLoud(part.severity) && isRinging(before, part);
      const told = isCounted ? asNews(part, campaignBefore(grave, ruling)) : part;
      if (isCounted) grave = [...remembered(grave, atMs), ruling];
      const next = afterRuling(before, before?.version ?? 0, told, findingOf(told, 'bench'));
      const text = textUnits(next.file.finding);
      units.rulings += rulingUnits(ruling, text, isCounted);
      units.news += text;
      cases.take(next);
      if (action === 'none') known.told = { atMs, uid, firstMs };
      else known.last = { atMs, untilMs, step, action, uid, firstMs };
      if (action !== 'none' && ruling.within !== undefined) {
        const { parts } = of(ruling.within);
        const name = partName(ruling.key);
        const one = parts.find((each) => each.of === name);
        if (one === undefined) parts.push({ of: name, atMs });
        else one.atMs = atMs;
      }
      return { ruling: told, news: next.news };
    },
    prolong: ({ key, last, before }) => {
      const known = of(key);
      units.rulings += 3 * inTransaction;
      if (known.last?.untilMs !== before.untilMs) return;
      known.last = last;
      cases.prolong(last.uid, last.untilMs);
    },
    runningSinceMs: (nowMs) => {
      runningSince ??= nowMs;
      return runningSince;
    },
  };

  return {
    atOnce,
    units,
    count: async (events) => atOnce.count(events),
    read: async (keys, nowMs) => atOnce.read(keys, nowMs),
    rollUp: async (rolledUp) => atOnce.rollUp(rolledUp),
    rule: async (ruling) => atOnce.rule(ruling),
    prolong: async (prolonged) => atOnce.prolong(prolonged),
    runningSinceMs: async (nowMs) => atOnce.runningSinceMs(nowMs),
    blockOn: (key, nowMs) => {
      const last = held.get(nameOf(key))?.last;
      return last !== undefined && nowMs < last.untilMs ? last : undefined;
    },
    cases: cases.ledger(({ key, refusals }, nowMs) => ({
      liftedUntilMs: held.get(nameOf(key))?.last?.liftedUntilMs,
      refusedSince: of(key)
        .counts.filter(({ timeBucket }) => timeBucket >= refusals.from && timeBucket <= timeBucketOf(nowMs))
        .map(({ timeBucket, blocked }) => ({ timeBucket, count: blocked })),
    })),
    outbox: cases.outbox,
    caseOf: cases.caseOf,
    note: cases.note,
    keys: () => [...held.values()].map(({ key }) => key),
    countsOf: (key) => of(key).counts,
    historyOf: (key) => of(key).history,
    lift: (key, nowMs, untilMs) => {
      const known = of(key);
      if (known.last !== undefined) known.last = { ...known.last, untilMs: nowMs, liftedUntilMs: untilMs };
    },
    sweep: (nowMs) => {
      const oldest = timeBucketOf(nowMs) - keptTimeBuckets;
      for (const [id, atMs] of marks) if (timeBucketOf(atMs) < oldest) marks.delete(id);
      for (const [name, { history, counts, last, told }] of held) {
        const newest = Math.max(
          history?.timeBucket ?? 0,
          counts.at(-1)?.timeBucket ?? 0,
          timeBucketOf(told?.atMs ?? 0),
        );
        const isOld = newest < timeBucketOf(nowMs) - 30 * 144 && (last?.untilMs ?? 0) < nowMs - 86_400_000;
        const isNarrow = name.startsWith('ip#') || name.startsWith('phone#') || name.startsWith('range#');
        if (isOld || (isNarrow && newest < oldest && history === undefined)) held.delete(name);
      }
    },
  };
};

/**
 * Block, memory, the pointer to an open case, and twice its text, in a transaction; of a part, that it was blocked; of a
 * grave case, its time. The case is read before, and so are the times of grave ones.
 */
const rulingUnits = ({ within, action }: Ruling, text: number, isCounted: boolean): number => {
  const isPart = within !== undefined && action !== 'none';
  return inTransaction * (3 + 2 * text + (isPart ? 1 : 0)) + 1 + (isCounted ? inTransaction + 1 : 0);
};

const textUnits = (finding: Finding): number => Math.ceil((250 + JSON.stringify(finding).length) / 1024);

/** Days of countries in which somebody was approved: the send path reads how many. */
const daysOf = (events: readonly TrafficEvent[]): number =>
  new Set(
    events.flatMap(({ kind, subject, atMs }) => (kind === 'approved' ? [`${subject.country} ${dayOf(atMs)}`] : [])),
  ).size;

const bump = (counts: number[], slot: number, by: number): void => {
  counts[slot] = (counts[slot] ?? 0) + by;
};

/** A block may take the place of a restriction. */
const isHardened = (last: LastBlock, { action }: Ruling): boolean => last.action === 'restrict' && action === 'block';
