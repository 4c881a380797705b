/** Finds all that a source imports: static, dynamic and side-effect imports, re-exports, and types. */

import path from 'node:path';
import { allOf, type Node, partOf, partsOf, textOf } from './syntax.ts';

export type Import = {
  /** What is imported, as it is written; undefined if it is computed. */
  readonly from: string | undefined;
  /** Whether it is gone when the code runs: `import type`, `export type`, `import('…')` among types. */
  readonly isType: boolean;
};

/** Functions that give a module by its name, whatever they are called on. */
const givesModule = new Set(['require', 'getBuiltinModule']);

/** The name that an argument gives. Whatever fills the hole of `node:${…}`, it is a module of Node. */
const named = (argument: Node | undefined): string | undefined => {
  if (argument?.type !== 'TemplateLiteral') return textOf(argument, 'value');
  const [first, ...others] = partsOf(argument, 'quasis').map((quasi): unknown => Reflect.get(quasi, 'value'));
  const text = typeof first === 'object' && first !== null && 'cooked' in first ? String(first.cooked) : '';
  if (others.length === 0) return text;
  return text.startsWith('node:') ? 'node:*' : undefined;
};

const calls = (node: Node): string | undefined => {
  const callee = partOf(node, 'callee');
  return textOf(callee, 'name') ?? textOf(partOf(callee, 'property'), 'name');
};

const importAt = (node: Node): Import | undefined => {
  switch (node.type) {
    case 'ImportDeclaration':
      return { from: named(partOf(node, 'source')), isType: textOf(node, 'importKind') === 'type' };
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration': {
      const source = partOf(node, 'source');
      return source && { from: named(source), isType: textOf(node, 'exportKind') === 'type' };
    }
    case 'ImportExpression':
      return { from: named(partOf(node, 'source')), isType: false };
    case 'TSImportType':
      return { from: named(partOf(node, 'source')), isType: true };
    case 'TSExternalModuleReference':
      return { from: named(partOf(node, 'expression')), isType: false };
    case 'CallExpression':
      return givesModule.has(calls(node) ?? '')
        ? { from: named(partsOf(node, 'arguments')[0]), isType: false }
        : undefined;
    default:
      return undefined;
  }
};

export const importsOf = (program: Node): readonly Import[] => allOf(program).flatMap((node) => importAt(node) ?? []);

/** `./path` from the top for a file of the project, the name as it is written for all else. */
export const targetOf = (from: string, importer: string): string =>
  from.startsWith('.') ? `./${path.posix.normalize(path.posix.join(path.posix.dirname(importer), from))}` : from;
