/** Reads of a Markdown text what can go stale: links, anchors, and names of files and scripts. */

/** Without fenced and indented code. */
const withoutBlocks = (text: string): string => text.replace(/^```.*?^```/gms, '').replace(/^(?: {4}|\t).*$/gm, '');

const withoutCode = (text: string): string => withoutBlocks(text).replace(/`[^`\n]*`/g, '');

/** Targets of links and pictures, in order. */
export const linksOf = (text: string): readonly string[] =>
  [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)|\b(?:src|href)="([^"]+)"/g)].map(
    ([, link, source]) => link ?? source ?? '',
  );

/** Anchors of the headings, as GitHub makes them, and those that the page itself has. */
export const anchorsOf = (text: string): readonly string[] => {
  const seen = new Map<string, number>();
  const own = [...withoutBlocks(text).matchAll(/<a id="([^"]+)"><\/a>/g)].map(([, id = '']) => id);
  const headings = [...withoutBlocks(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => {
    const anchor = heading
      .trim()
      .toLowerCase()
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/[^\p{L}\p{N}\p{Pc} -]/gu, '')
      .replaceAll(' ', '-');
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    return times === 0 ? anchor : `${anchor}-${times}`;
  });
  return [...headings, ...own];
};

/** Paths into the project that stand in code, such as `lib/constructs/keys.ts`; patterns and placeholders aside. */
export const pathsOf = (text: string): readonly string[] =>
  [...text.matchAll(/`((?:bin|bundle|cli|lib|lambdas|local|test|bench|docs)\/[\w./-]*)`/g)].map(
    ([, named = '']) => named,
  );

/** Scripts that a reader should run. */
export const scriptsOf = (text: string): readonly string[] =>
  [...text.matchAll(/\bnpm (?:run ([\w:]+)|(test|start)\b)/g)].map(([, name, short]) => name ?? short ?? '');

/** How many words a text has, as `wc -w` counts them: code included. */
export const wordsOf = (text: string): number => text.split(/\s+/).filter((word) => word !== '').length;

const cellsOf = (row: string): readonly string[] =>
  row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

/** Rows of the table whose first column has this heading, each as its cells. */
export const rowsOf = (text: string, heading: string): readonly (readonly string[])[] => {
  const [, table = ''] = text.split(`\n| ${heading} |`);
  const [, , ...rows] = table.split('\n\n')[0]?.split('\n') ?? [];
  return rows.filter((row) => row.startsWith('| ')).map(cellsOf);
};
