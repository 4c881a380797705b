import type { KeyState } from '../counts/history.ts';
import { timeBucketMs } from '../counts/time-buckets.ts';
import type { Baseline } from './baseline.ts';
import { trialOf } from './cusum.ts';
import { thresholds } from './thresholds.ts';

/** Probes of a time bucket: what became of them. A young one that was not approved is still open, and left out. */
export type Probes = readonly { readonly timeBucket: number; readonly failed: number; readonly verified: number }[];

export const probesOf = ({ history, counts }: KeyState, nowMs: number): Probes => {
  const all = [
    ...(history?.probes ?? []),
    ...counts.map(({ timeBucket, probed, probeVerified }) => [timeBucket, probed, probeVerified] as const),
  ];
  return all
    .filter(([, probed, verified]) => probed > 0 || verified > 0)
    .map(([timeBucket, probed, verified]) => {
      const isOld = (timeBucket + 1) * timeBucketMs + thresholds.restriction.failedAfterMs <= nowMs;
      return { timeBucket, verified, failed: isOld ? Math.max(0, probed - verified) : 0 };
    });
};

/** The evidence of the probes since a time. */
export type ProbesSince = {
  readonly failed: number;
  readonly verified: number;
  /** Evidence of an attack in nats. */
  readonly evidence: number;
};

export const probesSince = (probes: Probes, sinceMs: number, { conversion, arriving }: Baseline): ProbesSince => {
  const recent = probes.filter(({ timeBucket }) => (timeBucket + 1) * timeBucketMs > sinceMs);
  const [failed, verified] = [
    recent.reduce((sum, each) => sum + each.failed, 0),
    recent.reduce((sum, each) => sum + each.verified, 0),
  ];
  const trial = trialOf(thresholds.attackConversion, conversion);
  return { failed, verified, evidence: failed * trial.failure(arriving) + verified * trial.success };
};
