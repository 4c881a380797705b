import type { EndpointV2, HttpRequest, HttpResponse } from '@smithy/types';

/** Calls that are written and read without the SDK's schemas. */
export type PlainCalls = {
  readonly operations: readonly string[];
  /** Adds what the SDK fills in once, before all tries. */
  readonly complete: (operation: string, input: object) => object;
  /** @returns nothing for a call that the SDK has to write. */
  readonly requestOf: (operation: string, input: object, endpoint: EndpointV2) => HttpRequest | undefined;
  /** @returns nothing for an answer that the SDK has to read. */
  readonly outputOf: (response: HttpResponse) => object | undefined;
  /** @returns the error of a condition that did not hold, which is an answer like others. The SDK has to read all other errors. */
  readonly refusalOf: (response: HttpResponse) => Error | undefined;
};

/** @returns nothing for an endpoint that wants more than a URL. */
export const postTo = (
  { url, headers: wanted = {} }: EndpointV2,
  headers: Readonly<Record<string, string>>,
  body: string,
): HttpRequest | undefined => {
  if (Object.keys(wanted).length > 0) return undefined;
  const { protocol, hostname, host, port, pathname } = url;
  return {
    method: 'POST',
    protocol,
    hostname,
    ...(port === '' ? {} : { port: Number(port) }),
    path: pathname.endsWith('/') ? pathname : `${pathname}/`,
    query: {},
    headers: { ...headers, 'content-length': String(Buffer.byteLength(body)), host },
    body,
  };
};

export const outputWith = (response: HttpResponse, output: object): object =>
  Object.assign(output, { $metadata: metadataOf(response) });

/** Of a first try. */
export const metadataOf = ({ statusCode, headers }: HttpResponse): object => ({
  ...{ httpStatusCode: statusCode, requestId: headers['x-amzn-requestid'] },
  ...{ attempts: 1, totalRetryDelay: 0 },
});

/** RFC 3986, section 2.3: all but the unreserved characters. */
export const escaped = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
