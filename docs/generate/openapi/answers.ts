/** The answers of each route: successes, and the problems of each status. */

import {
  gatewayProblems,
  type ProblemCode,
  problems,
  type Route,
  type RouteFunctionName,
} from '../../../lambdas/contract.ts';
import { problemWords, routeWords } from '../api-words.ts';
import { routeExamples } from './examples.ts';
import { plain } from './words.ts';

type Success = { readonly status: number; readonly schema?: string; readonly mediaType?: string };

const successes: Readonly<Record<RouteFunctionName, Success>> = {
  'request-verification': { status: 201, schema: 'Verification' },
  'check-verification': { status: 200, schema: 'CheckResult' },
  'resend-verification': { status: 200, schema: 'Verification' },
  'get-verification': { status: 200, schema: 'Verification' },
  'cancel-verification': { status: 204 },
  jwks: { status: 200, schema: 'KeySet', mediaType: 'application/jwk-set+json' },
};

const header = (name: string) => ({ $ref: `#/components/headers/${name}` });
const everywhere = { 'x-request-id': header('x-request-id') };
const limitHeaders = { 'RateLimit-Policy': header('RateLimit-Policy'), RateLimit: header('RateLimit') };

/** Whether the route sends an SMS, so that limits of the number hold. */
const sends = (name: RouteFunctionName): boolean => name === 'request-verification' || name === 'resend-verification';

const codes = Object.keys(problems) as readonly ProblemCode[];

/** The errors of API Gateway that a route cannot get: no credentials are asked, or no body is read. */
const forClients =
  /^(?:INVALID_API_KEY|UNAUTHORIZED|ACCESS_DENIED|INVALID_SIGNATURE|EXPIRED_TOKEN|AUTHORIZER_.*|QUOTA_EXCEEDED)$/;
const gatewayCodesOf = (route: Route): readonly ProblemCode[] =>
  Object.entries(gatewayProblems)
    .filter(([kind]) => route.access === 'client' || !forClients.test(kind))
    .filter(([kind]) => route.method === 'POST' || kind !== 'UNSUPPORTED_MEDIA_TYPE')
    .map(([, { code }]) => code);

/** A verification that has ended is 410, also when it ended because its SMS was never sent. */
const statusesOf = (code: ProblemCode, name: RouteFunctionName): readonly number[] => {
  if (code !== 'delivery-failed') return [problems[code].status];
  return [...(sends(name) ? [problems[code].status] : []), ...(name === 'request-verification' ? [] : [410])];
};

export type Answered = { readonly status: number; readonly code: ProblemCode };

/** The problems that a route answers, by itself or through API Gateway. */
export const problemsOf = (route: Route): readonly Answered[] => {
  const own = codes.filter((code) => problemWords[code].from.some((name) => name === route.function));
  const answered = new Set([...own, ...gatewayCodesOf(route)]);
  return codes
    .filter((code) => answered.has(code))
    .flatMap((code) => statusesOf(code, route.function).map((status) => ({ status, code })));
};

/** Statuses that the firewall also answers, as `application/json`. */
const firewallStatuses = [
  problems['payload-too-large'].status,
  problems['too-many-requests'].status,
] as readonly number[];
/** Statuses whose every answer says when to come back. */
const waits = [409, 429, 502, 503];

/** The name of an example among the components. */
export const exampleName = ({ status, code }: Answered): string =>
  status === problems[code].status ? code : `${code}-${status}`;

const problemAnswer = (route: Route, status: number, answered: readonly Answered[]) => {
  const content = {
    schema: { $ref: '#/components/schemas/Problem' },
    // One for each problem of the route. A schema of each status would give generated clients a class for each.
    examples: Object.fromEntries(
      answered.map((each) => [each.code, { $ref: `#/components/examples/${exampleName(each)}` }]),
    ),
  };
  return {
    description: answered.map(({ code }) => `\`${code}\`: ${plain(problemWords[code].when)}`).join('\n\n'),
    headers: {
      ...everywhere,
      ...(status === 401 ? { 'WWW-Authenticate': header('WWW-Authenticate') } : {}),
      ...(waits.includes(status) ? { 'Retry-After': header('Retry-After') } : {}),
      ...(sends(route.function) ? limitHeaders : {}),
    },
    content: {
      'application/problem+json': content,
      ...(firewallStatuses.includes(status) ? { 'application/json': content } : {}),
    },
  };
};

const successAnswer = ({ method, function: name }: Route) => {
  const { status, schema, mediaType = 'application/json' } = successes[name];
  const headers = {
    ...everywhere,
    ...(status === 201 ? { Location: header('Location') } : {}),
    ...(sends(name) ? limitHeaders : {}),
  };
  const description = method === 'HEAD' ? 'The headers alone.' : plain(routeWords[name].answers.split('\n\n')[0] ?? '');
  if (schema === undefined || method === 'HEAD') return { description, headers };
  const examples = Object.fromEntries(
    Object.entries(routeExamples[name].answers).map(([each, value]) => [each, { value }]),
  );
  const content = { [mediaType]: { schema: { $ref: `#/components/schemas/${schema}` }, examples } };
  return { description, headers, content, ...(status === 201 ? { links: linksToId } : {}) };
};

/** The routes that take the id of the answer. */
const linksToId = Object.fromEntries(
  ['checkVerification', 'resendVerification', 'getVerification', 'cancelVerification'].map((operationId) => [
    operationId,
    { operationId, parameters: { id: '$response.body#/id' } },
  ]),
);

/** HEAD has the headers of the GET, and no body. */
const withoutBody = <Answer extends { readonly content?: unknown }>({ content: _, ...answer }: Answer) => answer;

export const answersOf = (route: Route) => {
  const byStatus = Map.groupBy(problemsOf(route), ({ status }) => status);
  const refused = [...byStatus].toSorted(([one], [other]) => one - other);
  return Object.fromEntries([
    [String(successes[route.function].status), successAnswer(route)],
    ...refused.map(([status, answered]) => {
      const answer = problemAnswer(route, status, answered);
      return [String(status), route.method === 'HEAD' ? withoutBody(answer) : answer];
    }),
  ]);
};
