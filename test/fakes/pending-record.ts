import { verificationItem } from '../../lambdas/aws/tables/verifications.ts';

/** A request as its record shows it: from an IP of its own, for a number that nobody knows. */
export const pendingRecord = (range: string, index: number, nowMs = Date.now()) => {
  const seconds = Math.floor(nowMs / 1000);
  return verificationItem({
    key: `burst-${index}`,
    code: 'mac',
    codeLength: 6,
    hasTransaction: false,
    maxAttempts: 5,
    guesses: [],
    nonces: [],
    superseded: [],
    resendNonces: [],
    sealed: 'ciphertext',
    phoneKey: `burst-phone-${index}`,
    range,
    prefix: range.slice(0, 7),
    country: 'IN',
    ip: `burst-address-${index}`,
    network: `burst-network-${index}`,
    application: 'app',
    purpose: 'login',
    createdAtMs: nowMs,
    sentAtMs: nowMs,
    sendId: `burst-${index}`,
    resendAtMs: nowMs,
    expiresAt: seconds + 300,
    latestExpiry: seconds + 600,
    purgeAt: seconds + 900,
    sends: 1,
    delivery: 'accepted',
  });
};
