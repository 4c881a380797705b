/** Parts of a Markdown page. */

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** As code in a cell of a table. A bar would end the cell. */
export const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;
