import { usage } from '../exits.ts';
import { fieldsOf } from '../print/json.ts';
import type { Line } from './api.ts';

export const defaultLocal = 'http://127.0.0.1:4000';

/** Numbers go there without a signature, so that only this machine will do. */
export const isThisMachine = ({ hostname }: URL): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);

/** The base URL of the API of operators in local mode. */
export const localBaseOf = (written: string): string => {
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (url === undefined || url.protocol !== 'http:' || !isThisMachine(url) || url.username !== '')
    throw usage(
      `Write --local alone, or with the URL that local mode printed on this machine, such as --local ${defaultLocal}.`,
    );
  const path = url.pathname.replace(/\/+$/, '');
  return `${url.origin}${path === '' ? '/_operator' : path}`;
};

/** @param patienceMs for one answer. */
export const localLine = (base: string, patienceMs: number): Line => ({
  where: base,
  fetch: ({ method, path, query, body }) =>
    fetch(urlOf(base, path, query), {
      method,
      ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
      redirect: 'error',
      signal: AbortSignal.timeout(patienceMs),
    }),
  noConnection: (cause) =>
    cause instanceof Error && cause.name === 'TimeoutError'
      ? `Local mode at ${base} did not answer within ${patienceMs / 1000} seconds. Look at what it prints, or start it again.`
      : `Local mode does not run at ${base}. Start it (npm start), or write its URL behind --local, such as --local http://127.0.0.1:4001.`,
});

/**
 * By how many milliseconds the clock of local mode is ahead of this machine: its page and its attacks move it.
 *
 * @returns 0 if nobody says, so that a command fails by what it asks for, and not by this.
 */
export const aheadOf = async (base: string, patienceMs: number): Promise<number> => {
  try {
    const answer = await fetch(new URL('/_local/clock', base), {
      redirect: 'error',
      signal: AbortSignal.timeout(patienceMs),
    });
    const { offsetSeconds } = fieldsOf(await answer.json());
    return typeof offsetSeconds === 'number' ? offsetSeconds * 1000 : 0;
  } catch {
    return 0;
  }
};

export const urlOf = (base: string, path: string, query: Readonly<Record<string, string>>): string => {
  // As a signature writes it: a space is %20.
  const written = Object.entries(query)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
  return `${base}${path}${written === '' ? '' : `?${written}`}`;
};
