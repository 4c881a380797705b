// @ts-check

/**
 * The reason of a refusal, which local mode knows and the API does not tell.
 *
 * @typedef {{ why: string, until?: string, lift?: string }} Reason
 */

const triesMs = [0, 300, 900];

/**
 * @param {string | undefined} requestId
 * @returns {Promise<Reason | undefined>} nothing if local mode knows none
 */
export const readReason = async (requestId) => {
  if (requestId === undefined) return undefined;
  // The log of the function may come after its answer.
  for (const waitMs of triesMs) {
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    const answer = await ask(requestId);
    if (answer !== 'none') return answer;
  }
  return undefined;
};

/**
 * @param {string} requestId
 * @returns {Promise<Reason | undefined | 'none'>}
 */
const ask = async (requestId) => {
  try {
    const response = await fetch(`/_local/refusals?requestId=${encodeURIComponent(requestId)}`);
    if (!response.ok) return undefined;
    const [refusal] = await response.json();
    return refusal ?? 'none';
  } catch {
    return undefined;
  }
};
