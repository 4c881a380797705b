// @ts-check

/**
 * What local mode can play, and how far it is.
 *
 * @typedef {object} Play
 * @property {string} play
 * @property {string} title
 * @property {string} detail
 * @property {'attack' | 'legitimate'} kind
 *
 * @typedef {object} Progress
 * @property {string} id
 * @property {string} play
 * @property {string} title
 * @property {'running' | 'done' | 'stopped' | 'failed'} state
 * @property {{ range?: string, prefix?: string, country?: string }} where
 * @property {{ asked: number, sent: number, refused: number, entered: number }} attack
 * @property {{ asked: number, served: number, refused: number }} neighbors
 * @property {number} movedSeconds
 * @property {string} [error]
 */

const maxMs = 15_000;

class NotPlayed extends Error {
  /**
   * @param {number} status
   * @param {string} sentence
   */
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

/**
 * @param {readonly string[]} names
 * @param {object} [body]
 * @returns {Promise<any>}
 */
const call = async (names, body) => {
  const response = await fetch(['/_local/traffic', ...names].join('/'), {
    signal: AbortSignal.timeout(maxMs),
    cache: 'no-store',
    ...(body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  throw new NotPlayed(
    response.status,
    typeof answer.detail === 'string' ? answer.detail : `Local mode answered ${response.status}.`,
  );
};

export const localTraffic = {
  /** @returns {Promise<{ plays: readonly Play[], running: readonly Progress[] }>} */
  plays: () => call([]),
  /**
   * @param {string} play
   * @returns {Promise<Progress>}
   */
  start: (play) => call([], { play }),
  /** @returns {Promise<unknown>} */
  stop: () => call(['stop'], {}),
  /**
   * @param {string} id
   * @returns {Promise<Progress | undefined>} nothing if it is forgotten
   */
  progress: (id) =>
    call([encodeURIComponent(id)]).catch((error) => {
      if (error instanceof NotPlayed && error.status === 404) return undefined;
      throw error;
    }),
  /**
   * @param {unknown} error
   * @returns {string | undefined} the sentence of local mode
   */
  sentenceOf: (error) => (error instanceof NotPlayed ? error.message : undefined),
};
