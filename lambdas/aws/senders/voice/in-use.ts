import { callCodeBy } from '../../../otp/sending/call.ts';
import type { CallCode } from '../../../otp/sending/sms.ts';
import type { Policy } from '../../../policy.ts';
import { rehearsalsOf } from '../by-route.ts';
import type { Observe } from '../sender.ts';
import { endUserMessagingVoice } from './end-user-messaging.ts';
import { notifyVoice } from './notify.ts';

/** Calls, and their rehearsals. A bundle has them if its settings have calls, and otherwise nothing in their place. */
export const callsInUse = (
  observe: Observe,
  { voice }: Pick<Policy, 'voice'>,
): { readonly callCode: CallCode | undefined; readonly rehearsals: readonly (() => Promise<void>)[] } => {
  if (voice === undefined) return { callCode: undefined, rehearsals: [] };
  const senders = { 'end-user-messaging': endUserMessagingVoice(observe), notify: notifyVoice(observe) };
  return {
    callCode: callCodeBy({ send: (call) => senders[call.route.sender].send(call) }),
    rehearsals: rehearsalsOf(senders, voice.routes),
  };
};
