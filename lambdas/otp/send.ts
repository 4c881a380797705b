import type { Transaction } from './code.ts';
import { chooseTemplate, renderMessage } from './message.ts';
import type { Policy, SmsRoute } from './policy.ts';
import type { SmsOutcome, SmsSender } from './ports.ts';
import { type Secret, secret } from './secret.ts';

export type Message = {
  readonly phone: Secret;
  readonly code: Secret;
  readonly country: string;
  readonly purpose: string;
  readonly locale?: string | undefined;
  readonly transaction?: Transaction | undefined;
  readonly appHash?: string | undefined;
  readonly origin?: string | undefined;
  /** How long the code is good for from now, in seconds. */
  readonly lifetimeSeconds: number;
};

/**
 * Sends a code, over the first route that does not surely fail.
 *
 * @param firstRoute the position of the route to begin with; a resend begins with the next one.
 * @returns the outcome of the last route that was tried. After an outcome that is not known, no other route is tried:
 *   the message may be on its way.
 */
export const sendCode = async (
  sender: SmsSender,
  policy: Policy,
  message: Message,
  firstRoute: number,
): Promise<SmsOutcome> => {
  const country = policy.countries[message.country];
  const template = chooseTemplate(policy, message);
  if (country === undefined || template === undefined) return { kind: 'rejected', reason: 'refused' };
  const text = secret(
    renderMessage(template.text, {
      brand: policy.brand,
      code: message.code.reveal(),
      lifetimeSeconds: message.lifetimeSeconds,
      transaction: message.transaction,
      appHash: message.appHash,
      host: message.origin === undefined ? undefined : new URL(message.origin).host,
    }),
  );
  let outcome: SmsOutcome = { kind: 'rejected', reason: 'unreachable' };
  for (const route of routesFrom(policy.smsRoutes, firstRoute)) {
    outcome = await sender.send({
      phone: message.phone,
      text,
      route,
      senderId: country.senderId,
      maxPriceUsd: country.maxPriceUsd,
      entityId: country.entityId,
      templateId: template.templateId,
    });
    if (outcome.kind !== 'rejected' || outcome.reason === 'opted-out') return outcome;
  }
  return outcome;
};

const routesFrom = (routes: readonly SmsRoute[], first: number): readonly SmsRoute[] => {
  const start = first % routes.length;
  return [...routes.slice(start), ...routes.slice(0, start)];
};
