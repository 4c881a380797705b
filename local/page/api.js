// @ts-check

/**
 * @typedef {object} Problem an RFC 9457 problem of the API, or of the connection to it
 * @property {string} code
 * @property {string} title
 * @property {string} detail
 * @property {readonly { pointer: string, detail: string }[]} errors
 *
 * @typedef {object} Answered
 * @property {true} ok
 * @property {number} status
 * @property {any} body
 *
 * @typedef {object} Refused
 * @property {false} ok
 * @property {number} status 0 if there was no answer
 * @property {Problem} problem
 * @property {number | undefined} retryAfterSeconds
 *
 * @typedef {Answered | Refused} Outcome
 *
 * @typedef {object} Call
 * @property {'GET' | 'POST' | 'DELETE'} method
 * @property {string} path under the endpoint
 * @property {object} [body]
 * @property {string} [idempotencyKey]
 * @property {boolean} [isPublic] needs no API key
 *
 * @typedef {object} Exchange a call and how it ended
 * @property {string} method
 * @property {string} path
 * @property {Readonly<Record<string, string>>} headers
 * @property {string | undefined} body
 * @property {number} status
 * @property {string | undefined} problem
 *
 * @typedef {(call: Call) => Promise<Outcome>} Api
 */

// A function has 28 seconds, API Gateway 29.
const patienceMs = 32_000;

/**
 * The API as a client app calls it.
 *
 * @param {(exchange: Exchange) => void} onExchange
 * @returns {Api}
 */
export const createApi = (onExchange) => {
  const access = rememberAccess();
  return async ({ method, path: route, body, idempotencyKey, isPublic = false }) => {
    const { basePath, apiKey } = await access.get();
    const path = `${basePath}${route}`;
    /** @type {Record<string, string>} */
    const headers = isPublic ? {} : { 'x-api-key': apiKey };
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const outcome = await exchange(path, { method, headers, ...(text === undefined ? {} : { body: text }) });
    // The server may have restarted with another key, or under another base path.
    if (outcome.status === 401 || outcome.status === 403) access.forget();
    const problem = outcome.ok ? undefined : outcome.problem.code;
    onExchange({ method, path, headers, body: text, status: outcome.status, problem });
    return outcome;
  };
};

/** @typedef {{ readonly basePath: string, readonly apiKey: string }} Access */

/** The place of the API on this server, and its key. The page may be open under another name of the same machine. */
const rememberAccess = () => {
  /** @type {Access | undefined} */
  let known;
  return {
    /** @returns {Promise<Access>} */
    get: async () => {
      known ??= await fetch('/_local/client')
        .then((response) => response.json())
        .then(({ endpoint, apiKey }) => ({ basePath: new URL(endpoint).pathname.replace(/\/$/, ''), apiKey }))
        .catch(() => undefined);
      return known ?? { basePath: '', apiKey: 'local' };
    },
    forget: () => {
      known = undefined;
    },
  };
};

/**
 * @param {string} path
 * @param {RequestInit} init
 * @returns {Promise<Outcome>}
 */
const exchange = async (path, init) => {
  try {
    const response = await fetch(path, { ...init, cache: 'no-store', signal: AbortSignal.timeout(patienceMs) });
    const text = await response.text();
    if (response.ok) return { ok: true, status: response.status, body: text === '' ? undefined : JSON.parse(text) };
    return refusedBy(response, text);
  } catch (error) {
    const isSlow = error instanceof DOMException && error.name === 'TimeoutError';
    return { ok: false, status: 0, retryAfterSeconds: undefined, problem: isSlow ? noAnswer : noConnection };
  }
};

/**
 * @param {Response} response
 * @param {string} text
 * @returns {Refused}
 */
const refusedBy = (response, text) => {
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  const retryAfterSeconds = Number.isFinite(retryAfter) ? retryAfter : undefined;
  return { ok: false, status: response.status, retryAfterSeconds, problem: readProblem(text) ?? unreadable(response) };
};

/**
 * @param {string} text
 * @returns {Problem | undefined}
 */
const readProblem = (text) => {
  try {
    const { code, title, detail, errors } = JSON.parse(text);
    if (typeof code !== 'string' || typeof detail !== 'string') return undefined;
    return { code, detail, title: String(title ?? detail), errors: Array.isArray(errors) ? errors : [] };
  } catch {
    return undefined;
  }
};

/** @type {Problem} */
const noConnection = {
  code: 'no-connection',
  title: 'The server cannot be reached',
  detail:
    'The server cannot be reached. Check that npm start still runs in your terminal. Then press the button again. Nothing is sent or counted twice.',
  errors: [],
};

/** @type {Problem} */
const noAnswer = {
  code: 'no-answer',
  title: 'The server did not answer',
  detail: 'The server did not answer in time. Press the button again. Nothing is sent or counted twice.',
  errors: [],
};

/**
 * @param {Response} response
 * @returns {Problem}
 */
const unreadable = ({ status }) => ({
  code: 'unreadable-answer',
  title: 'The answer cannot be read',
  detail: `This page cannot read the answer ${status} of the server. The terminal may say more.`,
  errors: [],
});

/**
 * Idempotency keys of one kind of action. A new action gets a new key. A repeat after a lost answer gets the same key
 * again.
 */
export const createIdempotencyKeys = () => {
  /** @type {{ action: string, key: string } | undefined} */
  let open;
  return {
    /** @param {object} action the whole request */
    keyOf: (action) => {
      const text = JSON.stringify(action);
      if (open?.action !== text) open = { action: text, key: crypto.randomUUID() };
      return open.key;
    },
    /** @param {Outcome} outcome */
    learn: (outcome) => {
      if (!isUnknown(outcome)) open = undefined;
    },
  };
};

/** @param {Outcome} outcome */
const isUnknown = (outcome) =>
  !outcome.ok && ([0, 500, 503, 504].includes(outcome.status) || outcome.problem.code === 'request-in-progress');
