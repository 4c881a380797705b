import type { Policy, SmsRoute, Template } from '../../policy.ts';
import { smsPayee } from '../input/payee.ts';
import { type Secret, secret } from '../number/secret.ts';
import type { SmsOutcome, SmsSender } from '../ports.ts';
import type { Transaction } from '../record/code.ts';
import { type Autofill, chooseTemplate, renderMessage } from '../record/message.ts';

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
 * Sends a code over the first route that does not surely fail.
 *
 * @param firstRoute the position of the route to begin with; a resend begins with the next one.
 * @returns the outcome of the last route that was tried. If a route did not answer, no other is tried, because the
 *   message may be on its way.
 */
export const sendCode = async (
  sender: SmsSender,
  policy: Policy,
  message: Message,
  firstRoute: number,
): Promise<SmsOutcome> => {
  const country = policy.countries[message.country];
  const named = autofillOf(policy, message);
  const { purpose, locale } = message;
  const template = chooseTemplate(policy, { purpose, country: message.country, locale, ...named });
  if (country === undefined || template === undefined) return { kind: 'rejected', reason: 'refused' };
  const text = textOf(template, policy, message, named);
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

/** The autofills that a message may name. The settings may have dropped one since the request that a resend repeats. */
const autofillOf = ({ appHashes, origins }: Policy, { appHash, origin }: Message): Autofill => ({
  ...(appHash !== undefined && appHashes.includes(appHash) ? { appHash } : {}),
  ...(origin !== undefined && origins.includes(origin) ? { host: new URL(origin).host } : {}),
});

const textOf = (template: Template, { brand }: Policy, message: Message, named: Autofill): Secret => {
  const { code, lifetimeSeconds } = message;
  const transaction = message.transaction && {
    ...message.transaction,
    payee: smsPayee(message.transaction.payee),
  };
  return secret(renderMessage(template, { brand, code: code.reveal(), lifetimeSeconds, transaction, ...named }));
};

const routesFrom = (routes: readonly SmsRoute[], first: number): readonly SmsRoute[] => {
  const start = first % routes.length;
  return [...routes.slice(start), ...routes.slice(0, start)];
};
