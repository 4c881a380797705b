import type { Policy, VoiceRoute } from '../../policy.ts';
import { microUsd } from '../limits/caps.ts';
import type { SmsOutcome, VoiceSender } from '../ports.ts';
import type { Message } from './sms.ts';

/**
 * Speaks a code by a call, over the first route that does not surely fail. The maximum price is that of a minute, which no
 * text takes.
 *
 * @param firstRoute as `sendCode` has it.
 */
export const callCode =
  (sender: VoiceSender) =>
  async (policy: Policy, message: Message, firstRoute: number): Promise<SmsOutcome> => {
    const { voice, brand, defaultLocale } = policy;
    const country = voice?.countries[message.country];
    if (voice === undefined || country === undefined) return { kind: 'rejected', reason: 'refused' };
    let outcome: SmsOutcome = { kind: 'rejected', reason: 'unreachable' };
    for (const route of routesFrom(voice.routes, firstRoute)) {
      outcome = await sender.send({
        phone: message.phone,
        code: message.code,
        brand,
        locales: message.locale === undefined ? [defaultLocale] : [message.locale, defaultLocale],
        texts: voice.texts,
        route,
        country: message.country,
        lifetimeSeconds: message.lifetimeSeconds,
        context: message.context,
        estimate: { microUsd: microUsd(country.priceUsd), parts: 1 },
        maxPriceUsd: country.priceUsd,
      });
      if (outcome.kind !== 'rejected' || outcome.reason === 'opted-out') return outcome;
    }
    return outcome;
  };

const routesFrom = (routes: readonly VoiceRoute[], first: number): readonly VoiceRoute[] => {
  const start = first % routes.length;
  return [...routes.slice(start), ...routes.slice(0, start)];
};
