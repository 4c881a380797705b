import type { SmsSenderName } from '../../policy.ts';
import { endUserMessagingSender } from './end-user-messaging.ts';
import { notifySender } from './notify.ts';
import type { Observe, RehearsedSender } from './sender.ts';
import { snsSender } from './sns.ts';

/** The senders of the routes. A bundle holds those that its settings name. */
export const sendersInUse = (observe: Observe): Partial<Record<SmsSenderName, RehearsedSender>> => ({
  sns: snsSender(observe),
  'end-user-messaging': endUserMessagingSender(observe),
  notify: notifySender(observe),
});
