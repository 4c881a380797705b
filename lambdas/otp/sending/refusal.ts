import { type Channel, cooldownLimit, type Policy } from '../../policy.ts';
import type { AdmissionFacts } from '../limits/admission.ts';
import { allowancesOf } from '../limits/allowances.ts';
import { type Allowance, askerOf, brokenLimitOf } from '../limits/guard.ts';
import { firstRefusal, type LimitRefusal, phoneRefusal, refusalOf } from '../limits/refusal.ts';
import { type TrustFacts, trustOf } from '../limits/trust.ts';
import type { Subject } from '../subject.ts';
import type { NotReserved } from './commit.ts';

/** A send that a limit refuses, as its caller sees it. */
export type LimitHit = {
  /** `too-soon`: the cooldown. `limited`: the number or the IP. `suspended`: a block or a low-volume country. */
  readonly kind: 'too-soon' | 'limited' | 'suspended' | 'cap-reached';
  readonly limit: string;
  readonly retryAfterSeconds: number;
  readonly allowances: readonly Allowance[];
};

const kindOf = ({ because, limit }: LimitRefusal): LimitHit['kind'] => {
  if (limit === cooldownLimit) return 'too-soon';
  if (because === 'phone' || because === 'ip') return 'limited';
  return because === 'cap' ? 'cap-reached' : 'suspended';
};

/** The answer to a send that a limit refuses. */
export const limitHit = (
  refusal: LimitRefusal,
  facts: AdmissionFacts,
  subject: Subject,
  policy: Policy,
  nowMs: number,
): LimitHit => ({
  kind: kindOf(refusal),
  limit: refusal.limit,
  retryAfterSeconds: refusal.retryAfterSeconds,
  // A caller who is refused for the IP learns nothing about the number.
  allowances: allowancesOf({ facts, subject, policy, nowMs }, facts.guard.sends, false)
    .filter(({ name }) => refusal.because !== 'ip' || name === 'ip')
    .map((allowance) => (refusal.limit === allowance.name ? usedUp(allowance, refusal) : allowance)),
});

/** Other sends of the IP may have come between the read and the refusal. */
const usedUp = (allowance: Allowance, { retryAfterSeconds }: LimitRefusal): Allowance => ({
  ...allowance,
  remaining: 0,
  resetSeconds: Math.max(allowance.resetSeconds, retryAfterSeconds),
});

/** The refusal of a send whose reservation did not hold. */
export const refusalByCounters = ({ counters }: NotReserved, nowMs: number): LimitRefusal => {
  const refusal = firstRefusal(counters.map((exceeded) => refusalOf(exceeded, nowMs)));
  if (refusal === undefined) throw new Error('A reservation exceeded no counter. This is a bug: please report it.');
  return refusal;
};

/**
 * The refusal of a send that lost the race for the number: too soon after the send that won. The flow never tries again,
 * or a second SMS could go out. A winner that the answer did not show is taken to have sent now.
 *
 * @param facts with the guard that the winner left, or else the own one.
 */
export const refusalByLostRace = (
  facts: TrustFacts,
  subject: Pick<Subject, 'network' | 'sharedIp' | 'country'> & { readonly channel?: Channel | undefined },
  policy: Policy,
  nowMs: number,
): LimitRefusal => {
  const trust = trustOf(facts, subject, policy, nowMs);
  const broken = brokenLimitOf(facts, askerOf(trust, policy, subject), policy.sends, nowMs);
  return phoneRefusal(broken ?? { limit: cooldownLimit, retryAfterSeconds: 1 });
};
