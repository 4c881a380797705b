/** Finds all that a source imports: static, dynamic and side-effect imports, re-exports, and types. */

import { type Token, tokensOf } from './tokens.ts';

export type Import = {
  /** What is imported, as it is written; undefined where it is computed. */
  readonly from: string | undefined;
  /** Whether it is gone when the code runs: `import type`, `export type`. */
  readonly isType: boolean;
};

/** Functions that give a module by its name, whatever they are called on. */
const givesModule = new Set(['require', 'getBuiltinModule']);

const is = (token: Token | undefined, text: string) =>
  token !== undefined && token.kind !== 'string' && token.text === text;

/** The string after the next `from`, unless the statement ends before it. */
const afterFrom = (tokens: readonly Token[], start: number): string | undefined => {
  for (let at = start; at < tokens.length && !is(tokens[at], ';') && !is(tokens[at], '='); at++) {
    const next = tokens[at + 1];
    if (is(tokens[at], 'from') && next?.kind === 'string') return next.text;
  }
  return undefined;
};

/** The argument of a call, or what is between the brackets of `import('…')` among types. */
const called = (tokens: readonly Token[], at: number): Import => {
  const [argument, end] = [tokens[at + 2], tokens[at + 3]];
  // Whatever fills the hole, it is a module of Node.
  if (argument?.kind === 'template' && argument.text.startsWith('`node:')) return { from: 'node:*', isType: false };
  const isPlain = argument?.kind === 'string' && (is(end, ')') || is(end, ','));
  return { from: isPlain ? argument.text : undefined, isType: false };
};

const imported = (tokens: readonly Token[], at: number): Import | undefined => {
  const [next, afterNext] = [tokens[at + 1], tokens[at + 2]];
  if (next?.kind === 'string') return { from: next.text, isType: false };
  if (is(next, '(')) return called(tokens, at);
  if (is(next, '.') || is(next, ':')) return undefined;
  const from = afterFrom(tokens, at + 1);
  const isType = is(next, 'type') && !is(afterNext, 'from') && !is(afterNext, ',');
  return from === undefined ? undefined : { from, isType };
};

const exported = (tokens: readonly Token[], at: number): Import | undefined => {
  const isType = is(tokens[at + 1], 'type');
  const start = isType ? at + 2 : at + 1;
  if (is(tokens[start], '*')) return { from: afterFrom(tokens, start), isType };
  if (!is(tokens[start], '{')) return undefined;
  const end = tokens.findIndex((token, index) => index > start && is(token, '}'));
  const source = tokens[end + 2];
  return is(tokens[end + 1], 'from') && source?.kind === 'string' ? { from: source.text, isType } : undefined;
};

export const importsOf = (source: string): readonly Import[] => {
  const tokens = tokensOf(source);
  return tokens.flatMap((token, at) => {
    if (token.kind !== 'word') return [];
    const isProperty = is(tokens[at - 1], '.') && !is(tokens[at - 2], '.');
    if (givesModule.has(token.text) && is(tokens[at + 1], '(')) return [called(tokens, at)];
    if (isProperty) return [];
    const found =
      token.text === 'import' ? imported(tokens, at) : token.text === 'export' ? exported(tokens, at) : undefined;
    return found === undefined ? [] : [found];
  });
};
