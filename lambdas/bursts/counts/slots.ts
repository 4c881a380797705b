import { createHash } from 'node:crypto';

/** Slots for counting distinct IPs (linear counting). */
export const ipSlots = 64;
/** Slots of the parts of a group: ranges of a prefix, prefixes of a country. */
export const partSlots = 16;
/** Slots of the networks that wrong codes are counted by. */
export const networkSlots = 32;

const hashOf = (text: string): number => {
  let hash = 0;
  for (let index = 0; index < text.length; index += 1) hash = (hash * 31 + text.charCodeAt(index)) >>> 0;
  return (hash ^ (hash >>> 15)) >>> 0;
};

/** The slot of an IP, by its keyed hash. */
export const ipSlotOf = (ip: string): number => hashOf(ip) % ipSlots;

/** The slot of a network, by its keyed hash. */
export const networkSlotOf = (network: string): number => hashOf(network) % networkSlots;

/** The slot of a range or a prefix. It has no keyed hash, and neighbors should not share slots in turn. */
export const partSlotOf = (of: string): number => createHash('sha256').update(of).digest().readUInt8() % partSlots;

/** The number of distinct IPs, by their slots. Source: Whang et al. 1990, linear counting. */
export const distinctOf = (slots: ReadonlySet<number>): number =>
  slots.size >= ipSlots ? ipSlots * Math.log(ipSlots) : -ipSlots * Math.log(1 - slots.size / ipSlots);
