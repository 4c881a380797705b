import { attributesByKind } from '../../docs/generate/tables.ts';
import { type ItemKind, itemKinds, type TableName, tables } from '../../lambdas/contract.ts';
import { isAmong } from '../laws/attributes.ts';

type Item = Readonly<Record<string, { readonly S?: string }>>;

const begins = (key: string, kind: string): boolean => (kind.endsWith('#') ? key.startsWith(kind) : key === kind);

/** The item kind by the keys of an item: one that its key names, before one whose key says nothing. */
export const kindOf = (table: TableName, item: Item): string | undefined => {
  const kinds: readonly (readonly [string, ItemKind])[] = Object.entries(itemKinds[table]);
  const fits = ({ pk, sk = '' }: ItemKind) =>
    (pk === '' || begins(item['pk']?.S ?? '', pk)) && (sk === '' || begins(item['sk']?.S ?? '', sk));
  return kinds.filter(([, kind]) => fits(kind)).toSorted(([, a], [, b]) => b.pk.length - a.pk.length)[0]?.[0];
};

const listed = (table: TableName, kind: string): readonly string[] =>
  (attributesByKind[table] as Readonly<Record<string, readonly string[]>>)[kind] ?? [];

/** Attributes of an item that are listed for no item of its kind. */
export const unlistedIn = (table: TableName, item: Item): readonly string[] => {
  const { partitionKey, sortKey, timeToLiveAttribute } = tables[table];
  const kind = kindOf(table, item);
  if (kind === undefined) return [`${table}: an item of no kind, ${JSON.stringify(item['pk'])}`];
  const known = [...listed(table, kind), partitionKey, sortKey ?? partitionKey, timeToLiveAttribute];
  return Object.keys(item)
    .filter((name) => !isAmong(name, known))
    .map((name) => `${table}: ${kind} has ${name}`);
};

/** Attributes that are listed, and that none of these items has. */
export const unseenIn = (table: TableName, items: readonly Item[]): readonly string[] =>
  Object.keys(itemKinds[table]).flatMap((kind) => {
    const seen = items.filter((item) => kindOf(table, item) === kind).flatMap((item) => Object.keys(item));
    return listed(table, kind)
      .filter((name) => !seen.some((each) => isAmong(each, [name])))
      .map((name) => `${table}: ${kind} has no ${name}`);
  });
