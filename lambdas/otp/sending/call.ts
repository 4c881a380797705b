import { microUsd } from '../limits/caps.ts';
import type { VoiceSender } from '../ports.ts';
import { handOver, nothingSent } from './hand-over.ts';
import { hasFeedbackOn, voiceRoutesFor } from './routes.ts';
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
    if (voice === undefined || country === undefined) return nothingSent;
    const estimateMicroUsd = microUsd(country.priceUsd);
    const sent = await handOver(voiceRoutesFor(policy, tried), message.time, (route) =>
      sender.send({
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
      }),
    );
    return { ...sent, estimateMicroUsd, estimateParts: 1 };
  };
