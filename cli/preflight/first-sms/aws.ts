import {
  CreateNotifyConfigurationCommand,
  DescribeAccountAttributesCommand,
  DescribeNotifyConfigurationsCommand,
  DescribeNotifyTemplatesCommand,
  DescribeSpendLimitsCommand,
  ListNotifyCountriesCommand,
  PinpointSMSVoiceV2Client,
  type PinpointSMSVoiceV2ClientConfig,
  SendNotifyTextMessageCommand,
} from '@aws-sdk/client-pinpoint-sms-voice-v2';
import { errorFactsOf } from '../errors.ts';
import type { CallAws, OperationName, Operations, Refusal } from './operations.ts';

type Callers = {
  readonly [Name in OperationName]: (input: Operations[Name]['input']) => Promise<Operations[Name]['output']>;
};

/** Calls End User Messaging. A message has no token against duplicates, so that it is tried once. */
export const callEndUserMessaging = (options: PinpointSMSVoiceV2ClientConfig): CallAws => {
  const client = new PinpointSMSVoiceV2Client(options);
  const once = new PinpointSMSVoiceV2Client({ ...options, maxAttempts: 1 });
  const callers: Callers = {
    DescribeAccountAttributes: (input) => client.send(new DescribeAccountAttributesCommand(input)),
    DescribeNotifyConfigurations: (input) => client.send(new DescribeNotifyConfigurationsCommand(input)),
    ListNotifyCountries: (input) => client.send(new ListNotifyCountriesCommand(input)),
    // The SDK adds a token, so that its own repeats make one configuration.
    CreateNotifyConfiguration: (input) => client.send(new CreateNotifyConfigurationCommand(input)),
    DescribeNotifyTemplates: (input) => client.send(new DescribeNotifyTemplatesCommand(input)),
    DescribeSpendLimits: (input) => client.send(new DescribeSpendLimitsCommand(input)),
    SendNotifyTextMessage: (input) => once.send(new SendNotifyTextMessageCommand(input)),
  };
  return async (name, input) => {
    try {
      return { kind: 'replied', value: await callers[name](input) };
    } catch (cause) {
      return { kind: 'refused', refusal: refusalOf(cause) };
    }
  };
};

const refusalOf = (cause: unknown): Refusal => {
  const { name, code, status } = errorFactsOf(cause);
  return { name, code, status, reason: reasonOf(cause), fields: fieldsOf(cause) };
};

const reasonOf = (cause: unknown): string => {
  const reason: unknown = cause instanceof Error ? Reflect.get(cause, 'Reason') : undefined;
  return typeof reason === 'string' ? reason : '';
};

/** Their names alone: a message about a field may repeat its value. */
const fieldsOf = (cause: unknown): readonly string[] => {
  const fields: unknown = cause instanceof Error ? Reflect.get(cause, 'Fields') : undefined;
  if (!Array.isArray(fields)) return [];
  return fields.flatMap((field: unknown) => {
    const name: unknown = typeof field === 'object' && field !== null ? Reflect.get(field, 'Name') : undefined;
    return typeof name === 'string' ? [name] : [];
  });
};
