import type { SmsOutcome, VoiceMessage, VoiceSender } from '../../../lambdas/otp/ports.ts';

export type MadeCall = Pick<VoiceMessage, 'brand' | 'locales' | 'country' | 'maxPriceUsd'> & {
  readonly secondsLeft: number;
  readonly to: string;
  readonly code: string;
  readonly route: string;
};

/** A network in memory that takes every call, unless `network` holds another outcome for the next one. */
export const memoryVoice = (network: SmsOutcome[] = []): VoiceSender & { readonly calls: MadeCall[] } => {
  const calls: MadeCall[] = [];
  return {
    calls,
    send: async ({ phone, code, route, brand, locales, country, maxPriceUsd, time }) => {
      const outcome = network.shift() ?? { kind: 'accepted' as const, messageId: `c${calls.length}` };
      const call = { brand, locales, country, maxPriceUsd, secondsLeft: time.secondsLeft() };
      if (outcome.kind !== 'rejected')
        calls.push({ ...call, to: phone.reveal(), code: code.reveal(), route: route.name });
      return outcome;
    },
  };
};
