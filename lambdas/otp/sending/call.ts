import { microUsd } from '../limits/caps.ts';
import type { SmsOutcome, VoiceSender } from '../ports.ts';
import { hasFeedbackOn, voiceRoutesFor } from './routes.ts';
import { type FailedRoute, isFinal } from './sent.ts';
import type { CallCode } from './sms.ts';

/**
 * Speaks a code by a call, over the first route that does not surely fail, as `sendCode` sends one. The maximum price is that
 * of a minute, which no text takes.
 */
export const callCodeBy =
  (sender: VoiceSender): CallCode =>
  async (policy, message, tried) => {
    const { voice, brand, defaultLocale } = policy;
    const country = voice?.countries[message.country];
    const failed: FailedRoute[] = [];
    let outcome: SmsOutcome = { kind: 'rejected', reason: 'refused' };
    let last: string | undefined;
    if (voice === undefined || country === undefined) return { outcome, route: last, failed };
    const estimateMicroUsd = microUsd(country.priceUsd);
    for (const route of voiceRoutesFor(policy, tried)) {
      outcome = await sender.send({
        phone: message.phone,
        code: message.code,
        brand,
        locales: message.locale === undefined ? [defaultLocale] : [message.locale, defaultLocale],
        texts: voice.texts,
        route,
        country: message.country,
        time: message.time,
        context: message.context,
        ...(hasFeedbackOn(policy, route) ? { hasFeedback: true } : {}),
        estimate: { microUsd: estimateMicroUsd, parts: 1 },
        maxPriceUsd: country.priceUsd,
      });
      last = route.name;
      if (outcome.kind !== 'rejected') break;
      failed.push({ route: route.name, reason: outcome.reason });
      if (isFinal(outcome.reason) || !message.time.isEnough()) break;
    }
    return { outcome, route: last, failed, estimateMicroUsd };
  };
