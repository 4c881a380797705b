import { createHash } from 'node:crypto';
import type { HeldLevel } from '../../policy.ts';
import type { Subject } from '../subject.ts';
import type { Trust } from './trust.ts';

/** Written by the burst detector or by staff. It expires by itself, and says why and by whom. */
export type Block = {
  readonly level: HeldLevel;
  /** The group, or the keyed hash. */
  readonly of: string;
  /** Epoch seconds. */
  readonly until: number;
  readonly reason: string;
  readonly by: string;
  /** Refuses unverified numbers only, unless they come from a trusted IP. */
  readonly restriction?: true | undefined;
  /** Of the detector: one probe passes in this time. A block of staff has none, and nothing passes it. */
  readonly probeIntervalMs?: number | undefined;
  /** When the last probe passed, in epoch milliseconds. */
  readonly probedAtMs?: number | undefined;
};

/** What decides whether a send passes the blocks. */
export type BlockFacts = {
  readonly blocks: readonly Block[];
  /** When the last probe came from the network, in epoch milliseconds; 0 if none did lately. */
  readonly networkProbedAtMs: number;
};

/** The probe that a send takes from a restriction. */
export type ProbeShare = {
  readonly level: HeldLevel;
  readonly of: string;
  readonly intervalMs: number;
  /** When the restriction ends, in epoch seconds. */
  readonly until: number;
};

/** What a send takes as a probe (ADR 59). */
export type Probes = {
  /** One of each restriction that holds for it. Empty: none holds. */
  readonly probes: readonly ProbeShare[];
  /** The network whose probe of the hour it is; `undefined`: networks are not asked. */
  readonly probeNetwork: string | undefined;
};

export const noProbes: Probes = { probes: [], probeNetwork: undefined };

/** A restriction of which another send took the probe, with all that the send would have passed. */
export type ExceededProbe = {
  readonly kind: 'exceeded';
  readonly counter: 'probe';
  readonly probes: readonly ProbeShare[];
};

/** A network has one probe in this time: a new office can prove itself, and one server takes no more. */
export const networkProbeMs = 3_600_000;

/** The blocks that hold for a send. */
export const holdingBlocks = (blocks: readonly Block[], trust: Trust, nowMs: number): readonly Block[] =>
  blocks.filter((block) => block.until * 1000 > nowMs && holdsFor(block, trust));

/**
 * Blocks on a number, and those of staff on an IP, hold for everybody. All others spare trusted numbers, and restrictions
 * on groups trusted IPs too. A restriction on an IP spares its pairs, worn or not: a neighbor could wear them.
 */
const holdsFor = ({ level, restriction }: Block, trust: Trust): boolean => {
  const { isTrustedNumber, isPair, isTrustedIp, isSharedIp } = trust;
  if (level === 'phone') return true;
  if (level === 'new-network') return isTrustedNumber && !isPair && !isTrustedIp && !isSharedIp;
  if (level === 'ip' && restriction !== true) return true;
  if (isTrustedNumber) return false;
  if (restriction !== true) return true;
  // An attacker of one range may come through a back end, whose IP says nothing of its users.
  if (isSharedIp) return level === 'range';
  return level === 'ip' ? !isPair : !isTrustedIp;
};

/**
 * What a send takes to pass the blocks that hold for it, as a probe; `undefined`: it does not pass. Each has to be due for
 * one. A network has one in an hour, unless its IP alone is restricted, or says nothing of its users.
 */
export const probesFor = (
  holding: readonly Block[],
  { networkProbedAtMs }: BlockFacts,
  { network }: Subject,
  { isSharedIp }: Trust,
  nowMs: number,
): Probes | undefined => {
  const probes = holding.flatMap((block) => shareOf(block, nowMs));
  if (probes.length < holding.length) return undefined;
  // A probe of another restriction as well is one of the network, or an attacker would have its own IP restricted.
  const isNetworkAsked = !isSharedIp && probes.some(({ level }) => level !== 'ip');
  if (!isNetworkAsked) return { probes, probeNetwork: undefined };
  return nowMs < networkProbedAtMs + networkProbeMs ? undefined : { probes, probeNetwork: network };
};

const shareOf = (block: Block, nowMs: number): readonly ProbeShare[] => {
  const { level, of, until, probedAtMs = 0 } = block;
  const intervalMs = intervalAfter(block);
  return intervalMs === undefined || nowMs < probedAtMs + intervalMs ? [] : [{ level, of, intervalMs, until }];
};

/**
 * The next probe is due half an interval to one and a half after the last, at a time that nobody can foresee. An attacker
 * who asks at regular times would else take every one.
 *
 * @returns milliseconds from the last probe to the next; `undefined` if nothing passes the block.
 */
export const intervalAfter = ({ level, of, probeIntervalMs, probedAtMs }: Block): number | undefined => {
  if (probeIntervalMs === undefined || probedAtMs === undefined) return probeIntervalMs;
  const drawn = createHash('sha256').update(`${level}#${of}#${probedAtMs}`).digest().readUInt32BE();
  return Math.round(probeIntervalMs * (0.5 + drawn / 2 ** 32));
};
