import { hourMs } from '../../otp/durations.ts';
import type { Key } from '../counts/keys.ts';

/** Levels at which staff announce a launch. */
export const launchLevels = ['country', 'prefix'] as const;
export type LaunchLevel = (typeof launchLevels)[number];

/** A burst that staff have announced. While it holds, numbers alone are no evidence within it. */
export type Launch = {
  readonly level: LaunchLevel;
  readonly of: string;
  /** Of a prefix, its country, as far as the announcement says so. */
  readonly country?: string | undefined;
  readonly fromMs: number;
  /** At most `maxLaunchMs` after its beginning. */
  readonly untilMs: number;
  /** Requests in total. */
  readonly expected: number;
  readonly reason: string;
  readonly author: string;
};

/** The detector's notes of a launch. */
export type LaunchProgress = {
  /** Requests since its beginning, as of the last sweep. */
  readonly requests: number;
  /** Those of time buckets up to `rolledUpTo`, whose counts may have expired. */
  readonly rolledUp: number;
  readonly rolledUpTo: number;
  /** When the requests were found to be more than `exceededTimes` as many as expected. */
  readonly exceededMs: number | undefined;
};

/** A launch as the table has it. */
export type AnnouncedLaunch = Launch & { readonly progress: LaunchProgress };

/** A launch as it was read, and what it has come to. */
export type ExceededLaunch = { readonly before: AnnouncedLaunch; readonly progress: LaunchProgress };

export const maxLaunchMs = 72 * hourMs;

/** More than so many times the expected requests are no longer what staff announced. */
export const exceededTimes = 3;

export const keyOfLaunch = ({ level, of }: Pick<Launch, 'level' | 'of'>): Key => ({ level, of });

/** The id of a launch, by which it is deleted: `country:IN`. A later announcement takes the place of an earlier one. */
export const idOfLaunch = ({ level, of }: Pick<Launch, 'level' | 'of'>): string => `${level}:${of.replace('+', '')}`;

const namesAt: Readonly<Record<LaunchLevel, RegExp>> = { country: /^[A-Z]{2}$/, prefix: /^\+[1-9]\d{3,7}$/ };

/** Whether it is a launch as staff may announce it. One that is not does not hold. */
export const isLaunch = ({ level, of, fromMs, untilMs, expected }: Launch): boolean =>
  namesAt[level].test(of) &&
  [fromMs, untilMs, expected].every(Number.isSafeInteger) &&
  expected >= 1 &&
  fromMs < untilMs &&
  untilMs <= fromMs + maxLaunchMs;

/** Whether a launch goes on, as announced: it began, did not end, and has no more requests than it may have. */
export const holdsLaunch = ({ fromMs, untilMs, progress }: AnnouncedLaunch, nowMs: number): boolean =>
  fromMs <= nowMs && nowMs < untilMs && progress.exceededMs === undefined;

type Place = { readonly country: string; readonly prefix: string };

const isIn = (launch: Launch, place: Place): boolean => launch.of === place[launch.level];

/** Keys within a prefix as well: a launch of the prefix says nothing of the rest of its country. */
const isWithin = (launch: Launch, { level }: Key): boolean =>
  launch.level === 'country' || level === 'range' || level === 'prefix' || level === 'ip';

const judgedIn: readonly Key['level'][] = ['range', 'prefix', 'country', 'new-network', 'ip'];

/**
 * The launch in which a key is judged.
 *
 * An IP is in no country. Its numbers are no evidence only if all of its requests in the batch go to launches.
 *
 * @param places the country and the prefix of each request of the batch that the key concerns.
 */
export const launchOf = <Announced extends Launch>(
  key: Key,
  places: readonly Place[],
  launches: readonly Announced[],
): Announced | undefined => {
  if (!judgedIn.includes(key.level)) return undefined;
  const own = launches.filter((launch) => isWithin(launch, key));
  const found = places.map((place) => own.find((launch) => isIn(launch, place)));
  return found.every((each) => each !== undefined) ? found[0] : undefined;
};
