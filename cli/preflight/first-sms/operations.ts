import type {
  CreateNotifyConfigurationRequest,
  CreateNotifyConfigurationResult,
  DescribeAccountAttributesRequest,
  DescribeAccountAttributesResult,
  DescribeNotifyConfigurationsRequest,
  DescribeNotifyConfigurationsResult,
  DescribeNotifyTemplatesRequest,
  DescribeNotifyTemplatesResult,
  DescribeSpendLimitsRequest,
  DescribeSpendLimitsResult,
  ListNotifyCountriesRequest,
  ListNotifyCountriesResult,
  SendNotifyTextMessageRequest,
  SendNotifyTextMessageResult,
} from '@aws-sdk/client-pinpoint-sms-voice-v2';

/** All that the walk may ask of End User Messaging. */
export type Operations = {
  readonly DescribeAccountAttributes: {
    readonly input: DescribeAccountAttributesRequest;
    readonly output: DescribeAccountAttributesResult;
  };
  readonly DescribeNotifyConfigurations: {
    readonly input: DescribeNotifyConfigurationsRequest;
    readonly output: DescribeNotifyConfigurationsResult;
  };
  readonly ListNotifyCountries: {
    readonly input: ListNotifyCountriesRequest;
    readonly output: ListNotifyCountriesResult;
  };
  readonly CreateNotifyConfiguration: {
    readonly input: CreateNotifyConfigurationRequest;
    readonly output: CreateNotifyConfigurationResult;
  };
  readonly DescribeNotifyTemplates: {
    readonly input: DescribeNotifyTemplatesRequest;
    readonly output: DescribeNotifyTemplatesResult;
  };
  readonly DescribeSpendLimits: {
    readonly input: DescribeSpendLimitsRequest;
    readonly output: DescribeSpendLimitsResult;
  };
  readonly SendNotifyTextMessage: {
    readonly input: SendNotifyTextMessageRequest;
    readonly output: SendNotifyTextMessageResult;
  };
};
export type OperationName = keyof Operations;

/** The names of an error. Its text is left out, because it may hold a number. */
export type Refusal = {
  readonly name: string;
  /** `Reason` of the service, such as `COUNTRY_NOT_ENABLED`; empty if it gives none. */
  readonly reason: string;
  /** Names of the parameters that did not pass. */
  readonly fields: readonly string[];
  /** The error of the connection, such as `ENOTFOUND`; empty if there was none. */
  readonly code: string;
  /** HTTP status; 0 without an answer. */
  readonly status: number;
};

export type Reply<Value> =
  | { readonly kind: 'replied'; readonly value: Value }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export type CallAws = <Name extends OperationName>(
  name: Name,
  input: Operations[Name]['input'],
) => Promise<Reply<Operations[Name]['output']>>;
