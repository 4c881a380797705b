import {
  type PinpointSMSVoiceV2Client,
  SendNotifyVoiceMessageCommand,
  type SendNotifyVoiceMessageCommandInput,
  type VoiceId,
} from '@aws-sdk/client-pinpoint-sms-voice-v2';
import type { VoiceMessage, VoiceSender } from '../../../otp/ports.ts';
import { chooseAmong, spokenDigits, voiceIn } from '../../../otp/record/spoken.ts';
import { play } from '../../calls/ahead.ts';
import { smsVoiceClient } from '../../clients.ts';
import { aboutMessage } from '../message.ts';
import { reasonOf } from '../reasons.ts';
import { type Observe, type Rehearsed, senderBy } from '../sender.ts';

/**
 * Calls through Notify, with a template of AWS. The answer holds the text with the code, so nothing but the id is taken from it.
 */
export const notifyVoice = (
  observe: Observe,
  clientFor: (region: string) => PinpointSMSVoiceV2Client = smsVoiceClient,
): Rehearsed<VoiceSender> =>
  senderBy({
    call: 'SMS SendNotifyVoiceMessage',
    observe,
    clientFor,
    reasonOf,
    hand: async (client, call: VoiceMessage) => {
      const { MessageId } = await client.send(new SendNotifyVoiceMessageCommand(inputOf(call)));
      return MessageId;
    },
    rehearse: async (client) => {
      const name = 'rehearsal';
      const texts = { NotifyConfigurationId: name, DestinationPhoneNumber: name, TemplateVariables: { [name]: name } };
      const send = new SendNotifyVoiceMessageCommand(texts);
      await play(client, send, '{"MessageId":"1"}');
    },
  });

const inputOf = (call: VoiceMessage): SendNotifyVoiceMessageCommandInput => {
  const { route, texts, locales, code } = call;
  if (route.sender !== 'notify') throw new Error(`The route ${route.name} is not one of Notify. This is a bug.`);
  const offered = Object.keys(route.templates);
  const language = offered[chooseAmong(offered, locales)] ?? '';
  const voice = voiceIn(texts, language);
  const template = route.templates[language];
  return {
    ...aboutMessage(call),
    NotifyConfigurationId: route.configuration,
    DestinationPhoneNumber: call.phone.reveal(),
    ...(template === undefined ? {} : { TemplateId: template }),
    TemplateVariables: { code: spokenDigits(code.reveal()) },
    ...(voice === undefined ? {} : { VoiceId: voice as VoiceId }),
  };
};
