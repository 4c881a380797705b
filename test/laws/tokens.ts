/**
 * Reads TypeScript as a row of tokens: enough to find imports and words, with comments, strings, templates and regular
 * expressions told apart from code. It reads the source text itself, because compiled code no longer shows what was
 * imported for its types.
 */

export type Token = {
  /** `string` is a literal whose whole text is known; a template with holes gives `template` tokens around code. */
  readonly kind: 'word' | 'string' | 'template' | 'regexp' | 'number' | 'mark';
  /** Of a string what stands between its quotes, of all else what is written. */
  readonly text: string;
};

const patterns = {
  nothing: /(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y,
  word: /#?[\p{ID_Start}$_][\p{ID_Continue}$]*/uy,
  number: /\d[\w.]*/y,
  string: /'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"/y,
  regexp: /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y,
  template: /[`}](?:[^`\\$]|\\[\s\S]|\$(?!\{))*(?:`|\$\{)/y,
  mark: /[^\s'"`]/uy,
};

/** Words after which a slash begins a regular expression; after all others it divides. */
const beforeRegexp = new Set(
  'return typeof case in of delete void throw new instanceof yield await else do'.split(' '),
);

const mayBeginRegexp = (last: Token | undefined) => {
  if (last === undefined) return true;
  if (last.kind === 'word') return beforeRegexp.has(last.text);
  return last.kind === 'mark' && !')]}'.includes(last.text);
};

/** Throws when it meets something that it cannot read: a law that skips a file is no law. */
export const tokensOf = (source: string): readonly Token[] => {
  const tokens: Token[] = [];
  // One number per template that is open around the place: how many braces are open within its hole.
  const holes: number[] = [];
  let at = 0;

  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(source)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };

  const takeTemplate = (text: string): Token => {
    if (text.startsWith('}')) holes.pop();
    if (text.endsWith('${')) holes.push(0);
    const isWhole = text.startsWith('`') && text.endsWith('`');
    return isWhole ? { kind: 'string', text: text.slice(1, -1) } : { kind: 'template', text };
  };

  const takeMark = (text: string): Token => {
    const open = holes.length - 1;
    if (open >= 0 && text === '{') holes[open] = (holes[open] ?? 0) + 1;
    if (open >= 0 && text === '}') holes[open] = (holes[open] ?? 0) - 1;
    return { kind: 'mark', text };
  };

  const isTemplate = () => source[at] === '`' || (source[at] === '}' && holes.at(-1) === 0);

  const next = (): Token => {
    if (isTemplate()) {
      const text = take(patterns.template);
      if (text !== undefined) return takeTemplate(text);
    }
    const regexp = mayBeginRegexp(tokens.at(-1)) ? take(patterns.regexp) : undefined;
    if (regexp !== undefined) return { kind: 'regexp', text: regexp };
    const string = take(patterns.string);
    if (string !== undefined) return { kind: 'string', text: string.slice(1, -1) };
    for (const kind of ['word', 'number'] as const) {
      const text = take(patterns[kind]);
      if (text !== undefined) return { kind, text };
    }
    const mark = take(patterns.mark);
    if (mark !== undefined) return takeMark(mark);
    throw new Error(`Cannot read the source from here on: ${source.slice(at, at + 40)}`);
  };

  take(patterns.nothing);
  while (at < source.length) {
    tokens.push(next());
    take(patterns.nothing);
  }
  return tokens;
};
