import type { HttpRequest } from '@smithy/types';
import { createConnections } from '../calls/connections.ts';
import { callHandler } from '../calls/handler.ts';

/** More than any answer of these APIs. */
const maxAnswerBytes = 64 * 1024;

export type WireAnswer = {
  readonly status: number;
  /** Seconds. */
  readonly retryAfter: number | undefined;
  /** Undefined for a body that is no JSON object. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
};

export type WireRequest = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
  /** How long to wait for the answer, in milliseconds. */
  readonly withinMs: number;
};

export type WireReach = 'https' | 'this-machine';

/** Posts to an API of a provider. A redirect is an answer like any other, and is not followed. */
export type Wire = {
  /** @throws Error without an answer. */
  readonly post: (request: WireRequest) => Promise<WireAnswer>;
  readonly destroy: () => void;
};

/** The time until the answer is that of each request. */
const timeouts = { connectionTimeout: 800, requestTimeout: 800, socketTimeout: 800 } as const;

/**
 * Over connections that were used within three seconds, because a look-up has no time to find out that one is dead.
 *
 * @param reach `https`: nothing goes out unencrypted. `this-machine`: plain HTTP to 127.0.0.1 as well, for local mode and tests.
 */
export const httpWire = (reach: WireReach): Wire => {
  const { handle, destroy } = callHandler({ ...timeouts, maxAnswerBytes, connections: createConnections('recent') });
  return {
    destroy,
    post: async ({ url, headers, body, signal, withinMs }) => {
      const request = requestOf(url, headers, body, reach);
      const { response } = await handle(request, { abortSignal: signal, requestTimeout: withinMs });
      return {
        status: response.statusCode,
        retryAfter: secondsIn(response.headers['retry-after']),
        body: objectIn(response.body),
      };
    },
  };
};

const requestOf = (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  reach: WireReach,
): HttpRequest => {
  const { protocol, hostname, host, port, pathname } = new URL(url);
  const isHere = reach === 'this-machine' && hostname === '127.0.0.1';
  if (protocol !== 'https:' && !isHere) throw new Error('A provider is asked over https alone.');
  return {
    method: 'POST',
    protocol,
    hostname,
    ...(port === '' ? {} : { port: Number(port) }),
    path: pathname,
    query: {},
    headers: { host, accept: 'application/json', 'content-length': String(Buffer.byteLength(body)), ...headers },
    body,
  };
};

const secondsIn = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;

const objectIn = (bytes: Uint8Array): WireAnswer['body'] => {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
};
