import type { Delivery, Verification } from '../record/verification.ts';

/** The state of a message, as its caller sees it. */
export type DeliveryState = Delivery | 'delivered' | 'failed' | 'unknown';

/** The reasons why a message did not arrive, for a person who can do something about it. */
export const deliveryReasons = [
  'unreachable',
  'blocked-by-carrier',
  'invalid-number',
  'opted-out',
  'expired',
  'blocked-by-protect',
] as const;
export type DeliveryReason = (typeof deliveryReasons)[number];

/** The state of a message by one event. */
export type Told =
  | { readonly delivery: 'accepted' | 'delivered' | 'unknown'; readonly weight: number }
  | { readonly delivery: 'failed'; readonly weight: number; readonly reason: DeliveryReason };

/**
 * The weights of what events say. Of several about one message, the heaviest holds, whatever their order and however often
 * each comes: AWS sends two final events for one message, and a carrier may take back what it said
 * (https://docs.aws.amazon.com/sms-voice/latest/userguide/monitor-event-bridge.html).
 */
const weights = { onItsWay: 1, takenByCarrier: 2, unknown: 3, failed: 4, delivered: 5 } as const;

export const onItsWay: Told = { delivery: 'accepted', weight: weights.onItsWay };
/** The carrier has it, which says nothing of the phone. */
export const takenByCarrier: Told = { delivery: 'accepted', weight: weights.takenByCarrier };
export const notKnown: Told = { delivery: 'unknown', weight: weights.unknown };
export const arrived: Told = { delivery: 'delivered', weight: weights.delivered };
export const failedAs = (reason: DeliveryReason): Told => ({ delivery: 'failed', weight: weights.failed, reason });

/** The last message of a record, as the item beside the record holds it. */
export type Receipt = {
  /** The send that it is of. A resend makes another. */
  readonly sendId: string;
  readonly delivery: Told['delivery'];
  readonly reason?: DeliveryReason | undefined;
  /** The name of the route that took the message. */
  readonly route: string;
  /** The id that AWS gave it. */
  readonly messageId: string;
};

export type Shown = { readonly delivery: DeliveryState; readonly deliveryReason?: DeliveryReason | undefined };

/** Records from before routes had names name none. */
type LastSend = Pick<Verification, 'sendId' | 'route'>;

/** The receipt of the last message of a verification. One of an earlier message, or a forged one, is of another send or route. */
export const receiptOf = ({ sendId, route }: LastSend, receipt: Receipt | undefined): Receipt | undefined =>
  receipt?.sendId === sendId && (route === undefined || receipt.route === route) ? receipt : undefined;

/** The state of the last message: by its receipt, or else by the answer of the network. */
export const deliveryOf = (
  verification: LastSend & Pick<Verification, 'delivery'>,
  receipt: Receipt | undefined,
): Shown => {
  const own = receiptOf(verification, receipt);
  if (own === undefined) return { delivery: verification.delivery };
  return own.reason === undefined ? { delivery: own.delivery } : { delivery: own.delivery, deliveryReason: own.reason };
};

/** Whether the holder refuses messages, as the receipt of the last one says. A call would be one more. */
export const saysOptedOut = (verification: Pick<Verification, 'sendId'>, receipt: Receipt | undefined): boolean =>
  receiptOf(verification, receipt)?.reason === 'opted-out';

/** The route that a receipt says failed, which a resend leaves out. */
export const failedRouteOf = (verification: LastSend, receipt: Receipt | undefined): string | undefined => {
  const own = receiptOf(verification, receipt);
  return own?.delivery === 'failed' ? own.route : undefined;
};
