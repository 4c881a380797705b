import type { Phone } from '../../../lambdas/otp/number/phone.ts';
import type { Configuration } from './configuration.ts';
import { shownPhone } from './destination.ts';
import { todoFor } from './refusals.ts';
import { type Consent, done, type Step, stopped, type Talk, type WalkPorts } from './talk.ts';

export type FirstMessage = {
  readonly configuration: Configuration;
  readonly templateId: string;
  readonly phone: Phone;
  readonly code: string;
  readonly lifetimeSeconds: number;
};

/** A message that comes after its code has died would only confuse. */
const inputOf = ({ configuration, templateId, phone, code, lifetimeSeconds }: FirstMessage) => ({
  NotifyConfigurationId: configuration.NotifyConfigurationId ?? '',
  DestinationPhoneNumber: phone.reveal(),
  TemplateId: templateId,
  TemplateVariables: { code },
  TimeToLive: lifetimeSeconds,
});

/** Lets AWS check the message without sending it. It answers with the text and the code, which nobody keeps. */
export const dryRun = async ({ call, note }: Talk, message: FirstMessage): Promise<Step<undefined>> => {
  const reply = await call('SendNotifyTextMessage', { ...inputOf(message), DryRun: true });
  if (reply.kind === 'refused') return stopped(todoFor('SendNotifyTextMessage', reply.refusal));
  note('AWS would take it.');
  return done(undefined);
};

/** Sends the one message, if the person agrees. */
export const sendFirst = async ({ callIfAgreed, note }: Talk, message: FirstMessage): Promise<Step<undefined>> => {
  const reply = await callIfAgreed(
    'SendNotifyTextMessage',
    inputOf(message),
    `Send one SMS to ${shownPhone(message.phone)}? It costs money.`,
  );
  if (reply === undefined) return stopped('Nothing was sent. Run this in a terminal and say y, or add --yes.');
  if (reply.kind === 'refused') return stopped(todoFor('SendNotifyTextMessage', reply.refusal));
  note(`AWS took it: message ${reply.value.MessageId ?? 'without an id'}.`);
  return done(undefined);
};

/** Lets the person prove that it came. Only the phone knows the code. */
export const confirmArrival = async (
  { note }: Talk,
  { ask, nowMs }: Pick<WalkPorts, 'ask' | 'nowMs'>,
  code: string,
  consent: Consent,
): Promise<void> => {
  if (consent !== 'ask') return note('Look at the phone: only it can tell whether the SMS came.');
  const sentAtMs = nowMs();
  const typed = (await ask('   The code of the SMS (Enter, if none has come): '))?.replaceAll(/\D/g, '') ?? '';
  const seconds = Math.round((nowMs() - sentAtMs) / 1000);
  if (typed === code)
    return note(`It arrived: the right code was typed ${seconds} seconds after AWS took the message.`);
  note(
    typed === ''
      ? 'AWS took it, and the network may still lose or delay it. Wait some minutes. Look at the number, then try once more.'
      : 'That is another code. Perhaps it is that of an earlier message.',
  );
};
