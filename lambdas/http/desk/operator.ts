import middy from '@middy/core';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { type OperatorFunctionName, type OperatorRoute, operatorRoutes } from '../../contract.ts';
import type { Operator } from '../../desk/actions.ts';
import type { Telemetry } from '../../telemetry.ts';
import { noApplications } from '../applications.ts';
import { type Call, callOf } from '../call.ts';
import { rendering } from '../handler.ts';
import { problem, Refused, type Reply } from '../problem.ts';

/** What a route of operators sees of an event. */
export type OperatorCall = Pick<Call, 'requestId' | 'id' | 'text'> & {
  readonly operator: Operator;
  /** Parameters of the query string, each once. */
  readonly query: Readonly<Record<string, string>>;
};

export type OperatorSettings = {
  readonly route: OperatorFunctionName;
  readonly telemetry: Telemetry;
  readonly endpoint: string;
  readonly now: () => number;
};

type Handlers = Readonly<Record<string, (call: OperatorCall) => Promise<Reply>>>;

/** Operators have no application, and pages of other origins may read nothing. */
const operators = { ...noApplications, originsOf: () => [] };

/** Makes the handler of a function that answers routes of operators, each named by method and path. */
export const operatorHandler = (settings: OperatorSettings, handlers: Handlers) => {
  const routes = operatorRoutes.filter((route) => route.function === settings.route);
  return middy<APIGatewayProxyEvent, Reply>()
    .use(rendering({ ...settings, applications: operators }))
    .handler(async (event) => {
      const route = routes.find(({ method, path }) => method === event.httpMethod && path === event.resource);
      const handle = route && handlers[`${route.method} ${route.path}`];
      if (route === undefined || handle === undefined) throw new Refused(noRoute);
      return handle(operatorCallOf(event, route, settings.now()));
    });
};

const operatorCallOf = (event: APIGatewayProxyEvent, route: OperatorRoute, atMs: number): OperatorCall => {
  const { requestId, id, text } = callOf(event, operators);
  const principal = event.requestContext?.identity?.userArn;
  // The gateway lets nobody in without one.
  if (!principal) throw new Refused(noPrincipal);
  return { requestId, id, text, operator: { principal, atMs, requestId }, query: queryOf(event, route.query) };
};

/** @throws Refused for a parameter that the route does not have, and for one that stands there twice. */
const queryOf = (event: APIGatewayProxyEvent, known: readonly string[]): Readonly<Record<string, string>> => {
  const all = Object.entries(event.multiValueQueryStringParameters ?? {});
  for (const [name, values = []] of all) {
    if (!known.includes(name)) throw new Refused(invalidQuery(unknownParameter(known)));
    if (values.length > 1) throw new Refused(invalidQuery(`The parameter ${name} stands there twice. Send it once.`));
  }
  return Object.fromEntries(all.map(([name, values = []]) => [name, values[0] ?? '']));
};

const unknownParameter = (known: readonly string[]): string =>
  known.length === 0
    ? 'This route has no parameters in its query string. Leave them out.'
    : `The query string has a parameter that does not exist. This route has ${known.join(', ')}.`;

/** A parameter of the query string that is not valid. */
export const invalidQuery = (detail: string): Reply => problem('invalid-request', { detail, extra: { errors: [] } });

const noRoute = problem('not-found', {
  detail: 'No route has this method and path. See the API documentation for the routes.',
});

const noPrincipal = problem('forbidden', {
  detail: 'The request is not signed by an IAM principal. Sign it (AWS Signature Version 4).',
});
