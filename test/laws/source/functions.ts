/** Finds the functions of a source, with how long each is. */

import { type Node, partOf, partsOf, textOf } from './syntax.ts';

export type FunctionFacts = {
  /** `outer.inner` for what stands in another function, an object or a class; a callback bears the words of its call. */
  readonly name: string;
  /** Lines of its body, from the one where it opens to the one where it closes; functions in it count. */
  readonly lines: number;
};

const isFunction = ({ type }: Node) =>
  ['ArrowFunctionExpression', 'FunctionExpression', 'FunctionDeclaration'].includes(type);

/** The name that a part gives to what stands in it: a variable, a method, a property, a function, a class, a call. */
const nameOf = (node: Node): string | undefined => {
  if (node.type === 'CallExpression') return callOf(node);
  const [id, key] = [partOf(node, 'id'), partOf(node, 'key')];
  return textOf(id, 'name') ?? textOf(key, 'name') ?? textOf(key, 'value');
};

/** `test` for `test.each([…])`, `map` for `list.map`. */
const calledOf = (callee: Node | undefined): string | undefined => {
  if (callee?.type === 'CallExpression') return calledOf(partOf(partOf(callee, 'callee'), 'object'));
  return textOf(callee, 'name') ?? textOf(partOf(callee, 'property'), 'name');
};

/** `test('a code is accepted once')` for a call that begins with a text, `map` for one that does not. */
const callOf = (node: Node): string | undefined => {
  const text = textOf(partsOf(node, 'arguments')[0], 'value');
  const called = calledOf(partOf(node, 'callee'));
  return text === undefined ? called : `${called}('${text}')`;
};

/** What a curried function returns at once is the same function. */
const isCurried = (node: Node) => {
  const body = partOf(node, 'body');
  return node.type === 'ArrowFunctionExpression' && body !== undefined && isFunction(body);
};

const linesOf = (text: string, { start, end }: Node) => text.slice(start, end).split('\n').length;

/** A group of tests is no function that anybody reads as one. */
const isGroup = (names: readonly string[]) => names.at(-1)?.startsWith('describe') === true;

export const functionsOf = (program: Node, text: string): readonly FunctionFacts[] => {
  const visit = (node: Node, names: readonly string[]): readonly FunctionFacts[] => {
    const own = nameOf(node);
    const inner = own === undefined ? names : [...names, own];
    const body = partOf(node, 'body');
    const counts = isFunction(node) && body !== undefined && !isCurried(node) && !isGroup(inner);
    const here = counts ? [{ name: inner.join('.'), lines: linesOf(text, body) }] : [];
    return [...here, ...partsOf(node).flatMap((part) => visit(part, inner))];
  };
  return visit(program, []);
};
