import type { Channel } from '../../policy.ts';
import type { DeliveryReason, DeliveryState } from '../receipts/receipt.ts';
import { attemptsRemaining, type Status, statusOf, type Verification } from './verification.ts';

/** A verification as its caller sees it. */
export type VerificationView = {
  readonly id: string;
  readonly status: Status;
  readonly masked: string | undefined;
  readonly purpose: string;
  readonly channel: Channel;
  readonly codeLength: number;
  readonly attemptsRemaining: number;
  readonly expiresAtMs: number;
  readonly resendAvailableAtMs: number;
  readonly delivery: DeliveryState;
  /** The reason why the SMS did not arrive, if a receipt says so. */
  readonly deliveryReason?: DeliveryReason | undefined;
  /** The code alone is not enough for the purpose: the SIM was swapped, or nobody knows. */
  readonly stepUp?: true | undefined;
};

/** @param masked the number as the caller may see it, for the caller who gave it. */
export const viewOf = (
  id: string,
  verification: Verification,
  nowMs: number,
  masked: string | undefined,
): VerificationView => ({
  id,
  status: statusOf(verification, nowMs),
  masked,
  purpose: verification.purpose,
  channel: verification.channel ?? 'sms',
  codeLength: verification.codeLength,
  attemptsRemaining: attemptsRemaining(verification),
  expiresAtMs: verification.expiresAt * 1000,
  resendAvailableAtMs: verification.resendAtMs,
  delivery: verification.delivery,
  ...(verification.stepUp ? { stepUp: true as const } : {}),
});
