/** The tables of the page on the architecture: from the contract, the codecs and the stack. */

import { guardsAttributes } from '../../lambdas/aws/tables/guards.ts';
import { securityAttributes } from '../../lambdas/aws/tables/security/attributes.ts';
import { trafficAttributes } from '../../lambdas/aws/tables/traffic.ts';
import { verificationsAttributes } from '../../lambdas/aws/tables/verifications.ts';
import { findingNotes, type ItemKind, itemKinds, type TableName, tables } from '../../lambdas/contract.ts';
import { keeping } from '../../lib/constructs/tables.ts';
import { code, table } from './markdown.ts';
import { guardsWords, type ItemWords, securityWords, trafficWords, verificationsWords } from './tables-words.ts';

/** The attributes that each kind of item has by its codec, and those that staff write on it. */
export const attributesByKind = {
  verifications: verificationsAttributes,
  guards: guardsAttributes,
  traffic: trafficAttributes,
  security: { ...securityAttributes, finding: [...securityAttributes.finding, ...findingNotes] },
} as const satisfies Record<TableName, Readonly<Record<string, readonly string[]>>>;

export const wordsOfItems: Readonly<Record<TableName, Readonly<Record<string, ItemWords>>>> = {
  verifications: verificationsWords,
  guards: guardsWords,
  traffic: trafficWords,
  security: securityWords,
};

const titleOf = (name: TableName): string => name.replace(/^./, (first) => first.toUpperCase());
const names = Object.keys(tables) as readonly TableName[];

const tablesTable = (): string =>
  table(
    ['table', 'keys', 'TTL', 'stream', 'point-in-time recovery', 'outlives the stack'],
    names.map((name) => {
      const { partitionKey, sortKey, timeToLiveAttribute, stream } = tables[name];
      const { isProtected, hasBackups } = keeping[name];
      return [
        titleOf(name),
        [partitionKey, sortKey].flatMap((key) => (key === undefined ? [] : code(key))).join(', '),
        code(timeToLiveAttribute),
        stream === undefined ? 'none' : code(stream),
        hasBackups ? 'yes' : 'no',
        isProtected ? 'yes' : 'no',
      ];
    }),
  );

/** A key: how it begins, and what follows. */
const keyCell = (begin = '', rest = ''): string =>
  [begin === '' ? '' : code(begin), rest].filter((part) => part !== '').join(' ');

const attributesCell = (attributes: readonly string[], notes: ItemWords['notes'] = {}): string =>
  attributes
    .map((name) => {
      const note = notes[name] ?? (findingNotes.some((each) => each === name) ? 'staff' : undefined);
      return note === undefined ? code(name) : `${code(name)} (${note})`;
    })
    .join(', ') || 'none';

const itemsTable = (name: TableName): string => {
  const kinds: Readonly<Record<string, ItemKind>> = itemKinds[name];
  const attributes: Readonly<Record<string, readonly string[]>> = attributesByKind[name];
  const hasSort = tables[name].sortKey !== undefined;
  const tellsUsers = Object.values(wordsOfItems[name]).some(({ writtenBy }) => writtenBy !== undefined);
  const rows = Object.entries(kinds).map(([kind, { pk, sk }]) => {
    const said = wordsOfItems[name][kind];
    if (said === undefined) throw new Error(`Say in docs/generate/tables-words.ts what ${kind} of ${name} is.`);
    return [
      said.is,
      keyCell(pk, said.pk),
      ...(hasSort ? [keyCell(sk, said.sk)] : []),
      attributesCell(attributes[kind] ?? [], said.notes),
      ...(tellsUsers ? [said.writtenBy ?? '', said.readBy ?? ''] : []),
      said.expires,
    ];
  });
  const head = [
    'item',
    code('pk'),
    ...(hasSort ? [code('sk')] : []),
    'attributes',
    ...(tellsUsers ? ['written by', 'read by'] : []),
    code(tables[name].timeToLiveAttribute),
  ];
  return table(head, rows);
};

const [begin, end] = ['<!-- tables: begin -->', '<!-- tables: end -->'];

/**
 * The page with its tables as they have to be.
 *
 * @throws Error when the page has no place for them.
 */
export const withTables = (page: string): string => {
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`Put ${begin} and ${end} where the tables belong.`);
  const sections = names.flatMap((name) => [`**${titleOf(name)}**`, itemsTable(name)]);
  return [before + begin, tablesTable(), ...sections, end + after].join('\n\n');
};
