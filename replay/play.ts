import type { TrafficEvent } from '../lambdas/bursts/counts/events.ts';
import { everywhere } from '../lambdas/bursts/counts/keys.ts';
import { judgedBy, type Thresholds } from '../lambdas/bursts/evidence/thresholds.ts';
import type { Case } from '../lambdas/bursts/findings/case.ts';
import type { Renewal } from '../lambdas/bursts/findings/decision.ts';
import type { Ruling } from '../lambdas/bursts/judge/ruling.ts';
import { dayMs, hourMs, minuteMs } from '../lambdas/otp/durations.ts';
import { detectorIn, type MemoryDetector } from './detector.ts';
import { type MemoryBursts, memoryBursts } from './memory/memory-bursts.ts';
import { type Batch, beginningOf, type Recording, type Snapshot, type StaffAct } from './recording/recording.ts';
import { isDecidedByBlocks, sendsIn } from './sends.ts';

/** What a detector with some thresholds finds in a recording. */
export type Outcome = {
  /** All rulings as they were committed, oldest first. */
  readonly rulings: readonly Ruling[];
  readonly renewals: readonly Renewal[];
  /** The findings as the last ruling and the last renewal left them. */
  readonly findings: readonly PlayedFinding[];
  /** The recorded requests that its blocks refuse. */
  readonly refused: ReadonlySet<TrafficEvent>;
};

export type PlayedFinding = Pick<Case, 'key' | 'severity' | 'action' | 'firstMs' | 'untilMs'> & {
  readonly ruledMs: number;
  /** Of the first ruling and of the latest one. */
  readonly first: Ruling;
  readonly last: Ruling;
};

/** Texts of findings name a stack and a runbook. A replay shows none of them. */
const deployment = { stackName: '', runbookUrl: '' };

/**
 * Judges a recording again, by other thresholds or by the same.
 *
 * It is an open loop: the recorded requests come as they came, whatever this detector would have refused.
 *
 * @param snapshot the past, if the recording does not begin with the first event of the detector.
 */
export const play = (recording: Recording, thresholds: Thresholds, snapshot?: Snapshot): Outcome =>
  judgedBy(thresholds, () => {
    const bursts = memoryBursts();
    const rulings: Ruling[] = [];
    const renewals: Renewal[] = [];
    const detector = detectorIn(
      bursts,
      { ...recording.settings, deployment },
      { ruled: ({ ruling }) => rulings.push(ruling), renewed: (renewal) => renewals.push(renewal) },
    );
    begin(bursts, recording, snapshot);
    const refused = playAll(bursts, detector, recording);
    return { rulings, renewals, findings: findingsOf(bursts, rulings), refused };
  });

const begin = (bursts: MemoryBursts, { runningSinceMs, fromMs }: Recording, snapshot: Snapshot | undefined): void => {
  for (const each of snapshot?.histories ?? []) bursts.atOnce.rollUp(each);
  // The first count says since when the detector runs.
  if (runningSinceMs !== undefined && runningSinceMs < fromMs)
    bursts.atOnce.count([], [{ level: 'everywhere', of: everywhere }], runningSinceMs);
};

const act = (bursts: MemoryBursts, each: StaffAct): void => {
  if (each.kind === 'announce') bursts.announce(each.launch);
  else if (each.kind === 'cancel') bursts.withdraw(each.launch);
  else if (each.kind === 'block') bursts.block(each.key, each.untilMs);
  else bursts.lift(each.key, each.untilMs);
};

const isDue = (atMs: number | undefined, nowMs: number): boolean => atMs !== undefined && atMs <= nowMs;

/** A review looks back on about a day and a half. So long after the last event, it finds nothing new. */
const reviewedMs = 3 * dayMs;

/** The detector follows launches at each full minute, and reviews countries at each full hour. */
const sweeper = (recording: Recording, { follow, review }: MemoryDetector) => {
  const { events, toMs } = recording;
  const endMs = Math.min(toMs, (events.at(-1)?.atMs ?? 0) + reviewedMs);
  let nextMs = (Math.floor(beginningOf(recording) / minuteMs) + 1) * minuteMs;
  return {
    nextMs: (): number => (nextMs < endMs ? nextMs : Number.POSITIVE_INFINITY),
    sweep: (): void => {
      follow(nextMs);
      if (nextMs % hourMs === 0) review(nextMs);
      nextMs += minuteMs;
    },
  };
};

/** Batches, acts of staff, sweeps and requests by their times. Of the same time, a request knows of all others. */
const playAll = (bursts: MemoryBursts, detector: MemoryDetector, recording: Recording): ReadonlySet<TrafficEvent> => {
  const requests = recording.events.filter(isDecidedByBlocks);
  const { batches, acts } = recording;
  const sends = sendsIn(bursts);
  const sweeps = sweeper(recording, detector);
  const refused = new Set<TrafficEvent>();
  const playBatch = ({ events, judgedAtMs }: Batch): void => detector.detect(events, judgedAtMs);
  let [batch, acted, request] = [0, 0, 0];
  for (;;) {
    const times = [batches[batch]?.arrivedMs, acts[acted]?.atMs, sweeps.nextMs(), requests[request]?.atMs];
    const nowMs = Math.min(...times.map((time) => time ?? Number.POSITIVE_INFINITY));
    if (nowMs === Number.POSITIVE_INFINITY) return refused;
    const [nextBatch, nextAct, nextRequest] = [batches[batch], acts[acted], requests[request]];
    if (nextAct !== undefined && isDue(nextAct.atMs, nowMs)) {
      act(bursts, nextAct);
      acted += 1;
    } else if (nextBatch !== undefined && isDue(nextBatch.arrivedMs, nowMs)) {
      playBatch(nextBatch);
      batch += 1;
    } else if (isDue(sweeps.nextMs(), nowMs)) sweeps.sweep();
    else if (nextRequest !== undefined) {
      if (sends.isRefused(nextRequest)) refused.add(nextRequest);
      request += 1;
    }
  }
};

const findingsOf = ({ caseOf }: MemoryBursts, rulings: readonly Ruling[]): readonly PlayedFinding[] =>
  [...Map.groupBy(rulings, ({ uid }) => uid)].flatMap(([uid, own]) => {
    const [found, first, last] = [caseOf(uid), own[0], own.at(-1)];
    if (found === undefined || first === undefined || last === undefined) return [];
    const { key, severity, action, firstMs, atMs: ruledMs, untilMs } = found;
    return [{ key, severity, action, firstMs, ruledMs, untilMs, first, last }];
  });
