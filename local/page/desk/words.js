// @ts-check

const clockFace = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const dayFace = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** @param {number} atMs */
export const clockTime = (atMs) => clockFace.format(atMs);

/**
 * A time of today without its day.
 *
 * @param {string} iso
 * @param {number} nowMs
 */
export const timeText = (iso, nowMs) => {
  const atMs = Date.parse(iso);
  if (Number.isNaN(atMs)) return iso;
  return new Date(atMs).toDateString() === new Date(nowMs).toDateString() ? clockTime(atMs) : dayFace.format(atMs);
};

/** @type {Readonly<Record<string, string>>} */
const levels = {
  phone: 'a number',
  ip: 'an IP',
  codes: 'the codes of a country',
  'new-network': 'the new networks of a country',
  everywhere: 'all countries',
};

/**
 * A group in words. Numbers and IPs are hidden by the API.
 *
 * @param {import('./api.js').Group | undefined} what
 * @param {string} [level]
 */
export const groupText = (what, level = '') => {
  const [kind, of] = Object.entries(what ?? {})[0] ?? [];
  if (kind === undefined || of === undefined) return levels[level] ?? level;
  if (of === 'hidden') return kind === 'ip' ? 'an IP' : 'a number';
  return kind === 'range' ? `range ${of} xxxx` : `${kind} ${of}`;
};

/**
 * A stopped part in words.
 *
 * @param {import('./api.js').Stop['what']} what
 */
export const stoppedText = (what) => (what === 'all' ? 'all sending' : groupText(what));

/** @param {number} value */
export const usd = (value) => `$${value.toFixed(2)}`;

/**
 * @param {number} count
 * @param {string} one
 * @param {string} more
 */
export const counted = (count, one, more) => `${count} ${count === 1 ? one : more}`;

/** @type {Readonly<Record<string, string>>} */
export const statusWords = {
  new: 'New',
  acknowledged: 'Acknowledged',
  resolved: 'Resolved',
  'false-positive': 'False positive',
  lifted: 'Lifted',
  over: 'Over',
};

/** @type {Readonly<Record<string, string>>} */
export const actionWords = {
  block: 'Blocked',
  restrict: 'Restricted',
  'longer-codes': 'Longer codes',
  none: 'Found',
};
