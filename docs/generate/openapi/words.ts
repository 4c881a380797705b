/** Words of the pages, for readers of plain text. */

/** Markdown without its links into a page, on one line a paragraph. */
export const plain = (markdown: string): string =>
  markdown
    .replace(/\[([^\]]*)\]\(#[^)]*\)/g, '$1')
    .replace(/\[([^\]]*)\]\(([^)#:]+\.md)[^)]*\)/g, '$1')
    .replace(/(?<!\n)\n(?!\n)/g, ' ')
    .trim();
