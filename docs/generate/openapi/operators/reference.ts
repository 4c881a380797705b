/** The section of the API reference on operators. */

import { type OperatorProblemCode, operatorProblems, problems } from '../../../../lambdas/contract.ts';
import { code, table } from '../../markdown.ts';
import { sharedWhen } from './answers.ts';
import { operatorBodyOf } from './bodies.ts';
import { type NamedRoute, namedRoutes, operatorProblemWords, operatorWords, queryWords } from './words.ts';

const anchorOf = (title: string): string => title.toLowerCase().replaceAll(' ', '-');

const calledAs = ({ method, path }: NamedRoute): string => `${method} ${path}`;

const routesTable = (): string =>
  table(
    ['route', 'roles', ''],
    namedRoutes.map((route) => {
      const { title } = operatorWords[route.name];
      return [code(calledAs(route)), route.roles.join(', '), `[${title}](#${anchorOf(title)})`];
    }),
  );

const takesOf = ({ name, query }: NamedRoute): string => {
  const { required = [] } = operatorBodyOf(name) ?? {};
  const rows = [
    ...Object.entries(operatorWords[name].takes).map(([field, says]) => [
      code(field),
      required.includes(field) ? 'yes' : 'no',
      says,
    ]),
    ...query.map((each) => [`${code(each)} (query)`, 'no', queryWords[each] ?? '']),
  ];
  return rows.length === 0 ? 'No body and no parameters.' : table(['field', 'required', ''], rows);
};

const ownProblems = Object.keys(operatorProblems) as readonly OperatorProblemCode[];

const problemsOf = ({ name }: NamedRoute): readonly string[] => {
  const own = ownProblems.filter((each) => operatorProblemWords[each].from.includes(name));
  return own.length === 0 ? [] : [`Problems of its own: ${own.map((each) => `[${each}](#${each})`).join(', ')}.`];
};

const routeSection = (route: NamedRoute): string => {
  const { title, says, answers } = operatorWords[route.name];
  return [`### ${title}`, `    ${calledAs(route)}`, says, takesOf(route), answers, ...problemsOf(route)].join('\n\n');
};

const problemSection = (each: OperatorProblemCode): string => {
  const { status, title } = operatorProblems[each];
  const { from, when, remedy } = operatorProblemWords[each];
  const routes = namedRoutes.filter(({ name }) => from.includes(name)).map((route) => code(calledAs(route)));
  return [
    `### ${each}\n`,
    `${status}: ${title}.\n`,
    `- When: ${when}`,
    `- Do: ${remedy}`,
    `- Answered by: ${routes.join(', ')}.`,
  ].join('\n');
};

const sharedTable = (): string =>
  table(
    ['problem', 'status', 'when'],
    (Object.keys(sharedWhen) as readonly (keyof typeof problems)[]).map((each) => [
      code(each),
      String(problems[each].status),
      sharedWhen[each] ?? '',
    ]),
  );

export const operatorSections = (): readonly string[] => [
  '## API of operators',
  'Security staff call another API of the stack. Its base URL is the output `OperatorEndpoint`, or `http://127.0.0.1:4000/_operator` in local mode. [otp-desk](otp-desk.md) is a command line over it.',
  'Each request is signed with AWS Signature Version 4, by a principal whose policy has one of the roles below. Local mode takes requests of this machine without a signature. It refuses pages of other origins.',
  'A number or an IP stands in a body only, never in a path or a query. Each act is kept in the audit trail with its principal, its time and its reason.',
  routesTable(),
  ...namedRoutes.map(routeSection),
  '## Problems of operators',
  'Each route answers these:',
  sharedTable(),
  ...ownProblems.map(problemSection),
];
