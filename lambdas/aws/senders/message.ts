import type { Sms, VoiceMessage } from '../../otp/ports.ts';

/** Seconds that AWS takes for the life of a message: https://docs.aws.amazon.com/pinpoint/latest/apireference_smsvoicev2/API_SendTextMessage.html */
const life = { min: 5, max: 259_200 } as const;

/**
 * The fields that each message to AWS End User Messaging has, of ours or of Notify. A message that AWS cannot hand over while its code
 * is good is not handed over at all. The context comes back in receipts.
 */
export const aboutMessage = (message: Sms | VoiceMessage) => {
  const { time, context, route, country, estimate, hasFeedback } = message;
  return {
    TimeToLive: Math.min(life.max, Math.max(life.min, Math.floor(time.secondsLeft()))),
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
  };
};

/** Two digits before the point at most, and one to five behind it. */
const mostPrice = 99.999_99;

/** A maximum price as AWS takes it, with five decimals: rounded down, so that no message costs more than the settings allow. */
export const priceOf = (usd: number): string => {
  const hundredThousandths = Math.floor(Math.min(usd, mostPrice) * 100_000 + 1e-6);
  return (hundredThousandths / 100_000).toFixed(5);
};
