import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';
import type { AwsCredentialIdentity, HttpRequest, RequestSigner } from '@smithy/types';
import { escaped } from './plain.ts';

/** The part of a client that its signer asks. */
export type Identified = {
  readonly config: {
    readonly credentials: () => Promise<AwsCredentialIdentity>;
    readonly region: () => Promise<string>;
  };
};

/** The facts of a signature beside the request. */
type Signing = {
  readonly identity: AwsCredentialIdentity;
  readonly region: string;
  readonly service: string;
  readonly date: Date;
};

/**
 * Signs calls by Signature Version 4, as the SDK's signer does, to the byte:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 *
 * It keeps the key of the day, and signs the request in place. The key is a `KeyObject`, which OpenSSL prepares once (ADR 100).
 */
export const requestSigner = (): ((request: HttpRequest, signing: Signing) => void) => {
  const keyFor = signingKeys();
  return (request, { identity, region, service, date }) => {
    const time = timeOf(date);
    const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
    const digest = complete(request, time, identity);
    const headers = canonicalHeaders(request.headers);
    const names = headers.map(([name]) => name).join(';');
    const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash('sha256', canonical(request, headers, names, digest))}`;
    const signature = createHmac('sha256', keyFor(identity, scope)).update(text).digest('hex');
    request.headers['authorization'] =
      `AWS4-HMAC-SHA256 Credential=${identity.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  };
};

/**
 * The same for a client of the SDK.
 *
 * @param client is made after its signer.
 */
export const callSigner = (service: string, client: () => Identified): RequestSigner => {
  const sign = requestSigner();
  return {
    sign: async (request, { signingDate = new Date(), signingRegion, signingService = service } = {}) => {
      const { config } = client();
      const identity = await config.credentials();
      const region = signingRegion ?? (await config.region());
      sign(request, { identity, region, service: signingService, date: new Date(signingDate) });
      return request;
    },
  };
};

/** `20261129T201500Z` */
const timeOf = (date: Date): string => date.toISOString().replace(/[-:]|\.\d{3}/g, '');

/** Headers that a signature makes anew. */
const made: readonly string[] = ['authorization', 'x-amz-date', 'date'];
const digestHeader = 'x-amz-content-sha256';

/** Adds the headers that are signed. @returns the digest of the body. */
const complete = ({ headers, body }: HttpRequest, time: string, { sessionToken }: AwsCredentialIdentity): string => {
  let stated: string | undefined;
  for (const name of Object.keys(headers)) {
    const lower = name.toLowerCase();
    if (made.includes(lower)) delete headers[name];
    if (lower === digestHeader) stated ??= headers[name];
  }
  headers['x-amz-date'] = time;
  if (sessionToken) headers['x-amz-security-token'] = sessionToken;
  if (stated !== undefined) return stated;
  const digest = digestOf(body);
  headers[digestHeader] = digest;
  return digest;
};

const digestOf = (body: unknown): string => {
  if (body === undefined || body === null) return hash('sha256', '');
  return typeof body === 'string' || body instanceof Uint8Array ? hash('sha256', body) : 'UNSIGNED-PAYLOAD';
};

/** Headers that servers on the way may change. */
const unsigned = new Set([
  ...['authorization', 'cache-control', 'connection', 'expect', 'from', 'keep-alive', 'max-forwards', 'pragma'],
  ...['referer', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'user-agent', 'x-amzn-trace-id'],
]);

const canonicalHeaders = (headers: HttpRequest['headers']): readonly (readonly [string, string])[] => {
  const found = new Map<string, string>();
  for (const name of Object.keys(headers).sort()) {
    const lower = name.toLowerCase();
    const value: string | undefined = headers[name];
    const isSigned = !unsigned.has(lower) && !lower.startsWith('proxy-') && !lower.startsWith('sec-');
    if (value !== undefined && value !== null && isSigned) found.set(lower, trimmed(value));
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
};

const trimmed = (value: string): string =>
  /[\t\r\n]|^ | $| {2}/.test(value)
    ? value
        .replace(/[\r\n]/g, ' ')
        .replace(/[ \t]+/g, ' ')
        .replace(/^ | $/g, '')
    : value;

const canonical = (
  { method, path, query }: HttpRequest,
  headers: readonly (readonly [string, string])[],
  names: string,
  digest: string,
): string => {
  const lines = headers.map(([name, value]) => `${name}:${value}\n`).join('');
  return `${method}\n${canonicalPath(path)}\n${canonicalQuery(query)}\n${lines}\n${names}\n${digest}`;
};

/** The path without `.` and `..`, escaped twice. */
const canonicalPath = (path: string): string => {
  if (path === '/') return path;
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  const start = path.startsWith('/') ? '/' : '';
  const end = kept.length > 0 && path.endsWith('/') ? '/' : '';
  return escaped(`${start}${kept.join('/')}${end}`).replaceAll('%2F', '/');
};

const canonicalQuery = (query: HttpRequest['query'] = {}): string =>
  Object.entries(query)
    .filter(([name, value]) => name.toLowerCase() !== 'x-amz-signature' && value !== null)
    .map(([name, value]): [string, string] => [escaped(name), pairs(escaped(name), value ?? '')])
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, text]) => text)
    .filter((text) => text !== '')
    .join('&');

const pairs = (name: string, value: string | readonly string[]): string =>
  typeof value === 'string'
    ? `${name}=${escaped(value)}`
    : value
        .map((each) => `${name}=${escaped(each)}`)
        .sort()
        .join('&');

type Kept = { readonly secret: string; readonly scope: string; readonly key: KeyObject };

/** Keeps the key of one day, Region and service. Others follow it only at midnight, or with other credentials. */
const signingKeys = () => {
  let kept: Kept | undefined;
  return ({ secretAccessKey: secret }: AwsCredentialIdentity, scope: string): KeyObject => {
    if (kept?.scope === scope && kept.secret === secret) return kept.key;
    const derived = scope
      .split('/')
      .reduce<string | Buffer>((key, part) => createHmac('sha256', key).update(part).digest(), `AWS4${secret}`);
    const key = createSecretKey(Buffer.from(derived));
    kept = { secret, scope, key };
    return key;
  };
};
