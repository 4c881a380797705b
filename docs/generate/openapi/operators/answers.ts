/** The answers of each route of operators: successes, and the problems of each status. */

import {
  gatewayProblems,
  type OperatorProblemCode,
  operatorProblems,
  type ProblemCode,
  problems,
} from '../../../../lambdas/contract.ts';
import { plain } from '../words.ts';
import { operatorExamples } from './examples.ts';
import { successes } from './schemas.ts';
import { type NamedRoute, operatorProblemWords, operatorWords } from './words.ts';

type Code = ProblemCode | OperatorProblemCode;

export const factsOf = (code: Code) => ({ ...problems, ...operatorProblems })[code];

/** Errors that API Gateway cannot answer here: operators have neither keys nor quotas, nor a firewall before them. */
const ofClients = /^(?:INVALID_API_KEY|QUOTA_EXCEEDED|WAF_FILTERED|AUTHORIZER_.*)$/;

const sharedCodes = new Set<ProblemCode>([
  // API Gateway takes a path without a route for a request without a signature.
  'unauthorized',
  'internal-error',
  ...Object.entries(gatewayProblems)
    .filter(([kind]) => !ofClients.test(kind))
    .map(([, { code }]) => code),
]);

/** When an operator meets a problem that the client API has as well. */
export const sharedWhen: Readonly<Partial<Record<ProblemCode, string>>> = {
  'invalid-request': 'The body or a parameter does not have its shape. `errors` lists each fault of a body.',
  unauthorized: 'The request has no signature, or no route has this method and path.',
  forbidden: 'The principal may not call this route, or the signature does not fit.',
  'not-found': 'No route has this method and path. Local mode answers it.',
  'payload-too-large': 'The body is too large.',
  'unsupported-media-type': 'The body is not plain JSON in UTF-8.',
  'too-many-requests':
    'Too many requests at once. Or all operators together have read or erased too many numbers this hour.',
  'internal-error': 'A mistake of ours. The log has a line with the same `requestId`.',
  'temporarily-unavailable':
    'A part that the service needs did not answer. An act and its entry in the trail are one write.',
};

/** The problems that a route of operators answers. */
export const operatorProblemsOf = ({ name, takesBody }: NamedRoute): readonly Code[] => {
  const own = Object.keys(operatorProblems) as readonly OperatorProblemCode[];
  return [
    ...[...sharedCodes].filter((code) => takesBody || code !== 'unsupported-media-type'),
    ...own.filter((code) => operatorProblemWords[code].from.includes(name)),
  ];
};

const isShared = (code: Code): code is ProblemCode => Object.hasOwn(problems, code);

export const whenOf = (code: Code): string =>
  isShared(code) ? (sharedWhen[code] ?? '') : operatorProblemWords[code].when;

export const operatorExampleName = (code: Code): string => `operator-${code}`;

const header = (name: string) => ({ $ref: `#/components/headers/${name}` });
const everywhere = { 'x-request-id': header('x-request-id') };
/** Statuses whose every answer says when to come back. */
const waits = [429, 503];

const problemAnswer = (status: number, codes: readonly Code[]) => ({
  description: codes.map((code) => `\`${code}\`: ${plain(whenOf(code))}`).join('\n\n'),
  headers: {
    ...everywhere,
    ...(status === 401 ? { 'WWW-Authenticate': header('WWW-Authenticate') } : {}),
    ...(waits.includes(status) ? { 'Retry-After': header('Retry-After') } : {}),
  },
  content: {
    'application/problem+json': {
      schema: { $ref: '#/components/schemas/OperatorProblem' },
      examples: Object.fromEntries(
        codes.map((code) => [code, { $ref: `#/components/examples/${operatorExampleName(code)}` }]),
      ),
    },
  },
});

const successAnswer = ({ name }: NamedRoute) => {
  const { status, schema } = successes[name];
  const headers = { ...everywhere, ...(status === 202 ? { Location: header('Location') } : {}) };
  const description = plain(operatorWords[name].answers);
  if (schema === undefined) return { description, headers };
  const examples = Object.fromEntries(
    Object.entries(operatorExamples[name].answers).map(([each, value]) => [each, { value }]),
  );
  const content = { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` }, examples } };
  return { description, headers, content };
};

export const operatorAnswersOf = (route: NamedRoute) => {
  const byStatus = Map.groupBy(operatorProblemsOf(route), (code) => factsOf(code).status);
  return Object.fromEntries([
    [String(successes[route.name].status), successAnswer(route)],
    ...[...byStatus]
      .toSorted(([one], [other]) => one - other)
      .map(([status, codes]) => [String(status), problemAnswer(status, codes)]),
  ]);
};
