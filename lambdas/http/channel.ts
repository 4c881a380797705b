import * as v from 'valibot';
import { channels, type Policy, purposesWithoutVoice } from '../policy.ts';
import { optional } from './body.ts';
import type { Violation } from './invalid.ts';

/** The reasons why a channel is refused. A request says so at once, and a resend once it has read its record. */
export const channelWords = {
  off: 'This deployment makes no calls. Write "sms", or leave it out.',
  purpose: `No call speaks the code of purpose ${purposesWithoutVoice.join(' or ')}. Write "sms", or leave it out.`,
  country: 'This deployment makes no calls to the country of this number. Send "channel": "sms", or leave it out.',
} as const;

export const channelViolation = (because: 'off' | 'purpose'): Violation => ({
  pointer: '/channel',
  detail: channelWords[because],
});

/** The channel of a request or a resend. */
export const channelIn = ({ voice }: Policy) =>
  optional(
    voice === undefined
      ? v.picklist(['sms'], channelWords.off)
      : v.picklist(channels, 'Write "sms" or "voice", or leave it out.'),
  );

/** The body of a resend. */
export const resendBody = (policy: Policy) => v.strictObject({ channel: channelIn(policy) });
