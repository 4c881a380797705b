import type { OperationName } from './operations.ts';

const whole = [
  'CreateNotifyConfiguration',
  'DescribeAccountAttributes',
  'DescribeNotifyConfigurations',
  'DescribeNotifyTemplates',
  'DescribeSpendLimits',
  'ListNotifyCountries',
] as const satisfies readonly OperationName[];

/**
 * The smallest policy for the walk. The id of the configuration is not known before it is made.
 *
 * https://docs.aws.amazon.com/sms-voice/latest/userguide/notify-getting-started.html says which actions have no resource.
 * For CreateNotifyConfiguration it says otherwise than the list of IAM, which names none: hence the star.
 */
export const walkPolicy = (): object => ({
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'AskAndCreate',
      Effect: 'Allow',
      Action: whole.map((name) => `sms-voice:${name}`),
      Resource: '*',
    },
    {
      Sid: 'SendTheFirstSms',
      Effect: 'Allow',
      Action: 'sms-voice:SendNotifyTextMessage',
      Resource: 'arn:aws:sms-voice:*:*:notify-configuration/*',
    },
  ],
});
