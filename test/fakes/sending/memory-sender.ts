import type { Sms, SmsOutcome, SmsSender } from '../../../lambdas/otp/ports.ts';

export type Message = {
  readonly to: string;
  readonly text: string;
  readonly region: string;
  /** Name of the route. */
  readonly route: string;
};

/**
 * An SMS network in memory. It takes every message, unless `network` holds another outcome for the next one.
 *
 * It tells of an opt-out, which SNS never does, so that the flows are tried with a sender that tells.
 */
export const memorySender = (
  network: SmsOutcome[] = [],
): SmsSender & { readonly inbox: Message[]; readonly optOut: (to: string) => void } => {
  const inbox: Message[] = [];
  const optedOut = new Set<string>();
  return {
    inbox,
    optOut: (to) => void optedOut.add(to),
    send: async ({ phone, text, route }: Sms): Promise<SmsOutcome> => {
      const to = phone.reveal();
      if (optedOut.has(to)) return { kind: 'rejected', reason: 'opted-out' };
      const outcome = network.shift() ?? { kind: 'accepted' as const, messageId: `m${inbox.length}` };
      if (outcome.kind !== 'rejected') inbox.push({ to, text: text.reveal(), region: route.region, route: route.name });
      return outcome;
    },
  };
};
