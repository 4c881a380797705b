import type { Policy } from '../../policy.ts';
import type { Subject } from '../subject.ts';
import { isWorn, type NumberFacts } from './guard.ts';
import { type IpHistory, isTrustedIp } from './ip-trust.ts';
import { hasVerifiedFrom, hasVerifiedLately } from './reputation.ts';

/** Why limits for groups may spare a send. */
export type Trust = {
  /** The number has verified within 90 days, and its trust is not worn. */
  readonly isTrustedNumber: boolean;
  /** The number has verified from this network within 90 days, worn or not. */
  readonly isPair: boolean;
  readonly isTrustedIp: boolean;
  /** The application is a back end that calls for many users. */
  readonly isExempt: boolean;
};

export type TrustFacts = NumberFacts & { readonly ip: IpHistory };

export const trustOf = (
  { guard, reputation, ip }: TrustFacts,
  { application, network }: Pick<Subject, 'application' | 'network'>,
  { ips }: Policy,
  nowMs: number,
): Trust => {
  const isExempt = ips.exemptApplications.includes(application);
  return {
    isTrustedNumber: hasVerifiedLately(reputation, nowMs) && !isWorn({ guard, reputation }, nowMs),
    // All users of an exempt back end share its network, strangers included.
    isPair: !isExempt && hasVerifiedFrom(reputation, network, nowMs),
    isTrustedIp: isTrustedIp(ip, ips),
    isExempt,
  };
};
