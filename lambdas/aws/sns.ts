import { type MessageAttributeValue, PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Sms, SmsOutcome, SmsSender } from '../otp/ports.ts';
import { backOff, snsClient } from './clients.ts';

/** How often a message that surely was not sent is offered to the same route. */
const maxTries = 3;

/**
 * Sends through Amazon SNS. `Publish` has no token against duplicates, so the sender repeats only what SNS surely did not
 * send. Without an answer the outcome is `unconfirmed`.
 *
 * It never says `opted-out`, because SNS does not: it takes the message, and nothing arrives (ADR 54).
 *
 * @param observe gets the cause of each try that did not succeed. The cause may hold the number: it must not be logged in clear.
 */
export const snsSender = (
  observe: (cause: unknown) => void,
  clientFor: (region: string) => SNSClient = snsClient,
): SmsSender => {
  const clients = new Map<string, SNSClient>();
  const client = (region: string): SNSClient => {
    const known = clients.get(region) ?? clientFor(region);
    clients.set(region, known);
    return known;
  };
  return {
    send: async (sms) => {
      for (let attempt = 1; ; attempt += 1) {
        const outcome = await publish(client(sms.route.region), sms, observe);
        if (outcome.kind !== 'rejected' || !isWorthAnother(outcome.reason) || attempt >= maxTries) return outcome;
        await backOff(attempt + 1);
      }
    },
  };
};

const isWorthAnother = (reason: string): boolean => reason === 'throttled' || reason === 'unreachable';

const publish = async (client: SNSClient, sms: Sms, observe: (cause: unknown) => void): Promise<SmsOutcome> => {
  try {
    const { MessageId } = await client.send(
      new PublishCommand({
        PhoneNumber: sms.phone.reveal(),
        Message: sms.text.reveal(),
        MessageAttributes: attributesOf(sms),
      }),
    );
    return { kind: 'accepted', messageId: MessageId ?? '' };
  } catch (cause) {
    observe(cause);
    return outcomeOf(cause);
  }
};

const text = (value: string): MessageAttributeValue => ({ DataType: 'String', StringValue: value });

/** Without `Transactional` SNS sends as Promotional: slower, and filtered. */
const attributesOf = ({
  route,
  senderId,
  maxPriceUsd,
  entityId,
  templateId,
}: Sms): Record<string, MessageAttributeValue> => ({
  'AWS.SNS.SMS.SMSType': text('Transactional'),
  'AWS.SNS.SMS.MaxPrice': { DataType: 'Number', StringValue: String(maxPriceUsd) },
  ...(senderId === undefined ? {} : { 'AWS.SNS.SMS.SenderID': text(senderId) }),
  ...(route.sender !== 'sns' || route.originationNumber === undefined
    ? {}
    : { 'AWS.MM.SMS.OriginationNumber': text(route.originationNumber) }),
  ...(entityId === undefined ? {} : { 'AWS.MM.SMS.EntityId': text(entityId) }),
  ...(templateId === undefined ? {} : { 'AWS.MM.SMS.TemplateId': text(templateId) }),
});

const throttles = ['ThrottledException', 'ThrottlingException', 'Throttling', 'TooManyRequestsException'];
const neverConnected = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'];
/** Errors of Node and of the SDK's HTTP handler from before the first byte of a request. */
const beforeTheRequest = /did not establish a connection|before secure TLS connection was established/;

/**
 * The outcome of a failed `Publish`. Only a refusal by SNS, or a connection that was never made, surely sent nothing. After
 * a time-out, a reset, or an error inside SNS, the message may arrive.
 */
const outcomeOf = (cause: unknown): SmsOutcome => {
  const { name, code, syscall, status, message } = factsOf(cause);
  if (throttles.includes(name) || status === 429) return { kind: 'rejected', reason: 'throttled' };
  const isUnsent = neverConnected.includes(code) || syscall === 'connect' || beforeTheRequest.test(message);
  if (isUnsent) return { kind: 'rejected', reason: 'unreachable' };
  // Not even signed.
  if (name === 'CredentialsProviderError') return { kind: 'rejected', reason: 'refused' };
  if (status >= 400 && status < 500 && status !== 408) return { kind: 'rejected', reason: 'refused' };
  return { kind: 'unconfirmed' };
};

const factsOf = (cause: unknown) => {
  if (!(cause instanceof Error)) return { name: '', code: '', syscall: '', status: 0, message: '' };
  const { code, syscall, $metadata } = cause as {
    code?: unknown;
    syscall?: unknown;
    $metadata?: { httpStatusCode?: number };
  };
  return {
    name: cause.name,
    code: typeof code === 'string' ? code : '',
    syscall,
    status: $metadata?.httpStatusCode ?? 0,
    message: cause.message,
  };
};
