/** Profiles a contender in a process of its own, so that no measurement has a profiler in it. */

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Entrant, startJudged } from '../contest.ts';
import { measure } from '../measure.ts';
import { fileOfMaps } from './maps.ts';
import { type PartName, sharesOf } from './parts.ts';

type Options = {
  readonly flows: number;
  /** Verifications before, until V8 has compiled what is hot. */
  readonly warmUp: number;
  /** Folder that gets the profile itself. */
  readonly keep: string | undefined;
};

export const profileOf = async (
  entrant: Entrant,
  { flows, warmUp, keep }: Options,
): Promise<ReadonlyMap<PartName, number>> => {
  const { name, maps = new Map() } = entrant;
  const contender = await startJudged(entrant);
  try {
    await measure(contender, { concurrency: 1, flows: warmUp });
    const profile = await contender.container.profile(async () => {
      await measure(contender, { concurrency: 1, flows });
    });
    const file = `${name.replaceAll(' ', '-')}.cpuprofile`;
    if (keep !== undefined) await writeFile(path.join(keep, file), JSON.stringify(profile));
    return sharesOf(profile, await fileOfMaps(maps));
  } finally {
    contender.stop();
  }
};
