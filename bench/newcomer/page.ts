/** Reads pages as a newcomer does: passages to read, and blocks to copy. */

export type Block = {
  /** Of the fence, such as `sh`; none for an indented block. */
  readonly language: string | undefined;
  readonly text: string;
};

const headingOf = (line: string): { readonly level: number; readonly name: string } | undefined => {
  const [, marks = '', name = ''] = /^(#{1,6}) (.*)$/.exec(line) ?? [];
  return marks === '' ? undefined : { level: marks.length, name };
};

/** Lines with whether each is in a fence: a comment of code is no heading. */
const fencedOf = (page: string): readonly { readonly line: string; readonly isFenced: boolean }[] => {
  let isFenced = false;
  return page.split('\n').map((line) => {
    const isFence = line.startsWith('```');
    if (isFence) isFenced = !isFenced;
    return { line, isFenced: isFenced || isFence };
  });
};

/**
 * A passage of a page: from its heading to the next of the same level or above. Without a heading, all before the first of
 * level two.
 *
 * @throws Error if the page has no such heading.
 */
export const passageOf = (page: string, heading?: string): string => {
  const lines = fencedOf(page).map(({ line, isFenced }) => ({ line, at: isFenced ? undefined : headingOf(line) }));
  const start = heading === undefined ? 0 : lines.findIndex(({ at }) => at?.name === heading);
  if (start === -1) throw new Error(`The page has no heading "${heading}".`);
  const level = heading === undefined ? 2 : (lines[start]?.at?.level ?? 1);
  const end = lines.findIndex(({ at }, index) => index > start && at !== undefined && at.level <= level);
  return lines
    .slice(start, end === -1 ? undefined : end)
    .map(({ line }) => line)
    .join('\n');
};

/**
 * The blocks of a passage, in order. An indented block ends at an empty line: a reader copies the command without the answer
 * below it.
 */
export const blocksOf = (passage: string): readonly Block[] => {
  const found = passage.matchAll(/^```(\w*)\n([\s\S]*?)^```|((?:^ {4}[^\n]+\n?)+)/gm);
  return [...found].map(([, language, fenced, indented]) =>
    fenced === undefined
      ? { language: undefined, text: (indented ?? '').replace(/^ {4}/gm, '').trimEnd() }
      : { language: language === '' ? undefined : language, text: fenced.trimEnd() },
  );
};

/**
 * Words as a reader meets them, those of code and tables included: a URL or JSON without a space has many. Addresses of links
 * are not read.
 */
export const wordsIn = (passage: string): number =>
  passage.replace(/\]\([^)]*\)/g, ']').match(/[\p{L}\p{N}]+(?:['’_-][\p{L}\p{N}]+)*/gu)?.length ?? 0;
