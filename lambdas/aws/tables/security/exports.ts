import { unmarshall } from '@aws-sdk/util-dynamodb';
import { exportFacts, itemKinds } from '../../../contract.ts';
import { type Export, emptyTally, type Part, type StoredPart } from '../../../desk/exports/export.ts';
import { daySeconds } from '../../../otp/durations.ts';
import { type Item, keyOf, values } from '../../dynamo/items.ts';
import type { Attributes } from './attributes.ts';

const { security: kinds, guards } = itemKinds;

export const exportKey = (id: string): Item => keyOf(kinds.export.pk, id);
/** The one item that the running export holds. */
export const exportLockKey: Item = keyOf(kinds['export-lock'].pk, 'lock');
export const exportPartPartition = kinds['export-part'].pk;
/** The parts of an export, in order. Two runs may plan the same one. */
export const exportPartPrefix = (id: string): string => `${id}#`;
export const exportPartKey = ({ id, run }: Pick<Export, 'id' | 'run'>, { name }: Part): Item =>
  keyOf(exportPartPartition, `${exportPartPrefix(id)}${name}#${run}`);
/** In Guards, which has no backups: what is deleted there is gone. */
export const exportSecretKey = (id: string): Item => keyOf(`${guards['export-key'].pk}${id}`);

/** A day longer than its files are kept. */
export const exportExpiry = ({ startedMs }: Pick<Export, 'startedMs'>): number =>
  Math.ceil(startedMs / 1000) + (exportFacts.keptDays + 1) * daySeconds;

const { entries } = Object;

/** What a run changes of an export, and nobody else. */
export const progressOf = ({ phase, tries, places, tally, parts, bytes, finishedMs, why }: Export) =>
  ({ phase, tries, places, tally, parts, bytes, finishedAt: finishedMs, why }) satisfies Attributes<'export'>;

export const exportItem = (begun: Export): Item => ({
  ...exportKey(begun.id),
  ...values({
    ...progressOf(begun),
    at: begun.startedMs,
    from: begun.fromMs,
    to: begun.toMs,
    reason: begun.reason,
    principal: begun.principal,
    run: begun.run,
    holder: '',
    heldUntil: begun.heldUntilMs,
    estimate: begun.estimate,
    // As text: DynamoDB keeps no order within a map, and a manifest has to be the same each time.
    settings: begun.settings && JSON.stringify(begun.settings),
    expiresAt: exportExpiry(begun),
  } satisfies Attributes<'export'>),
});

/** An update that sets these attributes, those that are undefined excepted. */
export const settingOf = (attributes: Readonly<Record<string, unknown>>) => {
  const set = entries(attributes).filter(([, value]) => value !== undefined);
  return {
    UpdateExpression: `SET ${set.map(([name]) => `#${name} = :${name}`).join(', ')}`,
    ExpressionAttributeNames: Object.fromEntries(set.map(([name]) => [`#${name}`, name])),
    ExpressionAttributeValues: values(Object.fromEntries(set.map(([name, value]) => [`:${name}`, value]))),
  };
};

/** The function alone writes these items: what is read is what was written. */
export const readExport = (item: Item): Export => {
  const { sk, at, from, to, heldUntil, finishedAt, ...rest } = unmarshall(item) as StoredExport;
  const { reason, principal, estimate, phase, run, tries, places, parts, bytes, why } = rest;
  const settings: Export['settings'] = rest.settings === undefined ? undefined : JSON.parse(rest.settings);
  // One that began before a kind of lines was counted has none of it.
  const tally = { ...emptyTally, ...rest.tally };
  return {
    ...{ id: sk, startedMs: at, fromMs: from, toMs: to, heldUntilMs: heldUntil, finishedMs: finishedAt },
    ...{ reason, principal, estimate, settings, phase, run, tries, places, tally, parts, bytes, why },
  };
};

type StoredExport = Omit<Export, 'id' | 'startedMs' | 'fromMs' | 'toMs' | 'heldUntilMs' | 'finishedMs' | 'settings'> & {
  readonly settings?: string;
  readonly sk: string;
  readonly at: number;
  readonly from: number;
  readonly to: number;
  readonly heldUntil: number;
  readonly finishedAt?: number;
};

export const exportPartItem = (held: Export, part: Part): Item => ({
  ...exportPartKey(held, part),
  ...values({ ...part, isKept: false, expiresAt: exportExpiry(held) } satisfies Attributes<'export-part'>),
});

export const readExportPart = (item: Item): StoredPart => {
  const { name, sha256, bytes, lines, isKept } = unmarshall(item) as StoredPart;
  return { name, sha256, bytes, lines, isKept };
};

export const exportLockItem = (begun: Export): Item => ({
  ...exportLockKey,
  ...values({ export: begun.id, expiresAt: exportExpiry(begun) } satisfies Attributes<'export-lock'>),
});

export const exportSecretItem = (begun: Export, secret: Uint8Array): Item => ({
  ...exportSecretKey(begun.id),
  ...values({ secret, expiresAt: exportExpiry(begun) }),
});
