import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { type FunctionName, routes } from '../../lambdas/contract.ts';
import type { Invocation } from '../functions/functions.ts';
import { answerControl, type Controls } from './control.ts';
import { isDocument, readDocument } from './documents.ts';
import {
  type LocalKey,
  matchRoute,
  parseTarget,
  type RouteMatch,
  sourceIpHeader,
  type Target,
  toProxyEvent,
  withinStage,
} from './gateway-event.ts';
import { type Loopback, readBody } from './loopback.ts';
import { answerOperators, isForOperators, operatorEndpointOf } from './operators.ts';
import { isOfAnotherOrigin, isThisMachine } from './own-pages.ts';
import { readPage } from './page.ts';
import { answerPreflight, forOwnOrigin } from './preflight.ts';
import { type Answer, type GatewayProblem, gatewayAnswer, outsideStage, problemCodeOf } from './problem.ts';
import { fromProxyResult, gatewayBodyLimit } from './proxy-result.ts';
import { refuseEvent, refuseHead } from './refusals.ts';

/** One answered request, for the terminal. The path holds no id and no query. */
export type RequestLine = {
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly problem: string | undefined;
  readonly ms: number;
};

export type GatewaySetup = {
  readonly loopback: Loopback;
  readonly controls: Controls;
  /** The API keys of all applications; by default one, that of the controls. */
  readonly keys?: readonly LocalKey[];
  /** Name of the stage, with which every path of the API begins; none by default. */
  readonly stage?: string | undefined;
  /** The countries that the page offers, by ISO 3166-1 code; none by default. */
  readonly countries?: () => Promise<readonly string[]>;
  /** The folder with the bundles of the page; without it, the page has no form. */
  readonly bundles?: string | undefined;
  /** The origins from which browsers may call; none by default. */
  readonly origins?: () => Promise<readonly string[]>;
  readonly invoke: (name: FunctionName, event: object, awsRequestId: string) => Promise<Invocation>;
  readonly onRequest?: (line: RequestLine) => void;
  /** Gets each answer of the API, with the id of its request. */
  readonly onAnswer?: (requestId: string, answer: Answer) => void;
  /** Requests that came before the gateway could answer them. */
  readonly early?: readonly [IncomingMessage, ServerResponse][];
};

/** The options of a gateway's server: it answers requests without a Host itself, in our own format. */
export const gatewayServerOptions = { requireHostHeader: false, maxHeaderSize: 16 * 1024 };

/**
 * Stands in for a regional REST API of API Gateway: routes, API keys, proxy events, and each error that API Gateway answers by
 * itself, in the stack's shape. It also serves the page, the documents and `/_local/…`, at the root of the server whatever the
 * stage.
 *
 * The answer to a bad request is always a 4xx. A 5xx is always a function's fault.
 */
export const serveGateway = (setup: GatewaySetup): void => {
  const { server } = setup.loopback;
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    handle(setup, request, response).catch(() => response.destroy());
  };
  server.on('request', serve);
  for (const [request, response] of setup.early ?? []) serve(request, response);
  // It ignores an `Expect` that it cannot meet.
  server.on('checkExpectation', serve);
  server.on('clientError', (_, socket) => refuseRaw(setup, socket));
  server.on('connect', (_, socket) => refuseRaw(setup, socket));
};

/** The base URL of the API. */
export const endpointOf = ({ url }: Pick<Loopback, 'url'>, stage: string | undefined): string =>
  stage === undefined ? url : `${url}/${stage}`;

type Exchange = { readonly requestId: string; readonly endpoint: string };

const handle = async (setup: GatewaySetup, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const started = performance.now();
  // Clients correct their clocks by it. It is the time that the functions see.
  response.setHeader('date', new Date(setup.controls.clock.now()).toUTCString());
  const exchange = { requestId: crypto.randomUUID(), endpoint: endpointOf(setup.loopback, setup.stage) };
  const target = parseTarget(request.url ?? '');
  const inStage = target === undefined ? undefined : withinStage(target, setup.stage);
  const match = inStage === undefined ? undefined : matchRoute(routes, request.method ?? '', inStage.segments);
  const answer = await decide(setup, { request, target, inStage, match, exchange }).catch(
    // The caller went away in the middle of its body. Nobody reads this answer.
    () => gatewayAnswer('DEFAULT_4XX', exchange),
  );
  const written = write(response, answer) ? answer : gatewayAnswer('INTEGRATION_FAILURE', exchange);
  if (written !== answer) write(response, written);
  // The rest of a refused body: unread, it would reset the connection before the caller sees the answer.
  request.resume();
  if (isPageAtWork(request, target, written)) return;
  if (match !== undefined) setup.onAnswer?.(exchange.requestId, written);
  setup.onRequest?.({
    at: new Date(setup.controls.clock.now()).toISOString(),
    method: request.method ?? '',
    path: shownPath(target, match),
    status: written.status,
    problem: problemCodeOf(written),
    ms: Math.round(performance.now() - started),
  });
};

/** The files of the page, and its calls to inbox and clock every second. The terminal does not show them. */
const isPageAtWork = ({ method }: IncomingMessage, target: Target | undefined, { status }: Answer): boolean =>
  method === 'GET' && status < 400 && /^(_local|page|docs|)$/.test(target?.segments[0] ?? 'unreadable');

type Asked = {
  readonly request: IncomingMessage;
  readonly target: Target | undefined;
  readonly inStage: Target | undefined;
  readonly match: RouteMatch | undefined;
  readonly exchange: Exchange;
};

const decide = async (setup: GatewaySetup, { request, target, inStage, match, exchange }: Asked): Promise<Answer> => {
  if (target === undefined || request.headers.host === undefined) return gatewayAnswer('DEFAULT_4XX', exchange);
  const [room = ''] = target.segments;
  if (isForOperators(target)) {
    const answer = await answerOperators(setup, { request, target, exchange });
    return { ...answer, headers: forOwnOrigin(answer.headers) };
  }
  if (['', 'page', 'docs', 'texts', '_local'].includes(room) || isDocument(target.segments)) {
    const answer = await answerRoom(setup, request, target, exchange);
    return { ...answer, headers: { 'x-request-id': exchange.requestId, ...forOwnOrigin(answer.headers) } };
  }
  if (inStage === undefined) return outsideStage(exchange.requestId);
  const refusedHead = refuseHead(request);
  if (refusedHead !== undefined) return gatewayAnswer(refusedHead, exchange);
  const { segments } = inStage;
  const preflight = await answerPreflight(request, { routes, segments }, setup.origins ?? (async () => []), exchange);
  if (preflight !== undefined) return preflight;
  if (match === undefined) return gatewayAnswer('MISSING_AUTHENTICATION_TOKEN', exchange);
  return await answerRoute(setup, { request, target: inStage, match, exchange });
};

/** The page and its controls: for browsers on this machine, at this machine's names (against DNS rebinding). */
const answerRoom = async (
  { controls, countries = async () => [], bundles, loopback }: GatewaySetup,
  request: IncomingMessage,
  target: Target,
  exchange: Exchange,
): Promise<Answer> => {
  const isOurs = isThisMachine(request);
  const site = request.headers['sec-fetch-site'];
  const isForeignOrigin = request.method !== 'GET' && isOfAnotherOrigin(request);
  const isForeign =
    target.segments[0] === '_local' && (site === 'cross-site' || site === 'same-site' || isForeignOrigin);
  if (!isOurs || isForeign)
    return gatewayAnswer('ACCESS_DENIED', {
      ...exchange,
      detail:
        'Local mode serves this only to its own page. Open it at http://127.0.0.1 or http://localhost, with the port.',
    });
  if (target.segments[0] === '_local') return await answerControl(controls, request, target, exchange);
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const page = isRead
    ? ((await readPage(target.segments, { countries, bundles })) ??
      (await readDocument(target.segments, {
        endpoint: exchange.endpoint,
        operatorEndpoint: operatorEndpointOf(loopback),
      })))
    : undefined;
  return page ?? gatewayAnswer('MISSING_AUTHENTICATION_TOKEN', exchange);
};

const answerRoute = async (
  { controls, keys = [{ id: 'local', value: controls.apiKey }], stage, invoke }: GatewaySetup,
  { request, target, match, exchange }: Omit<Asked, 'inStage'> & { target: Target; match: RouteMatch },
): Promise<Answer> => {
  const isClient = match.route.access === 'client';
  const apiKey = isClient ? keys.find(({ value }) => value === request.headers['x-api-key']) : undefined;
  if (isClient && apiKey === undefined) return gatewayAnswer('INVALID_API_KEY', exchange);
  const sourceIp = String(request.headers[sourceIpHeader] ?? '127.0.0.1');
  if (isIP(sourceIp) === 0)
    return gatewayAnswer('BAD_REQUEST_PARAMETERS', {
      ...exchange,
      detail: `${sourceIpHeader} must be one IP address.`,
    });
  const body = await readBody(request, gatewayBodyLimit);
  if (body === undefined) return gatewayAnswer('REQUEST_TOO_LARGE', exchange);
  const { requestId } = exchange;
  const event = toProxyEvent({
    request,
    target,
    match,
    body,
    sourceIp,
    requestId,
    apiKey,
    stage,
    nowMs: controls.clock.now(),
  });
  const refusedEvent = refuseEvent(event);
  if (refusedEvent !== undefined) return gatewayAnswer(refusedEvent, exchange);
  const invocation = await invoke(match.route.function, event, requestId);
  if (invocation.kind === 'timed-out') return gatewayAnswer('INTEGRATION_TIMEOUT', exchange);
  const answer = invocation.kind === 'answered' ? fromProxyResult(invocation.payload) : undefined;
  return answer ?? gatewayAnswer('INTEGRATION_FAILURE', exchange);
};

/** Writes the answer. False if its headers are invalid: then nothing was sent. */
const write = (response: ServerResponse, { status, headers, body }: Answer): boolean => {
  if (response.headersSent || response.destroyed) return true;
  const bodiless = status === 204 || status === 304;
  try {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (bodiless) response.removeHeader('content-type');
    else response.setHeader('content-length', Buffer.byteLength(body));
    response.writeHead(status);
  } catch {
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    return false;
  }
  response.end(bodiless ? undefined : body);
  return true;
};

/** Answers data that is not HTTP, and closes the connection: the start of the next request is unknown. */
const refuseRaw = ({ loopback, stage }: GatewaySetup, socket: Duplex): void => {
  if (!socket.writable) return void socket.destroy();
  const kind: GatewayProblem = 'DEFAULT_4XX';
  const { status, headers, body } = gatewayAnswer(kind, {
    requestId: crypto.randomUUID(),
    endpoint: endpointOf(loopback, stage),
  });
  const lines = Object.entries({ ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' });
  socket.on('error', () => {});
  socket.end(
    `HTTP/1.1 ${status} Bad Request\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`,
    () => socket.destroy(),
  );
};

/** The path for the terminal. An id is a secret of its caller, so only its first letters are shown. */
const shownPath = (target: Target | undefined, match: RouteMatch | undefined): string => {
  if (match !== undefined)
    return match.route.path.replace(
      /\{(\w+)\}/g,
      (_, name: string) => `${printable(match.pathParameters[name] ?? '').slice(0, 4)}…`,
    );
  const path = printable(target?.path ?? '(unreadable)');
  const [, upToV1] = /^((?:\/[^/]*)?\/v1\/)/.exec(path) ?? [];
  return upToV1 === undefined ? path.slice(0, 80) : `${upToV1.slice(0, 80)}…`;
};

// No caller may move the cursor or forge a line.
const printable = (text: string) => text.replace(/[^\x20-\x7e]/g, '?');
