import { type BlockLevel, blockLevels } from '../../policy.ts';
import type { LimitRefusal } from './refusal.ts';
import type { Trust } from './trust.ts';

/** Written by the burst detector or by staff. It expires by itself, and says why and by whom. */
export type Block = {
  readonly level: BlockLevel;
  /** Epoch seconds. */
  readonly until: number;
  readonly reason: string;
  readonly by: string;
  /** Refuses unverified numbers only, unless they call from a trusted IP. */
  readonly restriction?: true | undefined;
};

/** The refusal by the blocks that hold for a send: the narrowest is named, the longest is waited for. */
export const refusedByBlocks = (blocks: readonly Block[], trust: Trust, nowMs: number): LimitRefusal | undefined => {
  const holding = blocks.filter((block) => block.until * 1000 > nowMs && holdsFor(block, trust));
  if (holding.length === 0) return undefined;
  const until = Math.max(...holding.map((block) => block.until));
  const level = blockLevels.find((candidate) => holding.some((block) => block.level === candidate));
  const limit = `block-${level ?? 'unknown'}`;
  return { kind: 'refused', because: 'block', limit, retryAfterSeconds: Math.ceil((until * 1000 - nowMs) / 1000) };
};

/** Blocks on one number or IP hold for everybody. Blocks on groups spare trusted numbers; restrictions, trusted IPs too. */
const holdsFor = ({ level, restriction }: Block, { isTrustedNumber, isTrustedIp, isExempt }: Trust): boolean => {
  if (isTrustedNumber && level !== 'phone' && level !== 'ip') return false;
  if (restriction !== true) return true;
  // An attacker of one range may come through an exempt back end, whose IP says nothing of its users.
  return isExempt ? level === 'range' : !isTrustedIp;
};
