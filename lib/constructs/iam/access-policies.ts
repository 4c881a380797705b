import { ArnFormat, Stack } from 'aws-cdk-lib';
import { Effect, ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { findingNotes, itemKinds, routes } from '../../../lambdas/contract.ts';
import type { OtpApi } from '../api.ts';
import type { DeadLetters } from '../dead-letters.ts';
import type { Firewall } from '../firewall.ts';
import type { OtpFunction } from '../function.ts';
import type { OtpKeys } from '../keys.ts';
import { type AlarmTopic, alarmArnsOf } from '../monitoring/alarm-topic.ts';
import type { OtpTables } from '../tables.ts';
import { explainWildcards } from './wildcards.ts';

export type AccessPoliciesProps = {
  readonly api: OtpApi;
  readonly keys: OtpKeys;
  readonly tables: OtpTables;
  readonly deadLetters: DeadLetters;
  readonly functions: readonly OtpFunction[];
  /** Replays dead letters. */
  readonly replay: OtpFunction;
  readonly alarmTopic: AlarmTopic;
  readonly firewall: Firewall | undefined;
  /** Names of all log groups of the stack. */
  readonly logGroupNames: readonly string[];
};

type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
type Grant = readonly [name: string, actions: readonly string[], resources: readonly string[], conditions?: Conditions];

/** What staff write on a finding; the rest of it is the detector's. */
const noteAttributes = ['pk', 'sk', ...findingNotes];

/** For actions that AWS knows no resource for. Each of them reads. */
const noResources = ['*'];

const reason =
  'Where AWS has no resource to limit an action to, the action only reads; all others name what is the stack’s own, with a star for parts that have no name yet. Of other functions it is only seen how many may run at once, because they take it from each other.';

/**
 * Managed policies for those outside the stack, to attach to roles of the team's own. Nobody is given them here.
 *
 * None of them opens a sealed number, makes or matches a code, signs a proof, sends, or changes what is deployed.
 */
export class AccessPolicies extends Construct {
  /** Client apps: call the API, and read the API key where there is one. */
  readonly client: ManagedPolicy;
  /** Security staff: see everything that an alarm asks to look at, block, lift, replay, and stop a client. */
  readonly securityAnalyst: ManagedPolicy;
  /** Auditors: how it is set up, and who changed it; nothing of what is in it. */
  readonly auditor: ManagedPolicy;

  constructor(scope: Construct, id: string, props: AccessPoliciesProps) {
    super(scope, id);
    this.client = this.policy('Client', 'Client apps of the OTP service: call its routes', clientGrants(props));
    this.securityAnalyst = this.policy(
      'SecurityAnalyst',
      'Security staff of the OTP service: investigate, block and lift',
      analystGrants(props),
    );
    this.auditor = this.policy(
      'Auditor',
      'Auditors of the OTP service: its configuration, read-only',
      auditorGrants(props),
    );
  }

  private policy(id: string, description: string, grants: readonly Grant[]): ManagedPolicy {
    const statements = grants.map(
      ([sid, actions, resources, conditions = {}]) =>
        new PolicyStatement({
          sid,
          effect: Effect.ALLOW,
          actions: [...actions],
          resources: [...resources],
          conditions,
        }),
    );
    const policy = new ManagedPolicy(this, id, { description, statements });
    explainWildcards(
      policy,
      grants.flatMap(([, , resources]) => resources),
      reason,
    );
    return policy;
  }
}

const through = (stack: Stack, service: string): Conditions => ({
  StringEquals: { 'kms:ViaService': `${service}.${stack.region}.${stack.urlSuffix}` },
});

/** API Gateway names its own resources by paths, without an account. */
const gatewayArn = (stack: Stack, path: string): string => `arn:${stack.partition}:apigateway:${stack.region}::${path}`;

const clientGrants = ({ api }: AccessPoliciesProps): readonly Grant[] => [
  [
    'CallClientRoutes',
    ['execute-api:Invoke'],
    routes
      .filter(({ access }) => access === 'client')
      .map(({ method, path }) => api.restApi.arnForExecuteApi(method, path.replaceAll(/\{\w+\}/g, '*'), stageOf(api))),
  ],
  ...keyGrants(api, 'ReadApiKey', 'apigateway:GET'),
];

const stageOf = ({ restApi }: OtpApi): string => restApi.deploymentStage.stageName;

const keyGrants = (api: OtpApi, name: string, action: string): readonly Grant[] =>
  api.apiKeyId === undefined ? [] : [[name, [action], [gatewayArn(Stack.of(api), `/apikeys/${api.apiKeyId}`)]]];

/** All that begin so stand for one: a policy of IAM takes 6,144 characters, and there are more functions to come. */
const logGroupArns = (stack: Stack, names: readonly string[]): readonly string[] => {
  const own = `/${stack.stackName}/`;
  const short = new Set(names.map((name) => (name.startsWith(own) ? `${own}*` : name)));
  return [...short].map((resourceName) =>
    stack.formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }),
  );
};

/**
 * The groups with their streams. IAM knows a group by this ARN, but where tags are read, by the one without the star:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
 */
const logArns = (stack: Stack, names: readonly string[]): readonly string[] =>
  logGroupArns(stack, names).map((arn) => `${arn}:*`);

const dashboardArn = (stack: Stack): string =>
  stack.formatArn({ service: 'cloudwatch', region: '', resource: 'dashboard', resourceName: stack.stackName });

const stackArn = (stack: Stack): string =>
  stack.formatArn({ service: 'cloudformation', resource: 'stack', resourceName: `${stack.stackName}/*` });

const everyFunctionArn = (stack: Stack): string =>
  stack.formatArn({
    service: 'lambda',
    resource: 'function',
    resourceName: '*',
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });

const ownTablesArn = (stack: Stack): string =>
  stack.formatArn({ service: 'dynamodb', resource: 'table', resourceName: `${stack.stackName}-*` });

/** What the runbook asks security staff to look at, and what it asks them to do without the team that deploys. */
const analystGrants = (props: AccessPoliciesProps): readonly Grant[] => {
  const { api, keys, tables, deadLetters, replay, logGroupNames } = props;
  const stack = Stack.of(api);
  const guards = tables.guards.tableArn;
  return [
    [
      'LookAround',
      [
        'cloudtrail:LookupEvents',
        'cloudwatch:DescribeAlarms',
        'cloudwatch:GetMetricData',
        'cloudwatch:GetMetricStatistics',
        'cloudwatch:ListDashboards',
        'cloudwatch:ListMetrics',
        'lambda:GetAccountSettings',
        'lambda:ListEventSourceMappings',
        'logs:DescribeLogGroups',
        'logs:GetQueryResults',
        'logs:StopQuery',
        'sns:GetSMSAttributes',
        'sns:GetSMSSandboxAccountStatus',
      ],
      noResources,
    ],
    ['SeeDashboard', ['cloudwatch:GetDashboard'], [dashboardArn(stack)]],
    ['SeeAlarms', ['cloudwatch:DescribeAlarmHistory'], [alarmArnsOf(stack)]],
    seeWhoIsTold(props),
    [
      'ReadLogs',
      ['logs:StartQuery', 'logs:FilterLogEvents', 'logs:GetLogEvents', 'logs:GetLogRecord', 'logs:DescribeLogStreams'],
      logArns(stack, logGroupNames),
    ],
    [
      'FindParts',
      ['cloudformation:DescribeStacks', 'cloudformation:DescribeStackEvents', 'cloudformation:ListStackResources'],
      [stackArn(stack)],
    ],
    // Of all functions of the account: where one is throttled, another uses up what may run at once.
    ['SeeFunctions', ['lambda:GetFunctionConcurrency'], [everyFunctionArn(stack)]],
    // By the beginning of their names, which CloudFormation makes: four ARNs more would not fit the policy.
    ['SeeTables', ['dynamodb:DescribeTable'], [ownTablesArn(stack)]],
    ['ReadFindings', ['dynamodb:GetItem', 'dynamodb:Query'], [tables.security.tableArn]],
    [
      'NoteOnFindings',
      ['dynamodb:UpdateItem'],
      [tables.security.tableArn],
      {
        'ForAllValues:StringEquals': {
          'dynamodb:LeadingKeys': [itemKinds.security.finding.pk],
          'dynamodb:Attributes': noteAttributes,
        },
      },
    ],
    [
      'ReadAndWriteBlocks',
      ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'],
      [guards],
      { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${itemKinds.guards.block.pk}*`] } },
    ],
    [
      // A scan has no leading keys to limit it by; of other items it shows what they are called, and till when they live.
      'ListBlocks',
      ['dynamodb:Scan'],
      [guards],
      {
        'ForAllValues:StringEquals': { 'dynamodb:Attributes': ['pk', 'expiresAt', 'reason', 'author', 'liftedUntil'] },
        StringEquals: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' },
      },
    ],
    ['OpenTables', ['kms:Decrypt'], [keys.table.keyArn], through(stack, 'dynamodb')],
    ['FindDeadLetters', ['s3:ListBucket', 's3:GetBucketPolicy'], [deadLetters.bucket.bucketArn]],
    ['ReadDeadLetters', ['s3:GetObject'], [deadLetters.letterArns]],
    ['ReplayDeadLetters', ['lambda:InvokeFunction'], [replay.lambda.functionArn]],
    ['OpenDeadLetters', ['kms:Decrypt'], [keys.deadLetter.keyArn], through(stack, 's3')],
    ['SeeKeys', ['kms:DescribeKey'], keyArns(keys)],
    ...keyGrants(api, 'StopAClient', 'apigateway:PATCH'),
  ];
};

/** Whether anybody is told of alarms: an address that was never confirmed is shown as such. */
const seeWhoIsTold = ({ alarmTopic: { topic } }: AccessPoliciesProps): Grant => [
  'SeeWhoIsTold',
  ['sns:GetTopicAttributes', 'sns:ListSubscriptionsByTopic'],
  [topic.topicArn],
];

const seeFirewall = ({ firewall }: AccessPoliciesProps): readonly Grant[] =>
  firewall === undefined
    ? []
    : [['ReadFirewall', ['wafv2:GetLoggingConfiguration', 'wafv2:GetWebACL'], [firewall.webAcl.attrArn]]];

const tableArns = ({ guards, verifications, traffic, security }: OtpTables): readonly string[] =>
  [guards, verifications, traffic, security].map(({ tableArn }) => tableArn);

const keyArns = (keys: OtpKeys): readonly string[] => keys.all.map(({ keyArn }) => keyArn);

const auditorGrants = (props: AccessPoliciesProps): readonly Grant[] => {
  const { api, keys, tables, deadLetters, functions, logGroupNames } = props;
  const stack = Stack.of(api);
  return [
    [
      'LookAround',
      [
        'cloudtrail:LookupEvents',
        'cloudwatch:DescribeAlarms',
        'cloudwatch:ListDashboards',
        'lambda:ListEventSourceMappings',
        'logs:DescribeLogGroups',
        'sns:GetSMSAttributes',
        'wafv2:ListWebACLs',
      ],
      noResources,
    ],
    ['SeeDashboard', ['cloudwatch:GetDashboard'], [dashboardArn(stack)]],
    ['SeeAlarms', ['cloudwatch:DescribeAlarmHistory'], [alarmArnsOf(stack)]],
    seeWhoIsTold(props),
    ...seeFirewall(props),
    [
      'ReadStack',
      [
        'cloudformation:DescribeStacks',
        'cloudformation:DescribeStackEvents',
        'cloudformation:ListStackResources',
        'cloudformation:GetTemplate',
      ],
      [stackArn(stack)],
    ],
    [
      'ReadFunctions',
      ['lambda:GetFunctionConfiguration', 'lambda:GetFunctionConcurrency', 'lambda:GetPolicy'],
      functions.map(({ lambda }) => lambda.functionArn),
    ],
    [
      'ReadRoles',
      ['iam:GetRole', 'iam:GetRolePolicy', 'iam:ListRolePolicies', 'iam:ListAttachedRolePolicies'],
      functions.map(({ role }) => role.roleArn),
    ],
    [
      'ReadKeys',
      ['kms:DescribeKey', 'kms:GetKeyPolicy', 'kms:GetKeyRotationStatus', 'kms:ListGrants', 'kms:ListResourceTags'],
      keyArns(keys),
    ],
    [
      'ReadTables',
      ['dynamodb:DescribeTable', 'dynamodb:DescribeTimeToLive', 'dynamodb:DescribeContinuousBackups'],
      tableArns(tables),
    ],
    [
      'ReadBucket',
      [
        's3:GetBucketPolicy',
        's3:GetBucketPublicAccessBlock',
        's3:GetBucketVersioning',
        's3:GetEncryptionConfiguration',
        's3:GetLifecycleConfiguration',
      ],
      [deadLetters.bucket.bucketArn],
    ],
    [
      'ReadApi',
      ['apigateway:GET'],
      [
        gatewayArn(stack, `/restapis/${api.restApi.restApiId}`),
        gatewayArn(stack, `/restapis/${api.restApi.restApiId}/*`),
      ],
    ],
    ['SeeLogStreams', ['logs:DescribeLogStreams'], logArns(stack, logGroupNames)],
    ['SeeLogTags', ['logs:ListTagsForResource'], logGroupArns(stack, logGroupNames)],
  ];
};
