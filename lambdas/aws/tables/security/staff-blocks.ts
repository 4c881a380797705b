import { itemKinds } from '../../../contract.ts';
import type { Action } from '../../../desk/actions.ts';
import type { BlockPlace, HeldBlock, NewStaffBlock } from '../../../desk/blocks.ts';
import { type Item, keyOf, values } from '../../dynamo/items.ts';
import type { Attributes } from './attributes.ts';
import { plainOf } from './plain.ts';

/** The blocks that staff wrote, so that they are listed without a scan of Guards. */
export const staffBlockPartition = itemKinds.security['staff-block'].pk;
export const staffBlockKey = ({ level, of }: BlockPlace): Item => keyOf(staffBlockPartition, `${level}#${of}`);

export const staffBlockItem = ({ place, untilMs, reason }: NewStaffBlock, { principal, atMs }: Action): Item => ({
  ...staffBlockKey(place),
  ...values({
    at: atMs,
    until: untilMs,
    reason,
    author: principal,
    expiresAt: Math.ceil(untilMs / 1000),
  } satisfies Attributes<'staff-block'>),
});

/** `undefined` if it cannot be read. */
export const readStaffBlock = (item: Item): (BlockPlace & Pick<HeldBlock, 'untilMs' | 'reason' | 'by'>) | undefined => {
  const { sk, until, reason, author } = plainOf(item) as Readonly<Record<string, unknown>>;
  const [, level, of] = /^([\w-]+)#(.+)$/.exec(String(sk)) ?? [];
  if (level === undefined || of === undefined || typeof until !== 'number') return undefined;
  return {
    level: level as BlockPlace['level'],
    of,
    untilMs: until,
    reason: String(reason ?? ''),
    by: String(author ?? ''),
  };
};
