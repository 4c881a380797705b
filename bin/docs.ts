/**
 * Writes the API reference from the contract.
 *
 *     node bin/docs.ts            writes docs/api.md
 *     node bin/docs.ts --check    ends with 1 if docs/api.md is not what would be written
 *
 * Facts come from `lambdas/contract.ts`, words from `bin/api-words.ts` and `docs/api.intro.md`.
 */

import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import {
  fields,
  gatewayProblems,
  maxBodyBytes,
  type ProblemCode,
  problems,
  type Route,
  routes,
  securityHeaders,
} from '../lambdas/contract.ts';
import { problemWords, routeWords, securityHeaderWords, shapeWords } from './api-words.ts';

const folder = path.join(import.meta.dirname, '..', 'docs');
const reference = path.join(folder, 'api.md');

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** As code in a cell of a table, where a bar would end the cell. */
const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;

/** The heading's anchor, as GitHub makes it of the words of a title. */
const anchorOf = (title: string): string => title.toLowerCase().replaceAll(' ', '-');

const routesTable = (): string =>
  table(
    ['route', 'access', ''],
    routes.map((route) => {
      const { title } = routeWords[route.function];
      return [code(`${route.method} ${route.path}`), route.access, `[${title}](#${anchorOf(title)})`];
    }),
  );

const shapeOf = (shape: keyof typeof fields | undefined): string => {
  if (shape === undefined) return '';
  const value = fields[shape];
  return typeof value === 'number' ? `up to ${value} characters` : code(value);
};

const takesOf = (route: Route): string => {
  const { takes } = routeWords[route.function];
  const headers = route.headers.length === 0 ? [] : [`Headers: ${route.headers.map(code).join(', ')} (optional).`];
  if (!route.takesBody) return [...headers, 'No body.'].join('\n\n');
  const rows = takes.map(({ name, required, shape, says }) => [code(name), required, shapeOf(shape), says]);
  return [...headers, table(['field', 'required', 'shape', ''], rows)].join('\n\n');
};

const codes = Object.keys(problems) as readonly ProblemCode[];

const problemsOf = (route: Route): string => {
  const answered = codes.filter((each) => problemWords[each].from.some((name) => name === route.function));
  return `Problems: ${answered.map((each) => `[${each}](#${each})`).join(', ')}; and those that API Gateway answers by itself.`;
};

const routeSection = (route: Route): string => {
  const { title, says, answers } = routeWords[route.function];
  return [`### ${title}`, `    ${route.method} ${route.path}`, says, takesOf(route), answers, problemsOf(route)].join(
    '\n\n',
  );
};

const gatewayKindsOf = (problem: ProblemCode): readonly string[] =>
  Object.entries(gatewayProblems).flatMap(([kind, { code: answered }]) => (answered === problem ? [kind] : []));

const problemSection = (problem: ProblemCode): string => {
  const { status, title } = problems[problem];
  const { from, when, remedy } = problemWords[problem];
  const kinds = gatewayKindsOf(problem);
  const sources = [
    ...routes
      .filter((route) => from.some((name) => name === route.function))
      .map((route) => code(`${route.method} ${route.path}`)),
    ...(kinds.length === 0 ? [] : [`API Gateway by itself (${kinds.map(code).join(', ')})`]),
  ];
  return [
    `### ${problem}\n`,
    `${status}: ${title}.\n`,
    `- When: ${when}`,
    `- Do: ${remedy}`,
    `- Answered by: ${sources.length === 0 ? 'nothing today' : sources.join(', ')}.`,
  ].join('\n');
};

const shapesTable = (): string =>
  table(
    ['what', 'shape'],
    (Object.keys(fields) as readonly (keyof typeof fields)[]).map((shape) => [shapeWords[shape], shapeOf(shape)]),
  );

const headersTable = (): string =>
  table(
    ['header', 'value', 'why'],
    (Object.keys(securityHeaders) as readonly (keyof typeof securityHeaders)[]).map((name) => [
      code(name),
      code(securityHeaders[name]),
      securityHeaderWords[name],
    ]),
  );

/** The reference as it has to be. */
export const renderReference = async (): Promise<string> => {
  const intro = await readFile(path.join(folder, 'api.intro.md'), 'utf8');
  return `${[
    '<!-- Written by `npm run docs` from lambdas/contract.ts, bin/api-words.ts and docs/api.intro.md. Change those. -->',
    intro.trim(),
    '## Routes',
    routesTable(),
    ...routes.map(routeSection),
    '## Shapes',
    `Patterns are anchored regular expressions. A field that is not listed for a route is refused. A body has at most ${maxBodyBytes} bytes.`,
    shapesTable(),
    '## Headers of every answer',
    `Beside these, every answer has ${code('x-request-id')}; quote it when you report something.`,
    headersTable(),
    'The public key alone may be cached: `cache-control: public, max-age=600`.',
    '## Problems',
    ...codes.map(problemSection),
  ].join('\n\n')}\n`;
};

if (import.meta.main) {
  const { values } = parseArgs({ options: { check: { type: 'boolean' } } });
  const wanted = await renderReference();
  if (values.check !== true) await writeFile(reference, wanted);
  else if ((await readFile(reference, 'utf8').catch(() => '')) !== wanted) {
    console.error('docs/api.md is not what the contract says. Run npm run docs and commit the result.');
    process.exitCode = 1;
  }
}
