// @ts-check

/**
 * A call of the app to the API.
 *
 * @typedef {object} Call
 * @property {string} method
 * @property {string} path
 * @property {Readonly<Record<string, string>>} headers
 * @property {string | undefined} body
 *
 * @typedef {object} Answer
 * @property {number} status 0 if there was none
 * @property {number} ms
 * @property {Readonly<Record<string, string>>} headers
 * @property {string} body
 */

const sentHeaders = ['x-api-key', 'content-type', 'idempotency-key'];

/**
 * A `fetch` that shows each call to the API, and its answer.
 *
 * @template Key
 * @param {object} world
 * @param {string} world.basePath
 * @param {(call: Call) => Key} world.onCall
 * @param {(key: Key, answer: Answer) => void} world.onAnswer
 * @returns {typeof fetch}
 */
export const recordCalls =
  ({ basePath, onCall, onAnswer }) =>
  async (input, init) => {
    const request = new Request(input, init);
    const { pathname } = new URL(request.url);
    if (!/^\/(?:v1|\.well-known)\//.test(pathname.slice(basePath.length))) return fetch(request);
    const body = request.method === 'POST' ? await request.clone().text() : '';
    const key = onCall({
      method: request.method,
      path: pathname,
      headers: Object.fromEntries(
        sentHeaders.flatMap((name) => {
          const value = request.headers.get(name);
          return value === null ? [] : [[name, value]];
        }),
      ),
      body: body === '' ? undefined : body,
    });
    const started = performance.now();
    const ms = () => Math.round(performance.now() - started);
    try {
      const response = await fetch(request);
      const text = await response.clone().text();
      onAnswer(key, { status: response.status, ms: ms(), headers: Object.fromEntries(response.headers), body: text });
      return response;
    } catch (error) {
      onAnswer(key, { status: 0, ms: ms(), headers: {}, body: '' });
      throw error;
    }
  };
