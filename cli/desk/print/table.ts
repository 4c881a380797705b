import { cut, padded, visible, widthOf } from './visible.ts';

const gap = 2;
/** Below this a column says nothing. */
const minWidth = 6;

/**
 * The widths of the columns. What does not fit is taken from the widest ones.
 *
 * @param columns of the terminal; Infinity for a pipe, into which everything goes whole.
 */
const widthsOf = (rows: readonly (readonly string[])[], columns: number): readonly number[] => {
  const count = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, at) => Math.max(...rows.map((row) => widthOf(row[at] ?? ''))));
  const room = columns - gap * (count - 1);
  while (widths.reduce((all, each) => all + each, 0) > room) {
    const widest = Math.max(...widths);
    if (widest <= minWidth) break;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  return widths;
};

/** Lines of a table. The cells are safe to print. */
export const table = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number,
): readonly string[] => {
  const all = [head, ...rows];
  const widths = widthsOf(all, columns);
  const lines = all.map((row) =>
    widths
      .map((width, at) => padded(cut(row[at] ?? '', width), width))
      .join(' '.repeat(gap))
      .trimEnd(),
  );
  return lines.map((line) => cut(line, columns));
};

/** Lines of a text, broken at spaces, each with the indent. */
export const wrapped = (text: string, columns: number, indent = ''): readonly string[] => {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    const isFirst = line === indent;
    const longer = isFirst ? indent + word : `${line} ${word}`;
    if (!isFirst && widthOf(longer) > Math.max(columns, 20)) {
      lines.push(line);
      line = indent + word;
    } else line = longer;
  }
  return [...lines, line];
};

/** How to get the next page, if there is one. */
export const moreLine = (cursor: unknown): readonly string[] =>
  typeof cursor === 'string' ? ['', `There are more: add --cursor '${visible(cursor)}'`] : [];
