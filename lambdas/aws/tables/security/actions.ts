import { itemKinds } from '../../../contract.ts';
import type { Action } from '../../../desk/actions.ts';
import { daySeconds } from '../../../otp/durations.ts';
import { type Item, keyOf, values } from '../../dynamo/items.ts';
import type { Attributes } from './attributes.ts';
import { plainOf } from './plain.ts';

/** Acts of operators, in the order in which they did them. */
export const actionPartition = itemKinds.security.action.pk;

export const actionItem = ({ id, atMs, untilMs, ...rest }: Action, auditDays: number): Item => ({
  ...keyOf(actionPartition, `${new Date(atMs).toISOString()}#${id}`),
  ...values({
    at: atMs,
    until: untilMs,
    ...rest,
    expiresAt: Math.ceil(atMs / 1000) + auditDays * daySeconds,
  } satisfies Attributes<'action'>),
});

export const readAction = (item: Item): Action | undefined => {
  const stored = plainOf(item) as Partial<Action> & StoredAction;
  const { sk, at, until, principal, action, reason, about, finding, order } = stored;
  if (sk === undefined || at === undefined || principal === undefined || action === undefined) return undefined;
  const id = sk.slice(sk.indexOf('#') + 1);
  const untilMs = typeof until === 'number' ? until : undefined;
  return {
    ...{ id, atMs: at, principal, action, reason: reason ?? '', about: about ?? '', finding, order },
    ...(untilMs === undefined ? {} : { untilMs }),
  };
};

type StoredAction = { readonly sk?: string; readonly at?: number; readonly until?: unknown };
