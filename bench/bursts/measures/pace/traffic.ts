/** Records of the stream, as DynamoDB hands them to Lambda: requests of one country, wrong codes, right codes. */

import { createHash } from 'node:crypto';
import type { Item } from '../../../../lambdas/aws/dynamo/items.ts';
import type { StreamRecord } from '../../../../lambdas/aws/tables/stream-records.ts';
import { verificationItem } from '../../../../lambdas/aws/tables/verifications.ts';
import type { Verification } from '../../../../lambdas/otp/record/verification.ts';
import { type Random, randomFrom } from '../../play/random.ts';

export const country = 'DE';

const share = { trusted: 0.5, pair: 0.85, gateway: 0.2, wrong: 0.1, approved: 0.86 };
const [prefixes, ranges, gateways, people] = [12, 60, 20, 200_000];
/** A code is entered so many requests later. */
const entersAfter = 60;

/** Stands for a keyed hash. */
const keyOf = (name: string): string => createHash('sha256').update(name).digest('base64url');

const requested = (name: string, random: Random, nowMs: number): Verification => {
  const trusted = random.happens(share.trusted);
  const person = random.below(people);
  const prefix = `+4915${10 + (person % prefixes)}`;
  const seconds = Math.floor(nowMs / 1000);
  const ip = keyOf(random.happens(share.gateway) ? `gateway ${random.below(gateways)}` : `ip ${person}`);
  return {
    key: keyOf(name),
    code: 'right',
    codeLength: 6,
    hasTransaction: false,
    maxAttempts: 5,
    guesses: [],
    nonces: [],
    superseded: [],
    resendNonces: [],
    sealed: 'ciphertext'.padEnd(200, 'x'),
    // Nobody asks twice within the measure.
    phoneKey: keyOf(`phone ${name}`),
    range: `${prefix}${10 + (person % ranges)}`,
    prefix,
    country,
    ip,
    network: ip,
    application: 'app',
    purpose: 'verify-number',
    createdAtMs: nowMs,
    sentAtMs: nowMs,
    sendId: name,
    resendAtMs: nowMs,
    expiresAt: seconds + 300,
    latestExpiry: seconds + 600,
    purgeAt: seconds + 900,
    sends: 1,
    delivery: 'accepted',
    ...(trusted ? { trusted } : {}),
    ...(trusted && random.happens(share.pair) ? { pair: true } : {}),
  };
};

const guessed = (before: Verification, guess: string, nowMs: number): Verification => ({
  ...before,
  guesses: [...before.guesses, guess],
  nonces: [...before.nonces, `nonce ${before.guesses.length}`],
  guessedAtMs: nowMs,
});

/** An item as an image of the stream: its bytes are in base64. */
const imageOf = (record: Verification): Item => {
  const image = Object.entries<Item[string]>(verificationItem(record)).map(([name, value]) => [
    name,
    value.B === undefined ? value : { B: Buffer.from(value.B).toString('base64') },
  ]);
  return Object.fromEntries(image);
};

/** The records of a shard, without end. @param ageMs of each when it is handed over. */
export function* recordsOf(shard: string, ageMs: number): Iterable<StreamRecord> {
  const thenMs = () => Date.now() - ageMs;
  const random = randomFrom('pace', shard);
  const pending: Verification[] = [];
  let made = 0;
  const recordOf = (before: Verification | undefined, after: Verification): StreamRecord => {
    made += 1;
    return {
      eventID: `${shard}-${made}`.padEnd(32, 'x'),
      dynamodb: {
        SequenceNumber: String(made),
        ...(before === undefined ? {} : { OldImage: imageOf(before) }),
        NewImage: imageOf(after),
      },
    };
  };
  for (let nth = 0; ; nth += 1) {
    const record = requested(`${shard}-${nth}`, random, thenMs());
    pending.push(record);
    yield recordOf(undefined, record);
    let due = pending.length > entersAfter ? pending.shift() : undefined;
    if (due === undefined || !random.happens(share.approved)) continue;
    if (random.happens(share.wrong)) {
      const after = guessed(due, 'wrong', thenMs());
      yield recordOf(due, after);
      due = after;
    }
    yield recordOf(due, guessed(due, 'right', thenMs()));
  }
}
