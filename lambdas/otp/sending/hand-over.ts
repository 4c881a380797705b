import type { SmsOutcome } from '../ports.ts';
import type { SendTime } from './send-time.ts';
import { type FailedRoute, isFinal, type Sent } from './sent.ts';

/** No route was tried. */
export const nothingSent: Sent = { outcome: { kind: 'rejected', reason: 'refused' }, route: undefined, failed: [] };

/**
 * Hands a message to one route after the other, until one does not surely fail. If a route did not answer, no other is tried,
 * because the message may be on its way. Nor is one after a final refusal, or one for which there is no time.
 */
export const handOver = async <Route extends { readonly name: string }>(
  routes: readonly Route[],
  time: SendTime,
  send: (route: Route) => Promise<SmsOutcome>,
): Promise<Sent> => {
  const failed: FailedRoute[] = [];
  let sent = nothingSent;
  for (const route of routes) {
    const outcome = await send(route);
    sent = { outcome, route: route.name, failed };
    if (outcome.kind !== 'rejected') return sent;
    failed.push({ route: route.name, reason: outcome.reason });
    if (isFinal(outcome.reason) || !time.isEnough()) return sent;
  }
  return sent;
};
