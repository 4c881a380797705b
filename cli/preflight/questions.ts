import { APIGatewayClient, GetAccountCommand } from '@aws-sdk/client-api-gateway';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, paginateListMetrics } from '@aws-sdk/client-cloudwatch';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  DescribeAccountAttributesCommand,
  GetProtectConfigurationCountryRuleSetCommand,
  PinpointSMSVoiceV2Client,
  paginateDescribeSenderIds,
  paginateDescribeSpendLimits,
} from '@aws-sdk/client-pinpoint-sms-voice-v2';
import {
  GetSMSAttributesCommand,
  GetSMSSandboxAccountStatusCommand,
  ListPhoneNumbersOptedOutCommand,
  paginateListOriginationNumbers,
  paginateListSMSSandboxPhoneNumbers,
  SNSClient,
} from '@aws-sdk/client-sns';
import { metricsDimensionsOf, metricsNamespace, metrics as ownMetrics } from '../../lambdas/contract.ts';
import type { DeploymentFacts, SmsFacts } from './answers.ts';

/** A question, and the permissions that it needs. The first one explains a refusal that names none. */
type Question<Value> = { readonly actions: readonly [string, ...string[]]; readonly ask: () => Promise<Value> };
export type Questions<Facts> = { readonly [Name in keyof Facts]: Question<Facts[Name]> };

/** The clients follow AWS_ENDPOINT_URL, as all of the SDK does. */
export type ClientOptions = ConstructorParameters<typeof SNSClient>[0] & { readonly region: string };

const allOf = async <Page>(pages: AsyncIterable<Page>): Promise<readonly Page[]> => {
  const all: Page[] = [];
  for await (const page of pages) all.push(page);
  return all;
};

/** The questions to each Region that sends. All are read-only. */
export const smsQuestions = (options: ClientOptions): Questions<SmsFacts> => {
  const sns = new SNSClient(options);
  const messaging = new PinpointSMSVoiceV2Client(options);
  return {
    sandbox: {
      actions: ['sns:GetSMSSandboxAccountStatus'],
      ask: async () => ({
        isInSandbox: (await sns.send(new GetSMSSandboxAccountStatusCommand({}))).IsInSandbox !== false,
      }),
    },
    verifiedNumbers: {
      actions: ['sns:ListSMSSandboxPhoneNumbers'],
      ask: async () => {
        const pages = await allOf(paginateListSMSSandboxPhoneNumbers({ client: sns }, {}));
        const numbers = pages.flatMap(({ PhoneNumbers = [] }) => PhoneNumbers);
        return numbers.filter(({ Status }) => Status === 'Verified').length;
      },
    },
    attributes: {
      actions: ['sns:GetSMSAttributes'],
      ask: async () => (await sns.send(new GetSMSAttributesCommand({}))).attributes ?? {},
    },
    spendLimit: {
      actions: ['sms-voice:DescribeSpendLimits'],
      ask: async () => {
        const pages = await allOf(paginateDescribeSpendLimits({ client: messaging }, {}));
        const limits = pages.flatMap(({ SpendLimits = [] }) => SpendLimits);
        const maxUsd = limits.find(({ Name }) => Name === 'TEXT_MESSAGE_MONTHLY_SPEND_LIMIT')?.MaxLimit;
        return maxUsd === undefined ? undefined : { maxUsd };
      },
    },
    originationNumbers: {
      actions: ['sns:ListOriginationNumbers'],
      ask: async () => {
        const pages = await allOf(paginateListOriginationNumbers({ client: sns }, {}));
        return pages
          .flatMap(({ PhoneNumbers = [] }) => PhoneNumbers)
          .map(({ PhoneNumber = '', Iso2CountryCode = '', Status = '', NumberCapabilities = [] }) => ({
            number: PhoneNumber,
            country: Iso2CountryCode,
            isActive: Status.toUpperCase() === 'ACTIVE',
            takesSms: NumberCapabilities.includes('SMS'),
            takesCalls: NumberCapabilities.includes('VOICE'),
          }));
      },
    },
    senderIds: {
      actions: ['sms-voice:DescribeSenderIds'],
      ask: async () => {
        const pages = await allOf(paginateDescribeSenderIds({ client: messaging }, {}));
        return pages
          .flatMap(({ SenderIds = [] }) => SenderIds)
          .map(({ SenderId: senderId = '', IsoCountryCode: country = '', Registered: isRegistered = false }) => ({
            senderId,
            country,
            isRegistered,
          }));
      },
    },
    optedOut: {
      actions: ['sns:ListPhoneNumbersOptedOut'],
      // One page: the count is worth one call, not a hundred.
      ask: async () => {
        const { phoneNumbers = [], nextToken } = await sns.send(new ListPhoneNumbersOptedOutCommand({}));
        return { count: phoneNumbers.length, isAll: nextToken === undefined };
      },
    },
    protectRules: {
      actions: ['sms-voice:DescribeAccountAttributes', 'sms-voice:GetProtectConfigurationCountryRuleSet'],
      ask: () => protectRules(messaging),
    },
  };
};

const protectRules = async (messaging: PinpointSMSVoiceV2Client): Promise<SmsFacts['protectRules']> => {
  const { AccountAttributes = [] } = await messaging.send(new DescribeAccountAttributesCommand({}));
  const id = AccountAttributes.find(({ Name }) => Name === 'DEFAULT_PROTECT_CONFIGURATION_ID')?.Value;
  // The API says "UNSET" if there is none.
  if (id === undefined || id === '' || id === 'UNSET') return undefined;
  const { CountryRuleSet = {} } = await messaging.send(
    new GetProtectConfigurationCountryRuleSetCommand({ ProtectConfigurationId: id, NumberCapability: 'SMS' }),
  );
  return Object.fromEntries(
    Object.entries(CountryRuleSet).map(([country, { ProtectStatus = '' }]) => [country, ProtectStatus]),
  );
};

/** The stack that `cdk bootstrap` makes by default. */
const toolkit = 'CDKToolkit';

/** The questions to the Region of the deployment. All are read-only. */
export const deploymentQuestions = (options: ClientOptions, stackName: string): Questions<DeploymentFacts> => {
  const gateway = new APIGatewayClient(options);
  const lambda = new LambdaClient(options);
  const formation = new CloudFormationClient(options);
  const stack = async (StackName: string) => {
    try {
      return (await formation.send(new DescribeStacksCommand({ StackName }))).Stacks?.at(0);
    } catch (error) {
      // CloudFormation has no error of its own for a missing stack.
      if (error instanceof Error && error.name === 'ValidationError' && /does not exist/.test(error.message))
        return undefined;
      throw error;
    }
  };
  return {
    gatewayRole: {
      actions: ['apigateway:GET'],
      ask: async () => (await gateway.send(new GetAccountCommand({}))).cloudwatchRoleArn,
    },
    concurrency: {
      actions: ['lambda:GetAccountSettings'],
      ask: async () => {
        const { AccountLimit } = await lambda.send(new GetAccountSettingsCommand({}));
        const concurrency = AccountLimit?.UnreservedConcurrentExecutions ?? AccountLimit?.ConcurrentExecutions;
        if (concurrency === undefined) throw new Error('Lambda names no limit.');
        return concurrency;
      },
    },
    stack: {
      actions: ['cloudformation:DescribeStacks'],
      ask: async () => (await stack(stackName))?.StackStatus,
    },
    bootstrapVersion: {
      actions: ['cloudformation:DescribeStacks'],
      ask: async () =>
        (await stack(toolkit))?.Outputs?.find(({ OutputKey }) => OutputKey === 'BootstrapVersion')?.OutputValue,
    },
    withoutEndUserIp: {
      actions: ['cloudwatch:ListMetrics'],
      ask: () => withoutEndUserIp(new CloudWatchClient(options), stackName),
    },
  };
};

const withoutEndUserIp = async (client: CloudWatchClient, stackName: string): Promise<readonly string[]> => {
  const dimensions = Object.entries(metricsDimensionsOf(stackName));
  const pages = await allOf(
    paginateListMetrics(
      { client },
      {
        Namespace: metricsNamespace,
        MetricName: ownMetrics.endUserIpMissing,
        Dimensions: dimensions.map(([Name, Value]) => ({ Name, Value })),
        // CloudWatch takes no other time.
        RecentlyActive: 'PT3H',
      },
    ),
  );
  return pages
    .flatMap(({ Metrics = [] }) => Metrics)
    .flatMap(({ Dimensions = [] }) => Dimensions.find(({ Name }) => Name === 'application')?.Value ?? []);
};
