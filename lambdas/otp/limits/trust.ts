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
  /** The IP is that of a back end, shared by all of its users. */
  readonly isSharedIp: boolean;
};

export type TrustFacts = NumberFacts & { readonly ip: IpHistory };

export const trustOf = (
  { guard, reputation, ip }: TrustFacts,
  { network, sharedIp }: Pick<Subject, 'network' | 'sharedIp'>,
  { ips }: Policy,
  nowMs: number,
): Trust => {
  const isSharedIp = sharedIp === true;
  return {
    isTrustedNumber: hasVerifiedLately(reputation, nowMs) && !isWorn({ guard, reputation }, nowMs),
    // Strangers are in a shared network as well.
    isPair: !isSharedIp && hasVerifiedFrom(reputation, network, nowMs),
    isTrustedIp: isTrustedIp(ip, ips),
    isSharedIp,
  };
};
