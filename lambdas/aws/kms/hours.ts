import { createSecretKey, type KeyObject } from 'node:crypto';
import type { KMSClient } from '@aws-sdk/client-kms';
import { type Clock, Unavailable } from '../../otp/ports.ts';
import { lengthPrefixed } from '../../otp/record/code.ts';
import { generateMac } from './mac.ts';

/** Names the use of the key: a MAC over the same hour for another use would be another key. */
const hourLabel = 'otp-seal-hour-v1';

const hourMs = 3_600_000;
/** The longest life of a record that a check may open: a verification of ten minutes, and its proof of 15. */
export const longestRecordMs = 1_500_000;
/** How far the clocks of two containers may differ. A container derives the next hour that early. */
const skewMs = 300_000;

/** Whole hours since 1970 (UTC). */
export const hourOf = (nowMs: number): number => Math.floor(nowMs / hourMs);

/** The hours whose records may be alive: one, or two around a turn. */
export const hoursAlive = (nowMs: number): readonly number[] => [
  ...new Set([hourOf(nowMs - longestRecordMs - skewMs), hourOf(nowMs + skewMs)]),
];

/** The AES-256 keys of the hours. */
export type HourKeys = {
  /** The hour by the clock of this container. */
  readonly hour: () => number;
  /** The key of an hour: kept, or derived. @throws Unavailable for an hour whose records cannot be alive. */
  readonly keyOf: (hour: number) => Promise<KeyObject>;
  /** Derives the keys of all hours that are alive, and asks nothing if they are kept. */
  readonly prepare: () => Promise<void>;
};

const derive = async (client: KMSClient, keyArn: string, hour: number): Promise<KeyObject> => {
  const mac = await generateMac(client, keyArn, lengthPrefixed([hourLabel, String(hour)]));
  const key = createSecretKey(mac);
  mac.fill(0);
  return key;
};

/**
 * The keys of hours, which KMS derives from a key that never leaves it (ADR 102).
 *
 * No function stores or shares one. Each container asks once for an hour, and keeps two at most. Parallel callers wait for
 * one call. A failure is not kept.
 */
export const kmsHourKeys = (client: KMSClient, keyArn: string, now: Clock): HourKeys => {
  const kept = new Map<number, Promise<KeyObject>>();
  const ask = (hour: number): Promise<KeyObject> => {
    const key = derive(client, keyArn, hour);
    kept.set(hour, key);
    key.catch(() => kept.delete(hour));
    return key;
  };
  const keyOf = async (hour: number): Promise<KeyObject> => {
    const alive = hoursAlive(now());
    for (const each of [...kept.keys()]) if (!alive.includes(each)) kept.delete(each);
    if (!alive.includes(hour)) throw new Unavailable('key of another hour');
    return kept.get(hour) ?? ask(hour);
  };
  return {
    hour: () => hourOf(now()),
    keyOf,
    prepare: async () => {
      await Promise.all(hoursAlive(now()).map(keyOf));
    },
  };
};
