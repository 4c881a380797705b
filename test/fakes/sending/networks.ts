import { PinpointSMSVoiceV2Client } from '@aws-sdk/client-pinpoint-sms-voice-v2';
import { SNSClient } from '@aws-sdk/client-sns';
import { endUserMessagingSender } from '../../../lambdas/aws/senders/end-user-messaging.ts';
import { notifySender } from '../../../lambdas/aws/senders/notify.ts';
import type { Observe } from '../../../lambdas/aws/senders/sender.ts';
import { snsSender } from '../../../lambdas/aws/senders/sns.ts';
import type { SmsOutcome, SmsSender } from '../../../lambdas/otp/ports.ts';
import type { SmsRoute } from '../../../lambdas/policy.ts';
import type { Account } from '../../../local/aws/sms-voice/account.ts';
import { accountOwning } from '../../../local/aws/sms-voice/owned.ts';
import { startSmsVoice } from '../../../local/aws/sms-voice/sms-voice.ts';
import { startSns } from '../../../local/aws/sns.ts';
import { memorySender } from './memory-sender.ts';
import { endUserMessagingRoute, notifyRoute, snsRoute } from './routes.ts';

export type Trouble = 'throttled' | 'refused' | 'unanswered' | 'lost-answer' | 'broken';

/** A sender, and the phones behind it. */
export type Network = {
  readonly sender: SmsSender;
  readonly route: SmsRoute;
  /** The texts that arrived at a number. */
  readonly arrivedAt: (to: string) => readonly string[];
  /** Makes the next message go wrong. */
  readonly trouble: (kind: Trouble) => void;
  readonly optOut: (to: string) => void;
  readonly stop: () => Promise<void>;
};

const unseen: Observe = () => {};

export const inMemory = async (): Promise<Network> => {
  const outcomes: SmsOutcome[] = [];
  const { inbox, optOut, send } = memorySender(outcomes);
  const made: Readonly<Record<Trouble, SmsOutcome>> = {
    throttled: { kind: 'rejected', reason: 'throttled' },
    refused: { kind: 'rejected', reason: 'refused' },
    unanswered: { kind: 'unconfirmed' },
    'lost-answer': { kind: 'unconfirmed' },
    broken: { kind: 'unconfirmed' },
  };
  return {
    sender: { send },
    route: snsRoute(),
    arrivedAt: (number) => inbox.filter(({ to }) => to === number).map(({ text }) => text),
    trouble: (kind) => void outcomes.push(made[kind]),
    optOut,
    stop: async () => {},
  };
};

/** Clients of a stand-in, which give up soon. */
const hasty = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  maxAttempts: 1,
  requestHandler: { requestTimeout: 300, throwOnRequestTimeout: true },
} as const;

export const snsClientAt = (endpoint: string) => new SNSClient({ endpoint, ...hasty });
export const smsVoiceClientAt = (endpoint: string) => new PinpointSMSVoiceV2Client({ endpoint, ...hasty });

export const throughSns = async (observe = unseen): Promise<Network> => {
  const sns = await startSns();
  const client = snsClientAt(sns.url);
  const armed = {
    throttled: () => sns.fail('throttle', { times: 3 }),
    refused: () => sns.fail('access-denied'),
    unanswered: () => sns.fail('timeout-before-accept'),
    'lost-answer': () => sns.fail('reset-after-accept'),
    broken: () => sns.fail('internal-error'),
  };
  return {
    sender: snsSender(observe, () => client),
    route: snsRoute(),
    arrivedAt: (number) => sns.messages(number).map(({ text }) => text),
    trouble: (kind) => armed[kind](),
    optOut: sns.optOut,
    stop: async () => {
      client.destroy();
      await sns.stop();
    },
  };
};

/** End User Messaging and Notify, at one stand-in with a clock that a test moves. Its rates are off unless a test asks for them. */
export const openSmsVoice = async (account: Partial<Account> = {}, observe = unseen) => {
  const state = { nowMs: Date.UTC(2026, 10, 21, 12) };
  const owned = accountOwning({ smsRoutes: [endUserMessagingRoute(), notifyRoute()], countries: {} });
  const standIn = await startSmsVoice({ now: () => state.nowMs, account: { ...owned, ...account } });
  const client = smsVoiceClientAt(standIn.url);
  const { messages, optOut } = standIn;
  const armed = {
    throttled: () => standIn.fail('throttle', { times: 3 }),
    refused: () => standIn.fail('access-denied'),
    unanswered: () => standIn.fail('timeout-before-accept'),
    'lost-answer': () => standIn.fail('reset-after-accept'),
    broken: () => standIn.fail('internal-error'),
  };
  const shared = {
    arrivedAt: (number: string) => messages(number).map(({ text }) => text),
    trouble: (kind: Trouble) => armed[kind](),
    optOut,
    stop: async () => {
      client.destroy();
      await standIn.stop();
    },
  };
  const endUserMessaging: Network = {
    ...shared,
    sender: endUserMessagingSender(observe, () => client),
    route: endUserMessagingRoute(),
  };
  const notify: Network = { ...shared, sender: notifySender(observe, () => client), route: notifyRoute() };
  return { standIn, state, endUserMessaging, notify, stop: shared.stop };
};
