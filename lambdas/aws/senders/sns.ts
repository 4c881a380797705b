import { type MessageAttributeValue, PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Sms } from '../../otp/ports.ts';
import { play } from '../calls/ahead.ts';
import { snsClient } from '../clients.ts';
import { priceOf } from './message.ts';
import { type Observe, type RehearsedSender, senderBy } from './sender.ts';

/**
 * Sends through Amazon SNS. It never says `opted-out`, because SNS does not: it takes the message, and nothing arrives
 * (ADR 54).
 */
export const snsSender = (observe: Observe, clientFor: (region: string) => SNSClient = snsClient): RehearsedSender =>
  senderBy({
    call: 'SNS Publish',
    observe,
    clientFor,
    hand: async (client, sms: Sms) => {
      const { MessageId } = await client.send(
        new PublishCommand({
          PhoneNumber: sms.phone.reveal(),
          Message: sms.text.reveal(),
          MessageAttributes: attributesOf(sms),
        }),
      );
      return MessageId;
    },
    rehearse: async (client) => {
      const publish = new PublishCommand({
        PhoneNumber: name,
        Message: name,
        MessageAttributes: { [name]: text(name) },
      });
      await play(client, publish, published);
    },
  });

const name = 'rehearsal';
const published = '<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>';

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
  'AWS.SNS.SMS.MaxPrice': { DataType: 'Number', StringValue: String(Number(priceOf(maxPriceUsd))) },
  ...(senderId === undefined ? {} : { 'AWS.SNS.SMS.SenderID': text(senderId) }),
  ...(route.sender !== 'sns' || route.originationNumber === undefined
    ? {}
    : { 'AWS.MM.SMS.OriginationNumber': text(route.originationNumber) }),
  ...(entityId === undefined ? {} : { 'AWS.MM.SMS.EntityId': text(entityId) }),
  ...(templateId === undefined ? {} : { 'AWS.MM.SMS.TemplateId': text(templateId) }),
});
