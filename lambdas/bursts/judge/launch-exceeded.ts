import { createHash } from 'node:crypto';
import { everywhere } from '../counts/keys.ts';
import {
  type AnnouncedLaunch,
  type ExceededLaunch,
  exceededTimes,
  idOfLaunch,
  keyOfLaunch,
} from '../evidence/launches.ts';
import { namedLaunch } from './in-launch.ts';
import { type Explanation, noneCounted, type Ruling } from './ruling.ts';

/** The case of an announcement: another one of the same key has a case of its own, and so have bursts there. */
const uidOf = (launch: AnnouncedLaunch): string =>
  createHash('sha256')
    .update(`launch#${idOfLaunch(launch)}#${launch.fromMs}`)
    .digest('hex')
    .slice(0, 32);

const nothingElse = {
  ...noneCounted,
  evidence: 0,
  chance: 1,
  seenVerified: 0,
  conversion: 0,
  collateral: 0,
  applications: [],
  countries: [],
} as const satisfies Partial<Explanation>;

/**
 * The ruling on a launch that has far more requests than staff announced. It leads to no action by itself, and ends the
 * launch: numbers are evidence again.
 */
export const rulingOnLaunch = (
  exceeded: ExceededLaunch,
  priceUsd: (country: string) => number,
  nowMs: number,
): Ruling => {
  const launch = { ...exceeded.before, progress: exceeded.progress };
  const { fromMs, untilMs, expected, progress } = launch;
  const { requests } = progress;
  const country = launch.level === 'country' ? launch.of : (launch.country ?? everywhere);
  const hours = Math.max(1 / 6, (nowMs - fromMs) / 3_600_000);
  const spentUsd = requests * priceUsd(country);
  return {
    uid: uidOf(launch),
    firstMs: nowMs,
    isUpdate: false,
    key: keyOfLaunch(launch),
    country,
    within: undefined,
    rule: 'launch-exceeded',
    mode: 'enforce',
    action: 'none',
    severity: 'high',
    atMs: nowMs,
    untilMs: nowMs,
    step: 0,
    exceeded,
    explanation: {
      ...nothingElse,
      rule: 'launch-exceeded',
      threshold: exceededTimes,
      seenStarted: requests,
      seenSms: requests,
      requests,
      expectedPerHour: expected / ((untilMs - fromMs) / 3_600_000),
      spentUsd,
      usdPerHour: spentUsd / hours,
      launch: namedLaunch(launch),
    },
  };
};
