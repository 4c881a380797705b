/**
 * Writes the API reference and the OpenAPI document from the contract, the table of limits from the schema of the settings, and the page on compliance
 * from the stack. Quotas and cost come from the calls of each flow, the tables of the architecture from their codecs.
 *
 *     node docs/generate/docs.ts            writes docs/api.md, openapi.json, llms.txt, limits.md, compliance.md, capacity.md,
 *                                           otp-desk.md, privacy.md and architecture.md
 *     node docs/generate/docs.ts --check    ends with 1 if one of them is not what would be written
 *
 * The words come from the `*-words.ts` and `*.intro.md` beside this file.
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
} from '../../lambdas/contract.ts';
import { type Limit, limits } from '../../lib/settings/ranges.ts';
import { problemWords, routeWords, securityHeaderWords, shapeWords } from './api-words.ts';
import { renderCapacity } from './capacity/page.ts';
import { complianceOf, packSections, standardStack } from './compliance.ts';
import { renderDesk } from './desk/otp-desk.ts';
import { policiesWith } from './desk/policies.ts';
import { limitGroups, limitWords } from './limits-words.ts';
import { code, table } from './markdown.ts';
import { renderLlms } from './openapi/llms.ts';
import { renderOpenapi } from './openapi/openapi.ts';
import { operatorSections } from './openapi/operators/reference.ts';
import { renderPrivacy } from './privacy/privacy.ts';
import { withTables } from './tables.ts';

const folder = path.join(import.meta.dirname, '..');

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
  if (!route.takesBody && takes.length === 0) return [...headers, 'No body.'].join('\n\n');
  const rows = takes.map(({ name, required, shape, says }) => [code(name), required, shapeOf(shape), says]);
  return [...headers, table(['field', 'required', 'shape', ''], rows)].join('\n\n');
};

const codes = Object.keys(problems) as readonly ProblemCode[];

const problemsOf = (route: Route): string => {
  const answered = codes.filter((each) => problemWords[each].from.some((name) => name === route.function));
  return `Problems: ${answered.map((each) => `[${each}](#${each})`).join(', ')}. API Gateway answers others by itself.`;
};

const routeSection = (route: Route): string => {
  const { title, says, answers } = routeWords[route.function];
  const called = routes
    .filter((each) => each.function === route.function)
    .map((each) => `    ${each.method} ${each.path}`)
    .join('\n');
  return [`### ${title}`, called, says, takesOf(route), answers, problemsOf(route)].join('\n\n');
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
    ['value', 'shape'],
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
  const intro = await readFile(path.join(import.meta.dirname, 'api.intro.md'), 'utf8');
  return `${[
    '<!-- Written by `npm run docs` from lambdas/contract.ts, docs/generate/api-words.ts and docs/generate/api.intro.md. Change those. -->',
    intro.trim(),
    '## Routes',
    routesTable(),
    // HEAD is in the section of its GET.
    ...routes.filter(({ method }) => method !== 'HEAD').map(routeSection),
    '## Shapes',
    `Patterns are anchored regular expressions, for the canonical form: [Input](#input) has the other spellings. A field that is not listed for a route is refused. A body has at most ${maxBodyBytes} bytes.`,
    shapesTable(),
    '## Headers of every answer',
    `Beside these, every answer but the firewall’s own has ${code('x-request-id')}; quote it when you report something.`,
    headersTable(),
    'The public key alone may be cached: `cache-control: public, max-age=600`.',
    '## Problems',
    ...codes.map(problemSection),
    ...operatorSections(),
  ].join('\n\n')}\n`;
};

const number = (value: number): string => value.toLocaleString('en');

const limitRow = ({ path: where, range: { min, max }, defaults }: Limit): readonly string[] => {
  const { name, answers, byDefault, protects } = limitWords[where];
  const answer =
    answers === undefined
      ? 'nothing'
      : `${problems[answers.code].status} [${answers.code}](api.md#${answers.code})${answers.says === undefined ? '' : `, ${answers.says}`}`;
  return [
    name,
    byDefault ?? (defaults.length === 0 ? 'none' : defaults.map(number).join(' / ')),
    `${number(min)} to ${number(max)}`,
    answer,
    protects,
    code(where),
  ];
};

/**
 * The table of limits as it has to be.
 *
 * @throws Error when a number of the settings stands in no group or in two, or a group names none.
 */
export const renderLimits = async (
  found: readonly Limit[] = limits(),
  groups: Readonly<Record<string, readonly string[]>> = limitGroups,
): Promise<string> => {
  const intro = await readFile(path.join(import.meta.dirname, 'limits.intro.md'), 'utf8');
  const listed = Object.values(groups).flat();
  const [known, twice] = [
    found.map((each) => String(each.path)),
    listed.filter((each, at) => listed.indexOf(each) < at),
  ];
  const wrong = [
    ...known.filter((each) => !listed.includes(each)),
    ...listed.filter((each) => !known.includes(each)),
    ...twice,
  ];
  if (wrong.length > 0)
    throw new Error(
      `Each number of the settings stands in one group of docs/generate/limits-words.ts. See to ${wrong.join(', ')}.`,
    );
  const limitAt = new Map<string, Limit>(found.map((each) => [each.path, each]));
  const rowsOf = (paths: readonly string[]) => paths.flatMap((each) => limitAt.get(each) ?? []).map(limitRow);
  const head = ['limit', 'default', 'range', 'answers', 'protects', 'setting'];
  return `${[
    '<!-- Written by `npm run docs` from lib/settings/schema.ts, docs/generate/limits-words.ts and docs/generate/limits.intro.md. Change those. -->',
    intro.trim(),
    ...Object.entries(groups).flatMap(([title, paths]) => [`## ${title}`, table(head, rowsOf(paths))]),
  ].join('\n\n')}\n`;
};

/**
 * The page on compliance as it has to be.
 *
 * @throws Error when a gap has no reason, or a reason no gap.
 */
export const renderCompliance = async (): Promise<string> => {
  const intro = await readFile(path.join(import.meta.dirname, 'compliance.intro.md'), 'utf8');
  return `${[
    '<!-- Written by `npm run docs` from lib/, docs/generate/compliance-words.ts and docs/generate/compliance.intro.md. Change those. -->',
    intro.trim(),
    ...complianceOf(standardStack()).flatMap(packSections),
  ].join('\n\n')}\n`;
};

/** The page on the architecture, whose tables are written from facts. */
export const renderArchitecture = async (): Promise<string> =>
  withTables(await readFile(path.join(folder, 'architecture.md'), 'utf8'));

/** The pages that are written from facts, each with what it has to be. */
const pages = {
  'api.md': renderReference,
  'openapi.json': renderOpenapi,
  'llms.txt': renderLlms,
  'limits.md': renderLimits,
  'compliance.md': renderCompliance,
  'capacity.md': renderCapacity,
  'otp-desk.md': () => renderDesk(policiesWith()),
  'privacy.md': renderPrivacy,
  'architecture.md': renderArchitecture,
};

// Not `import.meta.main`, which Node 24.0 lacks.
if (path.basename(process.argv[1] ?? '') === path.basename(import.meta.filename)) {
  const { values } = parseArgs({ options: { check: { type: 'boolean' } } });
  for (const [name, render] of Object.entries(pages)) {
    const page = path.join(folder, name);
    const wanted = await render();
    if (values.check !== true) await writeFile(page, wanted);
    else if ((await readFile(page, 'utf8').catch(() => '')) !== wanted) {
      console.error(`docs/${name} is not what the facts say. Run npm run docs and commit the result.`);
      process.exitCode = 1;
    }
  }
}
