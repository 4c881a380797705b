import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { type Guard, noGuard } from '../../otp/limits/guard.ts';
import type { Idempotency, Refusal } from '../../otp/ports.ts';
import type { Verification } from '../../otp/record/verification.ts';

/** Items as DynamoDB holds them. Times are epoch milliseconds but for `expiresAt`, `latestExpiry` and `purgeAt`: epoch seconds. */
export type Item = Record<string, AttributeValue>;

/** Version of the shape of records and refusals, for those who read the stream. */
const shape = 1;

export const keyOf = (pk: string): Item => ({ pk: { S: pk } });

export const values = (plain: Record<string, unknown>): Item => marshall(plain, { removeUndefinedValues: true });

export const verificationItem = (verification: Verification): Item => {
  const { key, guessedAtMs, createdAtMs, sentAtMs, resendAtMs, ...rest } = verification;
  return values({
    pk: key,
    kind: 'verification',
    shape,
    ...rest,
    guessedAt: guessedAtMs,
    createdAt: createdAtMs,
    sentAt: sentAtMs,
    resendAt: resendAtMs,
  });
};

/** Reads a record; the only place that trusts what a table holds to be what `verificationItem` wrote. */
export const readVerification = (item: Item | undefined): Verification | undefined => {
  if (item === undefined) return undefined;
  const { pk, guessedAt, createdAt, sentAt, resendAt, kind: _, shape: __, ...rest } = unmarshall(item);
  return {
    ...rest,
    key: pk,
    guessedAtMs: guessedAt,
    createdAtMs: createdAt,
    sentAtMs: sentAt,
    resendAtMs: resendAt,
  } as Verification;
};

export const refusalItem = ({ atMs, ...rest }: Refusal, id: string, purgeAt: number): Item =>
  values({ pk: `refusal#${id}`, kind: 'refusal', shape, ...rest, at: atMs, purgeAt });

export const guardKey = (phoneKey: string): string => `phone#${phoneKey}`;

export const readGuard = (item: Item | undefined): Guard => {
  if (item === undefined) return noGuard;
  const { version, sends } = unmarshall(item);
  return { version, sends };
};

export const idempotencyKey = (key: string): string => `idempotency#${key}`;

export const idempotencyItem = ({
  key,
  body,
  generation,
  salt,
  startedAtMs,
  isSettled,
  expiresAt,
}: Idempotency): Item =>
  values({ pk: idempotencyKey(key), body, generation, salt, startedAt: startedAtMs, isSettled, expiresAt });

export const readIdempotency = (item: Item | undefined): Idempotency | undefined => {
  if (item === undefined) return undefined;
  const { pk, startedAt, ...rest } = unmarshall(item);
  const { body, generation, salt, isSettled, expiresAt } = rest;
  return {
    key: String(pk).slice(idempotencyKey('').length),
    body,
    generation,
    salt,
    startedAtMs: startedAt,
    isSettled,
    expiresAt,
  };
};
