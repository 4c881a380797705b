import * as v from 'valibot';
import { toldByType } from '../aws/sms-events.ts';
import { receiptEvents } from '../contract.ts';
import type { MessageContext, MessageEvent, Unreadable } from '../otp/receipts/ports.ts';

/** Anything that an event may hold beside this is dropped here: numbers above all. */
const time = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8_640_000_000_000_000));
const usd = v.pipe(v.number(), v.minValue(0), v.maxValue(100));
const parts = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(99));

/** As the sender writes it. A message of another application of the account may have a context of its own. */
const context = v.object({
  verification: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{43}$/)),
  send: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/)),
  route: v.pipe(v.string(), v.maxLength(100)),
  country: v.pipe(v.string(), v.regex(/^[A-Z]{2}$/)),
  // Millionths of a USD, and parts.
  estimate: v.optional(v.pipe(v.string(), v.regex(/^[0-9]{1,9}(?: [0-9]{1,2})?$/))),
});

const event = v.object({
  eventType: v.pipe(v.string(), v.maxLength(100)),
  eventTimestamp: time,
  messageId: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,128}$/)),
  messageRequestTimestamp: time,
  context: v.optional(v.fallback(v.optional(context), undefined)),
  totalMessagePrice: v.optional(v.fallback(v.optional(usd), undefined)),
  totalCarrierFee: v.optional(v.fallback(v.optional(usd), undefined)),
  totalMessageParts: v.optional(v.fallback(v.optional(parts), undefined)),
});

const fromBus = v.object({
  source: v.literal(receiptEvents.source),
  'detail-type': v.picklist(receiptEvents.detailTypes),
  detail: v.unknown(),
});
const fromTopic = v.object({
  Records: v.array(v.object({ EventSource: v.literal('aws:sns'), Sns: v.object({ Message: v.string() }) })),
});

/** The events of an invocation, and each that is no receipt as unreadable. */
export const messageEventsIn = (invocation: unknown): readonly (MessageEvent | Unreadable)[] => {
  if (v.is(fromBus, invocation)) return [messageEventOf(invocation.detail)];
  if (v.is(fromTopic, invocation)) return invocation.Records.map(({ Sns }) => messageEventOf(jsonOf(Sns.Message)));
  return [unreadable(undefined)];
};

/** A type that AWS adds is a word in capitals. Any other text could be a number. */
const typed = v.object({ eventType: v.pipe(v.string(), v.regex(/^[A-Z_]{1,64}$/)) });

const unreadable = (input: unknown): Unreadable => ({
  kind: 'unreadable',
  eventType: v.is(typed, input) ? input.eventType : undefined,
});

const messageEventOf = (input: unknown): MessageEvent | Unreadable => {
  const parsed = v.safeParse(event, input);
  if (!parsed.success) return unreadable(input);
  const { eventType, eventTimestamp, messageId, messageRequestTimestamp, ...rest } = parsed.output;
  const told = toldByType(eventType);
  if (told === undefined) return unreadable(input);
  return {
    told,
    messageId,
    sentAtMs: messageRequestTimestamp,
    toldAtMs: eventTimestamp,
    context: contextOf(rest.context),
    priceUsd: priceOf(rest),
    parts: rest.totalMessageParts,
  };
};

const contextOf = (given: v.InferOutput<typeof context> | undefined): MessageContext | undefined => {
  if (given === undefined) return undefined;
  const { verification, send: sendId, route, country, estimate } = given;
  const [microUsd, estimateParts] = estimate?.split(' ').map(Number) ?? [];
  const estimateUsd = microUsd === undefined ? undefined : microUsd / 1_000_000;
  return { verification, sendId, route, country, estimateUsd, estimateParts };
};

type Prices = Pick<v.InferOutput<typeof event>, 'totalMessagePrice' | 'totalCarrierFee'>;

/** AWS does not say whether its price holds the fee of the carrier. A price leans high (ADR 19). */
const priceOf = ({ totalMessagePrice, totalCarrierFee = 0 }: Prices): number | undefined =>
  totalMessagePrice === undefined ? undefined : totalMessagePrice + totalCarrierFee;

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
