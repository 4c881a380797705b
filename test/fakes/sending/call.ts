import { secret } from '../../../lambdas/otp/number/secret.ts';
import type { VoiceMessage } from '../../../lambdas/otp/ports.ts';
import { sampleVoice } from './voice.ts';

/** A call to a number, as a flow hands it to a sender. */
export const callTo = (number: string, own: Partial<VoiceMessage> = {}): VoiceMessage => ({
  phone: secret(number),
  code: secret('123456'),
  brand: 'Acme & Sons',
  locales: ['de-AT', 'en'],
  texts: sampleVoice.texts,
  route: sampleVoice.routes[0],
  country: 'IN',
  time: { secondsLeft: () => 300, isEnough: () => true },
  context: { verification: 'a'.repeat(64), send: 'send-1' },
  estimate: { microUsd: 31_000, parts: 1 },
  maxPriceUsd: 0.031,
  ...own,
});
