import { exportFacts } from '../../contract.ts';
import { dayMs, hourMs } from '../../otp/durations.ts';
import type { Policy } from '../../policy.ts';

/** Something that an erasure does not reach. It ends by itself, or is of others. */
export type Remaining = {
  readonly what: string;
  /** From when on it is of no use, or gone; `undefined` if that is for others to say. */
  readonly untilMs: number | undefined;
  readonly how: string;
};

/** How long some items live: facts of the tables. */
export type Lifetimes = {
  readonly refusalSeconds: number;
  readonly askersDays: number;
  readonly verifiersDays: number;
};

type Lives = Pick<Policy, 'code' | 'proofLifetimeSeconds' | 'logRetentionDays' | 'ips'>;

const byTtl = 'DynamoDB deletes them by TTL, within a few days of their end.';

/** A stream keeps a record for a day, and Security can be restored to any second of so many days. */
const [streamMs, backupDays, letterDays] = [24 * hourMs, 35, 30];

/** When the last verification that may be under way is over, and can be proven no more. */
export const recordsEndMs = ({ code, proofLifetimeSeconds }: Lives, nowMs: number): number =>
  nowMs + (code.maxLifetimeSeconds + proofLifetimeSeconds) * 1000;

/** Everything that is still there after an erasure, with its end. */
export const remainsAfter = (policy: Lives, lifetimes: Lifetimes, nowMs: number): readonly Remaining[] => {
  const windowMs = Math.max(policy.ips.untrusted.windowSeconds, policy.ips.trusted.windowSeconds) * 1000;
  return [
    {
      what: 'Records of verifications, and idempotency keys of their requests',
      untilMs: recordsEndMs(policy, nowMs),
      how: `From then on no code can be checked, and no proof asked for. ${byTtl}`,
    },
    { what: 'Notes of refused sends', untilMs: nowMs + lifetimes.refusalSeconds * 1000, how: byTtl },
    {
      what: 'Changes of records in the stream',
      untilMs: nowMs + streamMs,
      how: 'DynamoDB drops them. Events that the detector has yet to read are written as new data, usually within seconds.',
    },
    {
      what: 'Short names of the number at IPs from which it asked',
      untilMs: nowMs + windowMs + lifetimes.askersDays * dayMs,
      how: byTtl,
    },
    {
      what: 'Exports of the audit trail from before the erasure',
      untilMs: nowMs + exportFacts.keptDays * dayMs,
      how: 'They have the events under names of their own, and nothing finds a number there. The bucket deletes them.',
    },
    {
      what: 'Short names of the number at IPs from which it verified, where the trail had no event of it any more',
      untilMs: undefined,
      how: `They end ${lifetimes.verifiersDays} days after the last verification from the IP, by whomever.`,
    },
    {
      what: 'Dead letters with records of the number, if the stream had trouble',
      untilMs: nowMs + letterDays * dayMs,
      how: 'The bucket deletes them. A replay before then writes new data.',
    },
    {
      what: 'Point-in-time backups of the table Security',
      untilMs: nowMs + backupDays * dayMs,
      how: 'AWS deletes them. After a restore from one, erase again.',
    },
    {
      what: 'Logs',
      untilMs: nowMs + policy.logRetentionDays * dayMs,
      how: 'They hold no number. Lines about a finding on the number have the first characters of its keyed hash.',
    },
    {
      what: 'Findings that subscribers of the event bus took, and proofs in client apps',
      untilMs: undefined,
      how: 'They are outside of this service. Those who have them erase them.',
    },
  ];
};
