import { type Key, nameOf } from '../../lambdas/bursts/counts/keys.ts';
import type { BlockedPart } from '../../lambdas/bursts/evidence/parts.ts';
import type { NewBlock, Renewal, RulingDecision } from '../../lambdas/bursts/findings/decision.ts';
import type { LastBlock, LastNotified } from '../../lambdas/bursts/judge/ruling.ts';
import type { KeyFacts } from '../../lambdas/bursts/ports.ts';

/** A block's item. Times are milliseconds, where the tables have seconds. */
type HeldBlock = Pick<NewBlock, 'untilMs' | 'isRestriction' | 'probeIntervalMs'> & {
  readonly isOurs: boolean;
  readonly liftedUntilMs: number | undefined;
};

/** The items of a key: its block, and what rulings left. */
type Held = {
  block: HeldBlock | undefined;
  lastBlock: LastBlock | undefined;
  lastNotified: LastNotified | undefined;
  parts: readonly BlockedPart[];
};

const ofStaff = (untilMs: number, liftedUntilMs?: number): HeldBlock => ({
  untilMs,
  isRestriction: false,
  probeIntervalMs: undefined,
  isOurs: false,
  liftedUntilMs,
});

/** Blocks and what rulings left of them, in memory. */
export const memoryBlocks = () => {
  const held = new Map<string, Held>();
  const of = (key: Key): Held => {
    const name = nameOf(key);
    const known = held.get(name) ?? { block: undefined, lastBlock: undefined, lastNotified: undefined, parts: [] };
    held.set(name, known);
    return known;
  };
  const put = (key: Key, block: HeldBlock | undefined): void => {
    of(key).block = block;
  };
  return {
    factsOf: (key: Key): Omit<KeyFacts, 'history' | 'counts'> => {
      const { block, ...rest } = of(key);
      const { isOurs, untilMs, liftedUntilMs } = block ?? {};
      const staffUntilMs = isOurs || liftedUntilMs !== undefined ? undefined : untilMs;
      return { ...rest, block: block && { liftedUntilMs, staffUntilMs } };
    },
    refusalOf: (decision: RulingDecision) => refusalOf(decision, of(decision.key)),
    write: ({ key, block, memory, parts }: RulingDecision): void => {
      const known = of(key);
      if (block !== undefined) known.block = { ...block, isOurs: true, liftedUntilMs: undefined };
      if (memory.kind === 'block') known.lastBlock = memory.lastBlock;
      // An update names the attributes that it has, and leaves the others.
      else if (memory.kind === 'notification') known.lastNotified = { ...known.lastNotified, ...memory.lastNotified };
      for (const { within, blocked } of parts) {
        const wider = of(within);
        wider.parts = [...wider.parts.filter(({ slot }) => slot !== blocked.slot), blocked];
      }
    },
    /** @returns whether the block was as it was read. */
    renew: ({ key, before, after }: Renewal): boolean => {
      const known = of(key);
      const { block, lastBlock } = known;
      const isAsRead = block?.untilMs === before.untilMs && lastBlock?.untilMs === before.untilMs;
      if (!isAsRead || !block.isOurs || block.liftedUntilMs !== undefined) return false;
      known.block = { ...block, untilMs: after.untilMs };
      known.lastBlock = { ...lastBlock, untilMs: after.untilMs };
      return true;
    },
    liftedUntilMs: (key: Key): number | undefined => held.get(nameOf(key))?.block?.liftedUntilMs,
    /** The block that holds on a key. */
    blockOn: (key: Key, nowMs: number): LastBlock | undefined => {
      const { block, lastBlock } = held.get(nameOf(key)) ?? {};
      return block !== undefined && block.liftedUntilMs === undefined && nowMs < block.untilMs ? lastBlock : undefined;
    },
    /** Whatever holds on a key, of the detector and of staff. */
    heldOn: (key: Key, nowMs: number): HeldBlock | undefined => {
      const block = held.get(nameOf(key))?.block;
      return block !== undefined && block.liftedUntilMs === undefined && nowMs < block.untilMs ? block : undefined;
    },
    forget: (key: Key): void => void held.delete(nameOf(key)),
    /** Staff block a key. */
    block: (key: Key, untilMs: number): void => put(key, ofStaff(untilMs)),
    /** Staff lift a block, and want none until then. */
    lift: (key: Key, untilMs: number): void => put(key, ofStaff(untilMs, untilMs)),
    /** Staff delete the item of a block. */
    unblock: (key: Key): void => put(key, undefined),
  };
};

/** The conditions on the block and on the last notification. */
const refusalOf = (
  { atMs, replacesRestriction, memory }: RulingDecision,
  { block, lastNotified }: Held,
): 'already-blocked' | undefined => {
  if (memory.kind === 'launch' || memory.kind === 'case') return undefined;
  const isNotified = memory.kind === 'notification' && (lastNotified?.atMs ?? 0) > memory.unlessSinceMs;
  if (isNotified) return 'already-blocked';
  if (block === undefined || (block.liftedUntilMs ?? block.untilMs) <= atMs) return undefined;
  const { isOurs, isRestriction, liftedUntilMs } = block;
  const isReplaced = replacesRestriction && isOurs && isRestriction && liftedUntilMs === undefined;
  return isReplaced ? undefined : 'already-blocked';
};
