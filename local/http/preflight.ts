import type { IncomingMessage } from 'node:http';
import { anyOrigin, cors, type Route, securityHeaders } from '../../lambdas/contract.ts';
import { matchRoute } from './gateway-event.ts';
import { type Answer, gatewayAnswer } from './problem.ts';

/**
 * The answer to OPTIONS on the path of a route, as the stack makes API Gateway give it; `undefined` if the request is none.
 *
 * @param origins from which browsers may call
 */
export const answerPreflight = async (
  request: IncomingMessage,
  { routes, segments }: { readonly routes: readonly Route[]; readonly segments: readonly string[] },
  origins: () => Promise<readonly string[]>,
  exchange: { readonly requestId: string; readonly endpoint: string },
): Promise<Answer | undefined> => {
  if (request.method !== 'OPTIONS') return undefined;
  const matched = routes.filter((route) => matchRoute([route], route.method, segments) !== undefined);
  if (matched.length === 0) return undefined;
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? 'application/json'))
    return gatewayAnswer('UNSUPPORTED_MEDIA_TYPE', exchange);
  const isPublic = matched.every(({ access }) => access === 'public');
  return {
    status: 204,
    headers: {
      ...securityHeaders,
      'x-request-id': exchange.requestId,
      'access-control-allow-headers': cors.requestHeaders.join(','),
      'access-control-allow-methods': matched.map(({ method }) => method).join(','),
      'access-control-max-age': String(cors.maxAgeSeconds),
      ...(isPublic ? { 'access-control-allow-origin': '*' } : forListed(request.headers.origin, await origins())),
    },
    body: '',
  };
};

const forListed = (origin: string | undefined, listed: readonly string[]): Record<string, string> => ({
  vary: 'Origin',
  ...(origin !== undefined && listed.includes(origin) ? { 'access-control-allow-origin': origin } : {}),
});

/** The page, its controls and the API of operators are for their own origin, their errors too. */
export const forOwnOrigin = (headers: Answer['headers']): Answer['headers'] =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !Object.hasOwn(anyOrigin, name)));
