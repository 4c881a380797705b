/** The detector in memory. It learns of an event when the stream would have brought it, not before. */

import type { TrafficEvent } from '../../../../lambdas/bursts/counts/events.ts';
import { everywhere } from '../../../../lambdas/bursts/counts/keys.ts';
import type { Launch } from '../../../../lambdas/bursts/evidence/launches.ts';
import type { RulingDecision } from '../../../../lambdas/bursts/findings/decision.ts';
import type { ReviewSettings } from '../../../../lambdas/bursts/review.ts';
import type { HeldLevel } from '../../../../lambdas/policy.ts';
import { detectorIn } from '../../../../replay/detector.ts';
import { type MemoryBursts, memoryBursts } from '../../../../replay/memory/memory-bursts.ts';
import type { Finding, Past, Report } from '../contender.ts';
import { historiesOf } from './histories.ts';
import type { Held } from './sends.ts';
import { namedAs } from './subject.ts';

/** From the write of a record to the block that it leads to: what `test/http` measures on the local stack, and more. */
const streamDelayMs = 1500;
/** Lambda asks a shard for records four times a second. */
const pollMs = 250;
const dayMs = 86_400_000;

/** Is told of what the detector of a run does, for a recording of it. */
export type Watcher = {
  readonly bursts: MemoryBursts;
  readonly judged: (events: readonly TrafficEvent[], nowMs: number) => void;
  readonly ruled: (decision: RulingDecision) => void;
  readonly swept: (nowMs: number) => void;
};

/** Keeps what is reported of rulings. */
const reporting = ({ units }: Pick<MemoryBursts, 'units'>) => {
  const findings: Finding[] = [];
  let [blocks, spared, exceeded] = [0, 0, 0];
  return {
    ruled: ({ ruling }: RulingDecision): void => {
      const { severity, isUpdate } = ruling;
      const { countries, launch } = ruling.explanation;
      if (ruling.action !== 'none') blocks += 1;
      // Staff know of these: no attack is found by them.
      const isOfLaunch = ruling.action === 'none' && launch !== undefined;
      if (isOfLaunch && ruling.exceeded === undefined) spared += 1;
      else if (isOfLaunch) exceeded += 1;
      else if (!isUpdate) findings.push({ ...namedAs(ruling.key), severity, atMs: ruling.atMs, countries });
    },
    report: (): Report => ({ findings, blocks, spared, exceeded, units: { ...units } }),
  };
};

/** @param launches that staff announce: each from its beginning on. */
export const memoryDetector = (settings: ReviewSettings, launches: readonly Launch[] = [], watcher?: Watcher) => {
  const bursts = watcher?.bursts ?? memoryBursts();
  for (const launch of launches) bursts.announce(launch);
  const { ruled, report } = reporting(bursts);
  const { detect, follow, review } = detectorIn(bursts, settings, {
    ruled: (decision) => {
      ruled(decision);
      watcher?.ruled(decision);
    },
  });
  let waiting: TrafficEvent[] = [];

  return {
    note: (event: TrafficEvent): void => void waiting.push(event),
    /** Brings what the stream has brought by now, in the batches in which it would have. */
    catchUp: (untilNowMs: number): void => {
      while (waiting.length > 0) {
        const [first] = waiting;
        if (first === undefined || first.atMs + streamDelayMs > untilNowMs) return;
        const untilMs = (Math.floor(first.atMs / pollMs) + 1) * pollMs;
        const end = waiting.findIndex(({ atMs }) => atMs >= untilMs);
        const batch = end < 0 ? waiting : waiting.slice(0, end);
        waiting = end < 0 ? [] : waiting.slice(end);
        const nowMs = Math.max(first.atMs, (batch.at(-1) ?? first).atMs) + streamDelayMs;
        watcher?.judged(batch, nowMs);
        detect(batch, nowMs);
      }
    },
    /** Counts the requests of launches, once a minute. */
    follow: (nowMs: number): void => {
      follow(nowMs);
      watcher?.swept(nowMs);
    },
    /** Looks over the countries, once an hour. */
    review,
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
