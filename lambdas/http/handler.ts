import middy from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import * as v from 'valibot';
import {
  type FunctionName,
  fields,
  type MetricName,
  maxBodyBytes,
  type ProblemCode,
  problems,
  securityHeaders,
} from '../contract.ts';
import { Unavailable } from '../otp/ports.ts';
import type { AnswerFacts, Telemetry } from '../telemetry.ts';

/** What a route answers, before it is rendered. */
export type Reply = {
  readonly status: number;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly code?: ProblemCode;
  readonly facts?: AnswerFacts;
  readonly metrics?: readonly MetricName[];
};

/** What a route is told of a request: nothing of the event but this. */
export type Call = {
  readonly requestId: string;
  readonly id: string;
  readonly application: string;
  readonly ip: string;
  readonly header: (name: string) => string | undefined;
  readonly text: () => string;
};

type Problem = { readonly detail: string } & Partial<Omit<Reply, 'code' | 'body' | 'status'>> & {
    readonly extra?: Readonly<Record<string, unknown>>;
  };

/** An answer that is not a success; `type`, `instance` and `requestId` are added when it is rendered. */
export const problem = (code: ProblemCode, { detail, extra, ...rest }: Problem): Reply => ({
  ...rest,
  status: problems[code].status,
  code,
  contentType: 'application/problem+json',
  body: { title: problems[code].title, status: problems[code].status, detail, code, ...extra },
});

/** Thrown while a request is read, where no flow has begun. */
export class Refused extends Error {
  readonly reply: Reply;

  constructor(reply: Reply) {
    super(`Refused: ${reply.code ?? reply.status}`);
    this.name = 'Refused';
    this.reply = reply;
  }
}

export type HttpSettings = {
  readonly route: FunctionName;
  readonly telemetry: Telemetry;
  readonly endpoint: string;
  /** On every answer of the route that does not say otherwise. */
  readonly headers?: Readonly<Record<string, string>>;
};

type Response = Reply | APIGatewayProxyResult;

/** Makes a Lambda handler of a route: reads the event, renders the reply, and answers every error as a problem. */
export const httpHandler = (settings: HttpSettings, handle: (call: Call) => Promise<Reply>) =>
  middy<APIGatewayProxyEvent, Response>()
    .use(rendering(settings))
    .handler((event) => handle(callOf(event)));

type Timed = { startedMs?: number };
type Rendering = middy.MiddlewareObj<APIGatewayProxyEvent, Response, Error, Context, Timed>;

const rendering = ({ route, telemetry, endpoint, headers = {} }: HttpSettings): Rendering => {
  const finish = (request: middy.Request<APIGatewayProxyEvent, Response, Error, Context, Timed>, reply: Reply) => {
    const requestId = requestIdOf(request.event);
    const durationMs = Date.now() - (request.internal.startedMs ?? Date.now());
    const { status, code, facts, metrics } = reply;
    telemetry.answered({ route, requestId, status, durationMs, code, facts, metrics });
    request.response = render({ ...reply, headers: { ...headers, ...reply.headers } }, requestId, endpoint);
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
  detail: 'The request was not processed. Try again; if it happens again, report the requestId.',
});

const replyTo = (error: unknown): Reply => {
  if (error instanceof Refused) return error.reply;
  if (error instanceof Unavailable) return unavailable;
  return internalError;
};

const unavailable = problem('temporarily-unavailable', {
  detail:
    'A part of the service did not answer. Try again in a few seconds; with an Idempotency-Key nothing is done twice.',
  headers: { 'retry-after': '2' },
});

const requestIdOf = (event: APIGatewayProxyEvent): string => event.requestContext?.requestId ?? 'unknown';

const render = (reply: Reply, requestId: string, endpoint: string): APIGatewayProxyResult => ({
  statusCode: reply.status,
  headers: {
    ...securityHeaders,
    'x-request-id': requestId,
    ...(reply.body === undefined ? {} : { 'content-type': reply.contentType ?? 'application/json' }),
    ...reply.headers,
  },
  body: reply.body === undefined ? '' : JSON.stringify(bodyOf(reply, requestId, endpoint)),
});

const bodyOf = ({ code, body }: Reply, requestId: string, endpoint: string): unknown =>
  code === undefined ? body : { type: `${endpoint}/problems/${code}`, ...(body as object), requestId };

const callOf = (event: APIGatewayProxyEvent): Call => {
  const headers = new Map(
    Object.entries(event.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const),
  );
  return {
    requestId: requestIdOf(event),
    id: event.pathParameters?.['id'] ?? '',
    application: applicationOf(event),
    ip: event.requestContext?.identity?.sourceIp ?? '',
    header: (name) => headers.get(name),
    text: () => textOf(event, headers.get('content-type')),
  };
};

/** Who calls: the API key's id, the OIDC client or subject, or the IAM principal, whichever the deployment asks for. */
const applicationOf = ({ requestContext }: APIGatewayProxyEvent): string => {
  const claims: Record<string, unknown> = requestContext?.authorizer?.['claims'] ?? {};
  const { apiKeyId, userArn } = requestContext?.identity ?? {};
  // The session name of a role changes with every task; the role is who calls. (STS leaves the path of a role out.)
  const principal = userArn?.replace(/^arn:([^:]+):sts::(\d+):assumed-role\/([^/]+)\/.*$/, 'arn:$1:iam::$2:role/$3');
  return String(apiKeyId ?? claims['client_id'] ?? claims['sub'] ?? principal ?? 'anonymous');
};

const textOf = (event: APIGatewayProxyEvent, contentType: string | undefined): string => {
  if (!event.body) return '';
  const mediaType = contentType?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== undefined && mediaType !== '' && !/^application\/([a-z0-9.+-]+\+)?json$/.test(mediaType)) {
    throw new Refused(
      problem('unsupported-media-type', { detail: 'Send the body as JSON with content-type: application/json.' }),
    );
  }
  const bytes = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > maxBodyBytes) {
    throw new Refused(problem('payload-too-large', { detail: `The body may have at most ${maxBodyBytes} bytes.` }));
  }
  return bytes.toString('utf8');
};

type Violation = { readonly pointer: string; readonly detail: string };

export const invalidRequest = (errors: readonly Violation[]): Refused =>
  new Refused(
    problem('invalid-request', {
      detail: summaryOf(errors),
      extra: { errors },
    }),
  );

/** The first violation in a sentence. A field that we do not know is not quoted: who knows what its name holds. */
const summaryOf = ([first]: readonly Violation[]): string => {
  if (first === undefined) return 'The request is not valid.';
  if (first.detail === noSuchField) return 'The body has a field that does not exist. See errors.';
  return `${first.pointer || 'The body'}: ${first.detail}`;
};

const noSuchField = 'There is no such field. Leave it out.';

/** Reads a JSON body against a schema. Violations are named by their JSON pointers (RFC 6901). */
export const readBody = <S extends v.GenericSchema>(call: Call, schema: S): v.InferOutput<S> => {
  const parsed = v.safeParse(schema, parseJson(call.text()));
  if (parsed.success) return parsed.output;
  throw invalidRequest(
    parsed.issues.map((issue) => ({ pointer: pointerOf(issue.path ?? []), detail: sentenceOf(issue) })),
  );
};

/** A route without a body takes none, or an empty object. */
export const readNoBody = (call: Call): void => {
  const text = call.text();
  if (text.trim() !== '') readBody({ ...call, text: () => text }, v.strictObject({}));
};

const parseJson = (text: string): unknown => {
  const parsed = parsedOrUndefined(text);
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed;
  throw invalidRequest([{ pointer: '', detail: 'The body must be a JSON object.' }]);
};

const parsedOrUndefined = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const pointerOf = (path: readonly { readonly key: unknown }[]): string =>
  path.map(({ key }) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

const sentenceOf = (issue: v.BaseIssue<unknown>): string => {
  if (issue.type === 'strict_object' && issue.expected === 'never') return noSuchField;
  if (issue.type === 'strict_object' && issue.received === 'undefined') return 'This field is required.';
  if (issue.type === 'strict_object') return 'This must be a JSON object.';
  return issue.message;
};

/** A verification id from the path. What cannot be an id is the id of nothing. */
export const readId = (call: Call): string => {
  if (new RegExp(fields.verificationId).test(call.id)) return call.id;
  throw new Refused(verificationNotFound);
};

export const verificationNotFound = problem('verification-not-found', {
  detail: 'There is no verification with this id, or it is long gone. Request a new one.',
});

/** The Idempotency-Key header, as a plain value or as the quoted string of the IETF draft. */
export const readIdempotencyKey = (call: Call): string | undefined => {
  const header = call.header('idempotency-key');
  if (header === undefined) return undefined;
  const key = /^"(.*)"$/.exec(header.trim())?.[1] ?? header.trim();
  if (new RegExp(fields.idempotencyKey).test(key)) return key;
  throw new Refused(
    problem('invalid-request', {
      detail: 'Idempotency-Key must have 16 to 255 visible ASCII characters. A random UUID is a good one.',
      extra: { errors: [] },
    }),
  );
};
