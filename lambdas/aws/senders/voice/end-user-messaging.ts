import {
  type PinpointSMSVoiceV2Client,
  SendVoiceMessageCommand,
  type SendVoiceMessageCommandInput,
  type VoiceId,
} from '@aws-sdk/client-pinpoint-sms-voice-v2';
import type { VoiceMessage, VoiceSender } from '../../../otp/ports.ts';
import { chooseSpoken, renderSpoken } from '../../../otp/record/spoken.ts';
import { play } from '../../calls/ahead.ts';
import { smsVoiceClient } from '../../clients.ts';
import { aboutMessage, priceOf } from '../message.ts';
import { reasonOf } from '../reasons.ts';
import { type Observe, type Rehearsed, senderBy } from '../sender.ts';

/** Calls through AWS End User Messaging, which speaks the text by Amazon Polly. */
export const endUserMessagingVoice = (
  observe: Observe,
  clientFor: (region: string) => PinpointSMSVoiceV2Client = smsVoiceClient,
): Rehearsed<VoiceSender> =>
  senderBy({
    call: 'SMS SendVoiceMessage',
    observe,
    clientFor,
    reasonOf,
    hand: async (client, call: VoiceMessage) => {
      const { MessageId } = await client.send(new SendVoiceMessageCommand(inputOf(call)));
      return MessageId;
    },
    rehearse: async (client) => {
      const name = 'rehearsal';
      const send = new SendVoiceMessageCommand({ DestinationPhoneNumber: name, OriginationIdentity: name });
      await play(client, send, '{"MessageId":"1"}');
    },
  });

const inputOf = (call: VoiceMessage): SendVoiceMessageCommandInput => {
  const { route, texts, locales, brand, code } = call;
  if (route.sender !== 'end-user-messaging')
    throw new Error(`The route ${route.name} is one of Notify. This is a bug.`);
  const spoken = chooseSpoken(texts, locales);
  if (spoken === undefined) throw new Error('There is no text for a call. Parse the settings first.');
  return {
    ...aboutMessage(call),
    DestinationPhoneNumber: call.phone.reveal(),
    OriginationIdentity: route.originationIdentity,
    MessageBody: renderSpoken(spoken, { brand, code: code.reveal() }),
    MessageBodyTextType: 'SSML',
    // The settings take no other ids than those of the SDK, which a test compares.
    VoiceId: spoken.voice as VoiceId,
    MaxPricePerMinute: priceOf(call.maxPriceUsd),
    ...(route.protectConfiguration === undefined ? {} : { ProtectConfigurationId: route.protectConfiguration }),
  };
};
