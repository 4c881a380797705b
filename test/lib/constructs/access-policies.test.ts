import { readFileSync } from 'node:fs';
import type { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { describe, expect, test } from 'vitest';
import shipped from '../../../bin/settings.ts';
import { functionNames, routes } from '../../../lambdas/contract.ts';
import { linesOf, listOf, recordOf } from '../template/permissions.ts';
import { logicalId, type Synthesized, synthesizedOf } from '../template/synthesized.ts';

const standard = synthesizedOf();

const linesFor = ({ resources, spell }: Synthesized, policy: ManagedPolicy): readonly string[] => {
  const document = recordOf(resources[logicalId(policy)]?.Properties['PolicyDocument']);
  return listOf(document['Statement'])
    .flatMap((statement) => linesOf(statement, spell))
    .toSorted();
};

const clientOf = ({ stack }: Pick<Synthesized, 'stack'>): ManagedPolicy => {
  const [only, ...others] = stack.service.accessPolicies.clients.values();
  return only !== undefined && others.length === 0 ? only : expect.fail('There is not one policy of clients.');
};
const { securityAnalyst, auditor, auditorFunctions, privacyOfficer, exportReader } =
  standard.stack.service.accessPolicies;
const client = clientOf(standard);
const clientLines = linesFor(standard, client);
const analystLines = linesFor(standard, securityAnalyst);
const auditorLines = [...linesFor(standard, auditor), ...linesFor(standard, auditorFunctions)].toSorted();
const officerLines = linesFor(standard, privacyOfficer);
const exportLines = linesFor(standard, exportReader);
const actionOf = (line: string): string => line.slice(0, line.indexOf(' '));

describe('what the team may attach to roles of its own', () => {
  test('the policy of a client is attached to nobody by the stack', () => {
    for (const policy of [client, securityAnalyst, auditor, auditorFunctions, privacyOfficer, exportReader]) {
      const properties = standard.resources[logicalId(policy)]?.Properties;
      expect(Object.keys(properties ?? {}).filter((name) => ['Users', 'Groups', 'Roles'].includes(name))).toEqual([]);
    }
  });
  test('no policy opens a number, makes a code, signs, sends or deploys', () => {
    const lines = [...clientLines, ...analystLines, ...auditorLines, ...officerLines, ...exportLines];
    const secret =
      /^kms:(?!DescribeKey|GetKeyPolicy|GetKeyRotationStatus|ListGrants|ListResourceTags).* on (Code|Pseudonym|Seal|Proof|Log|Alarm)Key/;
    expect(lines.filter((line) => secret.test(line))).toEqual([]);
    const writes =
      /^\w+:(Create|Update|Delete|Put|Publish|Send|Invoke|Attach|Tag|Set|Enable|Disable|PATCH|POST|PUT|DELETE)/;
    const others = lines.filter((line) => !line.startsWith('execute-api:Invoke '));
    expect(others.filter((line) => writes.test(line)).map((line) => line.replace(/ if .*/, ''))).toEqual([
      expect.stringMatching(/^apigateway:PATCH on arn:<Partition>:apigateway:<Region>::\/apikeys\/\w+$/),
      'lambda:InvokeFunction on replay-dead-letters',
    ]);
  });
});

describe('a client app', () => {
  test('a client app calls the client routes and reads its API key, and does nothing else', () => {
    const invoke = routes
      .filter(({ access }) => access === 'client')
      .map(
        ({ method, path }) =>
          `execute-api:Invoke on arn:<Partition>:execute-api:<Region>:<AccountId>:RestApi/Stage/${method}${path.replace('{id}', '*')}`,
      );
    expect(clientLines).toEqual([
      expect.stringMatching(/^apigateway:GET on arn:<Partition>:apigateway:<Region>::\/apikeys\/\w+$/),
      ...invoke.toSorted(),
    ]);
  });
  test('a client app reads no key where access is by IAM', () => {
    const byIam = synthesizedOf({ access: 'iam' });
    const actions = linesFor(byIam, clientOf(byIam)).map(actionOf);
    expect(new Set(actions)).toEqual(new Set(['execute-api:Invoke']));
  });
  test('an application of several has a policy of its own, which reads its own keys and no other', () => {
    const { applications } = shipped;
    const several = synthesizedOf({ applications });
    const { apiKeyIds } = several.stack.service.api;
    const { clients } = several.stack.service.accessPolicies;
    expect([...clients.keys()]).toEqual(Object.keys(applications ?? {}));
    expect(clients.size).toBeGreaterThan(1);
    for (const [application, policy] of clients) {
      const keys = [...(apiKeyIds.get(application)?.values() ?? [])];
      const read = linesFor(several, policy).filter((line) => line.startsWith('apigateway:'));
      const place = 'apigateway:GET on arn:<Partition>:apigateway:<Region>::/apikeys/';
      expect(read).toEqual(keys.map((id) => `${place}${several.spell(several.stack.resolve(id))}`));
      expect(keys).toHaveLength(1);
    }
  });
});

const on = (resource: string, ...actions: readonly string[]): readonly string[] =>
  actions.map((action) => `${action} on ${resource}`);
const onAll = (resources: readonly string[], ...actions: readonly string[]): readonly string[] =>
  resources.flatMap((resource) => on(resource, ...actions));

const keys = [
  ...['AlarmKey', 'CodeKey(a)', 'DeadLetterKey', 'ExportKey', 'ExportSigningKey', 'LogKey'],
  ...['ProofKey', 'PseudonymKey', 'SealKey', 'SecurityKey', 'TableKey'],
];
const roles = functionNames.map((name) => `role of ${name}`);
const buckets = ['DeadLetters', 'Exports'];
const tables = ['Guards', 'Security', 'Traffic', 'Verifications'];
const own = (service: string, rest: string) => `arn:<Partition>:${service}:<Region>:<AccountId>:${rest}`;
const alarms = own('cloudwatch', 'alarm:OtpService/*');
const dashboard = 'arn:<Partition>:cloudwatch::<AccountId>:dashboard/OtpService';
const ownStack = own('cloudformation', 'stack/OtpService/*');
const logGroups = ['/OtpService/*', 'aws-waf-logs-OtpService'].map((name) => own('logs', `log-group:${name}`));
const logs = logGroups.map((arn) => `${arn}:*`);
const restApi = 'arn:<Partition>:apigateway:<Region>::/restapis/RestApi';
const apiKey = expect.stringMatching(/^apigateway:PATCH on arn:<Partition>:apigateway:<Region>::\/apikeys\/\w+$/);
const through = (service: string) => `if StringEquals kms:ViaService ${service}.<Region>.<URLSuffix>`;

const desk = (...routes: readonly string[]) =>
  routes.map((route) => `execute-api:Invoke on ${own('execute-api', `OperatorRestApi/OperatorStage/${route}`)}`);

/** All of it. A line more or less here is a decision to be made, and to be read by others. */
const ofAnalysts: readonly string[] = [
  ...desk('*/v1/findings*', '*/v1/blocks*', '*/v1/launches*', '*/v1/sending*', 'GET/v1/actions', 'GET/v1/prices'),
  ...desk('GET/v1/status', '*/v1/webhooks*', 'POST/v1/numbers/port-notice', 'POST/v1/numbers/port-notice/lift'),
  ...on('*', 'cloudtrail:LookupEvents', 'cloudwatch:DescribeAlarms', 'cloudwatch:GetMetricData'),
  ...on('*', 'cloudwatch:GetMetricStatistics', 'cloudwatch:ListDashboards', 'cloudwatch:ListMetrics'),
  ...on('*', 'lambda:GetAccountSettings', 'lambda:ListEventSourceMappings', 'logs:DescribeLogGroups'),
  ...on('*', 'logs:GetQueryResults', 'logs:StopQuery', 'sns:GetSMSAttributes', 'sns:GetSMSSandboxAccountStatus'),
  ...on(dashboard, 'cloudwatch:GetDashboard'),
  ...on(alarms, 'cloudwatch:DescribeAlarmHistory'),
  ...on('AlarmTopic', 'sns:GetTopicAttributes', 'sns:ListSubscriptionsByTopic'),
  ...onAll(logs, 'logs:DescribeLogStreams', 'logs:FilterLogEvents', 'logs:GetLogEvents', 'logs:GetLogRecord'),
  ...onAll(logs, 'logs:StartQuery'),
  ...on(ownStack, 'cloudformation:DescribeStackEvents', 'cloudformation:DescribeStacks'),
  ...on(ownStack, 'cloudformation:ListStackResources'),
  ...on(own('lambda', 'function:*'), 'lambda:GetFunctionConcurrency'),
  ...on('DeadLetters', 's3:GetBucketPolicy', 's3:ListBucket'),
  ...on('DeadLetters/aws/lambda/*', 's3:GetObject'),
  ...on(`DeadLetterKey ${through('s3')}`, 'kms:Decrypt'),
  ...on('replay-dead-letters', 'lambda:InvokeFunction'),
  ...onAll(keys, 'kms:DescribeKey'),
];
const ofAuditors: readonly string[] = [
  ...desk(
    'GET/v1/findings',
    'GET/v1/findings/*',
    'GET/v1/blocks',
    'GET/v1/launches',
    'GET/v1/status',
    'GET/v1/actions',
    'GET/v1/webhooks',
    'GET/v1/prices',
    '*/v1/exports*',
  ),
  ...on('Firewall', 'wafv2:GetLoggingConfiguration', 'wafv2:GetWebACL'),
  ...on('*', 'cloudtrail:LookupEvents', 'cloudwatch:DescribeAlarms', 'cloudwatch:ListDashboards'),
  ...on('*', 'lambda:ListEventSourceMappings', 'logs:DescribeLogGroups', 'sns:GetSMSAttributes', 'wafv2:ListWebACLs'),
  ...on(dashboard, 'cloudwatch:GetDashboard'),
  ...on(alarms, 'cloudwatch:DescribeAlarmHistory'),
  ...on('AlarmTopic', 'sns:GetTopicAttributes', 'sns:ListSubscriptionsByTopic'),
  ...on(ownStack, 'cloudformation:DescribeStackEvents', 'cloudformation:DescribeStacks'),
  ...on(ownStack, 'cloudformation:GetTemplate', 'cloudformation:ListStackResources'),
  ...onAll(functionNames, 'lambda:GetFunctionConcurrency', 'lambda:GetFunctionConfiguration', 'lambda:GetPolicy'),
  ...onAll(roles, 'iam:GetRole', 'iam:GetRolePolicy', 'iam:ListAttachedRolePolicies', 'iam:ListRolePolicies'),
  ...onAll(keys, 'kms:DescribeKey', 'kms:GetKeyPolicy', 'kms:GetKeyRotationStatus', 'kms:ListGrants'),
  ...onAll(keys, 'kms:ListResourceTags'),
  ...onAll(tables, 'dynamodb:DescribeContinuousBackups', 'dynamodb:DescribeTable', 'dynamodb:DescribeTimeToLive'),
  ...onAll(buckets, 's3:GetBucketPolicy', 's3:GetBucketPublicAccessBlock', 's3:GetBucketVersioning'),
  ...onAll(buckets, 's3:GetEncryptionConfiguration', 's3:GetLifecycleConfiguration'),
  ...onAll([restApi, `${restApi}/*`], 'apigateway:GET'),
  ...onAll(logs, 'logs:DescribeLogStreams'),
  // By the plain ARN: with the star of all others, IAM would refuse it.
  ...onAll(logGroups, 'logs:ListTagsForResource'),
];

describe('security staff', () => {
  test('may do this and nothing else', () => {
    expect(analystLines).toEqual([apiKey, ...ofAnalysts.toSorted()]);
  });
  test('security staff reach no table: they read and change by the API alone, which keeps each act in the trail', () => {
    const ofTables = [...tables, 'SecurityKey', 'TableKey'].map((name) => ` on ${name}`);
    const reaching = (line: string) =>
      line.startsWith('dynamodb:') ||
      (!line.startsWith('kms:DescribeKey ') && ofTables.some((name) => line.includes(name)));
    expect(analystLines.filter(reaching)).toEqual([]);
    expect(analystLines.filter((line) => line.startsWith('execute-api:'))).toHaveLength(10);
  });
  test('security staff may decrypt through the bucket of dead letters only', () => {
    expect(analystLines.filter((line) => line.startsWith('kms:Decrypt'))).toEqual([
      'kms:Decrypt on DeadLetterKey if StringEquals kms:ViaService s3.<Region>.<URLSuffix>',
    ]);
  });
});

describe('an auditor', () => {
  test('may do this and nothing else', () => {
    expect(auditorLines).toEqual(ofAuditors.toSorted());
  });
  test('an auditor reads how the service is set up, and nothing of what is in it', () => {
    const actions = auditorLines.map(actionOf);
    const reads = /^\w+:(Describe|Detect|Get|GET$|List|Lookup)/;
    // Of the API of operators, those routes that show what is no number and no code.
    const invokes = auditorLines.filter((line) => line.startsWith('execute-api:'));
    expect(invokes.filter((line) => !line.includes('/GET/'))).toEqual([expect.stringMatching(/\/\*\/v1\/exports\*$/)]);
    expect(actions.filter((action) => !reads.test(action) && action !== 'execute-api:Invoke')).toEqual([]);
    const contents =
      /GetItem|BatchGetItem|Scan|Query|GetObject|GetLogEvents|GetLogRecord|Decrypt|GetPublicKey|GetFunction$/;
    expect(actions.filter((action) => contents.test(action))).toEqual([]);
    expect(auditorLines.filter((line) => line.includes('/apikeys'))).toEqual([]);
  });
});

describe('a privacy officer', () => {
  test('a privacy officer reads the history of a number and erases it, by the API alone', () => {
    expect(officerLines).toEqual([
      expect.stringMatching(/^execute-api:Invoke on arn:.*\/POST\/v1\/numbers\/erase$/),
      expect.stringMatching(/^execute-api:Invoke on arn:.*\/POST\/v1\/numbers\/history$/),
    ]);
  });
  test('nobody else may call the routes of numbers', () => {
    expect(
      [...clientLines, ...analystLines, ...auditorLines].filter((line) => /\/numbers\/(?!port-notice)/.test(line)),
    ).toEqual([]);
  });
});

describe('an auditor of exports', () => {
  test('an auditor of exports reads their files, opens them through S3, and checks them; it does nothing else', () => {
    expect(exportLines).toEqual([
      'kms:Decrypt on ExportKey if StringEquals kms:ViaService s3.<Region>.<URLSuffix>',
      'kms:GetPublicKey on ExportSigningKey',
      's3:GetObject on Exports/*',
      's3:ListBucket on Exports',
    ]);
  });
  test('nobody else reads a file of an export', () => {
    const others = [...clientLines, ...analystLines, ...auditorLines];
    expect(
      others.filter((line) => /^(s3:GetObject|s3:ListBucket) on Exports|^kms:Decrypt on ExportKey/.test(line)),
    ).toEqual([]);
  });
});

describe('the runbook', () => {
  const runbook = readFileSync(new URL('../../../docs/runbook.md', import.meta.url), 'utf8');
  const operations = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8');

  /** Commands whose action has another name. */
  const renamed: Readonly<Record<string, string>> = {
    'apigateway update-api-key': 'apigateway:PATCH',
    'lambda invoke': 'lambda:InvokeFunction',
    // It lists the log groups of a prefix, and filters their events.
    'logs tail': 'logs:FilterLogEvents',
    's3 cp': 's3:GetObject',
    's3api list-objects-v2': 's3:ListBucket',
    's3api get-bucket-policy': 's3:GetBucketPolicy',
  };
  /** What changes the deployment is left to those who deploy. */
  const deployers = [
    'cloudformation describe-stack-resource-drifts',
    'cloudformation detect-stack-drift',
    'events describe-rule',
    'events enable-rule',
    'kms cancel-key-deletion',
    'kms enable-key',
    'lambda delete-function-concurrency',
    'lambda put-function-concurrency',
    'lambda update-event-source-mapping',
    's3api list-object-versions',
    'sqs purge-queue',
  ];
  const commandsOf = (text: string): readonly string[] => [
    ...new Set([...text.matchAll(/\baws ([a-z0-9]+ [a-z][a-z0-9-]*)/g)].map(([, command = '']) => command)),
  ];
  const wantedBy = (command: string): string => {
    const [service = '', verb = ''] = command.split(' ');
    return (renamed[command] ?? `${service}:${verb.replaceAll('-', '')}`).toLowerCase();
  };
  const allowed = new Set(analystLines.map((line) => actionOf(line).toLowerCase()));

  test('the runbook asks security staff for nothing that their policy does not allow', () => {
    const commands = commandsOf(runbook).filter((command) => !deployers.includes(command));
    expect(commands.length).toBeGreaterThan(15);
    expect(commands.filter((command) => !allowed.has(wantedBy(command)))).toEqual([]);
  });
  test('no page on operation has staff reach into a table, past the trail of their acts', () => {
    const reaching = (page: string) => commandsOf(page).filter((command) => command.startsWith('dynamodb '));
    expect([reaching(runbook), reaching(operations)]).toEqual([[], []]);
    expect(reaching('aws dynamodb put-item')).toEqual(['dynamodb put-item']);
  });
  test('the runbook leaves to those who deploy what changes the deployment, and nothing that is only looked at', () => {
    expect(deployers.filter((command) => !commandsOf(runbook).includes(command))).toEqual([]);
    const [, said = ''] = /^## The shell\n(.*?)^## /ms.exec(runbook) ?? [];
    const verbs = deployers.map((command) => command.split(' ').at(-1) ?? '');
    expect(verbs.filter((verb) => !said.includes(verb))).toEqual([]);
    const investigations = runbook
      .split('\n### ')
      .filter((section) => section.startsWith('Investigation'))
      .join('\n');
    expect(commandsOf(investigations).length).toBeGreaterThan(10);
    expect(commandsOf(investigations).filter((command) => deployers.includes(command))).toEqual([]);
  });
});
