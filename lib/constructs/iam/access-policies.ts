import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Effect, ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { type OperatorRole, operatorRoutes, routes } from '../../../lambdas/contract.ts';
import { onlyApplication, pascalCase } from '../../settings/schema/applications.ts';
import type { OtpApi } from '../api.ts';
import type { DeadLetters } from '../dead-letters.ts';
import type { EventStream } from '../events/event-stream.ts';
import type { Exports } from '../exports.ts';
import type { Firewall } from '../firewall.ts';
import type { OtpFunctions } from '../functions.ts';
import type { OtpKeys } from '../keys.ts';
import { type AlarmTopic, alarmArnsOf } from '../monitoring/alarm-topic.ts';
import type { OperatorApi } from '../operator-api.ts';
import type { OtpTables } from '../tables.ts';
import { explainWildcards } from './allow.ts';

export type AccessPoliciesProps = {
  readonly name: string;
  readonly api: OtpApi;
  readonly operatorApi: OperatorApi;
  readonly keys: OtpKeys;
  readonly tables: OtpTables;
  readonly deadLetters: DeadLetters;
  readonly exports: Exports;
  readonly functions: OtpFunctions;
  readonly alarmTopic: AlarmTopic;
  readonly firewall: Firewall | undefined;
  /** Undefined unless the settings ask for events. */
  readonly events: EventStream | undefined;
  /** Names of all log groups. */
  readonly logGroupNames: readonly string[];
};

type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
type Grant = readonly [name: string, actions: readonly string[], resources: readonly string[], conditions?: Conditions];

/** For actions without a resource in AWS. Each of them only reads. */
const noResources = ['*'];

const reason =
  'Actions without a resource in AWS only read. All others name resources of the stack, with a wildcard for parts that have no name yet. Of other functions, the policy shows the concurrency only, because functions take it from each other.';

/**
 * Managed policies that a team attaches to roles of its own. The stack attaches them to no role.
 *
 * None of them opens a sealed number, makes or matches a code, signs a proof, sends an SMS, or changes the deployment.
 */
export class AccessPolicies extends Construct {
  /** Client apps, by application: call the API, and read their own API keys if access is by key. */
  readonly clients: ReadonlyMap<string, ManagedPolicy>;
  /** Security staff: call the desk, read what the runbook reads, replay, and stop a client. They reach no table. */
  readonly securityAnalyst: ManagedPolicy;
  /** Security staff, beside that policy: stop a client whose key it has no room for. Undefined if there is none. */
  readonly securityAnalystKeys: ManagedPolicy | undefined;
  /** Auditors: the configuration and its changes, findings, blocks and actions, but no number and no code. */
  readonly auditor: ManagedPolicy;
  /** The same of each function, which one policy has no room for. */
  readonly auditorFunctions: ManagedPolicy;
  /** Privacy officers: read the history of a number, and erase it. */
  readonly privacyOfficer: ManagedPolicy;
  /** Auditors, beside that policy: the files of exports. */
  readonly exportReader: ManagedPolicy;

  constructor(scope: Construct, id: string, props: AccessPoliciesProps) {
    super(scope, id);
    this.clients = this.clientPolicies(props);
    this.securityAnalyst = this.policy(
      'SecurityAnalyst',
      'Security staff of the OTP service: investigate, block and lift',
      analystGrants(props),
    );
    const furtherKeys = keyIdsOf(props.api).slice(maxKeysOfAnalyst);
    this.securityAnalystKeys =
      furtherKeys.length === 0
        ? undefined
        : this.policy(
            'SecurityAnalystKeys',
            'Security staff of the OTP service: stop further client apps',
            disableGrants(props.api, furtherKeys),
          );
    this.auditor = this.policy(
      'Auditor',
      'Auditors of the OTP service: its configuration, read-only',
      auditorGrants(props),
    );
    this.auditorFunctions = this.policy(
      'AuditorFunctions',
      'Auditors of the OTP service: its functions and their roles, read-only',
      auditorFunctionGrants(props),
    );
    this.privacyOfficer = this.policy(
      'PrivacyOfficer',
      'Privacy officers of the OTP service: the history of a number, and its erasure',
      [numberGrant(props)],
    );
    this.exportReader = this.policy(
      'ExportReader',
      'Auditors of the OTP service: the files of exports',
      exportGrants(props),
    );
  }

  /** Several applications have one each: who reads the key of another one can call in its name. */
  private clientPolicies(props: AccessPoliciesProps): ReadonlyMap<string, ManagedPolicy> {
    const { apiKeyIds } = props.api;
    const policy = (id: string, whose: string, keys: readonly string[]) =>
      this.policy(id, `Client apps of the OTP service${whose}: call its routes`, clientGrants(props, keys));
    if (apiKeyIds.size > 1)
      return new Map(
        [...apiKeyIds].map(([application, ids]) => [
          application,
          policy(`Client${pascalCase(application)}`, `, of ${application}`, [...ids.values()]),
        ]),
      );
    return new Map([
      [
        onlyApplication,
        policy(
          'Client',
          '',
          [...apiKeyIds.values()].flatMap((ids) => [...ids.values()]),
        ),
      ],
    ]);
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

const clientGrants = ({ api }: AccessPoliciesProps, keys: readonly string[]): readonly Grant[] => [
  [
    'CallClientRoutes',
    ['execute-api:Invoke'],
    routes
      .filter(({ access }) => access === 'client')
      .map(({ method, path }) => api.restApi.arnForExecuteApi(method, path.replaceAll(/\{\w+\}/g, '*'), stageOf(api))),
  ],
  ...keyGrants(api, keys, 'ReadApiKey', 'apigateway:GET'),
];

const stageOf = ({ restApi }: OtpApi): string => restApi.deploymentStage.stageName;

/** @param keys ids of API keys. */
const keyGrants = (api: OtpApi, keys: readonly string[], name: string, action: string): readonly Grant[] =>
  keys.length === 0 ? [] : [[name, [action], keys.map((id) => gatewayArn(Stack.of(api), `/apikeys/${id}`))]];

const keyIdsOf = ({ apiKeyIds }: OtpApi): readonly string[] =>
  [...apiKeyIds.values()].flatMap((ids) => [...ids.values()]);

/** With more of them, the policy of analysts would take more characters than IAM allows. */
const maxKeysOfAnalyst = 12;

const disableGrants = (api: OtpApi, keys: readonly string[]): readonly Grant[] =>
  keyGrants(api, keys, 'DisableApiKey', 'apigateway:PATCH');

/** One wildcard for all functions: an IAM policy takes 6,144 characters, and more functions will come. */
const logGroupArns = ({ api, name: service, logGroupNames }: AccessPoliciesProps): readonly string[] => {
  const own = `/${service}/`;
  const short = new Set(logGroupNames.map((name) => (name.startsWith(own) ? `${own}*` : name)));
  return [...short].map((resourceName) =>
    Stack.of(api).formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }),
  );
};

/**
 * The groups with their streams. IAM names a group by this ARN, except for tags, which need the one without `:*`:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
 */
const logArns = (props: AccessPoliciesProps): readonly string[] => logGroupArns(props).map((arn) => `${arn}:*`);

const dashboardArn = ({ api, name }: AccessPoliciesProps): string =>
  Stack.of(api).formatArn({ service: 'cloudwatch', region: '', resource: 'dashboard', resourceName: name });

const stackArn = (stack: Stack): string =>
  stack.formatArn({ service: 'cloudformation', resource: 'stack', resourceName: `${stack.stackName}/*` });

const everyFunctionArn = (stack: Stack): string =>
  stack.formatArn({
    service: 'lambda',
    resource: 'function',
    resourceName: '*',
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });

/**
 * The routes of operators that a role may call. If it may call all of one kind, they are named by one wildcard, because a
 * policy takes 6,144 characters.
 */
const deskGrant = ({ operatorApi: { restApi } }: AccessPoliciesProps, role: OperatorRole): Grant => {
  const stage = restApi.deploymentStage.stageName;
  const kinds = Map.groupBy(operatorRoutes, ({ path }) => path.split('/')[2] ?? '');
  const resources = [...kinds].flatMap(([kind, all]) => {
    const own = all.filter(({ roles }) => roles.includes(role));
    if (own.length > 1 && own.length === all.length) return [restApi.arnForExecuteApi('*', `/v1/${kind}*`, stage)];
    return own.map(({ method, path }) => restApi.arnForExecuteApi(method, path.replaceAll(/\{\w+\}/g, '*'), stage));
  });
  return ['CallDesk', ['execute-api:Invoke'], resources];
};

/** The routes of numbers, each by its method and path: a route to come is none of these. */
const numberGrant = ({ operatorApi: { restApi } }: AccessPoliciesProps): Grant => [
  'CallNumbers',
  ['execute-api:Invoke'],
  operatorRoutes
    .filter(({ roles }) => roles.includes('privacy-officer'))
    .map(({ method, path }) => restApi.arnForExecuteApi(method, path, restApi.deploymentStage.stageName)),
];

/** What the runbook lets security staff do beside the desk, without the team that deploys. No statement is of a table. */
const analystGrants = (props: AccessPoliciesProps): readonly Grant[] => {
  const { api, keys, functions, events } = props;
  const stack = Stack.of(api);
  const letters = [props.deadLetters, ...(events === undefined ? [] : [events.letters])];
  const replays = [
    functions['replay-dead-letters'].lambda.functionArn,
    ...(events === undefined ? [] : [events.replayAlias.functionArn]),
  ];
  return [
    deskGrant(props, 'analyst'),
    [
      'ReadAccount',
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
    ['ReadDashboard', ['cloudwatch:GetDashboard'], [dashboardArn(props)]],
    ['ReadAlarms', ['cloudwatch:DescribeAlarmHistory'], [alarmArnsOf(stack, props.name)]],
    readSubscriptions(props),
    [
      'ReadLogs',
      ['logs:StartQuery', 'logs:FilterLogEvents', 'logs:GetLogEvents', 'logs:GetLogRecord', 'logs:DescribeLogStreams'],
      logArns(props),
    ],
    [
      'ReadStack',
      ['cloudformation:DescribeStacks', 'cloudformation:DescribeStackEvents', 'cloudformation:ListStackResources'],
      [stackArn(stack)],
    ],
    // Of all functions of the account: if one is throttled, another may use the concurrency up.
    ['ReadConcurrency', ['lambda:GetFunctionConcurrency'], [everyFunctionArn(stack)]],
    ['FindDeadLetters', ['s3:ListBucket', 's3:GetBucketPolicy'], letters.map(({ bucket }) => bucket.bucketArn)],
    ['ReadDeadLetters', ['s3:GetObject'], letters.map(({ letterArns }) => letterArns)],
    ['ReplayDeadLetters', ['lambda:InvokeFunction'], replays],
    ['OpenDeadLetters', ['kms:Decrypt'], [keys.deadLetter.keyArn], through(stack, 's3')],
    ['DescribeKeys', ['kms:DescribeKey'], keyArns(keys)],
    ...disableGrants(api, keyIdsOf(api).slice(0, maxKeysOfAnalyst)),
  ];
};

/** The subscribers of the alarms, confirmed or not. */
const readSubscriptions = ({ alarmTopic: { topic } }: AccessPoliciesProps): Grant => [
  'ReadSubscriptions',
  ['sns:GetTopicAttributes', 'sns:ListSubscriptionsByTopic'],
  [topic.topicArn],
];

const readFirewall = ({ firewall }: AccessPoliciesProps): readonly Grant[] =>
  firewall === undefined
    ? []
    : [['ReadFirewall', ['wafv2:GetLoggingConfiguration', 'wafv2:GetWebACL'], [firewall.webAcl.attrArn]]];

const tablesOf = ({ guards, verifications, traffic, security }: OtpTables): readonly Table[] => [
  guards,
  verifications,
  traffic,
  security,
];

const tableArns = (tables: OtpTables): readonly string[] => tablesOf(tables).map(({ tableArn }) => tableArn);

const keyArns = (keys: OtpKeys): readonly string[] => keys.all.map(({ keyArn }) => keyArn);

/** Reads the files of exports, and the public key that checks them. A policy of its own: that of auditors is full. */
const exportGrants = ({ api, keys, exports }: AccessPoliciesProps): readonly Grant[] => [
  ['ListExports', ['s3:ListBucket'], [exports.bucket.bucketArn]],
  ['ReadExports', ['s3:GetObject'], [exports.fileArns]],
  ['OpenExports', ['kms:Decrypt'], [keys.export.keyArn], through(Stack.of(api), 's3')],
  ['CheckExports', ['kms:GetPublicKey'], [keys.exportSigning.keyArn]],
];

const auditorGrants = (props: AccessPoliciesProps): readonly Grant[] => {
  const { api, keys, tables, deadLetters, exports } = props;
  const stack = Stack.of(api);
  return [
    deskGrant(props, 'auditor'),
    [
      'ReadAccount',
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
    ['ReadDashboard', ['cloudwatch:GetDashboard'], [dashboardArn(props)]],
    ['ReadAlarms', ['cloudwatch:DescribeAlarmHistory'], [alarmArnsOf(stack, props.name)]],
    readSubscriptions(props),
    ...readFirewall(props),
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
      [deadLetters.bucket.bucketArn, exports.bucket.bucketArn],
    ],
    [
      'ReadApi',
      ['apigateway:GET'],
      [
        gatewayArn(stack, `/restapis/${api.restApi.restApiId}`),
        gatewayArn(stack, `/restapis/${api.restApi.restApiId}/*`),
      ],
    ],
    ['ReadLogStreams', ['logs:DescribeLogStreams'], logArns(props)],
    ['ReadLogTags', ['logs:ListTagsForResource'], logGroupArns(props)],
  ];
};

const auditorFunctionGrants = (props: AccessPoliciesProps): readonly Grant[] => {
  const functions = Object.values(props.functions);
  return [
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
  ];
};
