import type { Secret } from '../number/secret.ts';

/** The facts about a number that its operator knows. `…Ms` epoch milliseconds. */
export type RiskAnswer =
  | { readonly kind: 'clean'; readonly provider: string }
  /** Without a time, within the hours of the policy. */
  | { readonly kind: 'swapped'; readonly provider: string; readonly swappedAtMs?: number | undefined }
  | UnknownRisk;

export type UnknownRisk = { readonly kind: 'unknown'; readonly provider: string; readonly reason: UnknownReason };

/**
 * The reason why nothing is known, which is never taken for clean.
 *
 * - `no-answer`: none within the time-out, or a failed connection. `throttled`: 429. `unavailable`: 5xx, or an unreadable answer.
 * - `no-token`: the provider gave no access token, or took none. `misconfigured`: an answer that says that our call was wrong.
 * - `not-known`: the operator does not know the number, or may not tell (404, 422, a null date).
 *
 * The last one lasts, so it is cached. The others are asked again.
 */
export type UnknownReason = 'no-answer' | 'throttled' | 'unavailable' | 'no-token' | 'misconfigured' | 'not-known';

/** Asks the provider of the number's country whether the SIM was swapped within the hours of the policy. Never throws. */
export type NumberRisk = {
  readonly ask: (question: { readonly phone: Secret; readonly country: string }) => Promise<RiskAnswer>;
};

/** What staff recorded of a carrier's notice that the number was ported. It has the effect of a swap until it expires. */
export type PortNotice = {
  readonly notedAtMs: number;
  /** When the number was ported, if the carrier said so. */
  readonly portedAtMs?: number | undefined;
  readonly untilMs: number;
  readonly by: string;
  readonly reason: string;
};

/** What the tables hold about the SIM of a number, while it is good. Read only for a purpose that minds. */
export type RiskFacts = { readonly notice: PortNotice | undefined; readonly answer: RiskAnswer | undefined };
