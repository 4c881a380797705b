/** Finds what a source takes from the outside world without being given it. */

import { type Node, partOf, partsOf, textOf } from './syntax.ts';

export type Word = 'the environment' | 'the clock' | 'chance' | 'the console';

const globals: Readonly<Record<string, Word>> = {
  process: 'the environment',
  console: 'the console',
  performance: 'the clock',
};

/** The name that `a.name` and `a['name']` ask for. */
const propertyOf = (node: Node | undefined): string | undefined =>
  textOf(partOf(node, 'property'), Reflect.get(node ?? {}, 'computed') === true ? 'value' : 'name');

/** The global that is meant by `name` or `globalThis.name`. */
const globalOf = (node: Node | undefined): string | undefined => {
  if (node?.type === 'Identifier') return textOf(node, 'name');
  if (node?.type !== 'MemberExpression') return undefined;
  return textOf(partOf(node, 'object'), 'name') === 'globalThis' ? propertyOf(node) : undefined;
};

const wordAt = (node: Node): Word | undefined => {
  const called = globalOf(partOf(node, 'callee'));
  if (node.type === 'CallExpression' && called === 'Date') return 'the clock';
  if (node.type === 'NewExpression' && called === 'Date' && partsOf(node, 'arguments').length === 0) return 'the clock';
  if (node.type === 'MemberExpression') {
    const [of, property] = [globalOf(partOf(node, 'object')), propertyOf(node)];
    if (of === 'Math' && property === 'random') return 'chance';
    if (of === 'Date' && property === 'now') return 'the clock';
  }
  const name = globalOf(node);
  return name !== undefined && Object.hasOwn(globals, name) ? globals[name] : undefined;
};

/** A part and all that stand in it, but for the names of properties: `phone.process` is not the process. */
const withoutPropertyNames = (node: Node): readonly Node[] => {
  const isProperty = node.type === 'MemberExpression' && Reflect.get(node, 'computed') !== true;
  const parts = isProperty ? partsOf(node, 'object') : partsOf(node);
  return [node, ...parts.flatMap(withoutPropertyNames)];
};

export const wordsOf = (program: Node): ReadonlySet<Word> =>
  new Set(withoutPropertyNames(program).flatMap((node) => wordAt(node) ?? []));
