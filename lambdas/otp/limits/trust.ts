import type { Policy } from '../../policy.ts';
import type { Subject } from '../subject.ts';
import { isTrustedNumber, type Reputation } from './reputation.ts';

/** Why limits for groups may spare a send. */
export type Trust = {
  readonly isTrustedNumber: boolean;
  /** The number has verified from this network. */
  readonly isPair: boolean;
  readonly isTrustedIp: boolean;
  /** The application is a back end that calls for many users. */
  readonly isExempt: boolean;
};

type TrustFacts = { readonly reputation: Reputation; readonly ip: { readonly successes: number } };

export const trustOf = (
  { reputation, ip }: TrustFacts,
  { application }: Subject,
  { ips }: Policy,
  nowMs: number,
): Trust => ({
  isTrustedNumber: isTrustedNumber(reputation, nowMs),
  isPair: false,
  isTrustedIp: ip.successes >= ips.trustedAfter,
  isExempt: ips.exemptApplications.includes(application),
});
