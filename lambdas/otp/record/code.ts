import { randomBytes, randomInt } from 'node:crypto';
import { type Secret, secret } from '../number/secret.ts';

/** Draws an integer from 0 up to, and not including, `below`, each as likely as any other. */
export type Draw = (below: number) => number;

/** The operating system's generator; `randomInt` rejects what would make some numbers likelier than others. */
export const drawSecurely: Draw = (below) => randomInt(below);

/**
 * A fresh code of 4–10 digits. Every code from all zeros to all nines is equally likely: one draw of the whole
 * number, never one per digit.
 */
export const drawCode = (digits: number, draw: Draw): Secret =>
  secret(String(draw(10 ** digits)).padStart(digits, '0'));

/** 160 random bits in base64url: 27 characters that nobody guesses. */
export const randomId = (): string => randomBytes(20).toString('base64url');

/** What a code is good for beside its verification; both sides of the comparison are made from it. */
export type Transaction = { readonly amount: string; readonly currency: string; readonly payee: string };

/**
 * The message that the CodeKey authenticates: the verification id, the code, and amount, currency and payee where the
 * code is for a payment. Each part has its length in front, so that no two sets of parts give the same bytes.
 */
export const codeMessage = (verificationId: string, code: string, transaction: Transaction | undefined): Uint8Array =>
  lengthPrefixed([
    'otp-code-v1',
    verificationId,
    code,
    ...(transaction === undefined ? [] : [transaction.amount, transaction.currency, transaction.payee]),
  ]);

/** Joins texts so that the borders between them cannot be moved: each is preceded by its length in bytes (UInt32BE). */
export const lengthPrefixed = (parts: readonly string[]): Uint8Array => {
  const chunks = parts.flatMap((part) => {
    const bytes = Buffer.from(part, 'utf8');
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return [length, bytes];
  });
  return Buffer.concat(chunks);
};
