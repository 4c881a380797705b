import { recordKey } from '../../../lambdas/otp/number/pseudonyms.ts';
import { secret } from '../../../lambdas/otp/number/secret.ts';
import type { SmsOutcome } from '../../../lambdas/otp/ports.ts';
import { resendVerification } from '../../../lambdas/otp/resend.ts';
import type { World } from '../../fakes/world.ts';

export const check = (here: World, id: string, code: string, more = {}) =>
  here.check({ id, code: secret(code), application: 'app', ...more });

export const recordOf = (here: World, id: string, application = 'app') => {
  const record = here.ledger.records.get(recordKey(application, id));
  if (record === undefined) throw new Error('There is no such record.');
  return record;
};

/** How often each kind came. */
export const kinds = (outcomes: readonly { kind: string }[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { kind } of outcomes) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
};

/** The network takes nothing. */
export const refused = { kind: 'rejected', reason: 'throttled' } as const;

/** A resend whose SMS is on its way, until `answer` says what became of it. */
export const resendInFlight = async (here: World, id: string, idempotencyKey?: string) => {
  let answer: (outcome: SmsOutcome) => void = () => {};
  let publish: () => void = () => {};
  const published = new Promise<void>((resolve) => {
    publish = resolve;
  });
  const outcomes: SmsOutcome[] = [];
  const sender = {
    send: async (sms: Parameters<typeof here.ports.sender.send>[0]) => {
      const known = outcomes[0];
      if (known !== undefined) return known;
      publish();
      const outcome = await new Promise<SmsOutcome>((resolve) => {
        answer = resolve;
      });
      outcomes.push(outcome);
      if (outcome.kind !== 'rejected') await here.ports.sender.send(sms);
      return outcome;
    },
  };
  const outcome = resendVerification({ ...here.ports, sender }, here.rules)({ id, idempotencyKey, application: 'app' });
  await Promise.race([published, outcome]);
  return { outcome, answer: (known: SmsOutcome) => answer(known) };
};
