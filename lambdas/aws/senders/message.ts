import type { Sms } from '../../otp/ports.ts';

/** Seconds that AWS takes for the life of a message: https://docs.aws.amazon.com/pinpoint/latest/apireference_smsvoicev2/API_SendTextMessage.html */
const life = { min: 5, max: 259_200 } as const;

/**
 * What AWS End User Messaging is told of each message, of ours or of Notify. A message that AWS cannot hand over while its code
 * is good is not handed over at all. The context comes back in receipts.
 */
export const aboutMessage = ({ lifetimeSeconds, context, route, country, estimate, hasFeedback }: Sms) => ({
  TimeToLive: Math.min(life.max, Math.max(life.min, Math.floor(lifetimeSeconds))),
  Context: {
    verification: context.verification,
    send: context.send,
    route: route.name,
    country,
    estimate: `${estimate.microUsd} ${estimate.parts}`,
  },
  ...(hasFeedback ? { MessageFeedbackEnabled: true } : {}),
  ...('configurationSet' in route && route.configurationSet !== undefined
    ? { ConfigurationSetName: route.configurationSet }
    : {}),
});
