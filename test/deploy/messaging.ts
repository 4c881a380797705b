/**
 * End User Messaging for the deployed functions. MiniStack 1.5.33 has neither its calls nor its resources, so that they call
 * the stand-in of local mode, which no IAM stands before. Receipts come by an invocation: `aws.` events are AWS's alone to put
 * (https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html).
 */

import { type SmsVoice, startSmsVoice } from '../../local/aws/sms-voice/sms-voice.ts';
import { onBus, textEvent } from '../fakes/receipts/events.ts';

export const startMessaging = (): Promise<SmsVoice> => startSmsVoice();

/** Of a webhook, as AWS Secrets Manager keeps it. */
export const webhookSecret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** The line of the settings as they are shipped, and what a team adds to it. Nobody has the name of the webhook. */
export const shippedLine = "  brand: 'Example',\n";
export const withOptions = (secret: string): string => `${shippedLine}
  smsRoutes: [{ sender: 'end-user-messaging', originationIdentity: '+12065550100' }, {}],
  receipts: { sources: ['event-bus'], noteMessageIds: true },
  voice: { countries: { IN: { priceUsd: 0.031 } }, routes: [{ originationIdentity: '+12065550100' }] },
  numberRisk: { purposes: { login: { ifSwapped: 'refuse', failMode: 'open' } } },
  events: { webhooks: [{ application: 'web', url: 'https://nobody.example.com/otp', secret: '${secret}' }] },
`;

/** The lines of a log that say that a try to deliver an event failed. */
export const triesIn = (log: string): readonly Readonly<Record<string, unknown>>[] =>
  log.split('\n').flatMap((line) => (/^\{.*"message":"not delivered"/.test(line) ? [JSON.parse(line)] : []));

/** The digits of a call, each with its pause. */
export const spokenIn = (text: string): string =>
  text
    .replace(/<[^>]*>/g, '')
    .match(/(?:\d\W*){6}/)?.[0]
    .replace(/\D/g, '') ?? '';

/** As AWS's bus hands it to the function. */
export const eventOn = (messageId: string, nowMs: number, more: Readonly<Record<string, unknown>> = {}) =>
  onBus(textEvent({ messageId, messageRequestTimestamp: nowMs, eventTimestamp: nowMs, ...more }));
