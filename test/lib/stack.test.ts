import { readFileSync } from 'node:fs';
import { Template } from 'aws-cdk-lib/assertions';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { describe, expect, test } from 'vitest';
import shippedSettings from '../../bin/settings.ts';
import {
  continuedFunctionNames,
  type FunctionName,
  functionNames,
  functions,
  gatewayProblems,
  operatorFunctionNames,
  operatorRoutes,
  problems,
  routes,
  type ScheduledFunctionName,
  scheduledFunctions,
  sealingFunctionNames,
  securityHeaders,
  streamFunctions,
  type TableName,
  tables,
} from '../../lambdas/contract.ts';
import { rowsOf } from '../laws/markdown.ts';
import { listOf, type Resource, recordOf } from './template/permissions.ts';
import { buildStack, logicalId, type Synthesized, synthesizedOf, withNag } from './template/synthesized.ts';
import { byCognito, variants } from './template/variants.ts';

const standard = synthesizedOf();

const ofType = ({ resources }: Synthesized, type: string): readonly [string, Resource][] =>
  Object.entries(resources).filter(([, { Type }]) => Type === type);
const variablesOf = ({ stack, resources }: Synthesized, name: FunctionName) =>
  recordOf(
    recordOf(resources[logicalId(stack.service.functions[name].lambda)]?.Properties['Environment'])['Variables'],
  );
/** Not of the operators' API, which has a test of its own. */
const ofClients = (from: Synthesized, type: string) =>
  ofType(from, type).filter(([id]) => !id.startsWith('OperatorApi'));
const only = (from: Synthesized, type: string): Readonly<Record<string, unknown>> => {
  const [first, ...others] = ofClients(from, type);
  if (first === undefined || others.length > 0) throw new Error(`Expected one ${type}`);
  return first[1].Properties;
};

/** Each path and each of its beginnings. */
const foldersOf = (all: readonly { readonly path: string }[]) =>
  new Set(
    all.flatMap(({ path }) => {
      const parts = path.slice(1).split('/');
      return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
    }),
  );
const watchedFunctions = functionNames.filter((name) => !operatorFunctionNames.some((other) => other === name));

describe('cdk-nag', () => {
  test.each(Object.keys(variants))('cdk-nag finds nothing that has no reason with %s', (name) => {
    expect(() => Template.fromStack(withNag(buildStack(variants[name])))).not.toThrow();
  });
  test('cdk-nag fails the synthesis for a permission without a reason', () => {
    const built = buildStack();
    built.stack.service.functions.jwks.role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['kms:*'], resources: ['*'] }),
    );
    expect(() => Template.fromStack(withNag(built))).toThrow(/[Vv]alidation/);
  });
});

describe('the stack', () => {
  test('the stack is made of these resources and no others', () => {
    const counts: Record<string, number> = {};
    for (const { Type } of Object.values(standard.resources)) counts[Type] = (counts[Type] ?? 0) + 1;
    expect(counts).toEqual({
      'AWS::ApiGateway::Account': 1,
      'AWS::ApiGateway::ApiKey': 1,
      'AWS::ApiGateway::Deployment': 2,
      'AWS::ApiGateway::GatewayResponse': 2 * Object.keys(gatewayProblems).length,
      // Beside the routes, OPTIONS at each path.
      'AWS::ApiGateway::Method': routes.length + new Set(routes.map(({ path }) => path)).size + operatorRoutes.length,
      'AWS::ApiGateway::RequestValidator': 2,
      'AWS::ApiGateway::Resource': 7 + foldersOf(operatorRoutes).size,
      'AWS::ApiGateway::RestApi': 2,
      'AWS::ApiGateway::Stage': 2,
      'AWS::ApiGateway::UsagePlan': 1,
      'AWS::ApiGateway::UsagePlanKey': 1,
      'AWS::CloudWatch::Alarm':
        16 + 2 + 2 + 3 + 2 * watchedFunctions.length + 3 * Object.keys(streamFunctions).length + 14,
      'AWS::CloudWatch::CompositeAlarm': 1,
      'AWS::CloudWatch::Dashboard': 1,
      'AWS::DynamoDB::Table': 4,
      'AWS::Events::EventBus': 1,
      // And the one that makes mails of findings.
      'AWS::Events::Rule': Object.keys(scheduledFunctions).length + 1,
      'AWS::IAM::ManagedPolicy': 6,
      // A function that continues its work has a second one. So has one that seals, signs or shows the key of proofs.
      'AWS::IAM::Policy': functionNames.length + 2 + continuedFunctionNames.length + sealingFunctionNames.length + 2,
      'AWS::IAM::Role': functionNames.length + 2,
      'AWS::KMS::Key': 11,
      // By which the replay calls the detector.
      'AWS::Lambda::Alias': 1,
      'AWS::Lambda::EventSourceMapping': Object.keys(streamFunctions).length,
      'AWS::Lambda::Function': functionNames.length,
      'AWS::Lambda::Permission': routes.length + operatorRoutes.length + Object.keys(scheduledFunctions).length,
      'AWS::Logs::LogGroup': functionNames.length + 3,
      'AWS::S3::Bucket': 2,
      'AWS::S3::BucketPolicy': 2,
      'AWS::SNS::Topic': 1,
      'AWS::SNS::TopicPolicy': 1,
      'AWS::WAFv2::LoggingConfiguration': 1,
      'AWS::WAFv2::WebACL': 1,
      'AWS::WAFv2::WebACLAssociation': 1,
    });
  });

  test('the stack names no account and no Region', () => {
    expect(JSON.stringify(standard.resources)).not.toMatch(/\b\d{12}\b|\b(us|eu|ap)-[a-z]+-\d\b/);
  });

  test('the stack tells the endpoints of clients and operators, the key set, the id of the API key, the dashboard, where alarms and findings go, what replays and the managed policies', () => {
    const Outputs = recordOf(standard.template['Outputs']);
    expect(Object.keys(Outputs).toSorted()).toEqual([
      'AlarmTopicArn',
      'ApiKeyId',
      'AuditorFunctionsPolicyArn',
      'AuditorPolicyArn',
      'ClientPolicyArn',
      'DashboardUrl',
      'Endpoint',
      'ExportBucketName',
      'ExportReaderPolicyArn',
      'ExportSigningKeyArn',
      'FindingsBusName',
      'JwksUrl',
      'OperatorEndpoint',
      'PrivacyOfficerPolicyArn',
      'ReplayFunctionName',
      'SecurityAnalystPolicyArn',
    ]);
  });

  test('the table of docs/deploy.md has every output of the stack as it is shipped, and no other', () => {
    const page = readFileSync(new URL('../../docs/deploy.md', import.meta.url), 'utf8');
    const named = rowsOf(page, 'output').flatMap(([cell = '']) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name),
    );
    const { applications } = shippedSettings;
    const { Outputs } = Template.fromStack(buildStack({ applications }).stack).toJSON();
    expect(named.toSorted()).toEqual(Object.keys(Outputs).toSorted());
  });

  test('the stack tells of each what its name says: nobody is handed the policy of another', () => {
    const Outputs = recordOf(standard.template['Outputs']);
    const { clients, securityAnalyst, auditor, auditorFunctions, privacyOfficer, exportReader } =
      standard.stack.service.accessPolicies;
    const told = Object.entries(Outputs).map(([name, output]) => [name, standard.spell(recordOf(output)['Value'])]);
    const endpoint = 'https://RestApi.execute-api.<Region>.<URLSuffix>/otp';
    expect(Object.fromEntries(told)).toEqual({
      AlarmTopicArn: 'AlarmTopic',
      ApiKeyId: ofType(standard, 'AWS::ApiGateway::ApiKey')[0]?.[0],
      AuditorPolicyArn: logicalId(auditor),
      AuditorFunctionsPolicyArn: logicalId(auditorFunctions),
      PrivacyOfficerPolicyArn: logicalId(privacyOfficer),
      ExportBucketName: 'Exports',
      ExportReaderPolicyArn: logicalId(exportReader),
      ExportSigningKeyArn: 'ExportSigningKey',
      ClientPolicyArn: [...clients.values()].map(logicalId)[0],
      DashboardUrl: expect.stringContaining('#dashboards/dashboard/OtpService'),
      Endpoint: endpoint,
      FindingsBusName: 'FindingsBus',
      JwksUrl: `${endpoint}/.well-known/jwks.json`,
      OperatorEndpoint: 'https://OperatorRestApi.execute-api.<Region>.<URLSuffix>/otp',
      ReplayFunctionName: 'replay-dead-letters',
      SecurityAnalystPolicyArn: logicalId(securityAnalyst),
    });
  });
});

const tableNames = Object.keys(tables) as readonly TableName[];

describe('the tables', () => {
  const tableOf = (name: TableName) => standard.resources[logicalId(standard.stack.service.tables[name])];

  test.each(tableNames)('%s is encrypted with a key of the stack, and the findings with one of their own', (name) => {
    const { SSEEnabled, SSEType, KMSMasterKeyId } = recordOf(tableOf(name)?.Properties['SSESpecification']);
    const key = name === 'security' ? 'SecurityKey' : 'TableKey';
    expect([SSEEnabled, SSEType, standard.spell(KMSMasterKeyId)]).toEqual([true, 'KMS', key]);
  });
  test.each(tableNames)('%s has the key and the expiry of the contract', (name) => {
    const { partitionKey, sortKey, timeToLiveAttribute } = tables[name];
    const keys = sortKey === undefined ? [partitionKey] : [partitionKey, sortKey];
    expect(tableOf(name)?.Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: keys.map((AttributeName, index) => ({ AttributeName, KeyType: index === 0 ? 'HASH' : 'RANGE' })),
      AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      TimeToLiveSpecification: { AttributeName: timeToLiveAttribute, Enabled: true },
    });
  });
  test.each(['verifications', 'guards', 'traffic'] as const)(
    '%s is never backed up and lets nobody in by itself',
    (name) => {
      expect(tableOf(name)?.Properties).toMatchObject({
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false },
      });
      expect(tableOf(name)?.Properties).not.toHaveProperty('ResourcePolicy');
      expect(ofType(standard, 'AWS::Backup::BackupSelection')).toEqual([]);
    },
  );
  test('only the verifications have a stream, with old and new images', () => {
    expect(tableOf('verifications')?.Properties).toMatchObject({
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
    });
    for (const name of ['guards', 'traffic', 'security'] as const)
      expect(tableOf(name)?.Properties).not.toHaveProperty('StreamSpecification');
  });
  test('the findings can be restored', () => {
    expect(tableOf('security')?.Properties).toMatchObject({
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  });
  test('the guards and the findings cannot be deleted by mistake, and outlive the stack', () => {
    const isKept = { guards: true, security: true, verifications: false, traffic: false };
    for (const name of tableNames) {
      expect(tableOf(name)?.Properties).toMatchObject({ DeletionProtectionEnabled: isKept[name] });
      expect(tableOf(name)).toMatchObject({ DeletionPolicy: isKept[name] ? 'Retain' : 'Delete' });
    }
  });
});

describe('the keys', () => {
  const { keys } = standard.stack.service;
  const propertiesOf = (key: (typeof keys)['seal']) => standard.resources[logicalId(key)]?.Properties;

  test('the keys that encrypt are renewed every year', () => {
    const { seal, table, security, log, deadLetter, alarm } = keys;
    for (const key of [seal, table, security, log, deadLetter, alarm, keys.export]) {
      expect(propertiesOf(key)).toMatchObject({ EnableKeyRotation: true });
    }
  });
  test('the keys of codes and pseudonyms only make MACs, and the proof key and that of exports only sign', () => {
    for (const key of [...keys.codes.values(), keys.pseudonym]) {
      expect(propertiesOf(key)).toMatchObject({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
    }
    for (const key of [keys.proof, keys.exportSigning])
      expect(propertiesOf(key)).toMatchObject({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
  });
  test('the code keys are one per generation, handed out oldest first', () => {
    const { stack, resources, spell } = synthesizedOf({ codeKeyGenerations: ['b', 'a'] });
    const { Variables } = recordOf(
      resources[logicalId(stack.service.functions['check-verification'].lambda)]?.Properties['Environment'],
    );
    expect(spell(recordOf(Variables)['CODE_KEYS'])).toBe('{"b":"CodeKey(b)","a":"CodeKey(a)"}');
  });
  test('keys wait 30 days before they are gone, and those of what stays do not go', () => {
    for (const [, { Properties }] of ofType(standard, 'AWS::KMS::Key')) {
      expect(Properties['PendingWindowInDays']).toBe(30);
    }
    expect(standard.resources[logicalId(keys.pseudonym)]?.DeletionPolicy).toBe('RetainExceptOnCreate');
    for (const key of [keys.table, keys.security, keys.deadLetter, keys.export])
      expect(standard.resources[logicalId(key)]?.DeletionPolicy).toBe('Retain');
  });
});

describe('the functions', () => {
  test.each(functionNames)('%s runs as the contract says', (name) => {
    const { Properties } = standard.resources[logicalId(standard.stack.service.functions[name].lambda)] ?? {};
    expect(Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      Timeout: functions[name].timeoutSeconds,
      MemorySize: functions[name].memoryMegabytes,
    });
    expect(Properties).not.toHaveProperty('TracingConfig');
  });
  test.each(functionNames)('%s sees the variables of the contract and no other', (name) => {
    const powertools = ['POWERTOOLS_LOG_LEVEL', 'POWERTOOLS_METRICS_NAMESPACE', 'POWERTOOLS_SERVICE_NAME'];
    expect(Object.keys(variablesOf(standard, name)).toSorted()).toEqual(
      [...functions[name].environment, ...powertools].toSorted(),
    );
  });
  test.each(functionNames)('%s can be called by its own routes and schedule, and by nobody else', (name) => {
    const id = logicalId(standard.stack.service.functions[name].lambda);
    const sources = ofType(standard, 'AWS::Lambda::Permission')
      .map(([, { Properties }]) => Properties)
      .filter(({ FunctionName }) => JSON.stringify(FunctionName) === JSON.stringify({ 'Fn::GetAtt': [id, 'Arn'] }))
      .map(({ Action, Principal, SourceArn }) => [Action, Principal, standard.spell(SourceArn)]);
    const apis = [
      ['RestApi/Stage', routes],
      ['OperatorRestApi/OperatorStage', operatorRoutes],
    ] as const;
    const expected = apis.flatMap(([api, all]) =>
      all
        .filter((route) => route.function === name)
        .map(({ method, path }) => [
          'lambda:InvokeFunction',
          'apigateway.amazonaws.com',
          `arn:<Partition>:execute-api:<Region>:<AccountId>:${api}/${method}${path.replace('{id}', '*')}`,
        ]),
    );
    const scheduled = Object.keys(scheduledFunctions)
      .filter((scheduledName) => scheduledName === name)
      .map(() => ['lambda:InvokeFunction', 'events.amazonaws.com', `schedule of ${name}`]);
    expect(sources).toEqual([...expected, ...scheduled]);
  });
  test.each(Object.entries(standard.stack.service.schedules))(
    '%s is called by the clock as the contract says',
    (name, { rule }) => {
      const { everyMinutes } = scheduledFunctions[name as ScheduledFunctionName];
      expect(standard.resources[logicalId(rule)]?.Properties).toMatchObject({
        ScheduleExpression: `rate(${everyMinutes} minute${everyMinutes === 1 ? '' : 's'})`,
        State: 'ENABLED',
        Targets: [{ RetryPolicy: { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0 } }],
      });
      const [target] = listOf(standard.resources[logicalId(rule)]?.Properties['Targets']).map(recordOf);
      expect(JSON.parse(standard.spell(target?.['Input']))).toEqual({
        source: 'aws.events',
        'detail-type': 'Scheduled Event',
        detail: { mapping: `mapping of ${name}` },
      });
    },
  );
  test('the functions that match codes are deployed with a new generation before any code is made under it', () => {
    const idOf = (name: FunctionName) => logicalId(standard.stack.service.functions[name].lambda);
    const dependsOn = standard.resources[idOf('request-verification')]?.DependsOn;
    expect(dependsOn).toEqual(expect.arrayContaining([idOf('check-verification'), idOf('resend-verification')]));
  });
  test('the functions are traced where tracing is on', () => {
    const traced = synthesizedOf({ tracing: true });
    for (const [, { Properties }] of ofType(traced, 'AWS::Lambda::Function')) {
      expect(Properties['TracingConfig']).toEqual({ Mode: 'Active' });
    }
    expect(only(traced, 'AWS::ApiGateway::Stage')).toMatchObject({ TracingEnabled: true });
  });
  test('the functions are given the endpoint: the API’s own, or the domain of the settings', () => {
    expect(standard.spell(variablesOf(standard, 'jwks')['ENDPOINT'])).toBe(
      'https://RestApi.execute-api.<Region>.<URLSuffix>/otp',
    );
    const own = synthesizedOf({ endpoint: 'https://otp.example.com' });
    expect(variablesOf(own, 'jwks')['ENDPOINT']).toBe('https://otp.example.com');
  });
});

describe('the logs', () => {
  test('the logs of every function, of the API and of the firewall are encrypted with the log key and kept as long as the settings say', () => {
    const kept = synthesizedOf({ logRetentionDays: 90 });
    const groups = ofType(kept, 'AWS::Logs::LogGroup').map(([, { Properties }]) => [
      Properties['LogGroupName'],
      kept.spell(Properties['KmsKeyId']),
      Properties['RetentionInDays'],
    ]);
    const names = ['api-access', 'operator-access', ...functionNames].map((name) => `/OtpService/${name}`);
    const expected = [...names, 'aws-waf-logs-OtpService'].map((name) => [name, 'LogKey', 90]);
    expect(groups.toSorted()).toEqual(expected.toSorted());
  });
  test('the logs of each function are sent to its own group', () => {
    for (const name of functionNames) {
      const { lambda, logGroup } = standard.stack.service.functions[name];
      expect(standard.resources[logicalId(lambda)]?.Properties['LoggingConfig']).toEqual({
        LogGroup: { Ref: logicalId(logGroup) },
      });
    }
  });
  test('the logs of requests hold no IP, path, body, query string or header', () => {
    const { Format } = recordOf(only(standard, 'AWS::ApiGateway::Stage')['AccessLogSetting']);
    expect(Object.values(recordOf(JSON.parse(String(Format)))).toSorted()).toEqual([
      '$context.error.responseType',
      '$context.httpMethod',
      '$context.identity.apiKeyId',
      '$context.integration.status',
      '$context.integrationLatency',
      '$context.requestId',
      '$context.requestTimeEpoch',
      '$context.resourcePath',
      '$context.responseLatency',
      '$context.responseLength',
      '$context.status',
    ]);
  });
  test('the logs by API Gateway itself are off, which would hold ids and codes, and its metrics by method, which cost', () => {
    expect(only(standard, 'AWS::ApiGateway::Stage')['MethodSettings']).toEqual([
      {
        HttpMethod: '*',
        ResourcePath: '/*',
        DataTraceEnabled: false,
        LoggingLevel: 'OFF',
        MetricsEnabled: false,
        ThrottlingBurstLimit: 40,
        ThrottlingRateLimit: 20,
      },
    ]);
  });
  test('the logs are written by a role that the stack sets, unless the account has one', () => {
    expect(ofType(standard, 'AWS::ApiGateway::Account')).toHaveLength(1);
    const existing = synthesizedOf({ apiGatewayLogsRole: 'existing' });
    expect(ofType(existing, 'AWS::ApiGateway::Account')).toEqual([]);
    expect(ofType(existing, 'AWS::IAM::Role')).toHaveLength(functionNames.length + 1);
  });
});

describe('the API', () => {
  /** Each method with its path, as the template nests them. */
  const methodsOf = (from: Synthesized) => {
    const pathOf = (id: unknown): string => {
      const { Ref: ref } = recordOf(id);
      if (typeof ref !== 'string') return '';
      const { ParentId, PathPart } = from.resources[ref]?.Properties ?? {};
      return `${pathOf(ParentId)}/${String(PathPart)}`;
    };
    return ofClients(from, 'AWS::ApiGateway::Method').map(([, { Properties }]) => ({
      route: `${String(Properties['HttpMethod'])} ${pathOf(Properties['ResourceId'])}`,
      ...Properties,
    }));
  };
  const methodOf = (from: Synthesized, route: (typeof routes)[number]): Readonly<Record<string, unknown>> =>
    recordOf(methodsOf(from).find((each) => each.route === `${route.method} ${route.path}`));

  test('the API has the routes of the contract, preflights for each path, and no others', () => {
    const paths = [...new Set(routes.map(({ path }) => path))];
    const written = [
      ...routes.map(({ method, path }) => `${method} ${path}`),
      ...paths.map((path) => `OPTIONS ${path}`),
    ];
    expect(
      methodsOf(standard)
        .map(({ route }) => route)
        .toSorted(),
    ).toEqual(written.toSorted());
  });
  test.each(routes)('$method $path goes to $function', (route) => {
    const { Type, IntegrationHttpMethod, Uri } = recordOf(methodOf(standard, route)['Integration']);
    expect([Type, IntegrationHttpMethod]).toEqual(['AWS_PROXY', 'POST']);
    expect(standard.spell(Uri)).toContain(`/functions/${route.function}/invocations`);
  });
  test.each(routes)('$method $path asks for an API key unless it is public', (route) => {
    const isClient = route.access === 'client';
    const method = methodOf(standard, route);
    expect(method['AuthorizationType']).toBe('NONE');
    expect(method['ApiKeyRequired'] ?? false).toBe(isClient);
  });
  test.each(routes)('$method $path asks for IAM or a token by setting, unless it is public', (route) => {
    const iam = methodOf(synthesizedOf({ access: 'iam' }), route);
    const cognito = methodOf(synthesizedOf(byCognito), route);
    const isClient = route.access === 'client';
    expect(iam['AuthorizationType']).toBe(isClient ? 'AWS_IAM' : 'NONE');
    expect(cognito['AuthorizationType']).toBe(isClient ? 'COGNITO_USER_POOLS' : 'NONE');
    expect(cognito['AuthorizationScopes']).toEqual(isClient ? ['otp/send'] : undefined);
  });
  test.each(routes)(
    '$method $path leaves its body to the function, which alone says what is wrong with it',
    (route) => {
      const method = methodOf(standard, route);
      expect(method['RequestModels']).toBeUndefined();
      expect(method['RequestValidatorId']).toEqual({
        Ref: ofClients(standard, 'AWS::ApiGateway::RequestValidator')[0]?.[0],
      });
      expect(only(standard, 'AWS::ApiGateway::RequestValidator')).toMatchObject({
        ValidateRequestBody: true,
        ValidateRequestParameters: true,
      });
    },
  );
  test('the API gives API keys only where access is by API key', () => {
    for (const access of ['iam', byCognito.access] as const) {
      const other = synthesizedOf({ access });
      expect(ofType(other, 'AWS::ApiGateway::ApiKey')).toEqual([]);
      expect(ofType(other, 'AWS::ApiGateway::UsagePlan')).toEqual([]);
    }
  });
  test('the API limits a key by rate, and by day where the settings say so', () => {
    const limited = synthesizedOf({ throttle: { ratePerSecond: 7, burst: 9 }, dailyQuota: 1000 });
    expect(only(limited, 'AWS::ApiGateway::UsagePlan')).toMatchObject({
      Throttle: { RateLimit: 7, BurstLimit: 9 },
      Quota: { Limit: 1000, Period: 'DAY' },
    });
    expect(only(standard, 'AWS::ApiGateway::UsagePlan')).not.toHaveProperty('Quota');
  });
  test('each application has API keys and a usage plan of its own, and the functions know whose key is whose', () => {
    const two = synthesizedOf(variants['two applications'] ?? {});
    const keys = ofType(two, 'AWS::ApiGateway::ApiKey').map(([id]) => id);
    expect(keys).toHaveLength(3);
    const plans = ofType(two, 'AWS::ApiGateway::UsagePlan').map(([, { Properties }]) => Properties);
    expect(plans.map(({ Throttle }) => Throttle)).toEqual([
      { RateLimit: 20, BurstLimit: 40 },
      { RateLimit: 5, BurstLimit: 10 },
    ]);
    expect(plans.map(({ Quota }) => Quota)).toEqual([undefined, { Limit: 2000, Period: 'DAY' }]);
    const outputs = Object.keys(two.template['Outputs'] ?? {}).filter((name) => name.startsWith('ApiKeyId'));
    expect(outputs.toSorted()).toEqual(['ApiKeyIdBackOfficeA', 'ApiKeyIdBackOfficeB', 'ApiKeyIdWebA']);
    expect(variablesOf(two, 'jwks')).not.toHaveProperty('APPLICATIONS');
    for (const { function: name } of routes.filter(({ access }) => access === 'client')) {
      const variable = variablesOf(two, name)['APPLICATIONS'];
      const [web, officeA, officeB] = keys;
      expect(JSON.stringify(variable)).toBe(
        JSON.stringify({
          'Fn::Join': [
            '',
            ['{"web":["', { Ref: web }, '"],"back-office":["', { Ref: officeA }, '","', { Ref: officeB }, '"]}'],
          ],
        }),
      );
    }
  });
  test('all credentials that the gateway lets in are of the only application if the settings name none', () => {
    expect(standard.spell(variablesOf(standard, 'check-verification')['APPLICATIONS'])).toBe('{"default":["*"]}');
  });
  test.each([
    ['iam', { access: 'iam', principals: ['arn:aws:iam::111122223333:role/web'] }],
    ['cognito', { ...byCognito, clientIds: ['client'] }],
  ] as const)('an application is known by its principals or client ids under access by %s', (_, { ...written }) => {
    const { access, ...credentials } = written;
    const made = synthesizedOf({ access, applications: { web: { kind: 'public', ...credentials } as never } });
    const named = { web: Object.values(credentials).flat() };
    expect(JSON.parse(made.spell(variablesOf(made, 'get-verification')['APPLICATIONS']))).toEqual(named);
  });
  test.each([
    ['1.2', 'SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09'],
    ['1.3', 'SecurityPolicy_TLS13_1_3_2025_09'],
  ] as const)('the API speaks TLS %s and up, with forward secrecy', (minimumTls, SecurityPolicy) => {
    const restApi = only(synthesizedOf({ minimumTls }), 'AWS::ApiGateway::RestApi');
    expect(restApi).toMatchObject({
      SecurityPolicy,
      EndpointAccessMode: 'STRICT',
      EndpointConfiguration: { Types: ['REGIONAL'] },
    });
    expect(restApi).not.toHaveProperty('MinimumCompressionSize');
  });
});

describe('API Gateway’s own errors', () => {
  const responseOf = (from: Synthesized, type: string) => {
    const found = ofClients(from, 'AWS::ApiGateway::GatewayResponse').find(
      ([, { Properties }]) => Properties['ResponseType'] === type,
    )?.[1].Properties;
    const template = from.spell(recordOf(found?.['ResponseTemplates'])['application/json']);
    return {
      status: found?.['StatusCode'],
      body: recordOf(JSON.parse(template)),
      headers: recordOf(found?.['ResponseParameters']),
    };
  };
  const header = (name: string) => `gatewayresponse.header.${name}`;

  test.each(Object.entries(gatewayProblems))('%s is a problem of the contract', (type, { code, detail }) => {
    const { status, title } = problems[code];
    const response = responseOf(standard, type);
    expect(response.status).toBe(String(status));
    expect(response.body).toEqual({
      type: `https://RestApi.execute-api.<Region>.<URLSuffix>/otp/problems/${code}`,
      title,
      status,
      detail,
      code,
      requestId: '$context.requestId',
    });
    expect(response.headers[header('Content-Type')]).toBe("'application/problem+json'");
    expect(response.headers[header('x-request-id')]).toBe('context.requestId');
    for (const [name, value] of Object.entries(securityHeaders)) {
      expect(response.headers[header(name)]).toBe(`'${value}'`);
    }
    expect(response.headers[header('www-authenticate')]).toBe(status === 401 ? `'ApiKey realm="otp"'` : undefined);
    expect(header('retry-after') in response.headers).toBe(status === 429 || status === 503);
  });
  test('tell an unsigned caller to sign where access is by IAM', () => {
    const { status, headers } = responseOf(synthesizedOf({ access: 'iam' }), 'MISSING_AUTHENTICATION_TOKEN');
    expect([status, headers[header('www-authenticate')]]).toEqual(['401', "'AWS4-HMAC-SHA256'"]);
  });
  test('the errors of API Gateway reach the callers: the deployment waits for all of them', () => {
    const [deployment] = ofClients(standard, 'AWS::ApiGateway::Deployment');
    const ids = ofClients(standard, 'AWS::ApiGateway::GatewayResponse').map(([id]) => id);
    expect(listOf(deployment?.[1].DependsOn)).toEqual(expect.arrayContaining(ids));
  });
});
