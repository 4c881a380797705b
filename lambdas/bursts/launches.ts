import { settleAll } from '../otp/settle.ts';
import type { Counts } from './counts/counts.ts';
import type { Key } from './counts/keys.ts';
import { neededFrom, progressAfter } from './counts/launch-requests.ts';
import { commitRuling } from './detect.ts';
import {
  type AnnouncedLaunch,
  type ExceededLaunch,
  holdsLaunch,
  keyOfLaunch,
  type LaunchProgress,
} from './evidence/launches.ts';
import type { Deployment } from './findings/commands.ts';
import { rulingOnLaunch } from './judge/launch-exceeded.ts';
import type { DetectorPorts } from './ports.ts';

/** Launches as staff announced them, and what the detector notes of them. */
export type LaunchStore = {
  /** All that can be read, those that are over included. It may throw `Unavailable`. */
  readonly read: () => Promise<readonly AnnouncedLaunch[]>;
  /** The counts of a key from a time bucket on, as far as they have not expired. */
  readonly countsFrom: (key: Key, timeBucket: number) => Promise<readonly Counts[]>;
  /** Notes progress, unless the launch has changed since it was read. */
  readonly note: (before: AnnouncedLaunch, progress: LaunchProgress) => Promise<void>;
};

const rememberedMs = 5000;

/**
 * Reads the launches at most once in some seconds. If they cannot be read, none holds: numbers are evidence then, as without
 * an announcement.
 */
export const remembering = (
  read: LaunchStore['read'],
  now: () => number,
  failed: (cause: unknown) => void,
): (() => Promise<readonly AnnouncedLaunch[]>) => {
  let known: Promise<readonly AnnouncedLaunch[]> | undefined;
  let readAtMs = Number.NEGATIVE_INFINITY;
  return () => {
    const nowMs = now();
    // A clock that was put back ends it as well.
    if (known !== undefined && nowMs >= readAtMs && nowMs < readAtMs + rememberedMs) return known;
    readAtMs = nowMs;
    known = read().catch((cause: unknown) => {
      failed(cause);
      return [];
    });
    return known;
  };
};

export type LaunchSettings = {
  /** Of one SMS by country, in USD. */
  readonly priceUsd: (country: string) => number;
  readonly deployment: Deployment;
};

/**
 * Counts the requests of each launch that holds. Staff are notified, once, of one that has far more than announced, which
 * ends it. It is to be called every minute; two calls at a time do no harm.
 */
export const followLaunches =
  (
    {
      now,
      store,
      notify,
    }: Pick<DetectorPorts, 'now' | 'notify'> & {
      readonly store: Pick<DetectorPorts['store'], 'readCase' | 'commit'>;
    },
    launches: LaunchStore,
    { priceUsd, deployment }: LaunchSettings,
  ) =>
  async (): Promise<void> => {
    const nowMs = now();
    const holding = (await launches.read()).filter((launch) => holdsLaunch(launch, nowMs));
    await settleAll(holding.map((launch) => () => follow(launch)));

    async function follow(launch: AnnouncedLaunch): Promise<void> {
      const counts = await launches.countsFrom(keyOfLaunch(launch), neededFrom(launch));
      const progress = progressAfter(launch, counts, nowMs);
      if (progress.exceededMs !== undefined) return await exceed({ before: launch, progress });
      const { requests, rolledUpTo } = launch.progress;
      if (progress.requests !== requests || progress.rolledUpTo !== rolledUpTo) await launches.note(launch, progress);
    }

    async function exceed(launch: ExceededLaunch): Promise<void> {
      const decision = await commitRuling(store, rulingOnLaunch(launch, priceUsd, nowMs), deployment);
      await notify(decision?.step.notification === undefined ? [] : [decision.step.notification]);
    }
  };
