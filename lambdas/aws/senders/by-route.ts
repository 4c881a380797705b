import type { SmsSender } from '../../otp/ports.ts';
import type { Policy, SmsSenderName } from '../../policy.ts';
import type { RehearsedSender } from './sender.ts';

type Senders = Partial<Record<SmsSenderName, RehearsedSender>>;

/** Hands each message to the sender of its route. A bundle without that sender surely sends nothing. */
export const senderByRoute = (senders: Senders): SmsSender => ({
  send: async (sms) => (await senders[sms.route.sender]?.send(sms)) ?? { kind: 'rejected', reason: 'refused' },
});

/** One call of each sender, by the client for the Region of its first route. */
export const rehearsalsOf = (senders: Senders, { smsRoutes }: Pick<Policy, 'smsRoutes'>): (() => Promise<void>)[] => {
  const names = [...new Set(smsRoutes.map(({ sender }) => sender))];
  return names.map((name) => async () => {
    const region = smsRoutes.find(({ sender }) => sender === name)?.region ?? '';
    await senders[name]?.rehearse(region);
  });
};
