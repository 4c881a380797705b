/** Traffic is counted by ten minutes, and within them by ten seconds. */
export const slotSeconds = 10;
export const slotsPerTimeBucket = 60;
export const timeBucketMs = slotSeconds * slotsPerTimeBucket * 1000;
export const timeBucketOf = (atMs: number): number => Math.floor(atMs / timeBucketMs);
export const slotOf = (atMs: number): number => Math.floor((atMs % timeBucketMs) / (slotSeconds * 1000));
