/**
 * End User Messaging for the deployed functions. MiniStack 1.5.33 has neither its calls nor its resources, so that they call
 * the stand-in of local mode, which no IAM stands before. Receipts come by an invocation: `aws.` events are AWS's alone to put
 * (https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html).
 */

import { type SmsVoice, startSmsVoice } from '../../local/aws/sms-voice/sms-voice.ts';
import { onBus, textEvent } from '../fakes/receipts/events.ts';

export const startMessaging = (): Promise<SmsVoice> => startSmsVoice();

/** The line of the settings as they are shipped, and what a team adds to it. */
export const shippedLine = "  brand: 'Example',\n";
export const withMessaging = `${shippedLine}
  smsRoutes: [{ sender: 'end-user-messaging', originationIdentity: '+12065550100' }, {}],
  receipts: { sources: ['event-bus'], noteMessageIds: true },
  voice: { countries: { IN: { priceUsd: 0.031 } }, routes: [{ originationIdentity: '+12065550100' }] },
`;

/** The digits of a call, each with its pause. */
export const spokenIn = (text: string): string =>
  text
    .replace(/<[^>]*>/g, '')
    .match(/(?:\d\W*){6}/)?.[0]
    .replace(/\D/g, '') ?? '';

/** As AWS's bus hands it to the function. */
export const eventOn = (messageId: string, nowMs: number, more: Readonly<Record<string, unknown>> = {}) =>
  onBus(textEvent({ messageId, messageRequestTimestamp: nowMs, eventTimestamp: nowMs, ...more }));
