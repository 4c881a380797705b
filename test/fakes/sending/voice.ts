import type { VoicePolicy } from '../../../lambdas/policy.ts';

/** Calls to two of the three countries of the sample policy, over two routes. A call there costs more than an SMS, or less. */
export const sampleVoice: VoicePolicy = {
  countries: { IN: { priceUsd: 0.031 }, US: { priceUsd: 0.0125 } },
  callsPerDay: 3,
  routes: [
    {
      name: 'voice-end-user-messaging',
      sender: 'end-user-messaging',
      region: '',
      originationIdentity: '+12065550100',
    },
    {
      name: 'voice-notify',
      sender: 'notify',
      region: '',
      configuration: 'notify-0123456789abcdef0123456789abcdef',
      templates: {
        en: 'notify-code-verification-english-001',
        fr: 'notify-code-verification-french-001',
      },
    },
  ],
  texts: [
    { locale: 'de', text: 'Hier ist {{brand}}. Ihr Code lautet: {{code}}.', voice: 'VICKI' },
    { locale: 'en', text: 'This is {{brand}}. Your code is: {{code}}.', voice: 'JOANNA' },
  ],
};
