import { verificationItem } from '../../lambdas/aws/tables/verifications.ts';

/** A request as its record shows it: from an address of its own, for a number that nobody knows. */
export const pendingRecord = (block: string, index: number, nowMs = Date.now()) => {
  const seconds = Math.floor(nowMs / 1000);
  return verificationItem({
    key: `burst-${index}`,
    code: 'mac',
    codeLength: 6,
    bound: false,
    maxAttempts: 5,
    guesses: [],
    nonces: [],
    sealed: 'ciphertext',
    phoneKey: `burst-phone-${index}`,
    block,
    operator: block.slice(0, 7),
    country: 'IN',
    address: `burst-address-${index}`,
    application: 'app',
    purpose: 'login',
    createdAtMs: nowMs,
    sentAtMs: nowMs,
    sendId: `burst-${index}`,
    resendAtMs: nowMs,
    expiresAt: seconds + 300,
    diesAt: seconds + 600,
    keptUntil: seconds + 900,
    sends: 1,
    delivery: 'accepted',
  });
};
