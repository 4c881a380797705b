import { type Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { type Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { HttpHandlerOptions, HttpRequest, HttpResponse } from '@smithy/types';

type Settings = {
  /** Until there is a connection. */
  readonly connectionTimeout: number;
  /** Until the headers of the answer, counted from the call. */
  readonly requestTimeout: number;
  /** Between two parts of the answer. */
  readonly socketTimeout: number;
  readonly httpAgent: HttpAgent;
  readonly httpsAgent: HttpsAgent;
};

export type CallHandler = {
  readonly metadata: { readonly handlerProtocol: string };
  readonly handle: (request: HttpRequest, options?: HttpHandlerOptions) => Promise<{ response: HttpResponse }>;
  readonly updateHttpClientConfig: <Name extends keyof Settings>(name: Name, value: Settings[Name]) => void;
  readonly httpHandlerConfigs: () => Settings & { readonly throwOnRequestTimeout: true };
  readonly destroy: () => void;
};

/**
 * The HTTP client under clients of the SDK, for calls whose request and answer are in memory (ADR 100). Node does TLS, framing
 * and reuse of connections, as under the handler of the SDK. It has the names and the messages of that handler's errors, by
 * which the SDK repeats calls and `senders/outcome.ts` tells whether a message may have been sent.
 */
export const callHandler = (initial: Settings): CallHandler => {
  let settings = initial;
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    handle: (request, options = {}) => call(request, settings, options),
    updateHttpClientConfig: (name, value) => {
      settings = { ...settings, [name]: value };
    },
    httpHandlerConfigs: () => ({ ...settings, throwOnRequestTimeout: true }),
    destroy: () => {
      settings.httpAgent.destroy();
      settings.httpsAgent.destroy();
    },
  };
};

/** More than any answer of these services: DynamoDB ends a batch of reads at 16 MB. */
const maxAnswerBytes = 32 * 2 ** 20;

const call = (request: HttpRequest, settings: Settings, { abortSignal, requestTimeout }: HttpHandlerOptions) =>
  new Promise<{ response: HttpResponse }>((resolve, reject) => {
    const sent = open(request, settings);
    const end = (): void => {
      clearTimeout(connecting);
      clearTimeout(waiting);
    };
    const fail = (error: Error): void => {
      end();
      sent.destroy();
      reject(error);
    };
    const connecting = setTimeout(() => fail(notConnected(settings.connectionTimeout)), settings.connectionTimeout);
    const headersMs = requestTimeout ?? settings.requestTimeout;
    let waiting = setTimeout(() => fail(notAnswered(headersMs)), headersMs);
    sent.on('socket', (socket) => {
      if (socket.connecting) socket.once('connect', () => clearTimeout(connecting));
      else clearTimeout(connecting);
    });
    sent.on('error', (error) => fail(named(error)));
    sent.on('response', (answer) => {
      clearTimeout(waiting);
      waiting = setTimeout(() => fail(stalled(settings.socketTimeout)), settings.socketTimeout);
      const taken = (body: Uint8Array): void => {
        end();
        resolve({ response: responseOf(answer, body) });
      };
      collect(answer, taken, fail, () => waiting.refresh());
    });
    if (abortSignal?.aborted) return void fail(aborted());
    if (abortSignal) abortSignal.onabort = () => fail(aborted());
    sent.end(request.body);
  });

/** Sends nothing yet. */
const open = ({ protocol, hostname, port, method, path, headers, query }: HttpRequest, settings: Settings) => {
  if (query !== undefined && Object.keys(query).length > 0)
    throw new Error('These services have no query strings: see lambdas/aws/calls/handler.ts.');
  const isTls = protocol === 'https:';
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  const agent = isTls ? settings.httpsAgent : settings.httpAgent;
  return (isTls ? requestHttps : requestHttp)({ host, port, method, path, headers, agent });
};

const collect = (
  answer: IncomingMessage,
  taken: (body: Uint8Array) => void,
  fail: (error: Error) => void,
  heard: () => void,
): void => {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  answer.on('data', (part: Uint8Array) => {
    heard();
    bytes += part.length;
    if (bytes > maxAnswerBytes) return fail(new Error(`An answer has more than ${maxAnswerBytes} bytes.`));
    parts.push(part);
  });
  answer.on('error', (error) => fail(named(error)));
  answer.on('end', () => taken(parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts)));
};

const responseOf = ({ statusCode = -1, statusMessage = '', headers }: IncomingMessage, body: Uint8Array) => {
  const texts: Record<string, string> = {};
  for (const [name, value = ''] of Object.entries(headers))
    texts[name] = typeof value === 'string' ? value : value.join(',');
  return { statusCode, reason: statusMessage, headers: texts, body };
};

const timedOut = (message: string): Error => Object.assign(new Error(message), { name: 'TimeoutError' });

const notConnected = (ms: number) =>
  timedOut(`The request socket did not establish a connection with the server within ${ms} ms.`);
const notAnswered = (ms: number) =>
  Object.assign(timedOut(`A request has exceeded the request time-out of ${ms} ms.`), { code: 'ETIMEDOUT' });
const stalled = (ms: number) => timedOut(`An answer has stalled for ${ms} ms.`);
const aborted = () => Object.assign(new Error('Request aborted'), { name: 'AbortError' });

/** Errors that the SDK repeats under this name, if the client repeats anything. */
const lostConnections = ['ECONNRESET', 'EPIPE', 'ETIMEDOUT'];

const named = (error: Error): Error =>
  'code' in error && lostConnections.includes(String(error.code))
    ? Object.assign(error, { name: 'TimeoutError' })
    : error;
