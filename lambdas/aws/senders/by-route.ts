import type { SmsSender } from '../../otp/ports.ts';
import type { SmsSenderName } from '../../policy.ts';
import type { Rehearsed, RehearsedSender } from './sender.ts';

type Senders = Partial<Record<SmsSenderName, RehearsedSender>>;

/** Hands each message to the sender of its route. A bundle without that sender surely sends nothing. */
export const senderByRoute = (senders: Senders): SmsSender => ({
  send: async (sms) => (await senders[sms.route.sender]?.send(sms)) ?? { kind: 'rejected', reason: 'refused' },
});

/** One call of each sender, by the client for the Region of its first route. */
export const rehearsalsOf = <Name extends string>(
  senders: Partial<Record<Name, Rehearsed<unknown>>>,
  routes: readonly { readonly sender: Name; readonly region: string }[],
): readonly (() => Promise<void>)[] => {
  const firsts = new Map<Name, string>();
  for (const { sender, region } of routes) if (!firsts.has(sender)) firsts.set(sender, region);
  return [...firsts].map(
    ([name, region]) =>
      async () =>
        senders[name]?.rehearse(region),
  );
};
