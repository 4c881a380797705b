import { slotSeconds } from '../counts/time-buckets.ts';
import { normalTail } from './chance.ts';

/** Of the people who will type their code in, the share that has done so, by ten seconds. A lognormal, median 22 s. */
const typedInAfter: readonly number[] = Array.from({ length: 61 }, (_, slot) =>
  slot === 0 ? 0 : normalTail(-Math.log((slot * slotSeconds) / 22) / 0.9),
);

export const typedIn = (ageSeconds: number): number => {
  if (ageSeconds >= 600) return 1;
  if (ageSeconds <= 0) return 0;
  const at = ageSeconds / slotSeconds;
  const slot = Math.floor(at);
  const [low = 0, high = 1] = [typedInAfter[slot], typedInAfter[slot + 1]];
  return low + (at - slot) * (high - low);
};

/** The same of people who asked throughout a time, until so many seconds ago. */
export const typedInThroughout = (fromSeconds: number, untilSeconds: number): number => {
  const steps = 12;
  const width = (fromSeconds - untilSeconds) / steps;
  const ages = Array.from({ length: steps }, (_, step) => untilSeconds + (step + 0.5) * width);
  return ages.reduce((sum, age) => sum + typedIn(age), 0) / steps;
};
