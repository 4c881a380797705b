// @ts-check

/**
 * The code in an SMS, as a phone's keyboard finds it. It reads the origin-bound line (`@host #code`) if there is one. Else
 * it takes the first run of that many digits that is no part of a longer number or an amount.
 *
 * @param {string} text
 * @param {number} codeLength
 * @returns {string | undefined}
 */
export const codeIn = (text, codeLength) => {
  const bound = /^@\S+ #(\d+)$/.exec(text.slice(text.lastIndexOf('\n') + 1))?.[1];
  if (bound?.length === codeLength) return bound;
  const written = new RegExp(`(?<![\\d]|\\d[.,])\\d{${codeLength}}(?![\\d]|[.,]\\d)`).exec(text)?.[0];
  // A call says each digit by itself, and Notify writes a point behind it.
  const spoken = new RegExp(`(?<!\\d[. ]+)\\d(?:[. ]+\\d){${codeLength - 1}}(?![. ]*\\d)`).exec(text)?.[0];
  return written ?? spoken?.replaceAll(/\D/g, '');
};

/**
 * The lines of an SMS, and whether they are for machines: the Android app hash and the origin-bound line.
 *
 * @param {string} text
 */
export const linesOf = (text) =>
  text.split('\n').map((line, index) => ({
    line,
    isForMachines: index > 0 && /^(@\S+ #\d+|[A-Za-z0-9+/]{11})$/.test(line),
  }));

/**
 * Whether a number is the one that the API masked: `+91••••••3210`.
 *
 * @param {string} to
 * @param {string} masked
 */
export const isMasked = (to, masked) =>
  to.length === masked.length && [...masked].every((letter, index) => letter === '•' || letter === to[index]);
