import type { Allowance } from '../limits/guard.ts';
import { attemptsRemaining, type Delivery, type Status, statusOf, type Verification } from './verification.ts';

/** A verification as its caller sees it. */
export type VerificationView = {
  readonly id: string;
  readonly status: Status;
  readonly masked: string | undefined;
  readonly purpose: string;
  readonly codeLength: number;
  readonly attemptsRemaining: number;
  readonly expiresAtMs: number;
  readonly resendAvailableAtMs: number;
  readonly delivery: Delivery;
};

/** @param masked the number as the caller may see it, where the caller gave it. */
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
  codeLength: verification.codeLength,
  attemptsRemaining: attemptsRemaining(verification),
  expiresAtMs: verification.expiresAt * 1000,
  resendAvailableAtMs: verification.resendAtMs,
  delivery: verification.delivery,
});

/** A send that a limit refuses, as its caller sees it. */
export type LimitHit = {
  /** `too-soon`: the cooldown. `limited`: of the phone or the IP. `suspended`: a block. `cap-reached`: a cap. */
  readonly kind: 'too-soon' | 'limited' | 'suspended' | 'cap-reached';
  readonly limit: string;
  readonly retryAfterSeconds: number;
  readonly allowances: readonly Allowance[];
};
