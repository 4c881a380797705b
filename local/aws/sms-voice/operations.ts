import {
  describeAttributes,
  describeConfigurationSets,
  describePhoneNumbers,
  describePools,
  describeSenderIds,
  describeSpendLimits,
  describeVerifiedNumbers,
  protectRules,
  putFeedback,
} from './facts/account.ts';
import { flag, type Input, integer, list, map, oneOf, type Shape, structure, text } from './fields.ts';
import { createConfiguration, describeConfigurations, describeTemplates, listCountries } from './notify/catalog.ts';
import { sendNotify } from './notify/send.ts';
import { type Desk, sendText, sendVoice } from './sends.ts';

export type Operation = Shape & { readonly perform: (desk: Desk, input: Input) => object };

/** Types, lengths and patterns of the API's model, which the SDKs are made of. */
const idOrArn = text({ max: 256, pattern: '[A-Za-z0-9_:/-]+' });
const templateId = text({ min: 0, max: 256, pattern: '(?:[A-Za-z0-9_-]*|UNSET_DEFAULT_TEMPLATE)' });
const phone = text({ max: 20, pattern: '\\+?[1-9][0-9]{1,18}' });
const identity = text({ max: 256, pattern: '[A-Za-z0-9_:/\\+-]+' });
const price = text({ min: 2, max: 8, pattern: '[0-9]{0,2}\\.[0-9]{1,5}' });
const bodyOf = (max: number) => text({ max, pattern: '(?!\\s*$)[\\s\\S]+' });
const country = text({ min: 2, max: 2, pattern: '[A-Z]{2}' });
const channels = list({ min: 1, max: 4, each: oneOf(['SMS', 'VOICE', 'MMS', 'RCS']) });
const useCase = oneOf(['CODE_VERIFICATION']);

const common = {
  ConfigurationSetName: idOrArn,
  TimeToLive: integer(5, 259_200),
  Context: map({
    max: 5,
    key: text({ max: 100, pattern: '\\S+' }),
    value: text({ max: 800, pattern: '(?!\\s)[\\s\\S]+(?<!\\s)' }),
  }),
  DryRun: flag,
  MessageFeedbackEnabled: flag,
};

const notify = {
  ...common,
  NotifyConfigurationId: idOrArn,
  DestinationPhoneNumber: phone,
  TemplateId: templateId,
  TemplateVariables: map({
    max: 20,
    key: text({ max: 64, pattern: '[A-Za-z0-9_]+' }),
    value: text({ max: 2048 }),
  }),
};
const notifyRequired = ['NotifyConfigurationId', 'DestinationPhoneNumber', 'TemplateVariables'] as const;

const voiceId = oneOf(
  (
    'AMY ASTRID BIANCA BRIAN CAMILA CARLA CARMEN CELINE CHANTAL CONCHITA CRISTIANO DORA EMMA ENRIQUE EWA FILIZ GERAINT ' +
    'GIORGIO GWYNETH HANS INES IVY JACEK JAN JOANNA JOEY JUSTIN KARL KENDRA KIMBERLY LEA LIV LOTTE LUCIA LUPE MADS MAJA ' +
    'MARLENE MATHIEU MATTHEW MAXIM MIA MIGUEL MIZUKI NAJA NICOLE PENELOPE RAVEENA RICARDO RUBEN RUSSELL SALLI SEOYEON ' +
    'TAKUMI TATYANA VICKI VITORIA ZEINA ZHIYU'
  ).split(' '),
);

const owner = oneOf(['SELF', 'SHARED']);
const paging = { NextToken: text({ max: 1024, pattern: '.+' }), MaxResults: integer(1, 100) };
const filtersBy = (...names: readonly string[]) =>
  list({
    max: 20,
    each: structure({
      Name: oneOf(names),
      Values: list({ min: 1, max: 20, each: text({ max: 128, pattern: '[/\\.:A-Za-z0-9+_-]+' }) }),
    }),
  });

const sends: Readonly<Record<string, Operation>> = {
  SendTextMessage: {
    fields: {
      ...common,
      DestinationPhoneNumber: phone,
      OriginationIdentity: identity,
      MessageBody: bodyOf(1600),
      MessageType: oneOf(['TRANSACTIONAL', 'PROMOTIONAL']),
      Keyword: text({ max: 30, pattern: '[ \\S]+' }),
      MaxPrice: price,
      DestinationCountryParameters: map({
        max: 10,
        key: oneOf(['IN_TEMPLATE_ID', 'IN_ENTITY_ID']),
        value: text({ max: 64, pattern: '\\S+' }),
      }),
      ProtectConfigurationId: idOrArn,
    },
    required: ['DestinationPhoneNumber'],
    perform: sendText,
  },
  SendVoiceMessage: {
    fields: {
      ...common,
      DestinationPhoneNumber: phone,
      OriginationIdentity: identity,
      MessageBody: bodyOf(6000),
      MessageBodyTextType: oneOf(['TEXT', 'SSML']),
      VoiceId: voiceId,
      MaxPricePerMinute: price,
      ProtectConfigurationId: idOrArn,
    },
    required: ['DestinationPhoneNumber', 'OriginationIdentity'],
    perform: sendVoice,
  },
  SendNotifyTextMessage: { fields: notify, required: notifyRequired, perform: sendNotify('sms') },
  SendNotifyVoiceMessage: {
    fields: { ...notify, VoiceId: voiceId },
    required: notifyRequired,
    perform: sendNotify('voice'),
  },
  PutMessageFeedback: {
    fields: {
      MessageId: text({ max: 64, pattern: '[A-Za-z0-9_:/-]+' }),
      MessageFeedbackStatus: oneOf(['RECEIVED', 'FAILED']),
    },
    required: ['MessageId', 'MessageFeedbackStatus'],
    perform: putFeedback,
  },
};

const readings: Readonly<Record<string, Operation>> = {
  DescribeNotifyTemplates: {
    fields: {
      ...paging,
      TemplateIds: list({ min: 1, max: 10, each: templateId }),
      Filters: filtersBy(
        ...['template-type', 'channels', 'tier-access', 'supported-countries', 'language-code', 'supported-voice-ids'],
      ),
    },
    perform: describeTemplates,
  },
  DescribeNotifyConfigurations: {
    fields: {
      ...paging,
      NotifyConfigurationIds: list({ max: 5, each: idOrArn }),
      Filters: filtersBy(
        ...['display-name', 'enabled-countries', 'enabled-channels', 'default-template', 'default-pool', 'use-case'],
        ...['status', 'tier-upgrade-status', 'deletion-protection-enabled'],
      ),
    },
    perform: describeConfigurations,
  },
  ListNotifyCountries: {
    fields: {
      ...paging,
      Channels: channels,
      UseCases: list({ min: 1, max: 4, each: useCase }),
      Tier: oneOf(['BASIC', 'ADVANCED']),
    },
    perform: listCountries,
  },
  DescribeVerifiedDestinationNumbers: {
    fields: {
      ...paging,
      VerifiedDestinationNumberIds: list({ max: 5, each: idOrArn }),
      DestinationPhoneNumbers: list({ max: 5, each: phone }),
      Filters: filtersBy('status', 'rcs-agent-id'),
    },
    perform: describeVerifiedNumbers,
  },
  DescribePhoneNumbers: {
    fields: {
      ...paging,
      PhoneNumberIds: list({ max: 5, each: idOrArn }),
      Filters: filtersBy(
        ...['status', 'iso-country-code', 'message-type', 'number-capability', 'number-type', 'two-way-enabled'],
        ...['self-managed-opt-outs-enabled', 'opt-out-list-name', 'deletion-protection-enabled', 'two-way-channel-arn'],
      ),
      Owner: owner,
    },
    perform: describePhoneNumbers,
  },
  DescribePools: {
    fields: {
      ...paging,
      PoolIds: list({ max: 5, each: text({ min: 0, max: 256, pattern: '[A-Za-z0-9_:/-]*' }) }),
      Filters: filtersBy(
        ...['status', 'message-type', 'two-way-enabled', 'self-managed-opt-outs-enabled', 'opt-out-list-name'],
        ...['shared-routes-enabled', 'deletion-protection-enabled', 'two-way-channel-arn'],
      ),
      Owner: owner,
    },
    perform: describePools,
  },
  DescribeSenderIds: {
    fields: {
      ...paging,
      SenderIds: list({ max: 5, each: structure({ SenderId: idOrArn, IsoCountryCode: country }) }),
      Filters: filtersBy('sender-id', 'iso-country-code', 'message-type', 'deletion-protection-enabled', 'registered'),
      Owner: owner,
    },
    perform: describeSenderIds,
  },
  DescribeConfigurationSets: {
    fields: {
      ...paging,
      ConfigurationSetNames: list({ max: 5, each: idOrArn }),
      Filters: filtersBy(
        ...['event-destination-name', 'matching-event-types', 'default-message-type', 'default-sender-id'],
        ...['default-message-feedback-enabled', 'protect-configuration-id'],
      ),
    },
    perform: describeConfigurationSets,
  },
  GetProtectConfigurationCountryRuleSet: {
    fields: { ProtectConfigurationId: idOrArn, NumberCapability: oneOf(['SMS', 'VOICE', 'MMS', 'RCS']) },
    required: ['ProtectConfigurationId', 'NumberCapability'],
    perform: protectRules,
  },
  DescribeAccountAttributes: { fields: paging, perform: describeAttributes },
  DescribeSpendLimits: { fields: paging, perform: describeSpendLimits },
};

/** The operations by name. A stand-in has its own, for it remembers the tokens of configurations. */
export const createOperations = (): Readonly<Record<string, Operation>> => ({
  ...sends,
  ...readings,
  CreateNotifyConfiguration: {
    fields: {
      DisplayName: text({ max: 15, pattern: '[A-Za-z0-9_ -]+' }),
      UseCase: useCase,
      DefaultTemplateId: templateId,
      PoolId: text({ min: 0, max: 256, pattern: '[A-Za-z0-9_:/-]*' }),
      EnabledCountries: list({ max: 300, each: country }),
      EnabledChannels: channels,
      DeletionProtectionEnabled: flag,
      ClientToken: text({ max: 64, pattern: '[!-~]+' }),
      Tags: list({ max: 200, each: structure({ Key: text({ max: 128 }), Value: text({ min: 0, max: 256 }) }) }),
    },
    required: ['DisplayName', 'UseCase', 'EnabledChannels'],
    perform: createConfiguration(new Map()),
  },
});
