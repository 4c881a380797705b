import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent, type RequestOptions } from 'node:https';
import type { FailureCause, Post, Posted } from '../ports.ts';

export type Address = { readonly address: string; readonly family: 4 | 6 };

/** How far deliveries reach, and by which protocol. */
export type Reach = {
  /** The addresses that may be connected to, or why there are none. It ends soon after the signal. */
  readonly addressesOf: (url: URL, signal: AbortSignal) => Promise<readonly Address[] | 'address' | 'dns'>;
  readonly request: (options: RequestOptions, answered: (answer: IncomingMessage) => void) => ClientRequest;
};

export type PostSetup = {
  readonly reach: Reach;
  /** For everything, from the look-up to the status. */
  readonly timeoutMs: number;
  readonly now: () => number;
};

/** Of all headers of an answer together, in bytes. */
const maxHeaderSize = 8192;
/** To connect to one of several addresses, in milliseconds. Node's 250 is too short for a consumer on another continent. */
const perAddressMs = 1000;

/**
 * Posts once. The connection goes to an address that was checked, and to no other: Node asks this `lookup`, so that a name that
 * changes between check and use (DNS rebinding) changes nothing. Nothing is kept for a next call.
 *
 * Neither a body nor a redirect of an answer is read.
 */
export const poster =
  ({ reach, timeoutMs, now }: PostSetup): Post =>
  async (text, headers, body, withinMs = timeoutMs) => {
    const url = URL.parse(text);
    if (url === null) return failed('address');
    const ending = new AbortController();
    const timer = setTimeout(() => ending.abort(), Math.min(withinMs, timeoutMs));
    try {
      const addresses = await reach.addressesOf(url, ending.signal);
      if (ending.signal.aborted) return failed('timeout');
      if (typeof addresses === 'string') return failed(addresses);
      const options = { ...optionsOf(url, addresses, headers), signal: ending.signal };
      return await exchange(reach.request, options, body, now);
    } catch (cause) {
      return failed(ending.signal.aborted ? 'timeout' : causeOf(cause));
    } finally {
      clearTimeout(timer);
    }
  };

const failed = (cause: FailureCause): Posted => ({ kind: 'failed', cause });

const optionsOf = (
  { protocol, hostname, port, pathname, search }: URL,
  addresses: readonly Address[],
  headers: Readonly<Record<string, string>>,
): RequestOptions => ({
  method: 'POST',
  protocol,
  hostname,
  port,
  path: `${pathname}${search}`,
  headers,
  maxHeaderSize,
  lookup: pinnedTo(addresses),
  // Not the global agent, which may use a proxy or an open connection. A plain one of Node, if the call is not by https.
  agent: protocol === 'https:' ? agentOf() : false,
  // Whatever the environment says.
  rejectUnauthorized: true,
  minVersion: 'TLSv1.2',
});

/**
 * A function outside of a VPC has no IPv6. If its one IPv4 got 250 ms, a slow one would be left for an IPv6 that fails.
 * https://nodejs.org/api/net.html#netsetdefaultautoselectfamilyattempttimeouttimeout
 */
const agentOf = (): Agent =>
  new Agent({ keepAlive: false, maxCachedSessions: 0, autoSelectFamilyAttemptTimeout: perAddressMs });

type Lookup = NonNullable<RequestOptions['lookup']>;

const pinnedTo =
  (addresses: readonly Address[]): Lookup =>
  (_, { all }, callback) => {
    const [first] = addresses;
    if (all === true) callback(null, [...addresses]);
    else if (first === undefined) callback(new Error('No address was checked.'), '', 4);
    else callback(null, first.address, first.family);
  };

/** Settles with the status, and ends the connection at once: an answer may have a body without end. */
const exchange = async (
  request: Reach['request'],
  options: RequestOptions,
  body: string,
  now: () => number,
): Promise<Posted> =>
  await new Promise((resolve, reject) => {
    const sent = request(options, (answer) => {
      resolve(postedBy(answer, now()));
      sent.destroy();
    });
    sent.on('error', reject);
    // Also after an answer, and after a change of protocol that nobody asked for.
    sent.on('close', () => reject(new Error('The connection was closed.')));
    sent.end(body);
  });

const postedBy = ({ statusCode: status = 0, headers }: IncomingMessage, nowMs: number): Posted => {
  if (status >= 200 && status <= 299) return { kind: 'delivered', status };
  const retryAfterSeconds = secondsOf(headers['retry-after'], nowMs);
  return {
    kind: 'failed',
    cause: causeOfStatus(status),
    status,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
};

const causeOfStatus = (status: number): FailureCause => {
  if (status === 410) return 'gone';
  if (status === 429) return 'throttled';
  if (status >= 300 && status <= 399) return 'redirect';
  if (status >= 400 && status <= 499) return 'refused';
  return status >= 500 ? 'server-error' : 'connection';
};

/** Seconds, or a date (RFC 9110, section 10.2.3). Anything else asks for nothing. */
const secondsOf = (retryAfter: string | undefined, nowMs: number): number | undefined => {
  if (retryAfter === undefined) return undefined;
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter);
  const atMs = /GMT$/.test(retryAfter) ? Date.parse(retryAfter) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : Math.max(0, Math.ceil((atMs - nowMs) / 1000));
};

/** OpenSSL's codes of certificates (`X509_V_ERR_…`, without that), and those of Node. */
const ofTls = /^(?:ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|EPROTO$|HOSTNAME_MISMATCH$|INVALID_CA$)/;

const causeOf = (error: unknown): FailureCause => {
  const { code } = error instanceof Error ? (error as { readonly code?: unknown }) : {};
  return typeof code === 'string' && ofTls.test(code) ? 'tls' : 'connection';
};
