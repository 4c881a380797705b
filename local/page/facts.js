// @ts-check

/**
 * The facts of this instance.
 *
 * @typedef {object} Facts
 * @property {string} endpoint the base URL of the API, on the host that the page is open at
 * @property {string} basePath the path of the endpoint, without a slash at its end
 * @property {string} apiKey
 * @property {boolean} hasLimits
 * @property {boolean} hasReceipts
 * @property {boolean} asksCarriers whether SIMs were swapped
 * @property {{ countries: readonly string[] } | undefined} voice where calls go, if there are any
 *
 * @typedef {{ endpoint?: string, apiKey?: string, limits?: boolean, receipts?: boolean, numberRisk?: boolean, voice?: Facts['voice'] }} Told
 */

/** @returns {Promise<Facts>} */
export const readFacts = async () => {
  const [client, settings] = await Promise.all([read('/_local/client'), read('/_local/settings')]);
  const { endpoint = location.origin, apiKey = 'local' } = client;
  // The page may be open under another name of the same machine.
  const basePath = new URL(endpoint).pathname.replace(/\/$/, '');
  return { endpoint: `${location.origin}${basePath}`, basePath, apiKey, ...knownOf(settings) };
};

/** @param {Told} settings */
const knownOf = ({ limits, receipts, numberRisk, voice }) => ({
  hasLimits: limits !== false,
  hasReceipts: receipts === true,
  asksCarriers: numberRisk === true,
  voice,
});

/**
 * @param {string} path
 * @returns {Promise<Told>} empty if there is no answer
 */
const read = (path) =>
  fetch(path)
    .then((response) => (response.ok ? response.json() : {}))
    .catch(() => ({}));
