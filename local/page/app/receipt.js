// @ts-check

/**
 * Looks up what became of a message, and says it: soon after the send, and again a little later, because receipts take a moment.
 *
 * @param {object} world
 * @param {string} world.endpoint
 * @param {string} world.apiKey
 * @param {typeof globalThis.fetch} world.fetch
 * @param {(words: string) => void} say
 */
export const createReceipts = ({ endpoint, apiKey, fetch }, say) => {
  /** @type {string | undefined} */
  let current;
  /** @param {string} id @param {readonly number[]} waits */
  const look = async (id, [wait, ...waits]) => {
    if (wait === undefined) return;
    await new Promise((resolve) => setTimeout(resolve, wait));
    if (current !== id) return;
    const response = await fetch(`${endpoint}/v1/verifications/${id}`, { headers: { 'x-api-key': apiKey } });
    const { delivery, deliveryReason = '' } = response.ok ? await response.json() : {};
    const words = wordsOf(delivery, deliveryReason);
    if (current !== id) return;
    if (words !== undefined) return say(words);
    await look(id, waits);
  };
  return {
    /** @param {string} id */
    follow: (id) => {
      current = id;
      look(id, [1000, 3000]).catch(() => {});
    },
    forget: () => {
      current = undefined;
    },
  };
};

/**
 * @param {string | undefined} delivery
 * @param {string} reason
 */
const wordsOf = (delivery, reason) => {
  if (delivery === 'delivered') return 'Receipt: the message arrived.';
  if (delivery === 'failed') return `Receipt: the message did not arrive (${reason}).`;
  return delivery === 'unknown' ? 'Receipt: it is unknown whether the message arrived.' : undefined;
};
