import { type Channel, type Policy, purposesWithoutVoice } from '../../policy.ts';

/** The reason why a verification gets no call. */
export type VoiceRefusal = 'off' | 'purpose' | 'country';

/** Whether a code may be spoken. The country is that of the number. */
export const voiceRefusalOf = (
  { voice }: Pick<Policy, 'voice'>,
  { purpose, country }: { readonly purpose: string; readonly country: string },
): VoiceRefusal | undefined => {
  if (voice === undefined) return 'off';
  if (purposesWithoutVoice.includes(purpose)) return 'purpose';
  return Object.hasOwn(voice.countries, country) ? undefined : 'country';
};

/**
 * The channel of a resend. Without a wish it is the one of the last send, unless the settings have no call for that any
 * more: then it is SMS.
 */
export const resendChannelOf = (
  policy: Pick<Policy, 'voice'>,
  asked: Channel | undefined,
  before: { readonly channel?: Channel | undefined; readonly purpose: string; readonly country: string },
): { readonly channel: Channel; readonly refusal?: VoiceRefusal } => {
  const channel = asked ?? before.channel ?? 'sms';
  if (channel === 'sms') return { channel };
  const refusal = voiceRefusalOf(policy, before);
  if (refusal === undefined) return { channel };
  return asked === undefined ? { channel: 'sms' } : { channel, refusal };
};
