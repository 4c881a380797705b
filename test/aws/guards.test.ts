import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { values } from '../../lambdas/aws/dynamo/items.ts';
import { guardKey, guardWrite, readGuard, readReputation, reputationItem } from '../../lambdas/aws/tables/guards.ts';
import { brokenLimitOf } from '../../lambdas/otp/limits/guard.ts';
import { momentOf } from '../../lambdas/otp/limits/moment.ts';
import {
  afterGuess,
  maxApproved,
  maxAttemptsFor,
  maxPairs,
  maxWrong,
  noReputation,
  wrongGuesses,
} from '../../lambdas/otp/limits/reputation.ts';
import { recordKey } from '../../lambdas/otp/number/pseudonyms.ts';
import { maxSendsIn24Hours, reservedForPairs } from '../../lambdas/policy.ts';
import { samplePolicy } from '../fakes/policy.ts';

const nowMs = Date.UTC(2026, 10, 21, 12);
const phoneKey = recordKey('app', 'stands for the keyed hash of a number');
const network = recordKey('app', 'stands for the keyed hash of a network');
const stranger = { isPair: false };
const momentsOf = (count: number, isPair: boolean) =>
  Array.from({ length: count }, (_, index) => momentOf(recordKey('app', `${index}`), nowMs - index, isPair));

/**
 * Bytes of a value, as DynamoDB counts them
 * (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html).
 */
const bytesOf = ({ S, N, L, M }: AttributeValue): number => {
  if (S !== undefined) return Buffer.byteLength(S);
  if (N !== undefined) return Math.ceil(N.length / 2) + 1;
  if (L !== undefined) return 3 + L.reduce((sum, each) => sum + 1 + bytesOf(each), 0);
  return sizeOf(M ?? {});
};
const sizeOf = (item: Readonly<Record<string, AttributeValue>>): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + bytesOf(value), 0);

const guardItem = (count: number) => {
  const written = guardWrite('guards', phoneKey, { version: 1000, sends: momentsOf(count, true) }, nowMs);
  const {
    ':sends': sends,
    ':version': version,
    ':expiresAt': expiresAt,
  } = written.Update?.ExpressionAttributeValues ?? {};
  if (sends === undefined || version === undefined || expiresAt === undefined) throw new Error('no guard was written');
  return { ...values({ pk: guardKey(phoneKey) }), sends, version, expiresAt };
};

describe('the size of an item', () => {
  test('a guard of thirty SMS is written for one unit, and the largest for two', () => {
    expect(sizeOf(guardItem(30))).toBeLessThanOrEqual(1024);
    expect(sizeOf(guardItem(maxSendsIn24Hours + reservedForPairs))).toBeLessThanOrEqual(2048);
  });

  const pairs = Array.from({ length: maxPairs }, (_, index) => ({
    network: recordKey('app', `network ${index}`).slice(0, 12),
    atMs: nowMs,
  }));

  test('a reputation of thirty approvals is written for one unit, and the largest for five', () => {
    const sizeAt = (approved: number, wrong: number) =>
      sizeOf(
        reputationItem(
          phoneKey,
          {
            version: 1000,
            verifiedAtMs: nowMs,
            approved: momentsOf(approved, false),
            wrong: momentsOf(wrong, true),
            pairs,
          },
          nowMs,
        ),
      );
    expect(sizeAt(30, 0)).toBeLessThanOrEqual(1024);
    expect(sizeAt(maxApproved, maxWrong)).toBeLessThanOrEqual(5 * 1024);
  });
});

describe('an item from before sends named their verifications', () => {
  const old = values({ pk: guardKey(phoneKey), version: 3, sends: [nowMs - 700_000, nowMs - 10_000], expiresAt: 1 });

  test('a guard with bare times counts each of them, and no approval frees one', () => {
    const guard = readGuard(old);
    expect(guard.sends.map(({ atMs }) => atMs)).toEqual([nowMs - 700_000, nowMs - 10_000]);
    const reputation = afterGuess(noReputation, { kind: 'right', network, ...momentOf(recordKey('app', '0'), nowMs) });
    expect(brokenLimitOf({ guard, reputation }, stranger, samplePolicy.sends, nowMs)).toEqual({
      limit: 'cooldown',
      retryAfterSeconds: 20,
    });
  });

  test('a reputation with a number of wrong guesses counts them until 24 hours after the last, whatever is approved', () => {
    const item = values({ pk: `reputation#${phoneKey}`, version: 8, wrong: 8, wrongAt: nowMs, expiresAt: 1 });
    const reputation = afterGuess(readReputation(item), {
      kind: 'right',
      network,
      ...momentOf(recordKey('app', '0'), nowMs + 1),
    });
    expect(
      maxAttemptsFor(reputation, samplePolicy.code, { isCodeSpraying: false, isPair: false }, nowMs + 86_399_999),
    ).toBe(1);
    expect(wrongGuesses(reputation, nowMs + 86_400_000)).toBe(0);
    expect(readReputation(reputationItem(phoneKey, reputation, nowMs))).toEqual(reputation);
  });

  test('a reputation of a number that has only verified keeps its trust', () => {
    const item = values({ pk: `reputation#${phoneKey}`, version: 1, wrong: 0, verifiedAt: nowMs, expiresAt: 1 });
    expect(readReputation(item)).toEqual({ version: 1, verifiedAtMs: nowMs, approved: [], wrong: [], pairs: [] });
  });
});
