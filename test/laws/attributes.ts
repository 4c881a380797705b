/** Reads attribute names of items out of documents, items and expressions of DynamoDB. Pure functions of texts. */

import type { Source } from './source/files.ts';
import { allOf, type Node, parse, partOf, partsOf, textOf } from './source/syntax.ts';

/** Attributes by item, as the tables of a page list them: of each table with a column of attributes, its rows in order. */
export const attributesIn = (page: string): readonly (readonly string[])[] => {
  const lines = page.split('\n');
  const found: string[][] = [];
  let column = -1;
  for (const line of lines) {
    const cells = line.split('|').map((cell) => cell.trim());
    if (!line.startsWith('|')) column = -1;
    else if (column >= 0 && !line.startsWith('| ---')) {
      // A note in brackets may name something in code as well.
      const cell = (cells[column] ?? '').replaceAll(/ \([^)]*\)/g, '');
      found.push([...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
    } else if (cells.includes('attributes')) column = cells.indexOf('attributes');
  }
  return found;
};

/** Whether a name is one of these; `{…}` in one of them stands for any text. */
export const isAmong = (name: string, listed: readonly string[]): boolean =>
  listed.some((each) => new RegExp(`^${each.replaceAll(/\{.*?\}/g, '.+')}$`).test(name));

const words =
  /\b(?:SET|ADD|REMOVE|AND|OR|NOT|BETWEEN|if_not_exists|list_append|attribute_(?:not_)?exists|attribute_type|contains|size)\b/g;
const isExpression = (text: string): boolean =>
  /^(?:SET|ADD|REMOVE) |attribute_(?:not_)?exists\(|[<>=] [:#]\w/.test(text);

const textIn = (node: Node): string | undefined =>
  node.type === 'TemplateLiteral'
    ? partsOf(node, 'quasis')
        .map((part) => String(Reflect.get(Reflect.get(part, 'value') ?? {}, 'cooked') ?? ''))
        .join(' ')
    : textOf(node, 'value');

const isProjection = (node: Node): boolean =>
  node.type === 'Property' && textOf(partOf(node, 'key'), 'name') === 'ProjectionExpression';

/** Attributes that expressions in a source name. Those behind `#names` are not seen: they come from a codec. */
export const attributesInExpressions = ({ text }: Source): readonly string[] => {
  const nodes = allOf(parse(text));
  const projections = nodes.filter(isProjection).flatMap((node) => partOf(node, 'value') ?? []);
  const expressions = nodes.filter((node) => isExpression(textIn(node) ?? ''));
  const names = [...expressions, ...projections].flatMap(
    (node) =>
      textIn(node)
        ?.replaceAll(/[:#]\w+/g, '')
        .replaceAll(words, '')
        .match(/\w+/g) ?? [],
  );
  return [...new Set(names)];
};
