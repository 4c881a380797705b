import { randomBytes, randomInt } from 'node:crypto';
import { foldPayee } from '../input/payee.ts';
import { type Secret, secret } from '../number/secret.ts';

/** Draws an integer from 0 to below `below`, each as likely as any other. */
export type Draw = (below: number) => number;

/** The operating system's generator. `randomInt` rejects draws that would bias the result. */
export const drawSecurely: Draw = (below) => randomInt(below);

/** A fresh code of 4–10 digits, from all zeros to all nines, each equally likely: one draw of the whole number. */
export const drawCode = (digits: number, draw: Draw): Secret =>
  secret(String(draw(10 ** digits)).padStart(digits, '0'));

/** 160 random bits in base64url: 27 characters. */
export const randomId = (): string => randomBytes(20).toString('base64url');

/** 96 bits of a random id. Enough to name a send or a guess among those of one record, and shorter to keep. */
export const nameWithinRecord = (id: string): string => id.slice(0, 16);

/** The payment that a code approves. The MACs of code and guess are both made from it. */
export type Transaction = {
  /** Decimal, with exactly the digits that the currency has. */
  readonly amount: string;
  /** ISO 4217 code, in capitals. */
  readonly currency: string;
  /** As the caller gave it, tidied. */
  readonly payee: string;
};

/** The texts that a code is bound to. Two spellings of one payment give the same. */
export const boundTo = ({ amount, currency, payee }: Transaction): readonly string[] => [
  amount,
  currency,
  foldPayee(payee),
];

/** The message that CodeKey authenticates: verification id and code; for a payment amount, currency and payee as well. */
export const codeMessage = (verificationId: string, code: string, transaction: Transaction | undefined): Uint8Array =>
  lengthPrefixed(['otp-code-v1', verificationId, code, ...(transaction === undefined ? [] : boundTo(transaction))]);

/** Joins texts, each with its length in bytes (UInt32BE) in front, so that no two lists of texts give the same bytes. */
export const lengthPrefixed = (parts: readonly string[]): Uint8Array => {
  const chunks = parts.flatMap((part) => {
    const bytes = Buffer.from(part, 'utf8');
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return [length, bytes];
  });
  return Buffer.concat(chunks);
};
