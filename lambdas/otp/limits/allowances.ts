import type { Policy } from '../../policy.ts';
import type { Subject } from '../subject.ts';
import type { AdmissionFacts } from './admission.ts';
import { type Allowance, askerOf, type Guard, guardAllowances } from './guard.ts';
import { ipAllowance, isSparedByIp } from './ip-limit.ts';
import { trustOf } from './trust.ts';

/** A send whose remaining allowances the caller wants to know. */
type Asked = {
  readonly facts: AdmissionFacts;
  readonly subject: Subject;
  readonly policy: Policy;
  readonly nowMs: number;
};

/**
 * The caller's remaining allowances, for the RateLimit headers: the number's windows, its hard limit, and the IP's rate.
 *
 * @param sends sends of the number, as the caller is to see them.
 * @param isCounted whether this send was counted for the IP after the facts were read.
 */
export const allowancesOf = (
  { facts, subject, policy, nowMs }: Asked,
  sends: Guard['sends'],
  isCounted: boolean,
): readonly Allowance[] => {
  const trust = trustOf(facts, subject, policy, nowMs);
  const asker = askerOf(trust, policy, { country: subject.country });
  const ofNumber = guardAllowances({ ...facts, guard: { ...facts.guard, sends } }, asker, policy.sends, nowMs);
  return isSparedByIp(trust) ? ofNumber : [...ofNumber, ipAllowance(facts.ip, policy, trust, nowMs, isCounted)];
};
