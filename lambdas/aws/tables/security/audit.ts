import type { AuditEntry } from '../../../bursts/audit.ts';
import { trafficKinds } from '../../../bursts/counts/events.ts';
import { itemKinds } from '../../../contract.ts';
import type { NumberEvent } from '../../../desk/numbers/history.ts';
import { type Item, numberAt, values } from '../../dynamo/items.ts';
import type { Attributes } from './attributes.ts';
import { plainOf } from './plain.ts';

/** The audit trail of a number, by its keyed hash. */
export const auditKey = (phoneKey: string): string => `${itemKinds.security.phone.pk}${phoneKey}`;

/** One number's history is one Query, in the order in which it happened. */
export const auditItem = ({ id, phoneKey, atMs, startedAtMs, judgedAtMs, streamAtMs, ...rest }: AuditEntry): Item =>
  values({
    pk: auditKey(phoneKey),
    sk: `${new Date(atMs).toISOString()}#${id}`,
    at: atMs,
    startedAt: startedAtMs,
    judgedAt: judgedAtMs,
    streamAt: streamAtMs,
    ...rest,
  } satisfies Attributes<'phone'>);

/** An event as privacy officers see it; `undefined` if it cannot be read. */
export const readNumberEvent = (item: Item): NumberEvent | undefined => {
  const { at, kind, reason, limit, country, purpose, application } = plainOf(item);
  if (typeof at !== 'number') return undefined;
  const known = trafficKinds.find((each) => each === kind);
  if (known === undefined) return undefined;
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const optional = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  return {
    atMs: at,
    kind: known,
    reason: optional(reason),
    limit: optional(limit),
    country: text(country),
    purpose: text(purpose),
    application: text(application),
  };
};

/** The turn of a lane in which an event is counted. The lane is of one container, or of the event alone. */
export type CountClaim = { readonly lane: string; readonly turn: number };

export const claimText = ({ lane, turn }: CountClaim): string => `${lane} ${turn}`;

/**
 * Stands in the entry of an event that is counted. Without a turn, the event was counted in one transaction with the entry.
 * With one, it is counted right after the entry was written, or by whoever finds that it was not.
 */
export const countedMark = (claim?: CountClaim): Item =>
  values({ counted: true, ...claim } satisfies Attributes<'phone'>);
/** There is no entry, or one that was kept without being counted. */
export const isNotCounted = 'attribute_not_exists(counted)';

/** The turn in which the event of an entry is counted; `undefined` if it surely is. */
export const readClaim = (item: Item | undefined): CountClaim | undefined => {
  const [lane, turn] = [item?.['lane']?.S, numberAt(item, 'turn')];
  return lane === undefined || turn === undefined ? undefined : { lane, turn };
};
