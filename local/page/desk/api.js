// @ts-check

/**
 * The API of operators, as local mode serves it. The desk calls nothing else.
 *
 * @typedef {Readonly<Record<string, string>>} Group such as `{ country: 'IN' }`
 *
 * @typedef {object} Finding
 * @property {string} id
 * @property {string} severity
 * @property {string} status
 * @property {boolean} isOpen
 * @property {string} headline
 * @property {readonly string[]} lines
 * @property {string} action
 * @property {string} startedAt
 * @property {string} updatedAt
 * @property {string} [note]
 * @property {readonly string[]} evidence
 * @property {readonly { at: string, text: string }[]} [timeline]
 * @property {Traffic} [traffic]
 *
 * @typedef {{ from: string, requests: number, approved: number, refused: number }} Tallied
 * @typedef {object} Traffic
 * @property {readonly Tallied[]} byTenMinutes
 * @property {readonly Omit<Tallied, 'refused'>[]} byTenSeconds
 *
 * @typedef {{ level: string, what?: Group, kind: string, until: string, reason: string, by: string, finding?: string }} Block
 * @typedef {{ id: string, what: Group, until: string, expected: number, reason: string, requests: number, isExceeded: boolean }} Launch
 * @typedef {{ what: 'all' | Group, at: string, by: string, reason: string }} Stop
 *
 * @typedef {{ usedUsd: number, capUsd: number, share: number }} Use
 * @typedef {{ of: string, name?: string, hour: Use, day: Use }} Cap
 * @typedef {{ name: string, state: string, says: string, todo?: string }} Check
 *
 * @typedef {object} Status
 * @property {string} state
 * @property {readonly Check[]} checks
 * @property {readonly Cap[]} [caps]
 * @property {number} [blocks]
 * @property {number} [restrictions]
 * @property {readonly Stop[]} [stops]
 * @property {{ open: number, high: number, critical: number }} [findings]
 */

const maxMs = 15_000;

/** An answer that is no success. Its message is the sentence of the API. */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {string} sentence
   */
  constructor(status, sentence) {
    super(sentence);
    this.name = 'Refusal';
    this.status = status;
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {object} [body]
 * @returns {Promise<any>} the answer
 * @throws Refusal
 */
const send = async (method, path, body) => {
  const response = await fetch(`/_operator/v1/${path}`, {
    method,
    signal: AbortSignal.timeout(maxMs),
    cache: 'no-store',
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal(response.status, sentenceIn(answer, response.status));
  return answer;
};

/**
 * @param {{ detail?: unknown, errors?: unknown }} problem
 * @param {number} status
 */
const sentenceIn = ({ detail, errors }, status) => {
  const faults = Array.isArray(errors) ? errors.map((error) => String(error?.detail ?? '')).filter(Boolean) : [];
  if (faults.length > 0) return faults.join(' ');
  return typeof detail === 'string' ? detail : `The service answered ${status}, and does not say why.`;
};

/** @param {string} id */
const pathOf = (id) => `findings/${encodeURIComponent(id)}`;

export const operatorApi = {
  /**
   * @param {'open' | 'closed'} status
   * @returns {Promise<{ findings: readonly Finding[], cursor?: string }>}
   */
  findings: (status) => send('GET', `findings?status=${status}`),
  /**
   * @param {string} id
   * @returns {Promise<Finding>}
   */
  finding: (id) => send('GET', pathOf(id)),
  /**
   * @param {string} id
   * @param {string} status
   * @param {string} note may be empty
   */
  judge: (id, status, note) => send('PATCH', pathOf(id), note === '' ? { status } : { status, note }),
  /** @returns {Promise<{ blocks: readonly Block[] }>} */
  blocks: () => send('GET', 'blocks'),
  /**
   * @param {Group | { finding: string }} what
   * @param {number} allowMinutes
   * @param {string} reason
   * @returns {Promise<{ allowUntil: string }>}
   */
  lift: (what, allowMinutes, reason) => send('POST', 'blocks/lift', { what, allowMinutes, reason }),
  /** @returns {Promise<{ launches: readonly Launch[] }>} */
  launches: () => send('GET', 'launches'),
  /**
   * @param {{ what: Group, expected: number, forMinutes: number, reason: string }} launch
   * @returns {Promise<Launch>}
   */
  announce: (launch) => send('POST', 'launches', launch),
  /** @param {string} id */
  cancel: (id) => send('DELETE', `launches/${encodeURIComponent(id)}`),
  /**
   * @param {Stop['what']} what
   * @param {string} reason
   */
  stop: (what, reason) => send('POST', 'sending/stop', { what, reason }),
  /**
   * @param {Stop['what']} what
   * @param {string} reason
   */
  resume: (what, reason) => send('POST', 'sending/resume', { what, reason }),
  /** @returns {Promise<Status>} */
  status: () => send('GET', 'status'),
};

/** @typedef {typeof operatorApi} OperatorApi */

/**
 * The sentence about a failure.
 *
 * @param {unknown} error
 */
export const sentenceOf = (error) =>
  error instanceof Refusal ? error.message : 'The server cannot be reached. Is npm start still running?';
