import type { HttpHandlerOptions, HttpRequest, HttpResponse } from '@smithy/types';
import { answerReader, type Whole } from './answer.ts';
import type { Connection, Connections, Target } from './connections.ts';

type Settings = {
  /** Until there is a connection. */
  readonly connectionTimeout: number;
  /** Until the headers of the answer, counted from the call. */
  readonly requestTimeout: number;
  /** Between two parts of the answer. */
  readonly socketTimeout: number;
  readonly connections: Connections;
  /** Of a body. */
  readonly maxAnswerBytes?: number;
};

/** More than any answer of AWS: DynamoDB ends a batch of reads at 16 MB. */
const maxBytesOfAws = 32 * 2 ** 20;

export type CallHandler = {
  readonly metadata: { readonly handlerProtocol: string };
  readonly handle: (request: HttpRequest, options?: HttpHandlerOptions) => Promise<{ response: HttpResponse }>;
  readonly updateHttpClientConfig: <Name extends keyof Settings>(name: Name, value: Settings[Name]) => void;
  readonly httpHandlerConfigs: () => Settings & { readonly throwOnRequestTimeout: true };
  /** Opens a connection before the first call. A failure is left to that call. */
  readonly open: (url: URL) => void;
  readonly destroy: () => void;
};

/**
 * The HTTP client under direct clients and those of the SDK, for calls whose request and answer are in memory (ADR 100, ADR 121).
 * Node does TLS. It has the names and the messages of the errors of the SDK's own handler, by which the SDK repeats calls and
 * `senders/outcome.ts` tells whether a message may have been sent.
 */
export const callHandler = (initial: Settings): CallHandler => {
  let settings = initial;
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    handle: async (request, options = {}) => ({ response: await call(request, settings, options) }),
    updateHttpClientConfig: (name, value) => {
      settings = { ...settings, [name]: value };
    },
    httpHandlerConfigs: () => ({ ...settings, throwOnRequestTimeout: true }),
    open: ({ protocol, hostname, port }) =>
      settings.connections.open(targetOf({ protocol, hostname, ...(port === '' ? {} : { port: Number(port) }) })),
    destroy: () => settings.connections.destroy(),
  };
};

const call = (request: HttpRequest, settings: Settings, { abortSignal, requestTimeout }: HttpHandlerOptions) =>
  new Promise<HttpResponse>((resolve, reject) => {
    const head = headOf(request);
    const signal = abortSignal as AbortSignal | undefined;
    if (signal?.aborted) return void reject(aborted());
    const reader = answerReader(settings.maxAnswerBytes ?? maxBytesOfAws);
    const headersMs = requestTimeout ?? settings.requestTimeout;
    let connection: Connection | undefined;
    let leave = (): void => {};
    const end = (maxIdleMs: number): void => {
      clearTimeout(connecting);
      clearTimeout(waiting);
      leave();
      connection?.release(maxIdleMs);
      signal?.removeEventListener('abort', abort);
    };
    const fail = (error: Error): void => {
      end(0);
      reject(error);
    };
    const abort = (): void => fail(aborted());
    const take = (read: () => Whole | undefined): boolean => {
      let isOver = true;
      attempt(() => {
        const whole = read();
        isOver = whole !== undefined;
        if (whole === undefined) return;
        end(whole.maxIdleMs);
        resolve(whole.response);
      }, fail);
      return isOver;
    };
    const waitForMore = (): void => {
      clearTimeout(waiting);
      waiting = setTimeout(() => fail(stalled(settings.socketTimeout)), settings.socketTimeout);
    };
    let waiting = setTimeout(() => fail(notAnswered(headersMs)), headersMs);
    const connecting = setTimeout(() => fail(notConnected(settings.connectionTimeout)), settings.connectionTimeout);
    const listener = {
      connected: () => clearTimeout(connecting),
      heard: (part: Buffer) => {
        if (!take(() => reader.read(part)) && reader.hasHead()) waitForMore();
      },
      ended: () => {
        if (!take(reader.end)) fail(named(cutOff()));
      },
      failed: (error: Error) => fail(named(error)),
    };
    // One signal may be that of other calls as well.
    signal?.addEventListener('abort', abort, { once: true });
    // A call that waited is written by the one that ends, which must not fail with it.
    const start = (taken: Connection): void => {
      connection = taken;
      if (taken.isConnected()) clearTimeout(connecting);
      attempt(() => write(taken, head, request.body), fail);
    };
    attempt(() => {
      leave = settings.connections.take(targetOf(request), listener, start);
    }, fail);
  });

const attempt = (act: () => void, fail: (error: Error) => void): void => {
  try {
    act();
  } catch (error) {
    fail(error instanceof Error ? error : new Error(String(error)));
  }
};

const targetOf = ({ protocol, hostname, port }: Pick<HttpRequest, 'protocol' | 'hostname' | 'port'>): Target => {
  const isTls = protocol === 'https:';
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return { isTls, host, port: port ?? (isTls ? 443 : 80) };
};

/** A character that would end a line, or that no header may have: RFC 9110, section 5.5. */
const unfit = /[^\t\x20-\x7e\x80-\xff]/;

const headOf = ({ method, path, headers, query }: HttpRequest): string => {
  if (query !== undefined && Object.keys(query).length > 0)
    throw new Error('These services have no query strings: see lambdas/aws/calls/handler.ts.');
  let lines = '';
  for (const [name, value] of Object.entries(headers)) {
    if (unfit.test(value)) throw new Error(`The header ${name} holds a character that no header may have.`);
    lines += `${name}: ${value}\r\n`;
  }
  if (/[^\x21-\x7e]/.test(path)) throw new Error('The path holds a character that no path may have.');
  return `${method} ${path} HTTP/1.1\r\n${lines}connection: keep-alive\r\n\r\n`;
};

const write = ({ socket }: Connection, head: string, body: unknown): void => {
  if (body === undefined) return void socket.write(head, 'latin1');
  // One write is one record of TLS. The head is ASCII, unless a header is not.
  if (typeof body === 'string' && isAscii(head)) return void socket.write(head + body);
  socket.cork();
  socket.write(head, 'latin1');
  socket.write(body as string | Uint8Array);
  socket.uncork();
};

const isAscii = (text: string): boolean => !/[\x80-\xff]/.test(text);

const timedOut = (message: string): Error => Object.assign(new Error(message), { name: 'TimeoutError' });

const notConnected = (ms: number) =>
  timedOut(`The request socket did not establish a connection with the server within ${ms} ms.`);
const notAnswered = (ms: number) =>
  Object.assign(timedOut(`A request has exceeded the request time-out of ${ms} ms.`), { code: 'ETIMEDOUT' });
const stalled = (ms: number) => timedOut(`An answer has stalled for ${ms} ms.`);
const cutOff = () => Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
const aborted = () => Object.assign(new Error('Request aborted'), { name: 'AbortError' });

/** Errors that the SDK repeats under this name, if the client repeats anything. */
const lostConnections = ['ECONNRESET', 'EPIPE', 'ETIMEDOUT'];

const named = (error: Error): Error =>
  'code' in error && lostConnections.includes(String(error.code))
    ? Object.assign(error, { name: 'TimeoutError' })
    : error;
