// @ts-check

/**
 * The call as a line for a POSIX shell.
 *
 * @param {import('./record.js').Call} call
 * @param {string} origin
 */
export const curlOf = ({ method, path, headers, body }, origin) => {
  const parts = ['curl', '-i', ...(method === 'GET' ? [] : ['-X', method]), quoted(`${origin}${path}`)];
  for (const [name, value] of Object.entries(headers)) parts.push('-H', quoted(`${name}: ${value}`));
  if (body !== undefined) parts.push('-d', quoted(body));
  return parts.join(' ');
};

/** @param {string} text */
export const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
