import type { KMSClient } from '@aws-sdk/client-kms';
import { KMSClient as Client } from '@aws-sdk/client-kms';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hoursAlive, kmsHourKeys, longestRecordMs } from '../../../lambdas/aws/kms/hours.ts';
import { kmsSeal, kmsUnseal } from '../../../lambdas/aws/kms/seal.ts';
import { secret } from '../../../lambdas/otp/number/secret.ts';
import { KeyRefused, Unavailable } from '../../../lambdas/otp/ports.ts';
import { limits } from '../../../lib/settings/ranges.ts';
import { type Kms, startKms } from '../../../local/aws/kms.ts';
import { localKeys } from '../../../local/stack.ts';

const minute = 60_000;
const turn = Date.UTC(2026, 10, 21, 12);
const phoneNumber = '+919876543210';

let kms: Kms;
let client: KMSClient;
let nowMs = turn;
beforeAll(async () => {
  kms = await startKms({ keys: Object.values(localKeys) });
  client = new Client({
    endpoint: kms.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
});
afterAll(async () => {
  client.destroy();
  await kms.stop();
});
beforeEach(() => {
  nowMs = turn + 40 * minute;
  kms.clearFaults();
});

/** A container: it keeps what it has derived. */
const container = () => {
  const hours = kmsHourKeys(client, localKeys.hourlySeal.arn, () => nowMs);
  return { hours, ...kmsSeal(client, localKeys.seal.arn, hours), ...kmsUnseal(client, localKeys.seal.arn, hours) };
};
const asked = async (act: () => Promise<unknown>): Promise<readonly string[]> => {
  const before = kms.calls.length;
  await act();
  return kms.calls.slice(before).map(({ operation }) => operation);
};
const sealedBy = (key = 'record') => container().seal(key, secret(phoneNumber), 'hourly');
const errorOf = (act: Promise<unknown>): Promise<unknown> => act.then(String, (cause: unknown) => cause);

describe('a record that is sealed hourly', () => {
  test('any text opens in another container, as it was, and shows none of its digits', async () => {
    const [one, other] = [container(), container()];
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string(), async (text, key) => {
        const sealed = await one.seal(key, secret(text), 'hourly');
        expect((await other.open(key, sealed)).reveal()).toBe(text);
      }),
    );
    expect(Buffer.from((await sealedBy()).split('.')[2] ?? '', 'base64url').includes('43210')).toBe(false);
  });

  test('one text sealed twice is two texts: each has a nonce of its own', async () => {
    expect(await sealedBy()).not.toBe(await sealedBy());
  });

  test('a text of KMS is never taken for it: base64 has no full stop', async () => {
    const { seal, open } = container();
    const sealed = await seal('record', secret(phoneNumber), 'per-record');
    expect(sealed).toMatch(/^[A-Za-z0-9+/]+=*$/);
    expect((await open('record', sealed)).reveal()).toBe(phoneNumber);
  });

  test('it does not open for another record', async () => {
    expect(await errorOf(container().open('another', await sealedBy('record')))).toBeInstanceOf(Unavailable);
  });

  test('no bit of nonce, tag and ciphertext may change', async () => {
    const { open } = container();
    const [version, hour, encoded = ''] = (await sealedBy()).split('.');
    const bytes = Buffer.from(encoded, 'base64url');
    for (let at = 0; at < bytes.length; at += 1) {
      const altered = Buffer.from(bytes);
      altered[at] = (altered[at] ?? 0) ^ (1 << (at % 8));
      const error = await errorOf(open('record', `${version}.${hour}.${altered.toString('base64url')}`));
      expect(error).toBeInstanceOf(Unavailable);
    }
  });

  test('neither its hour nor its form may change, and no text in another form opens', async () => {
    nowMs = turn + minute;
    const { open } = container();
    const sealed = await sealedBy();
    const [, hourText = '', encoded = ''] = sealed.split('.');
    const hour = Number(hourText);
    const others = [
      `h1.${hour - 1}.${encoded}`,
      `h1.${hour + 1}.${encoded}`,
      `h2.${hour}.${encoded}`,
      `.${hour}.${encoded}`,
      `h1.0${hour}.${encoded}`,
      `h1.${hour}.0.${encoded}`,
      `h1.${hour}. ${encoded}`,
      `h1.-1.${encoded}`,
      `h1..${encoded}`,
      `h1.${hour}.${encoded}.`,
      `h1.${hour}.${encoded}=`,
      `h1.${hour}.`,
      `h1.${hour}.${encoded.slice(0, 20)}`,
      `h1.${hour}.${encoded.slice(0, -4)}`,
      '.',
    ];
    expect((await open('record', sealed)).reveal()).toBe(phoneNumber);
    for (const other of others)
      expect([other, await errorOf(open('record', other))]).toEqual([other, expect.any(Unavailable)]);
  });

  test('it does not open without the key of hours, or under another', async () => {
    const sealed = await sealedBy();
    expect(await errorOf(kmsUnseal(client, localKeys.seal.arn).open('record', sealed))).toBeInstanceOf(Unavailable);
    const others = kmsHourKeys(client, localKeys.code.arn, () => nowMs);
    expect(await errorOf(kmsUnseal(client, localKeys.seal.arn, others).open('record', sealed))).toBeInstanceOf(
      Unavailable,
    );
    const seal = kmsSeal(client, localKeys.seal.arn).seal('record', secret(phoneNumber), 'hourly');
    expect(await errorOf(seal)).toBeInstanceOf(Unavailable);
  });
});

describe('the keys of hours', () => {
  test('a container asks for the key of an hour once, and parallel callers wait for one call', async () => {
    const { seal, open } = container();
    const sealAll = () => Promise.all(Array.from({ length: 20 }, () => seal('record', secret(phoneNumber), 'hourly')));
    expect(await asked(sealAll)).toEqual(['GenerateMac']);
    expect(await asked(async () => open('record', await seal('record', secret(phoneNumber), 'hourly')))).toEqual([]);
  });

  test('the hour is in the message, and each hour has another key', async () => {
    const { hours } = container();
    nowMs = turn + minute;
    const [before, after] = await Promise.all([hours.keyOf(hours.hour() - 1), hours.keyOf(hours.hour())]);
    expect(before.equals(after)).toBe(false);
    expect(before.symmetricKeySize).toBe(32);
    expect(await container().hours.keyOf(hours.hour())).toSatisfy((again) => after.equals(again as typeof after));
  });

  test('a record from before the turn opens after it, in a container that never saw that hour', async () => {
    nowMs = turn - 1;
    const sealed = await sealedBy();
    nowMs = turn + longestRecordMs;
    expect((await container().open('record', sealed)).reveal()).toBe(phoneNumber);
  });

  test('a record opens in a container whose clock is five minutes behind', async () => {
    nowMs = turn;
    const sealed = await sealedBy();
    nowMs = turn - 5 * minute;
    expect((await container().open('record', sealed)).reveal()).toBe(phoneNumber);
  });

  test('a record of an hour that is over, or still to come, does not make KMS derive', async () => {
    const sealed = await sealedBy();
    for (const later of [2 * 60 * minute, -60 * minute]) {
      nowMs = turn + 40 * minute + later;
      expect(await asked(() => errorOf(container().open('record', sealed)))).toEqual([]);
      expect(await errorOf(container().open('record', sealed))).toBeInstanceOf(Unavailable);
    }
  });

  test('two hours are alive at most, and each record of a live verification is of one of them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 0, max: longestRecordMs }), (now, ageMs) => {
        const alive = hoursAlive(now);
        expect(alive.length).toBeLessThanOrEqual(2);
        expect(alive).toContain(Math.floor((now - ageMs) / 3_600_000));
      }),
    );
  });

  test('no verification with its proof lives longer than a record may be opened', () => {
    const highest = (name: string) => limits().find(({ path }) => path === name)?.range.max ?? Number.NaN;
    const seconds = highest('code.maxLifetimeSeconds') + highest('proofLifetimeSeconds');
    expect(seconds * 1000).toBeLessThanOrEqual(longestRecordMs);
  });

  test('a container keeps two keys at most, and asks for a dropped one again', async () => {
    const { hours } = container();
    const first = hours.hour();
    const all = async () => {
      for (let hour = 0; hour < 48; hour += 1) {
        await hours.prepare();
        nowMs += 60 * minute;
      }
    };
    expect(await asked(all)).toHaveLength(48);
    nowMs = turn + 40 * minute;
    expect(await asked(() => hours.keyOf(first))).toEqual(['GenerateMac']);
  });

  test('a container derives the next hour before the turn, and asks nothing at the turn', async () => {
    const { hours, seal } = container();
    nowMs = turn - 6 * minute;
    expect(await asked(hours.prepare)).toEqual(['GenerateMac']);
    nowMs = turn - 5 * minute;
    expect(await asked(hours.prepare)).toEqual(['GenerateMac']);
    nowMs = turn;
    expect(await asked(() => seal('record', secret(phoneNumber), 'hourly'))).toEqual([]);
  });

  test('a failure is not kept: while KMS is out a record neither seals nor opens, and then it does', async () => {
    const sealed = await sealedBy();
    const { seal, open } = container();
    kms.fail('internal-error', { times: 2 });
    expect(await errorOf(seal('record', secret(phoneNumber), 'hourly'))).toBeInstanceOf(Unavailable);
    expect(await errorOf(open('record', sealed))).toMatchObject({ dependency: 'KMS GenerateMac' });
    expect((await open('record', sealed)).reveal()).toBe(phoneNumber);
  });

  test('a key that is disabled is distinguished from an outage', async () => {
    kms.setState(localKeys.hourlySeal.arn, 'Disabled');
    const error = await errorOf(sealedBy());
    kms.enableAll();
    expect(error).toBeInstanceOf(KeyRefused);
  });

  test('an outage at the turn stops no record whose hour is known', async () => {
    const { hours, seal, open } = container();
    nowMs = turn - 10 * minute;
    const sealed = await seal('record', secret(phoneNumber), 'hourly');
    nowMs = turn + minute;
    kms.fail('internal-error', { times: 1 });
    expect((await open('record', sealed)).reveal()).toBe(phoneNumber);
    expect(await errorOf(hours.keyOf(hours.hour()))).toBeInstanceOf(Unavailable);
  });
});
