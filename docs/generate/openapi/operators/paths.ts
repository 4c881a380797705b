/** The paths of operators, each with servers and credentials of its own. */

import { maxBodyBytes } from '../../../../lambdas/contract.ts';
import { findingStatuses, severities } from '../../../../lambdas/http/desk/requests.ts';
import { plain } from '../words.ts';
import { operatorAnswersOf, operatorExampleName, operatorProblemsOf } from './answers.ts';
import { operatorBodyOf } from './bodies.ts';
import { exportId, findingId, launchId, operatorExamples, operatorProblemExample } from './examples.ts';
import { type NamedRoute, namedRoutes, operatorTag, operatorWords, queryWords } from './words.ts';

const scheme = 'operatorIam';

export const operatorSecuritySchemes = {
  [scheme]: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description:
      'AWS Signature Version 4 of a principal of the account, for the service `execute-api`. Local mode takes requests of this machine without it.',
    'x-amazon-apigateway-authtype': 'awsSigv4',
  },
};

const servers = [
  { url: 'http://127.0.0.1:4000/_operator', description: 'Local mode' },
  {
    url: '{operatorEndpoint}',
    description: 'A deployed stack',
    variables: {
      operatorEndpoint: {
        default: 'https://f6g7h8i9j0.execute-api.ap-south-1.amazonaws.com/otp',
        description: 'The output `OperatorEndpoint` of the stack.',
      },
    },
  },
];

const ids: Readonly<Record<string, string>> = {
  '/v1/findings/{id}': findingId,
  '/v1/launches/{id}': launchId,
  '/v1/exports/{id}': exportId,
};

const querySchemas: Readonly<Record<string, object>> = {
  status: { type: 'string', enum: findingStatuses },
  severity: { type: 'string', enum: severities },
  since: { type: 'string', examples: ['2026-12-01T06:00:00Z'] },
  cursor: { type: 'string' },
};

const parametersOf = ({ path, query }: NamedRoute) => [
  ...(path.includes('{id}')
    ? [
        {
          name: 'id',
          in: 'path',
          required: true,
          description: 'The `id`, as a list or an answer has it.',
          schema: { type: 'string' },
          example: ids[path],
        },
      ]
    : []),
  ...query.map((name) => ({
    name,
    in: 'query',
    required: false,
    description: plain(queryWords[name] ?? ''),
    schema: querySchemas[name],
  })),
];

const requestBodyOf = ({ name }: NamedRoute) => {
  const schema = operatorBodyOf(name);
  if (schema === undefined) return {};
  const examples = Object.fromEntries(
    Object.entries(operatorExamples[name].requests).map(([each, value]) => [each, { value }]),
  );
  return {
    requestBody: {
      required: true,
      description: `JSON in UTF-8, ${maxBodyBytes} bytes at most.`,
      content: { 'application/json': { schema, examples } },
    },
  };
};

const operationOf = (route: NamedRoute) => ({
  operationId: route.name,
  summary: operatorWords[route.name].title,
  description: `${plain(operatorWords[route.name].says)}\n\nRoles: ${route.roles.join(', ')}.`,
  tags: [operatorTag],
  security: [{ [scheme]: [] }],
  ...(parametersOf(route).length === 0 ? {} : { parameters: parametersOf(route) }),
  ...requestBodyOf(route),
  responses: operatorAnswersOf(route),
});

export const operatorPaths = () =>
  Object.fromEntries(
    [...Map.groupBy(namedRoutes, ({ path }) => path)].map(([path, some]) => [
      path,
      { servers, ...Object.fromEntries(some.map((route) => [route.method.toLowerCase(), operationOf(route)])) },
    ]),
  );

export const operatorProblemExamples = () =>
  Object.fromEntries(
    [...new Set(namedRoutes.flatMap(operatorProblemsOf))]
      .toSorted()
      .map((code) => [operatorExampleName(code), { value: operatorProblemExample(code) }]),
  );
