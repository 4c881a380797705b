import {
  type PinpointSMSVoiceV2Client,
  SendTextMessageCommand,
  type SendTextMessageCommandInput,
} from '@aws-sdk/client-pinpoint-sms-voice-v2';
import type { Sms } from '../../otp/ports.ts';
import type { EndUserMessagingRoute } from '../../policy.ts';
import { play } from '../calls/ahead.ts';
import { smsVoiceClient } from '../clients.ts';
import { aboutMessage, priceOf } from './message.ts';
import { reasonOf } from './reasons.ts';
import { type Observe, type RehearsedSender, senderBy } from './sender.ts';

/** Sends through AWS End User Messaging, which tells why it refuses a message. */
export const endUserMessagingSender = (
  observe: Observe,
  clientFor: (region: string) => PinpointSMSVoiceV2Client = smsVoiceClient,
): RehearsedSender =>
  senderBy({
    call: 'SMS SendTextMessage',
    observe,
    clientFor,
    reasonOf,
    hand: async (client, sms: Sms) => {
      const { MessageId } = await client.send(new SendTextMessageCommand(inputOf(sms)));
      return MessageId;
    },
    rehearse: async (client) => {
      const name = 'rehearsal';
      const Context = { [name]: name };
      const send = new SendTextMessageCommand({ DestinationPhoneNumber: name, MessageBody: name, Context });
      await play(client, send, '{"MessageId":"1"}');
    },
  });

const inputOf = (sms: Sms): SendTextMessageCommandInput => {
  const { route, senderId, entityId, templateId } = sms;
  const own: Partial<EndUserMessagingRoute> = route.sender === 'end-user-messaging' ? route : {};
  const identity = own.originationIdentity ?? senderId;
  return {
    ...aboutMessage(sms),
    DestinationPhoneNumber: sms.phone.reveal(),
    MessageBody: sms.text.reveal(),
    MessageType: 'TRANSACTIONAL',
    MaxPrice: priceOf(sms.maxPriceUsd),
    ...(identity === undefined ? {} : { OriginationIdentity: identity }),
    ...(own.protectConfiguration === undefined ? {} : { ProtectConfigurationId: own.protectConfiguration }),
    ...(entityId === undefined && templateId === undefined
      ? {}
      : {
          DestinationCountryParameters: {
            ...(entityId === undefined ? {} : { IN_ENTITY_ID: entityId }),
            ...(templateId === undefined ? {} : { IN_TEMPLATE_ID: templateId }),
          },
        }),
  };
};
