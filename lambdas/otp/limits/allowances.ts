import type { Policy } from '../../policy.ts';
import type { Subject } from '../subject.ts';
import type { AdmissionFacts } from './admission.ts';
import { type Allowance, guardAllowances } from './guard.ts';
import { ipAllowance } from './ip-limit.ts';
import { trustOf } from './trust.ts';

/** A send whose remaining allowances the caller wants to know. */
type Asked = {
  readonly facts: AdmissionFacts;
  readonly subject: Subject;
  readonly policy: Policy;
  readonly nowMs: number;
};

/**
 * What is left to the caller, for the RateLimit headers: the number's windows and the IP's rate.
 *
 * @param sends send times of the number, as the caller is to see them.
 * @param isCounted whether this send was counted for the IP after the facts were read.
 */
export const allowancesOf = (
  { facts, subject, policy, nowMs }: Asked,
  sends: readonly number[],
  isCounted: boolean,
): readonly Allowance[] => {
  const trust = trustOf(facts, subject, policy, nowMs);
  const ofNumber = guardAllowances(sends, policy.sends, nowMs);
  return trust.isExempt ? ofNumber : [...ofNumber, ipAllowance(facts.ip, policy, trust, nowMs, isCounted)];
};
