import type { TrafficEvent } from '../lambdas/bursts/counts/events.ts';
import { neededFrom, progressAfter } from '../lambdas/bursts/counts/launch-requests.ts';
import { holdsLaunch, keyOfLaunch } from '../lambdas/bursts/evidence/launches.ts';
import {
  decide,
  mayCountInCampaign,
  type Renewal,
  type RulingDecision,
  rulingAfter,
} from '../lambdas/bursts/findings/decision.ts';
import { judgeTraffic } from '../lambdas/bursts/judge/judge-traffic.ts';
import { rulingOnLaunch } from '../lambdas/bursts/judge/launch-exceeded.ts';
import type { Ruling } from '../lambdas/bursts/judge/ruling.ts';
import { keysOf } from '../lambdas/bursts/judge/subjects.ts';
import { isKnownAtRisk } from '../lambdas/bursts/judge/swapped-number.ts';
import { keysToReview, type ReviewSettings, reviewTraffic } from '../lambdas/bursts/review.ts';
import type { MemoryBursts } from './memory/memory-bursts.ts';

/** What the detector does with its tables in memory, without the waiting. */
export type MemoryDetector = {
  /** Counts the events of a batch, and judges them, as `detectBursts` does. */
  readonly detect: (events: readonly TrafficEvent[], nowMs: number) => void;
  /** Counts the requests of launches, as `followLaunches` does once a minute. */
  readonly follow: (nowMs: number) => void;
  /** Looks over the countries, as `reviewBursts` does once an hour. */
  readonly review: (nowMs: number) => void;
};

/** What the detector commits. */
export type Commitments = {
  readonly ruled: (decision: RulingDecision) => void;
  readonly renewed?: (renewal: Renewal) => void;
};

/** As `commitRuling` does, without the waiting. */
const committed = (
  bursts: MemoryBursts,
  judged: Ruling,
  deployment: ReviewSettings['deployment'],
): RulingDecision | undefined => {
  let ruling: Ruling | undefined = judged;
  while (ruling !== undefined) {
    const facts = bursts.atOnce.readCase(ruling.uid, { withCampaign: mayCountInCampaign(ruling) });
    if (isKnownAtRisk(ruling, facts.before)) return undefined;
    const decision = decide(ruling, facts, deployment);
    const outcome = bursts.atOnce.commit(decision);
    if (outcome === 'committed') return decision;
    ruling = rulingAfter(ruling, outcome);
  }
  return undefined;
};

export const detectorIn = (
  bursts: MemoryBursts,
  settings: ReviewSettings,
  { ruled, renewed }: Commitments,
): MemoryDetector => {
  const rule = (ruling: Ruling): void => {
    const decision = committed(bursts, ruling, settings.deployment);
    if (decision !== undefined) ruled(decision);
  };
  return {
    detect: (events, nowMs) => {
      const { facts, runningSinceMs } = bursts.atOnce.count(events, keysOf(events), nowMs);
      const launches = bursts.launchesNow.all();
      const judged = judgeTraffic(events, facts, settings, { nowMs, runningSinceMs, launches });
      judged.rulings.forEach(rule);
      for (const each of judged.renewed) {
        const renewal = { kind: 'renewal', ...each } as const;
        if (bursts.atOnce.commit(renewal) === 'committed') renewed?.(renewal);
      }
      for (const each of judged.rolledUp) bursts.atOnce.rollUp(each);
    },
    follow: (nowMs) => {
      const { all, countsFrom, note } = bursts.launchesNow;
      for (const launch of all().filter((each) => holdsLaunch(each, nowMs))) {
        const progress = progressAfter(launch, countsFrom(keyOfLaunch(launch), neededFrom(launch)), nowMs);
        if (progress.exceededMs === undefined) note(launch, progress);
        else rule(rulingOnLaunch({ before: launch, progress }, settings.priceUsd, nowMs));
      }
    },
    review: (nowMs) => {
      bursts.expire(nowMs);
      reviewTraffic(bursts.atOnce.readFacts(keysToReview(settings), nowMs), settings, nowMs).forEach(rule);
    },
  };
};
