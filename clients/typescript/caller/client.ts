/** The caller of the API: requests, checks, resends, cancels and gets verifications. */

import { readCanceled, readCheck, readFound, readSent } from './answers.ts';
import type {
  CancelOutcome,
  CheckOutcome,
  GetOutcome,
  Problem,
  RequestOutcome,
  ResendOutcome,
  Transaction,
} from './outcomes.ts';
import { type Call, makeCall, type Transport, waitFor } from './transport.ts';

type HeaderFields = Readonly<Record<string, string>>;

export type ClientOptions = {
  /** The output `Endpoint` of the stack, with its path: `https://otp.example.com/otp`. A path alone stays on the page's origin. */
  readonly baseUrl: string;
  /** Sent as `x-api-key`. */
  readonly apiKey?: string | undefined;
  /** More headers for each try, such as `authorization` with a fresh token. */
  readonly headers?: HeaderFields | (() => HeaderFields | Promise<HeaderFields>) | undefined;
  /** Another `fetch`, such as one that signs with Signature Version 4. */
  readonly fetch?: typeof fetch | undefined;
  /** Tries after the first: see `defaults`. */
  readonly maxRetries?: number | undefined;
  /** The longest wait for one answer, in milliseconds: see `defaults`. */
  readonly timeoutMs?: number | undefined;
  /** The longest time for a call with all its tries and waits, in milliseconds: see `defaults`. */
  readonly budgetMs?: number | undefined;
  /** For tests: the clock, chance and waiting. */
  readonly now?: (() => number) | undefined;
  readonly random?: (() => number) | undefined;
  readonly wait?: Transport['wait'] | undefined;
};

export type CallOptions = {
  /** Ends the call, its waits included. It then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
};
export type RepeatableOptions = CallOptions & {
  /** 16 to 255 visible ASCII characters; a random one by default. A `CallError` has the one that was used. */
  readonly idempotencyKey?: string | undefined;
};

export type RequestInput = {
  /** International with a leading `+`, in any usual spelling; or national, with `defaultCountry`. */
  readonly phoneNumber: string;
  /** ISO 3166-1 code of the country that a national number is read in. */
  readonly defaultCountry?: string | undefined;
  /** One of the purposes in the settings; `verify-number` by default. */
  readonly purpose?: string | undefined;
  /** `sms` by default. */
  readonly channel?: Channel | undefined;
  /** A BCP 47 tag. */
  readonly locale?: string | undefined;
  /** With purpose `transaction`, and only then. */
  readonly transaction?: Transaction | undefined;
  readonly appHash?: string | undefined;
  readonly origin?: string | undefined;
  /**
   * The end user's IP, from back ends only. Take it from the connection or from your own load balancer, never from a header
   * that a visitor can set.
   */
  readonly endUser?: { readonly ipAddress: string } | undefined;
};

/** How a code reaches its person. Calls only if the settings of the deployment have them. */
export type Channel = 'sms' | 'voice';

/** Without a channel, a resend takes that of the last send. */
export type ResendOptions = RepeatableOptions & { readonly channel?: Channel | undefined };

export type CheckInput = {
  /** As the person typed it: a text, since a number loses leading zeros. */
  readonly code: string;
  /** For purpose `transaction`, the same as in the request. */
  readonly transaction?: Transaction | undefined;
};

export type Client = {
  /**
   * Sends a code.
   *
   * All tries of a call have one `Idempotency-Key`, so that at most one SMS is sent.
   */
  readonly request: (input: RequestInput, options?: RepeatableOptions) => Promise<RequestOutcome>;
  /**
   * Judges one guess.
   *
   * All tries of a call have one `Idempotency-Key`. The service answers a repeat with its first answer, proof included, so
   * that a lost answer costs the person no second attempt. Each call has a fresh key: pass one yourself only to repeat a
   * call that threw.
   */
  readonly check: (id: string, input: CheckInput, options?: RepeatableOptions) => Promise<CheckOutcome>;
  /** Sends a fresh code for the same verification, at most once for all tries of a call. */
  readonly resend: (id: string, options?: ResendOptions) => Promise<ResendOutcome>;
  /** Makes the code worthless. */
  readonly cancel: (id: string, options?: CallOptions) => Promise<CancelOutcome>;
  /** Looks at a verification. */
  readonly get: (id: string, options?: CallOptions) => Promise<GetOutcome>;
};

/** 128 random bits. `crypto.randomUUID` is missing on pages without HTTPS. */
const randomKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** The bounds of a call, in tries and milliseconds. */
export const defaults = { maxRetries: 3, timeoutMs: 10_000, budgetMs: 20_000 } as const;

const transportOf = (options: ClientOptions): Transport => {
  const { baseUrl, apiKey, headers = {} } = options;
  if (typeof baseUrl !== 'string' || !/^(?:https?:\/\/|\/)/.test(baseUrl))
    throw new TypeError(
      'baseUrl is not a URL. Write the endpoint of the service, for example https://otp.example.com/otp.',
    );
  const mine: HeaderFields = apiKey === undefined ? {} : { 'x-api-key': apiKey };
  return {
    baseUrl: baseUrl.replace(/\/+$/, ''),
    // A browser's fetch needs its own `this`.
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    headers: async () => ({ ...mine, ...(typeof headers === 'function' ? await headers() : headers) }),
    maxRetries: options.maxRetries ?? defaults.maxRetries,
    timeoutMs: options.timeoutMs ?? defaults.timeoutMs,
    budgetMs: options.budgetMs ?? defaults.budgetMs,
    now: options.now ?? Date.now,
    random: options.random ?? Math.random,
    wait: options.wait ?? waitFor,
  };
};

/** The answer to an id that cannot be one, as the service gives it. No such text may become a part of a path. */
const notFound: Problem = {
  kind: 'verification-not-found',
  code: 'verification-not-found',
  status: 404,
  title: 'There is no such verification',
  detail: 'This text cannot be the id of a verification.',
  body: {},
};

const pathOf = (id: unknown): string | undefined =>
  typeof id === 'string' && /^[\w-]{1,255}$/.test(id) ? `/v1/verifications/${id}` : undefined;

/**
 * Makes a client of one deployment. It keeps no state, and may be shared by all callers.
 *
 * Every answer of the service is an outcome with a `kind`, problems included.
 *
 * @throws TypeError for a `baseUrl` that is none.
 */
export const createClient = (options: ClientOptions): Client => {
  const transport = transportOf(options);
  const on = async <Outcome>(id: string, make: (path: string) => Promise<Outcome>): Promise<Outcome | Problem> => {
    const path = pathOf(id);
    return path === undefined ? notFound : make(path);
  };
  const post = (path: string, body: object | undefined, { idempotencyKey, signal }: RepeatableOptions): Call => ({
    method: 'POST',
    path,
    body,
    idempotencyKey: idempotencyKey ?? randomKey(),
    signal,
  });
  return {
    request: (input, more = {}) =>
      makeCall<RequestOutcome>(transport, post('/v1/verifications', input, more), readSent),
    check: (id, input, more = {}) =>
      on(id, (path) => makeCall<CheckOutcome>(transport, post(`${path}/check`, input, more), readCheck)),
    resend: (id, { channel, ...more } = {}) =>
      on(id, (path) => {
        const body = channel === undefined ? undefined : { channel };
        return makeCall<ResendOutcome>(transport, post(`${path}/resend`, body, more), readSent);
      }),
    cancel: (id, { signal } = {}) =>
      on(id, (path) => makeCall<CancelOutcome>(transport, { method: 'DELETE', path, signal }, readCanceled)),
    get: (id, { signal } = {}) =>
      on(id, (path) => makeCall<GetOutcome>(transport, { method: 'GET', path, signal }, readFound)),
  };
};
