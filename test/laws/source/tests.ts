/** Finds the tests of a source, with the name of each. */

import { allOf, type Node, partOf, partsOf, textOf } from './syntax.ts';

/** `test` of `test`, `test.each`, `test.skipIf(…)` and `test.each(…)`. */
const objectOf = (callee: Node | undefined): Node | undefined => {
  if (callee?.type === 'CallExpression') return objectOf(partOf(callee, 'callee'));
  return callee?.type === 'MemberExpression' ? objectOf(partOf(callee, 'object')) : callee;
};

/** What makes tests of rows or conditions; its own call has no name yet. */
const isTable = (callee: Node | undefined): boolean =>
  ['each', 'for', 'runIf', 'skipIf'].includes(textOf(partOf(callee, 'property'), 'name') ?? '');

const isTest = (node: Node): boolean => {
  const callee = partOf(node, 'callee');
  const called = textOf(objectOf(callee), 'name');
  return node.type === 'CallExpression' && (called === 'test' || called === 'it') && !isTable(callee);
};

/** A name as it is written, with `…` for what a template works out; nothing for a name that is no text. */
const written = (name: Node | undefined): string => {
  if (name?.type !== 'TemplateLiteral') return textOf(name, 'value') ?? '';
  return partsOf(name, 'quasis')
    .map((part) => String(Reflect.get(Reflect.get(part, 'value'), 'cooked')))
    .join('…');
};

export const testNamesIn = (program: Node): readonly string[] =>
  allOf(program)
    .filter(isTest)
    .map((call) => written(partsOf(call, 'arguments')[0]));
