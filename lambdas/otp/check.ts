import type { Policy } from '../policy.ts';
import { checkNonce, recordKey } from './number/pseudonyms.ts';
import type { Secret } from './number/secret.ts';
import { testAudience } from './number/test-numbers.ts';
import type { CheckLedger, Clock, Codes, Signer, Unseal } from './ports.ts';
import type { Feedback } from './receipts/ports.ts';
import { codeMessage, nameWithinRecord, type Transaction } from './record/code.ts';
import { proofClaims, signProof } from './record/proof.ts';
import { judge, type Sealed, type Verdict } from './record/verification.ts';

export type CheckPorts = {
  readonly now: Clock;
  /** Random bits for the nonce of a check without an idempotency key. */
  readonly randomId: () => string;
  readonly codes: Codes;
  readonly ledger: CheckLedger;
  readonly seals: Unseal;
  readonly signer: Signer;
  /** The proof's `iss`. */
  readonly issuer: string;
  /** Only if the settings ask for it. */
  readonly feedback?: Feedback | undefined;
};

export type Check = {
  readonly id: string;
  readonly code: Secret;
  readonly transaction?: Transaction | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly application: string;
};

export type CheckOutcome =
  | {
      readonly kind: 'approved';
      readonly proof: string;
      readonly masked: string;
      readonly purpose: string;
      readonly approvedAtMs: number;
      readonly country: string;
      readonly test: boolean;
      /** Of the last message, if the record names one. */
      readonly route: string | undefined;
      /** The proof says that the code alone is not enough. */
      readonly stepUp: boolean;
    }
  | Exclude<Verdict, { kind: 'approved' }>;

/**
 * Checks a guess.
 *
 * One write decides (ADR 1). It lets the guess in only while the record is open, so parallel guesses are counted before
 * any is judged, and the right one is let in once. The verdict comes from the record that the write returns. The same
 * check, repeated by the SDK or the caller, finds its own nonce there and gets the same answer.
 *
 * @throws Unavailable when a dependency did not answer. A repeat with the same idempotency key costs no attempt.
 */
export const checkVerification =
  (ports: CheckPorts, policy: Policy) =>
  async (check: Check): Promise<CheckOutcome> => {
    const generation = check.id.slice(0, 1);
    if (!ports.codes.knows(generation)) return { kind: 'unknown' };
    const code = check.code.reveal();
    const guess = {
      mac: await ports.codes.mac(generation, codeMessage(check.id, code, check.transaction)),
      nonce: nonceOf(ports, check),
      codeLength: code.length,
      hasTransaction: check.transaction !== undefined,
    };
    const nowMs = ports.now();
    const verdict = judge(
      await ports.ledger.append(recordKey(check.application, check.id), guess, nowMs),
      guess,
      nowMs,
    );
    if (verdict.kind !== 'approved') return verdict;
    const { verification } = verdict;
    // Beside the calls of the proof. It takes no part in the answer.
    const told = verification.test ? undefined : ports.feedback?.used(verification);
    try {
      return await prove(ports, policy, verdict, nowMs);
    } finally {
      await told;
    }
  };

const nonceOf = ({ randomId }: CheckPorts, { application, id, idempotencyKey }: Check): string =>
  idempotencyKey === undefined ? nameWithinRecord(randomId()) : checkNonce(application, id, idempotencyKey);

const prove = async (
  { seals, signer, issuer }: CheckPorts,
  policy: Policy,
  { verification, approvedAtMs }: Extract<Verdict, { kind: 'approved' }>,
  nowMs: number,
): Promise<CheckOutcome> => {
  const lifetimeSeconds = policy.proofLifetimeSeconds;
  const expiresAtMs = (Math.floor(approvedAtMs / 1000) + lifetimeSeconds) * 1000;
  if (nowMs >= expiresAtMs) return { kind: 'already-used' };
  const opened = await seals.open(verification.key, verification.sealed);
  const sealed = JSON.parse(opened.reveal()) as Sealed;
  const claims = proofClaims(
    { issuer, audience: sealed.test ? testAudience(policy.audience) : policy.audience, lifetimeSeconds },
    verification,
    sealed,
    approvedAtMs,
  );
  return {
    kind: 'approved',
    proof: await signProof(signer, claims),
    masked: sealed.masked,
    purpose: sealed.purpose,
    approvedAtMs,
    country: verification.country,
    test: sealed.test === true,
    route: verification.route,
    stepUp: verification.stepUp === true,
  };
};
