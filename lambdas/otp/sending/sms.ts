import type { Channel, Policy, SmsRoute, Template } from '../../policy.ts';
import { smsPayee } from '../input/payee.ts';
import { microUsd } from '../limits/caps.ts';
import { type Secret, secret } from '../number/secret.ts';
import type { Sms, SmsOutcome, SmsSender } from '../ports.ts';
import type { Transaction } from '../record/code.ts';
import { type Autofill, chooseTemplate, renderMessage } from '../record/message.ts';
import { sizeOf } from '../record/parts.ts';

export type Message = Uncoded & {
  readonly phone: Secret;
  readonly code: Secret;
  readonly context: Sms['context'];
};

/** A message without its number and code. */
type Uncoded = {
  readonly country: string;
  readonly purpose: string;
  readonly locale?: string | undefined;
  readonly transaction?: Transaction | undefined;
  readonly appHash?: string | undefined;
  readonly origin?: string | undefined;
  /** How long the code is good for from now, in seconds. */
  readonly lifetimeSeconds: number;
};

/** As `sendCode`, by a call. `call.ts` has it, which only a deployment with calls loads. */
export type CallCode = (policy: Policy, message: Message, firstRoute: number) => Promise<SmsOutcome>;

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
  const composed = compose(policy, message);
  if (country === undefined || composed === undefined) return { kind: 'rejected', reason: 'refused' };
  const text = composed.textWith(message.code.reveal());
  let outcome: SmsOutcome = { kind: 'rejected', reason: 'unreachable' };
  for (const route of routesFrom(policy.smsRoutes, firstRoute)) {
    outcome = await sender.send({
      phone: message.phone,
      text: secret(text),
      code: message.code,
      locale: composed.template.locale,
      route,
      country: message.country,
      lifetimeSeconds: message.lifetimeSeconds,
      context: message.context,
      senderId: country.senderId,
      maxPriceUsd: maxPriceOf(country.maxPriceUsd, sizeOf(text).parts),
      entityId: country.entityId,
      templateId: composed.template.templateId,
    });
    if (outcome.kind !== 'rejected' || outcome.reason === 'opted-out') return outcome;
  }
  return outcome;
};

/** How a message goes out by a channel. Without an adapter for calls, no call was sent. */
export const sendBy = (
  { sender, callCode }: { readonly sender: SmsSender; readonly callCode?: CallCode | undefined },
  channel: Channel | undefined,
): CallCode => {
  if (channel !== 'voice') return (policy, message, firstRoute) => sendCode(sender, policy, message, firstRoute);
  return callCode ?? (async () => ({ kind: 'rejected', reason: 'refused' }));
};

/** The autofills that a message may name. The settings may have dropped one since the request that a resend repeats. */
const autofillOf = ({ appHashes, origins }: Policy, { appHash, origin }: Uncoded): Autofill => ({
  ...(appHash !== undefined && appHashes.includes(appHash) ? { appHash } : {}),
  ...(origin !== undefined && origins.includes(origin) ? { host: new URL(origin).host } : {}),
});

type Composed = { readonly template: Template; readonly textWith: (code: string) => string };

/** The text that a message gets. `undefined`: the settings have none for it. */
const compose = (policy: Policy, message: Uncoded): Composed | undefined => {
  const { purpose, country, locale, lifetimeSeconds, transaction } = message;
  const named = autofillOf(policy, message);
  const template = chooseTemplate(policy, { purpose, country, locale, ...named });
  if (template === undefined) return undefined;
  const shown = transaction && { ...transaction, payee: smsPayee(transaction.payee) };
  const values = { brand: policy.brand, lifetimeSeconds, transaction: shown, ...named };
  return { template, textWith: (code) => renderMessage(template, { ...values, code }) };
};

/** Parts of the SMS with a code of so many digits: what the caps count before there is a code. */
export const smsPartsOf = (policy: Policy, message: Uncoded, digits: number): number => {
  const composed = compose(policy, message);
  return composed === undefined ? 1 : sizeOf(composed.textWith('0'.repeat(digits))).parts;
};

/** SNS compares its maximum with the price of the whole message. */
const maxPriceOf = (perPartUsd: number, parts: number): number => (microUsd(perPartUsd) * parts) / 1_000_000;

const routesFrom = (routes: readonly SmsRoute[], first: number): readonly SmsRoute[] => {
  const start = first % routes.length;
  return [...routes.slice(start), ...routes.slice(0, start)];
};
