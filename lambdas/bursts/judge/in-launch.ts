import type { Key } from '../counts/keys.ts';
import { type AnnouncedLaunch, launchOf } from '../evidence/launches.ts';
import type { BlockedPart } from '../evidence/parts.ts';
import type { Since } from '../evidence/weigh.ts';
import type { Evaluation } from './evaluation.ts';
import type { LastBlock, NamedLaunch } from './ruling.ts';
import type { Affected } from './subjects.ts';

/** The launch in which a key of a subject is judged. */
export const launchAt = (
  key: Key,
  { subject }: Affected,
  { affected, launches }: Evaluation,
): AnnouncedLaunch | undefined => {
  if (launches.length === 0) return undefined;
  const places =
    key.level === 'ip' ? affected.map((each) => each.subject).filter(({ ip }) => ip === key.of) : [subject];
  return launchOf(key, places, launches);
};

export const namedLaunch = ({ level, of, fromMs, untilMs, expected, progress }: AnnouncedLaunch): NamedLaunch => ({
  level,
  of,
  fromMs,
  untilMs,
  expected,
  requests: progress.requests,
});

/**
 * From when on evidence counts in a launch. What a block from before it left may come from numbers alone, which staff have
 * explained since. What one within it left comes from codes that were not entered, and stays.
 */
export const sinceInLaunch = (
  since: Since | undefined,
  last: LastBlock | undefined,
  launch: AnnouncedLaunch | undefined,
): Since | undefined =>
  since === undefined || last === undefined || launch === undefined || last.atMs >= launch.fromMs
    ? since
    : { ...since, evidence: 0 };

/** The same of blocks on parts. */
export const partsInLaunch = (
  parts: readonly BlockedPart[],
  launch: AnnouncedLaunch | undefined,
): readonly BlockedPart[] => (launch === undefined ? parts : parts.filter(({ atMs }) => atMs >= launch.fromMs));
