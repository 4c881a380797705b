import type { IncomingMessage } from 'node:http';
import type { Route } from '../../lambdas/contract.ts';

/** What of a route a request is matched by. */
type Matched = { readonly method: string; readonly path: string };

export type RouteMatch<Each extends Matched = Route> = {
  readonly route: Each;
  readonly pathParameters: Readonly<Record<string, string>>;
};

/** A request's target with its escapes decoded; `undefined` if they are invalid. */
export type Target = {
  /** As it was sent, without the query. */
  readonly path: string;
  /** Decoded; a `/` within a segment stays within it. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
};

export const parseTarget = (target: string): Target | undefined => {
  // Proxies send the absolute form (RFC 9112, section 3.2.2).
  const origin = /^https?:\/\/[^/?#]*/i.exec(target)?.[0] ?? '';
  const [path = '', ...query] = target.slice(origin.length).split('?');
  const absolute = path === '' && origin !== '' ? '/' : path;
  if (!absolute.startsWith('/')) return undefined;
  try {
    const segments = absolute.slice(1).split('/').map(decodeURIComponent);
    return { path: absolute, segments, query: new URLSearchParams(query.join('?')) };
  } catch {
    return undefined;
  }
};

/** The target as the stage sees it; `undefined` if it is outside of the stage. */
export const withinStage = (target: Target, stage: string | undefined): Target | undefined => {
  if (stage === undefined) return target;
  const { path, segments, query } = target;
  if (segments[0] !== stage) return undefined;
  const end = path.indexOf('/', 1);
  return { path: end < 0 ? '/' : path.slice(end), segments: end < 0 ? [''] : segments.slice(1), query };
};

/** The route with this method and path. A path parameter is one segment that is not empty. */
export const matchRoute = <Each extends Matched>(
  routes: readonly Each[],
  method: string,
  segments: readonly string[],
): RouteMatch<Each> | undefined => {
  for (const route of routes) {
    if (route.method !== method) continue;
    const pathParameters = matchPath(route.path, segments);
    if (pathParameters !== undefined) return { route, pathParameters };
  }
  return undefined;
};

const matchPath = (path: string, segments: readonly string[]): Record<string, string> | undefined => {
  const wanted = path.slice(1).split('/');
  if (wanted.length !== segments.length) return undefined;
  const pathParameters: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const segment = segments[index] ?? '';
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined ? segment !== part : segment === '') return undefined;
    if (name !== undefined) pathParameters[name] = segment;
  }
  return pathParameters;
};

/** An API key as the gateway knows it. */
export type LocalKey = { readonly id: string; readonly value: string };

export type EventFacts = {
  readonly request: IncomingMessage;
  readonly target: Target;
  readonly match: RouteMatch<Matched>;
  readonly body: Buffer;
  readonly sourceIp: string;
  readonly requestId: string;
  readonly apiKey: LocalKey | undefined;
  /** ARN of the IAM principal who signed it, if one did. */
  readonly principal?: string;
  /** Name of the stage; `undefined` if the endpoint has no path, as under a domain of one's own. */
  readonly stage: string | undefined;
  readonly nowMs: number;
};

/**
 * The event that a REST API hands to a Lambda proxy integration (payload version 1.0).
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
export const toProxyEvent = ({
  request,
  target,
  match,
  body,
  sourceIp,
  requestId,
  apiKey,
  principal,
  stage,
  nowMs,
}: EventFacts) => {
  const headers = collect([...rawHeaders(request), ...addedHeaders(request, sourceIp)]);
  const query = collect([...target.query]);
  const { route, pathParameters } = match;
  return {
    resource: route.path,
    // Without the stage, which only the context has.
    path: target.path,
    httpMethod: route.method,
    headers: lastOfEach(headers),
    multiValueHeaders: headers,
    queryStringParameters: orNull(lastOfEach(query)),
    multiValueQueryStringParameters: orNull(query),
    pathParameters: orNull(pathParameters),
    stageVariables: null,
    // No binary media types are set: API Gateway reads every body as UTF-8.
    body: body.length === 0 ? null : body.toString('utf8'),
    isBase64Encoded: false,
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      domainName: request.headers.host ?? '127.0.0.1',
      domainPrefix: 'local',
      extendedRequestId: requestId,
      httpMethod: route.method,
      path: stage === undefined ? target.path : `/${stage}${target.path}`,
      protocol: `HTTP/${request.httpVersion}`,
      requestId,
      requestTime: commonLogTime(nowMs),
      requestTimeEpoch: nowMs,
      resourceId: 'local',
      resourcePath: route.path,
      stage: stage ?? 'local',
      authorizer: null,
      identity: { ...identity(request, sourceIp, apiKey), userArn: principal ?? null },
    },
  };
};

/** `10/Apr/2026:12:34:56 +0000`, as `$context.requestTime` is written. */
const commonLogTime = (nowMs: number) =>
  new Date(nowMs).toUTCString().replace(/^\w+, (\d+) (\w+) (\d+) (\S+) GMT$/, '$1/$2/$3:$4 +0000');

const identity = (
  request: IncomingMessage,
  sourceIp: string,
  { value: apiKey, id: apiKeyId }: Partial<LocalKey> = {},
) => ({
  accessKey: null,
  accountId: null,
  apiKey: apiKey ?? null,
  apiKeyId: apiKeyId ?? null,
  caller: null,
  clientCert: null,
  cognitoAuthenticationProvider: null,
  cognitoAuthenticationType: null,
  cognitoIdentityId: null,
  cognitoIdentityPoolId: null,
  principalOrgId: null,
  sourceIp,
  user: null,
  userAgent: request.headers['user-agent'] ?? null,
});

/** The header that only local mode knows. A function never sees it. */
export const sourceIpHeader = 'x-local-source-ip';

const rawHeaders = ({ rawHeaders: raw }: IncomingMessage): [string, string][] => {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) pairs.push([raw[index] ?? '', raw[index + 1] ?? '']);
  return pairs.filter(([name]) => !/^(x-local-source-ip|x-forwarded-for|connection|transfer-encoding)$/i.test(name));
};

const addedHeaders = (request: IncomingMessage, sourceIp: string): [string, string][] => {
  // API Gateway appends the caller to what the caller claims.
  const claimed = request.headers['x-forwarded-for'];
  return [
    ['X-Forwarded-For', claimed === undefined ? sourceIp : `${String(claimed)}, ${sourceIp}`],
    ['X-Forwarded-Port', '443'],
    ['X-Forwarded-Proto', 'https'],
  ];
};

const collect = (pairs: readonly [string, string][]): Record<string, string[]> => {
  const values = new Map<string, string[]>();
  for (const [name, value] of pairs) values.set(name, [...(values.get(name) ?? []), value]);
  return Object.fromEntries(values);
};

const lastOfEach = (values: Readonly<Record<string, readonly string[]>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, all]) => [name, all.at(-1) ?? '']));

const orNull = <Map extends object>(map: Map): Map | null => (Object.keys(map).length === 0 ? null : map);
