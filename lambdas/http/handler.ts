import middy from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import { type FunctionName, securityHeaders } from '../contract.ts';
import { Unavailable } from '../otp/ports.ts';
import type { Telemetry } from '../telemetry.ts';
import type { Applications } from './applications.ts';
import { applicationOf, type Call, callOf, corsHeadersOf, requestIdOf } from './call.ts';
import { problem, Refused, type Reply } from './problem.ts';

export type HttpSettings = {
  readonly route: FunctionName;
  readonly telemetry: Telemetry;
  readonly endpoint: string;
  readonly applications: Applications;
  /** On every answer of the route. A reply's own headers win. */
  readonly headers?: Readonly<Record<string, string>>;
};

type Response = Reply | APIGatewayProxyResult;

/** Makes a Lambda handler of a route. It reads the event, renders the reply, and answers every error as a problem. */
export const httpHandler = (settings: HttpSettings, handle: (call: Call) => Promise<Reply>) =>
  middy<APIGatewayProxyEvent, Response>()
    .use(rendering(settings))
    .handler(async (event) => handle(callOf(event, settings.applications)));

type Timed = { startedMs?: number };
type Rendering = middy.MiddlewareObj<APIGatewayProxyEvent, Response, Error, Context, Timed>;

export const rendering = ({ route, telemetry, endpoint, applications, headers = {} }: HttpSettings): Rendering => {
  const finish = (request: middy.Request<APIGatewayProxyEvent, Response, Error, Context, Timed>, reply: Reply) => {
    const requestId = requestIdOf(request.event);
    const durationMs = Date.now() - (request.internal.startedMs ?? Date.now());
    const { status, code, facts, metrics } = reply;
    const application = applicationOf(request.event, applications);
    const by = application ? { application, isOneOfSeveral: applications.areSeveral } : undefined;
    telemetry.answered({ route, requestId, status, durationMs, code, facts, metrics, by });
    const forBrowsers = corsHeadersOf(request.event, applications.originsOf(application));
    const all = { ...headers, ...reply.headers, ...forBrowsers };
    request.response = render({ ...reply, headers: all }, requestId, endpoint);
  };
  return {
    before: (request) => {
      request.internal.startedMs = Date.now();
    },
    after: (request) => finish(request, request.response as Reply),
    onError: (request) => {
      const reply = replyTo(request.error);
      if (reply === internalError) telemetry.unexpected(requestIdOf(request.event), request.error);
      if (request.error instanceof Unavailable) telemetry.watch.dependencyFailed(route, request.error);
      finish(request, reply);
    },
  };
};

const internalError = problem('internal-error', {
  detail: 'The service failed. Try again. If it fails again, send the requestId to the operators of the service.',
});

const replyTo = (error: unknown): Reply => {
  if (error instanceof Refused) return error.reply;
  if (error instanceof Unavailable) return unavailable;
  return internalError;
};

const unavailable = problem('temporarily-unavailable', {
  detail:
    'A part of the service did not answer. Try again in two seconds. With the same Idempotency-Key nothing is done twice.',
  headers: { 'retry-after': '2' },
});

const render = (reply: Reply, requestId: string, endpoint: string): APIGatewayProxyResult => ({
  statusCode: reply.status,
  headers: {
    ...securityHeaders,
    'x-request-id': requestId,
    ...(reply.body === undefined ? {} : { 'content-type': reply.contentType ?? 'application/json' }),
    // Absolute: the endpoint may end in a path, and a path from the root would leave it (RFC 9110, section 10.2.2).
    ...(reply.location === undefined ? {} : { location: `${endpoint}${reply.location}` }),
    ...reply.headers,
  },
  body: reply.body === undefined ? '' : JSON.stringify(bodyOf(reply, requestId, endpoint)),
});

const bodyOf = ({ code, body }: Reply, requestId: string, endpoint: string): unknown =>
  code === undefined ? body : { type: `${endpoint}/problems/${code}`, ...(body as object), requestId };
