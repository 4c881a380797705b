import { cpus } from 'node:os';
import type { Setting } from './pace.ts';

/** Lambda gives a function of 1,769 MB one core, and others their share: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const shareOf512 = 512 / 1769;
/** Of eight shards. Those of a small machine leave room for the emulator. */
const shareOfEight = Math.min(0.2, cpus().length / 40);
const batchSize = 100;

export const settings = [
  { name: 'core', shards: 1, share: 1, batchSize },
  { name: '512', shards: 1, share: shareOf512, batchSize },
  { name: 'alone', shards: 1, share: shareOfEight, batchSize },
  { name: 'eight', shards: 8, share: shareOfEight, batchSize },
  { name: 'ones', shards: 1, share: 1, batchSize: 1 },
] as const satisfies readonly Setting[];
