/** Reads a source into its syntax tree (ESTree), by the parser that vitest brings along. */

import { parseSync } from 'rolldown/utils';

/** A part of a source. What else it has is found by asking for its fields. */
export type Node = { readonly type: string; readonly start: number; readonly end: number };

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

/** Throws when it meets something that it cannot read: a law that skips a file is no law. */
export const parse = (text: string): Node => {
  const { program, errors } = parseSync('source.ts', text, { preserveParens: false });
  if (errors.length > 0) throw new Error(`Cannot read the source: ${errors.map(({ message }) => message).join(' ')}`);
  return program;
};

/** A field of a part that holds another part, if it does. */
export const partOf = (node: Node | undefined, field: string): Node | undefined => {
  const value: unknown = node === undefined ? undefined : Reflect.get(node, field);
  return isNode(value) ? value : undefined;
};

/** A field of a part that holds a text, if it does. */
export const textOf = (node: Node | undefined, field: string): string | undefined => {
  const value: unknown = node === undefined ? undefined : Reflect.get(node, field);
  return typeof value === 'string' ? value : undefined;
};

/** The parts that a part holds itself, in order; under one field, or under all. */
export const partsOf = (node: Node, field?: string): readonly Node[] =>
  (field === undefined ? Object.values(node) : [Reflect.get(node, field)]).flat().filter(isNode);

/** A part and all that stand in it. */
export const allOf = (node: Node): readonly Node[] => [node, ...partsOf(node).flatMap(allOf)];
