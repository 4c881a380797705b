import { type Key, nameOf } from '../../lambdas/bursts/counts/keys.ts';
import { timeBucketOf } from '../../lambdas/bursts/counts/time-buckets.ts';
import type { Campaign } from '../../lambdas/bursts/findings/campaign.ts';
import {
  mayCountInCampaign,
  type Outcome,
  type Renewal,
  type RulingDecision,
} from '../../lambdas/bursts/findings/decision.ts';
import type { Finding } from '../../lambdas/bursts/findings/finding.ts';
import type { Outbox } from '../../lambdas/bursts/findings/notify.ts';
import type { LaunchStore } from '../../lambdas/bursts/launches.ts';
import type { DetectorStore } from '../../lambdas/bursts/ports.ts';
import type { CaseStore } from '../../lambdas/bursts/sweep.ts';
import { memoryBlocks } from './memory-blocks.ts';
import { type MemoryCases, memoryCases } from './memory-cases.ts';
import { keptTimeBuckets, memoryCounters } from './memory-counters.ts';
import { memoryLaunches } from './memory-launches.ts';
import { inTransaction, noUnits, type Units } from './units.ts';

/** The store without the waiting. */
type AtOnce = {
  readonly [Port in keyof DetectorStore]: (
    ...args: Parameters<DetectorStore[Port]>
  ) => Awaited<ReturnType<DetectorStore[Port]>>;
};

export type MemoryBursts = DetectorStore &
  Pick<ReturnType<typeof memoryCounters>, 'keys' | 'countsOf' | 'historyOf' | 'placeOf'> &
  Pick<ReturnType<typeof memoryBlocks>, 'blockOn' | 'heldOn' | 'block' | 'lift' | 'unblock'> &
  Pick<ReturnType<typeof memoryLaunches>, 'announce' | 'withdraw'> &
  Pick<MemoryCases, 'caseOf' | 'note'> & {
    readonly launches: LaunchStore;
    /** The same without the waiting. */
    readonly launchesNow: {
      readonly all: ReturnType<typeof memoryLaunches>['all'];
      readonly countsFrom: ReturnType<typeof memoryCounters>['countsFrom'];
      readonly note: ReturnType<typeof memoryLaunches>['note'];
    };
    readonly atOnce: AtOnce;
    readonly units: Units;
    readonly cases: CaseStore;
    readonly outbox: Outbox;
    /** Forgets what has long expired. */
    readonly expire: (nowMs: number) => void;
  };

/** Its block, and the last one or all else by one Query. Some are asked twice, or with the approvals of their country. */
const readsOf = (counters: ReturnType<typeof memoryCounters>, key: Key, nowMs: number): number =>
  1 + [counters.isWatched(key, nowMs), counters.isHistoryOld(key, nowMs)].filter(Boolean).length / 2;

/** The item of a case, and that of a pending notification: the text of the finding, and some bytes beside it. */
const caseUnits = (finding: Finding): number => Math.ceil((310 + bytesOf(finding)) / 1024);
const outboxUnits = (finding: Finding): number => Math.ceil((115 + bytesOf(finding)) / 1024);
const bytesOf = (finding: Finding): number => Buffer.byteLength(JSON.stringify(finding));

/** Block, memory, pointer to the open case, case and notification; parts, and a campaign. With the reads before. */
const rulingUnits = ({ ruling, step, parts, campaign }: RulingDecision): number => {
  const texts = caseUnits(step.finding) + outboxUnits(step.finding);
  const writes = 3 + texts + parts.length + (campaign === undefined ? 0 : 1);
  // A campaign is read for each ruling that may count in it.
  return inTransaction * writes + 1 + (mayCountInCampaign(ruling) ? 1 : 0);
};

const isNarrow = ({ level }: Key): boolean => level === 'ip' || level === 'phone' || level === 'range';

/** The parts of the memory that a transaction may touch. */
type Parts = {
  readonly units: Units;
  readonly blocks: ReturnType<typeof memoryBlocks>;
  readonly cases: MemoryCases;
  readonly launches: ReturnType<typeof memoryLaunches>;
};

/** Commits under the conditions of the tables. */
const committing = ({ units, blocks, cases, launches }: Parts) => {
  let campaign: Campaign = { version: 0, cases: [] };
  return {
    campaign: () => campaign,
    ruling: (decision: RulingDecision): Outcome => {
      const refusal = blocks.refusalOf(decision) ?? launches.refusalOf(decision) ?? cases.refusalOf(decision.step);
      if (refusal !== undefined) return refusal;
      if (decision.campaign !== undefined && decision.campaign.version - 1 !== campaign.version) return 'changed';
      units.rulings += rulingUnits(decision);
      units.notifications += outboxUnits(decision.step.finding);
      blocks.write(decision);
      launches.write(decision);
      cases.write(decision.step);
      campaign = decision.campaign ?? campaign;
      return 'committed';
    },
    renewal: (renewal: Renewal): Outcome => {
      units.rulings += 3 * inTransaction;
      if (!blocks.renew(renewal)) return 'changed';
      cases.renew(renewal.after.uid, renewal.after.untilMs);
      return 'committed';
    },
  };
};

/** What the tables of the detector hold, in memory. Each call is atomic, as a transaction is. It decides nothing. */
export const memoryBursts = (verifiedEnough = Number.POSITIVE_INFINITY): MemoryBursts => {
  const units = noUnits();
  const counters = memoryCounters(units, verifiedEnough);
  const [blocks, cases, launches] = [memoryBlocks(), memoryCases(), memoryLaunches()];
  const commits = committing({ units, blocks, cases, launches });

  const readFacts: AtOnce['readFacts'] = (keys, nowMs) => {
    units.reads += keys.reduce((sum, key) => sum + readsOf(counters, key, nowMs), 0);
    return new Map(keys.map((key) => [nameOf(key), { ...counters.stateOf(key, nowMs), ...blocks.factsOf(key) }]));
  };

  const atOnce: AtOnce = {
    count: (events, keys, nowMs) => {
      counters.count(events, nowMs);
      if (keys.length === 0) return { facts: new Map(), runningSinceMs: nowMs };
      return { facts: readFacts(keys, nowMs), runningSinceMs: counters.runningSinceMs(nowMs) };
    },
    readFacts,
    readCase: (uid) => {
      const before = cases.caseOf(uid);
      return { before, version: before?.version ?? 0, campaign: commits.campaign() };
    },
    commit: (decision) => (decision.kind === 'ruling' ? commits.ruling(decision) : commits.renewal(decision)),
    rollUp: counters.rollUp,
  };

  return {
    atOnce,
    units,
    ...waiting(atOnce),
    ...pick(counters),
    ...blocks,
    announce: launches.announce,
    withdraw: launches.withdraw,
    launchesNow: { all: launches.all, countsFrom: counters.countsFrom, note: launches.note },
    launches: {
      read: async () => launches.all(),
      countsFrom: async (key, from) => counters.countsFrom(key, from),
      note: async (before, progress) => launches.note(before, progress),
    },
    cases: cases.store(({ key, refusals }, nowMs) => ({
      liftedUntilMs: blocks.liftedUntilMs(key),
      refusedSince: counters.refusedSince(key, refusals.from, nowMs),
    })),
    outbox: cases.outbox,
    caseOf: cases.caseOf,
    note: cases.note,
    expire: (nowMs) => {
      const now = timeBucketOf(nowMs);
      counters.expire(nowMs, (key, { newest, hasHistory }) => {
        const { lastBlock, lastNotified } = blocks.factsOf(key);
        const last = Math.max(newest, timeBucketOf(lastNotified?.atMs ?? 0));
        const isOld = last < now - 30 * 144 && (lastBlock?.untilMs ?? 0) < nowMs - 86_400_000;
        const isNeeded = !isOld && !(isNarrow(key) && last < now - keptTimeBuckets && !hasHistory);
        if (!isNeeded) blocks.forget(key);
        return isNeeded;
      });
    },
  };
};

const pick = ({ keys, countsOf, historyOf, placeOf }: ReturnType<typeof memoryCounters>) => ({
  keys,
  countsOf,
  historyOf,
  placeOf,
});

const waiting = (atOnce: AtOnce): DetectorStore => ({
  count: async (...args) => atOnce.count(...args),
  readFacts: async (...args) => atOnce.readFacts(...args),
  readCase: async (...args) => atOnce.readCase(...args),
  commit: async (...args) => atOnce.commit(...args),
  rollUp: async (...args) => atOnce.rollUp(...args),
});
