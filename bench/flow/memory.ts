/** The memory of a fresh process after thousands of verifications, with the heap of a small function. */

import { type Entrant, startJudged } from './contest.ts';
import { measure } from './measure.ts';

export type Memory = {
  readonly contender: string;
  readonly flows: number;
  readonly megabytes: number;
  readonly rssBytes: number;
  readonly peakRssBytes: number;
  /** Of the RSS, the heap of V8. */
  readonly heapBytes: number;
};

const megabytes = 256;
const concurrency = 16;
/** The fake AWS keeps the calls until they are asked for. */
const slice = 500;

export const memoryOf = async (entrant: Entrant, flows: number): Promise<Memory> => {
  const contender = await startJudged(entrant, { megabytes });
  try {
    for (let left = flows; left > 0; left -= slice)
      await measure(contender, { concurrency, flows: Math.min(slice, left) });
    const { rssBytes, peakRssBytes, heapBytes } = await contender.container.usage();
    return { contender: entrant.name, flows, megabytes, rssBytes, peakRssBytes, heapBytes };
  } finally {
    contender.stop();
  }
};
