import { cpus } from 'node:os';
import type { Setting } from './pace.ts';

/** Lambda gives a function of 1,769 MB one core, and others their share: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const shareOf512 = 512 / 1769;
/** Of eight shards, each. */
const wantedShare = 0.2;
/** A small machine has to leave room for the emulator. There all goes slower, the answers of DynamoDB as well. */
const shareOfEight = Math.min(wantedShare, cpus().length / 40);
const slowness = wantedShare / shareOfEight;
const batchSize = 100;

/** A shard is behind when it brings as much as the detector can carry. Otherwise batches cost what they usually do. */
const [atMost, usual] = [{ isBehind: true }, { isBehind: false }];

export const settings = [
  { name: 'core', shards: 1, share: 1, slowness: 1, batchSize, ...atMost },
  { name: '512', shards: 1, share: shareOf512, slowness: 1, batchSize, ...atMost },
  { name: 'alone', shards: 1, share: shareOfEight, slowness, batchSize, ...atMost },
  { name: 'eight', shards: 8, share: shareOfEight, slowness, batchSize, ...atMost },
  { name: 'hundreds', shards: 1, share: 1, slowness: 1, batchSize, ...usual },
  { name: 'hundreds-512', shards: 1, share: shareOf512, slowness: 1, batchSize, ...usual },
  { name: 'ones', shards: 1, share: 1, slowness: 1, batchSize: 1, ...usual },
] as const satisfies readonly Setting[];
