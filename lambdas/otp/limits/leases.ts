import { createHash } from 'node:crypto';

/**
 * The cap of all SMS is one item, and one item takes about a thousand writes a second. With shards, each takes leases off
 * that item: money that counts as spent there. A send takes its price from a shard. So all of them together never exceed
 * what the one item allows, whatever their number is (ADR 105).
 */
export type Leases = {
  /** What is left of the leases of each shard this hour, in micro-USD, as it was read. */
  readonly left: readonly number[];
  /** The shard that the send tries first. */
  readonly first: number;
};

/** A lease is good for so many SMS of the price of the send that takes it, that one included. */
export const smsPerLease = 20;

/** Sends spread over the shards by the keys of their records, which are hashes. */
export const leasesOf = (left: readonly number[], recordKey: string): Leases | undefined =>
  left.length < 2
    ? undefined
    : { left, first: createHash('sha256').update(recordKey).digest().readUInt32BE() % left.length };

/** The other shards, from the first one on. */
export const otherShards = ({ left, first }: Leases): readonly number[] =>
  left.slice(1).map((_, index) => (first + index + 1) % left.length);
