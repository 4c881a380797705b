/** The rhythm of day and week. */

import { dayMs, hourMs } from './kinds.ts';

/** Weights by local hour. */
const hourWeights = [
  0.35, 0.2, 0.14, 0.1, 0.1, 0.16, 0.35, 0.7, 1.05, 1.3, 1.4, 1.45, 1.45, 1.4, 1.35, 1.3, 1.35, 1.4, 1.5, 1.6, 1.6, 1.4,
  1, 0.6,
];
/** Weights from Sunday on. */
const weekdayWeights = [0.88, 1, 1, 1, 1.02, 1.1, 1];

const mean = (weights: readonly number[]) => weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
const [meanHour, meanWeekday] = [mean(hourWeights), mean(weekdayWeights)];
export const holidayFactor = 1.6;
/** An upper bound of all factors together, for the thinning. */
export const peak = (Math.max(...hourWeights) * Math.max(...weekdayWeights) * holidayFactor) / (meanHour * meanWeekday);

/** Factor of the mean rate at a local time. */
export const rhythm = (localMs: number): number => {
  const [day, hour] = [new Date(localMs).getUTCDay(), Math.floor((localMs % dayMs) / hourMs)];
  return ((hourWeights[hour] ?? 0) / meanHour) * ((weekdayWeights[day] ?? 0) / meanWeekday);
};
