import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type axe from 'axe-core';
import type { Page } from 'playwright-core';

const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** The judgement of axe-core on the page as it is now. The page must have been opened with `bypassCSP`. */
export const judge = async (page: Page): Promise<axe.AxeResults> => {
  if (!(await page.evaluate('"axe" in window'))) await page.addScriptTag({ content: source });
  return (await page.evaluate(`axe.run({ runOnly: ${JSON.stringify(tags)} })`)) as axe.AxeResults;
};

/** What is wrong, one text each. */
export const violations = async (page: Page): Promise<readonly string[]> =>
  (await judge(page)).violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`),
  );
