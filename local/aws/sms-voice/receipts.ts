import { randomUUID } from 'node:crypto';
import type { Channel } from './account.ts';
import type { Cut } from './parts.ts';

/** A message that AWS took. */
export type Accepted = {
  readonly messageId: string;
  readonly atMs: number;
  readonly sender: 'end-user-messaging' | 'notify';
  readonly channel: Channel;
  /** E.164 */
  readonly to: string;
  /** ISO 3166-1 alpha-2 */
  readonly country: string;
  /** The text that arrives, or that a voice says. */
  readonly text: string;
  readonly origination: string;
  readonly messageType: string;
  readonly cut: Cut;
  readonly priceUsd: number;
  readonly carrierFeeUsd: number;
  readonly context: Readonly<Record<string, string>>;
  readonly configurationSet: string | undefined;
  readonly protect: { readonly id: string; readonly status: string } | undefined;
  /** The fields of the call by their names, other than number and text. */
  readonly asked: Readonly<Record<string, string>>;
  readonly hasFeedback: boolean;
  /** Whether a Protect configuration stops it on the way. */
  readonly isStopped: boolean;
};

/** Statuses of an SMS: https://docs.aws.amazon.com/sms-voice/latest/userguide/configuration-sets-event-types.html */
const textStatuses = [
  ...['QUEUED', 'PENDING', 'SENT', 'SUCCESSFUL', 'DELIVERED', 'BLOCKED', 'CARRIER_BLOCKED', 'CARRIER_UNREACHABLE'],
  ...['INVALID', 'INVALID_MESSAGE', 'SPAM', 'TTL_EXPIRED', 'UNREACHABLE', 'UNKNOWN', 'PROTECT_BLOCKED'],
] as const;
/** Statuses of a call. */
const voiceStatuses = [
  ...['INITIATED', 'RINGING', 'ANSWERED', 'COMPLETED', 'BUSY', 'NO_ANSWER', 'FAILED', 'TTL_EXPIRED'],
] as const;

type Status = (typeof textStatuses)[number] | (typeof voiceStatuses)[number];

/** One event of a message. */
export type ReceiptStep = {
  /** Such as `DELIVERED`. The type of the event begins with `TEXT_` or `VOICE_`. */
  readonly status: Status;
  /** When it happens, in milliseconds after the message was taken. */
  readonly afterMs: number;
  /** When it arrives, if not at once. Events may overtake each other. */
  readonly arrivesAfterMs?: number;
  /** How often it comes; once if not given. Events are repeated by the same id. */
  readonly times?: number;
};

const step = (status: Status, afterMs: number, more: Partial<ReceiptStep> = {}): ReceiptStep => ({
  status,
  afterMs,
  ...more,
});
const hourMs = 3600 * 1000;
const pending = step('PENDING', 100);
const failing = (status: Status) => [pending, step(status, 2000)];
const voice = (...statuses: readonly Status[]) => statuses.map((status, at) => step(status, 1000 * at));

/** The fates of messages by name: the events of an SMS, those of a call, and whether it arrives. */
export const receiptScripts = {
  delivered: {
    sms: [pending, step('SUCCESSFUL', 400), step('DELIVERED', 3000)],
    voice: voice('INITIATED', 'RINGING', 'ANSWERED', 'COMPLETED'),
    arrives: true,
  },
  /** The carrier took it, and tells no more. */
  successful: { sms: [pending, step('SUCCESSFUL', 400)], voice: voice('INITIATED', 'RINGING'), arrives: true },
  unreachable: { sms: failing('UNREACHABLE'), voice: voice('INITIATED', 'RINGING', 'NO_ANSWER'), arrives: false },
  'carrier-unreachable': { sms: failing('CARRIER_UNREACHABLE'), voice: voice('INITIATED', 'FAILED'), arrives: false },
  'carrier-blocked': { sms: failing('CARRIER_BLOCKED'), voice: voice('INITIATED', 'FAILED'), arrives: false },
  blocked: { sms: failing('BLOCKED'), voice: voice('INITIATED', 'BUSY'), arrives: false },
  spam: { sms: failing('SPAM'), voice: voice('INITIATED', 'FAILED'), arrives: false },
  invalid: { sms: failing('INVALID'), voice: voice('FAILED'), arrives: false },
  'invalid-message': { sms: failing('INVALID_MESSAGE'), voice: voice('FAILED'), arrives: false },
  expired: { sms: failing('TTL_EXPIRED'), voice: voice('TTL_EXPIRED'), arrives: false },
  'protect-blocked': { sms: [step('PROTECT_BLOCKED', 100)], voice: voice('FAILED'), arrives: false },
  /** After 72 hours AWS gives up waiting for the carrier. */
  unknown: { sms: [pending, step('UNKNOWN', 72 * hourMs)], voice: voice('INITIATED'), arrives: true },
  silent: { sms: [], voice: [], arrives: true },
  doubled: {
    sms: [pending, step('SUCCESSFUL', 400, { times: 2 }), step('DELIVERED', 3000, { times: 2 })],
    voice: voice('INITIATED', 'COMPLETED', 'COMPLETED'),
    arrives: true,
  },
  late: {
    sms: [pending, step('DELIVERED', 3000, { arrivesAfterMs: 2 * hourMs })],
    voice: [step('COMPLETED', 3000, { arrivesAfterMs: 2 * hourMs })],
    arrives: true,
  },
  'out-of-order': {
    sms: [
      step('DELIVERED', 3000),
      step('SUCCESSFUL', 400, { arrivesAfterMs: 4000 }),
      { ...pending, arrivesAfterMs: 5000 },
    ],
    voice: [step('COMPLETED', 3000), step('INITIATED', 0, { arrivesAfterMs: 4000 })],
    arrives: true,
  },
  /** A final failure, and after it a final success. */
  upgraded: {
    sms: [pending, step('UNREACHABLE', 2000), step('DELIVERED', 60_000)],
    voice: voice('INITIATED', 'NO_ANSWER', 'COMPLETED'),
    arrives: true,
  },
} as const satisfies Record<string, Script>;
export type ReceiptScript = keyof typeof receiptScripts;

export type Script = {
  readonly sms: readonly ReceiptStep[];
  readonly voice: readonly ReceiptStep[];
  readonly arrives: boolean;
};

/** The event for a destination of a configuration set: https://docs.aws.amazon.com/end-user-messaging/latest/userguide/nx-features-messaging-events.html */
export type DeliveryRecord = Readonly<Record<string, unknown>> & {
  readonly eventType: string;
  readonly messageId: string;
};

/** The event on EventBridge: https://docs.aws.amazon.com/sms-voice/latest/userguide/monitor-event-bridge.html */
export type EventBridgeEvent = {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: 'aws.sms-voice';
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  /** As a record, without the number and the context: AWS's samples have neither. */
  readonly detail: DeliveryRecord;
};

/** One event, in both shapes. A hook takes those whose way its deployment has. */
export type DeliveryEvent = {
  /** `undefined` if the event does not come this way. */
  readonly eventBridge: EventBridgeEvent | undefined;
  /** The destination of the configuration set that the message named, if it named one. A topic has the record as its message. */
  readonly configurationSet: { readonly name: string; readonly record: DeliveryRecord } | undefined;
};

/** Statuses after which AWS says that no other follows. Others do follow now and then. */
const notFinal: ReadonlySet<string> = new Set(['QUEUED', 'PENDING', 'SENT', 'INITIATED', 'RINGING', 'ANSWERED']);

const descriptions: Readonly<Record<string, string>> = {
  QUEUED: 'Message is queued',
  PENDING: 'Message is pending',
  SENT: 'Message has been sent',
  SUCCESSFUL: 'Message has been accepted by phone carrier',
  DELIVERED: 'Message has been accepted by phone',
  BLOCKED: 'Phone has blocked SMS',
  CARRIER_BLOCKED: 'Phone carrier has blocked this message',
  CARRIER_UNREACHABLE: 'Phone carrier is currently unreachable/unavailable',
  INVALID: 'Invalid phone number',
  INVALID_MESSAGE: 'Message body is invalid',
  SPAM: 'Blocked as spam by phone carrier',
  TTL_EXPIRED: 'Message TTL expired',
  UNREACHABLE: 'Phone is currently unreachable/unavailable',
  UNKNOWN: 'Unknown error attempting to reach phone',
  PROTECT_BLOCKED: 'Message was blocked by a protect configuration',
};

/** The events of a message, each with the time at which it arrives (epoch milliseconds). */
export const eventsOf = (
  message: Accepted,
  { sms, voice: call }: Script,
  isOnEventBridge: boolean,
): readonly { readonly dueMs: number; readonly event: DeliveryEvent }[] =>
  (message.channel === 'sms' ? sms : call).flatMap(({ status, afterMs, arrivesAfterMs = afterMs, times = 1 }) => {
    const event = eventOf(message, status, message.atMs + afterMs, isOnEventBridge);
    return Array.from({ length: times }, () => ({ dueMs: message.atMs + arrivesAfterMs, event }));
  });

const eventOf = (message: Accepted, status: string, atMs: number, isOnEventBridge: boolean): DeliveryEvent => {
  const { to, context, configurationSet } = message;
  const detail = recordOf(message, status, atMs);
  const kind = message.channel === 'sms' ? 'Text' : 'Voice';
  return {
    eventBridge: isOnEventBridge
      ? {
          version: '0',
          id: randomUUID(),
          'detail-type': `${kind} Message Delivery Status Updated`,
          source: 'aws.sms-voice',
          account: '000000000000',
          time: `${new Date(atMs).toISOString().slice(0, 19)}Z`,
          region: 'us-east-1',
          resources: [],
          detail,
        }
      : undefined,
    configurationSet:
      configurationSet === undefined
        ? undefined
        : {
            name: configurationSet,
            record: {
              ...detail,
              destinationPhoneNumber: to,
              ...(Object.keys(context).length === 0 ? {} : { context }),
            },
          },
  };
};

const recordOf = (message: Accepted, status: string, atMs: number): DeliveryRecord => {
  const { messageId, channel, origination, country, messageType, cut, priceUsd, carrierFeeUsd, protect } = message;
  const common = {
    eventType: `${channel === 'sms' ? 'TEXT' : 'VOICE'}_${status}`,
    eventVersion: '1.0',
    eventTimestamp: atMs,
    isFinal: !notFinal.has(status),
    originationPhoneNumber: origination,
    isoCountryCode: country,
    messageId,
    messageRequestTimestamp: message.atMs,
    messageStatus: status,
  };
  if (channel === 'voice') return common;
  return {
    ...common,
    isInternationalSend: false,
    messageEncoding: cut.encoding,
    messageType,
    messageStatusDescription: descriptions[status] ?? status,
    totalMessageParts: cut.parts,
    totalMessagePrice: priceUsd,
    totalCarrierFee: carrierFeeUsd,
    ...(protect === undefined
      ? {}
      : { protectConfiguration: { protectConfigurationId: protect.id, protectStatus: protect.status } }),
  };
};
