import {
  type PinpointSMSVoiceV2Client,
  SendNotifyTextMessageCommand,
  type SendNotifyTextMessageCommandInput,
} from '@aws-sdk/client-pinpoint-sms-voice-v2';
import type { Sms } from '../../otp/ports.ts';
import { play } from '../calls/ahead.ts';
import { smsVoiceClient } from '../clients.ts';
import { aboutMessage } from './message.ts';
import { reasonOf } from './reasons.ts';
import { type Observe, type RehearsedSender, senderBy } from './sender.ts';

/**
 * Sends through Notify of AWS End User Messaging: the code is the variable of a template of AWS. The answer holds the text with
 * the code, so nothing but the id is taken from it.
 */
export const notifySender = (
  observe: Observe,
  clientFor: (region: string) => PinpointSMSVoiceV2Client = smsVoiceClient,
): RehearsedSender =>
  senderBy({
    call: 'SMS SendNotifyTextMessage',
    observe,
    clientFor,
    reasonOf,
    hand: async (client, sms: Sms) => {
      const { MessageId } = await client.send(new SendNotifyTextMessageCommand(inputOf(sms)));
      return MessageId;
    },
    rehearse: async (client) => {
      const name = 'rehearsal';
      const texts = { NotifyConfigurationId: name, DestinationPhoneNumber: name, TemplateVariables: { [name]: name } };
      const send = new SendNotifyTextMessageCommand({ ...texts, Context: { [name]: name } });
      await play(client, send, '{"MessageId":"1"}');
    },
  });

/** The variable of the templates for codes: https://docs.aws.amazon.com/sms-voice/latest/userguide/notify-templates.html */
const codeVariable = 'code';

const inputOf = (sms: Sms): SendNotifyTextMessageCommandInput => {
  const { route, locale } = sms;
  if (route.sender !== 'notify') throw new Error(`The route ${route.name} is not one of Notify. This is a bug.`);
  const template = route.templates[locale];
  return {
    ...aboutMessage(sms),
    NotifyConfigurationId: route.configuration,
    DestinationPhoneNumber: sms.phone.reveal(),
    ...(template === undefined ? {} : { TemplateId: template }),
    TemplateVariables: { [codeVariable]: sms.code.reveal() },
  };
};
