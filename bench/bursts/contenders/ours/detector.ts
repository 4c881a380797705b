/** The detector in memory. It learns of an event when the stream would have brought it, not before. */

import type { TrafficEvent } from '../../../../lambdas/bursts/counts/events.ts';
import { everywhere } from '../../../../lambdas/bursts/counts/keys.ts';
import { neededFrom, progressAfter } from '../../../../lambdas/bursts/counts/launch-requests.ts';
import { holdsLaunch, keyOfLaunch, type Launch } from '../../../../lambdas/bursts/evidence/launches.ts';
import {
  decide,
  mayCountInCampaign,
  type RulingDecision,
  rulingAfter,
} from '../../../../lambdas/bursts/findings/decision.ts';
import { judgeTraffic } from '../../../../lambdas/bursts/judge/judge-traffic.ts';
import { rulingOnLaunch } from '../../../../lambdas/bursts/judge/launch-exceeded.ts';
import type { Ruling } from '../../../../lambdas/bursts/judge/ruling.ts';
import { keysOf } from '../../../../lambdas/bursts/judge/subjects.ts';
import { keysToReview, type ReviewSettings, reviewTraffic } from '../../../../lambdas/bursts/review.ts';
import type { HeldLevel } from '../../../../lambdas/policy.ts';
import { memoryBursts } from '../../../../replay/memory/memory-bursts.ts';
import type { Finding, Past, Report } from '../contender.ts';
import { historiesOf } from './histories.ts';
import type { Held } from './sends.ts';
import { namedAs } from './subject.ts';

/** From the write of a record to the block that it leads to: what `test/http` measures on the local stack, and more. */
const streamDelayMs = 1500;
/** Lambda asks a shard for records four times a second. */
const pollMs = 250;
const dayMs = 86_400_000;

type Bursts = ReturnType<typeof memoryBursts>;

/** As `commitRuling` does, without the waiting. */
const committed = (
  bursts: Bursts,
  judged: Ruling,
  deployment: ReviewSettings['deployment'],
): RulingDecision | undefined => {
  let ruling: Ruling | undefined = judged;
  while (ruling !== undefined) {
    const facts = bursts.atOnce.readCase(ruling.uid, { withCampaign: mayCountInCampaign(ruling) });
    const decision = decide(ruling, facts, deployment);
    const outcome = bursts.atOnce.commit(decision);
    if (outcome === 'committed') return decision;
    ruling = rulingAfter(ruling, outcome);
  }
  return undefined;
};

/** Commits rulings, and keeps what is reported of them. */
const rulingsIn = (bursts: Bursts, { deployment }: ReviewSettings) => {
  const findings: Finding[] = [];
  let [blocks, spared, exceeded] = [0, 0, 0];
  return {
    rule: (ruling: Ruling): void => {
      const decision = committed(bursts, ruling, deployment);
      if (decision === undefined) return;
      const { severity, isUpdate } = decision.ruling;
      const { countries, launch } = ruling.explanation;
      if (ruling.action !== 'none') blocks += 1;
      // Staff know of these: no attack is found by them.
      const isOfLaunch = ruling.action === 'none' && launch !== undefined;
      if (isOfLaunch && ruling.exceeded === undefined) spared += 1;
      else if (isOfLaunch) exceeded += 1;
      else if (!isUpdate) findings.push({ ...namedAs(ruling.key), severity, atMs: ruling.atMs, countries });
    },
    report: (): Report => ({ findings, blocks, spared, exceeded, units: { ...bursts.units } }),
  };
};

/** As `followLaunches` does, without the waiting. */
const follower =
  ({ launchesNow }: Bursts, { priceUsd }: ReviewSettings, rule: (ruling: Ruling) => void) =>
  (nowMs: number): void => {
    for (const launch of launchesNow.all().filter((each) => holdsLaunch(each, nowMs))) {
      const counts = launchesNow.countsFrom(keyOfLaunch(launch), neededFrom(launch));
      const progress = progressAfter(launch, counts, nowMs);
      if (progress.exceededMs === undefined) launchesNow.note(launch, progress);
      else rule(rulingOnLaunch({ before: launch, progress }, priceUsd, nowMs));
    }
  };

/** @param launches that staff announce: each from its beginning on. */
export const memoryDetector = (settings: ReviewSettings, launches: readonly Launch[] = []) => {
  const bursts = memoryBursts();
  for (const launch of launches) bursts.announce(launch);
  const { rule, report } = rulingsIn(bursts, settings);
  let waiting: TrafficEvent[] = [];

  const detect = (events: readonly TrafficEvent[], nowMs: number): void => {
    const keys = keysOf(events);
    const { facts, runningSinceMs } = bursts.atOnce.count(events, keys, nowMs);
    const { rolledUp, renewed, rulings } = judgeTraffic(events, facts, settings, {
      nowMs,
      runningSinceMs,
      launches: bursts.launchesNow.all(),
    });
    rulings.forEach(rule);
    for (const each of renewed) bursts.atOnce.commit({ kind: 'renewal', ...each });
    for (const each of rolledUp) bursts.atOnce.rollUp(each);
  };

  return {
    note: (event: TrafficEvent): void => void waiting.push(event),
    /** Brings what the stream has brought by now, in the batches in which it would have. */
    catchUp: (nowMs: number): void => {
      while (waiting.length > 0) {
        const [first] = waiting;
        if (first === undefined || first.atMs + streamDelayMs > nowMs) return;
        const untilMs = (Math.floor(first.atMs / pollMs) + 1) * pollMs;
        const end = waiting.findIndex(({ atMs }) => atMs >= untilMs);
        const batch = end < 0 ? waiting : waiting.slice(0, end);
        waiting = end < 0 ? [] : waiting.slice(end);
        detect(batch, Math.max(first.atMs, (batch.at(-1) ?? first).atMs) + streamDelayMs);
      }
    },
    /** Counts the requests of launches, once a minute. */
    follow: follower(bursts, settings, rule),
    /** Looks over the countries, once an hour. */
    review: (nowMs: number): void => {
      bursts.expire(nowMs);
      const facts = bursts.atOnce.readFacts(keysToReview(settings), nowMs);
      reviewTraffic(facts, settings, nowMs).forEach(rule);
    },
    remember: (past: Past): void => {
      for (const each of historiesOf(past)) bursts.atOnce.rollUp(each);
      bursts.atOnce.count([], [{ level: 'everywhere', of: everywhere }], past.endMs - past.days * dayMs);
    },
    blockOn: (level: HeldLevel, of: string, nowMs: number): Held | undefined => {
      const last = bursts.blockOn({ level, of }, nowMs);
      if (last === undefined) return undefined;
      const { untilMs, action, probeIntervalMs } = last;
      const restriction = action === 'restrict' ? ({ restriction: true } as const) : {};
      return { level, of, until: untilMs / 1000, reason: '', by: '', probeIntervalMs, ...restriction };
    },
    areCodesLonger: (of: string, nowMs: number): boolean => bursts.blockOn({ level: 'codes', of }, nowMs) !== undefined,
    report,
  };
};
