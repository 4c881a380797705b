import type { EventType } from '@aws-sdk/client-pinpoint-sms-voice-v2';
import { arrived, failedAs, notKnown, onItsWay, type Told, takenByCarrier } from '../otp/receipts/receipt.ts';

/** The types of events about an SMS or a call. `…_ALL` chooses types, and is none. */
type MessageEventType = Exclude<Extract<EventType, `TEXT_${string}` | `VOICE_${string}`>, `${string}_ALL`>;

/**
 * The meaning of each type of event. A type that AWS adds does not compile until it has a line here.
 *
 * https://docs.aws.amazon.com/sms-voice/latest/userguide/configuration-sets-event-types.html. No type says that the holder
 * opted out: AWS refuses the call then. `TEXT_BLOCKED` is a block of the phone or its carrier for this holder.
 */
const types = {
  TEXT_QUEUED: onItsWay,
  TEXT_PENDING: onItsWay,
  TEXT_SENT: onItsWay,
  TEXT_SUCCESSFUL: takenByCarrier,
  TEXT_DELIVERED: arrived,
  TEXT_UNKNOWN: notKnown,
  TEXT_BLOCKED: failedAs('opted-out'),
  TEXT_CARRIER_BLOCKED: failedAs('blocked-by-carrier'),
  TEXT_SPAM: failedAs('blocked-by-carrier'),
  TEXT_INVALID_MESSAGE: failedAs('blocked-by-carrier'),
  TEXT_CARRIER_UNREACHABLE: failedAs('unreachable'),
  TEXT_UNREACHABLE: failedAs('unreachable'),
  TEXT_INVALID: failedAs('invalid-number'),
  TEXT_TTL_EXPIRED: failedAs('expired'),
  TEXT_PROTECT_BLOCKED: failedAs('blocked-by-protect'),
  VOICE_INITIATED: onItsWay,
  VOICE_RINGING: onItsWay,
  // Somebody, or a voicemail, took the call. The code is spoken after that.
  VOICE_ANSWERED: takenByCarrier,
  VOICE_COMPLETED: arrived,
  VOICE_BUSY: failedAs('unreachable'),
  VOICE_NO_ANSWER: failedAs('unreachable'),
  VOICE_FAILED: failedAs('unreachable'),
  VOICE_TTL_EXPIRED: failedAs('expired'),
} as const satisfies Readonly<Record<MessageEventType, Told>>;

/** @returns what an event of that type says; `undefined` for one that is about no SMS and no call, or is not known. */
export const toldByType = (type: string): Told | undefined =>
  Object.hasOwn(types, type) ? types[type as MessageEventType] : undefined;

/** All of them, for tests and for the stand-in's. */
export const messageEventTypes = Object.keys(types) as readonly MessageEventType[];
