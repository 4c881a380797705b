import type { Channel, Policy } from '../../policy.ts';
import { smsPayee } from '../input/payee.ts';
import { microUsd, priceOf } from '../limits/caps.ts';
import { type Secret, secret } from '../number/secret.ts';
import type { Sms, SmsSender } from '../ports.ts';
import type { Transaction } from '../record/code.ts';
import { type Autofill, chooseTemplate, renderMessage } from '../record/message.ts';
import { sizeOf } from '../record/parts.ts';
import { handOver, nothingSent } from './hand-over.ts';
import { hasFeedbackOn, type Load, languageOn, routesFor, type Tried, voiceRoutesFor } from './routes.ts';
import type { SendTime } from './send-time.ts';
import type { Sent } from './sent.ts';

export type Message = Uncoded & {
  readonly phone: Secret;
  readonly code: Secret;
  readonly context: Sms['context'];
  readonly time: SendTime;
};

/** A message without its number and code. */
type Uncoded = {
  readonly country: string;
  readonly purpose: string;
  readonly locale?: string | undefined;
  readonly transaction?: Transaction | undefined;
  readonly appHash?: string | undefined;
  readonly origin?: string | undefined;
  /** How long the code is good for, in seconds, as its text says. */
  readonly lifetimeSeconds: number;
};

/** As `sendCode`, by a call. `call.ts` has it, which only a deployment with calls loads. */
export type CallCode = (policy: Policy, message: Message, tried: Tried) => Promise<Sent>;

/**
 * Sends a code over the first route that does not surely fail. If a route did not answer, no other is tried, because the
 * message may be on its way. Nor is one for which there is no time.
 */
export const sendCode = async (sender: SmsSender, policy: Policy, message: Message, tried: Tried): Promise<Sent> => {
  const country = policy.countries[message.country];
  const composed = compose(policy, message);
  if (country === undefined || composed === undefined) return nothingSent;
  const text = composed.textWith(message.code.reveal());
  const { parts } = sizeOf(text);
  const estimateMicroUsd = priceOf(policy, message.country, parts);
  const load = loadOf(composed, { ...message, digits: message.code.reveal().length });
  const sent = await handOver(routesFor(policy, country, load, tried), message.time, (route) =>
    sender.send({
      phone: message.phone,
      text: secret(text),
      code: message.code,
      locale: languageOn(route, composed.template, { ...policy, locale: message.locale }),
      route,
      country: message.country,
      time: message.time,
      context: message.context,
      ...(hasFeedbackOn(policy, route) ? { hasFeedback: true } : {}),
      senderId: country.senderId,
      maxPriceUsd: maxPriceOf(country.maxPriceUsd, parts),
      estimate: { microUsd: estimateMicroUsd, parts },
      entityId: country.entityId,
      templateId: composed.template.templateId,
    }),
  );
  return { ...sent, estimateMicroUsd, estimateParts: parts };
};

/** How a message goes out by a channel. Without an adapter for calls, no call was sent. */
export const sendBy = (
  { sender, callCode }: { readonly sender: SmsSender; readonly callCode?: CallCode | undefined },
  channel: Channel | undefined,
): CallCode => {
  if (channel !== 'voice') return (policy, message, tried) => sendCode(sender, policy, message, tried);
  return callCode ?? (async () => nothingSent);
};

/** Name of the route that a message is planned for: the first that it may take. */
export const plannedRoute = (
  policy: Policy,
  message: Uncoded & Pick<Load, 'digits'>,
  tried: Tried,
  channel: Channel | undefined,
): string | undefined => {
  if (channel === 'voice') return voiceRoutesFor(policy, tried)[0]?.name;
  const country = policy.countries[message.country];
  const composed = compose(policy, message);
  if (country === undefined || composed === undefined) return undefined;
  return routesFor(policy, country, loadOf(composed, message), tried)[0]?.name;
};

const loadOf = ({ template, isAutofilled }: Composed, { purpose, digits }: Pick<Load, 'purpose' | 'digits'>): Load => ({
  purpose,
  digits,
  template,
  isAutofilled,
});

/** The autofills that a message may name. The settings may have dropped one since the request that a resend repeats. */
const autofillOf = ({ appHashes, origins }: Policy, { appHash, origin }: Uncoded): Autofill => ({
  ...(appHash !== undefined && appHashes.includes(appHash) ? { appHash } : {}),
  ...(origin !== undefined && origins.includes(origin) ? { host: new URL(origin).host } : {}),
});

type Composed = Pick<Load, 'template' | 'isAutofilled'> & { readonly textWith: (code: string) => string };

/** The text that a message gets. `undefined`: the settings have none for it. */
const compose = (policy: Policy, message: Uncoded): Composed | undefined => {
  const { purpose, country, locale, lifetimeSeconds, transaction } = message;
  const named = autofillOf(policy, message);
  const template = chooseTemplate(policy, { purpose, country, locale, ...named });
  if (template === undefined) return undefined;
  const shown = transaction && { ...transaction, payee: smsPayee(transaction.payee) };
  const values = { brand: policy.brand, lifetimeSeconds, transaction: shown, ...named };
  const isAutofilled = Object.keys(named).length > 0;
  return { template, isAutofilled, textWith: (code) => renderMessage(template, { ...values, code }) };
};

/** Parts of the SMS with a code of so many digits: what the caps count before there is a code. */
export const smsPartsOf = (policy: Policy, message: Uncoded, digits: number): number => {
  const composed = compose(policy, message);
  return composed === undefined ? 1 : sizeOf(composed.textWith('0'.repeat(digits))).parts;
};

/** SNS compares its maximum with the price of the whole message. */
const maxPriceOf = (perPartUsd: number, parts: number): number => (microUsd(perPartUsd) * parts) / 1_000_000;
