/**
 * What has to be true of the template and what an emulator does not show. Each claim is a function of the template that
 * says where it does not hold, so that it can be held against a broken one.
 */

import { gatewayProblems } from '../../../lambdas/contract.ts';
import {
  linesOf,
  listOf,
  permissionsOf,
  type Resource,
  type Resources,
  recordOf,
  type Spell,
  statementsIn,
} from './permissions.ts';

export type Claim = (resources: Resources, spell: Spell) => readonly string[];

const ofType = (resources: Resources, ...types: readonly string[]): readonly (readonly [string, Resource])[] =>
  Object.entries(resources).filter(([, { Type }]) => types.includes(Type));

/** The resource that a value refers to. */
const referred = (value: unknown, resources: Resources): readonly [string, Resource] | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  const { Ref: ref, 'Fn::GetAtt': attribute } = recordOf(value);
  const id = String(ref ?? listOf(attribute)[0]);
  const resource = resources[id];
  return resource === undefined ? undefined : [id, resource];
};

const doors = {
  'AWS::SNS::Topic': { policy: 'AWS::SNS::TopicPolicy', names: 'Topics', actions: ['sns:Publish', 'sns:*'] },
  'AWS::SQS::Queue': { policy: 'AWS::SQS::QueuePolicy', names: 'Queues', actions: ['sqs:*'] },
  'AWS::S3::Bucket': { policy: 'AWS::S3::BucketPolicy', names: 'Bucket', actions: ['s3:*'] },
} as const;

/** Topics, queues and buckets that plain HTTP may enter: their policy has to refuse it to everybody. */
export const plainHttpDoors: Claim = (resources, spell) =>
  ofType(resources, ...Object.keys(doors)).flatMap(([id, { Type }]) => {
    const { policy, names, actions } = doors[Type as keyof typeof doors];
    const statements = ofType(resources, policy)
      .filter(([, { Properties }]) => listOf(Properties[names]).some((each) => referred(each, resources)?.[0] === id))
      .flatMap(([, { Properties }]) => statementsIn(Properties['PolicyDocument']))
      .filter(({ Effect, Principal }) => Effect === 'Deny' && ['*', '{"AWS":"*"}'].includes(bare(Principal)));
    const refused = statements.flatMap((each) => linesOf(each, spell));
    const name = spell({ Ref: id });
    const inside = Type === 'AWS::S3::Bucket' ? [name, `${name}/*`] : [name];
    return inside.every((each) =>
      actions.some((action) => refused.includes(`Deny ${action} on ${each} if Bool aws:SecureTransport false`)),
    )
      ? []
      : [`${name} may be entered by plain HTTP`];
  });

const bare = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** What CloudWatch Logs does with a key: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html */
const logUses = ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey', 'kms:DescribeKey'];

/** Log groups that are kept for ever, or are not encrypted, or whose key does not let the logs service in for them. */
export const looseLogs: Claim = (resources, spell) =>
  ofType(resources, 'AWS::Logs::LogGroup').flatMap(([, { Properties }]) => {
    const { LogGroupName: name, RetentionInDays: days, KmsKeyId: keyArn } = Properties;
    const key = referred(keyArn, resources);
    return [
      ...(typeof days === 'number' ? [] : [`${name} is kept for ever`]),
      ...(key === undefined
        ? [`${name} is not encrypted with a key of the stack`]
        : logUses
            .filter((use) => !letsLogs(key[1], use, String(name), spell))
            .map((use) => `${name}: its key refuses ${use}`)),
    ];
  });

const letsLogs = (key: Resource, use: string, name: string, spell: Spell): boolean =>
  statementsIn(key.Properties['KeyPolicy']).some(({ Effect, Principal, Action, Condition }) => {
    const service = typeof Principal === 'object' && Principal !== null ? recordOf(Principal)['Service'] : undefined;
    if (Effect !== 'Allow' || service === undefined || spell(service) !== 'logs.<Region>.<URLSuffix>') return false;
    const { ArnEquals: equals, ...others } = recordOf(Condition ?? {});
    const arns = listOf(recordOf(equals ?? {})['kms:EncryptionContext:aws:logs:arn']).map(spell);
    const arn = `arn:<Partition>:logs:<Region>:<AccountId>:log-group:${name}`;
    return listOf(Action).includes(use) && arns.includes(arn) && Object.keys(others).length === 0;
  });

/**
 * Why API Gateway could not write the access log, where the stack sets its role: one per account and Region, that API
 * Gateway may take, with the permissions of AWS's own policy, and there before the stage is.
 */
export const speechlessGateway: Claim = (resources, spell) => {
  const [account, ...more] = ofType(resources, 'AWS::ApiGateway::Account');
  if (account === undefined) return ['the account has no role for the logs of API Gateway'];
  const [accountId, { Properties }] = account;
  const role = referred(Properties['CloudWatchRoleArn'], resources)?.[1];
  const takers = role === undefined ? [] : statementsIn(role.Properties['AssumeRolePolicyDocument']);
  const policies = listOf(role?.Properties['ManagedPolicyArns']).map(spell);
  const policy = 'arn:<Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs';
  return [
    ...(more.length === 0 ? [] : ['the account has several settings']),
    ...(takers.some(({ Principal }) => bare(Principal) === '{"Service":"apigateway.amazonaws.com"}')
      ? []
      : ['API Gateway may not take the role']),
    ...(policies.includes(policy) ? [] : ['the role may not write logs']),
    ...ofType(resources, 'AWS::ApiGateway::Stage')
      .filter(([, { DependsOn }]) => !listOf(DependsOn).includes(accountId))
      .map(([id]) => `${spell({ Ref: id })} is there before the role is`),
  ];
};

/**
 * Where stream records that a mapping gives up would be lost. Lambda puts them into the bucket in the name of the
 * function: https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
 */
export const lostRecords: Claim = (resources, spell) =>
  ofType(resources, 'AWS::Lambda::EventSourceMapping').flatMap(([id, { Properties }]) => {
    // A queue keeps in another one what is given up.
    const source = referred(Properties['EventSourceArn'], resources)?.[1];
    if (source?.Type === 'AWS::SQS::Queue' && source.Properties['RedrivePolicy'] !== undefined) return [];
    const { OnFailure: onFailure } = recordOf(Properties['DestinationConfig'] ?? {});
    const bucket = referred(recordOf(onFailure ?? {})['Destination'], resources);
    if (bucket?.[1].Type !== 'AWS::S3::Bucket') return [`${id} keeps nothing of what it gives up`];
    const lambda = referred(Properties['FunctionName'], resources)?.[1];
    const [roleId = ''] = referred(lambda?.Properties['Role'], resources) ?? [];
    const name = spell({ Ref: bucket[0] });
    const [encryption] = listOf(
      recordOf(bucket[1].Properties['BucketEncryption'])['ServerSideEncryptionConfiguration'],
    );
    const { KMSMasterKeyID: key } = recordOf(recordOf(encryption)['ServerSideEncryptionByDefault']);
    const granted = permissionsOf(resources, roleId, spell);
    const needed = [
      `s3:PutObject on ${name}/aws/lambda/*`,
      `s3:ListBucket on ${name}`,
      `kms:GenerateDataKey on ${spell(key)} if StringEquals kms:ViaService s3.<Region>.<URLSuffix>`,
    ];
    const policies = ofType(resources, 'AWS::IAM::Policy')
      .filter(([, policy]) =>
        listOf(policy.Properties['Roles']).some((each) => referred(each, resources)?.[0] === roleId),
      )
      .filter(([, policy]) => !JSON.stringify(policy.Properties['PolicyDocument']).includes(`{"Ref":"${id}"}`))
      .map(([policyId]) => policyId);
    return [
      ...needed.filter((each) => !granted.includes(each)).map((each) => `${id} may not ${each}`),
      // Lambda tries the permissions when the mapping is made, and refuses it if they are not there yet. What names the mapping
      // comes after it.
      ...policies
        .filter((policyId) => !listOf(lambda?.DependsOn).includes(policyId))
        .map((policyId) => `${id} is made before ${policyId} is`),
    ];
  });

/** Errors of API Gateway itself that would not look like ours (RFC 9457), those that nobody has thought of included. */
export const shapelessAnswers: Claim = (resources, spell) => {
  const all = ofType(resources, 'AWS::ApiGateway::GatewayResponse').map(([, { Properties }]) => Properties);
  const byApi = Map.groupBy(all, ({ RestApiId }) => JSON.stringify(RestApiId));
  return [...byApi.values()].flatMap((own) => shapelessOf(own, spell));
};

const shapelessOf = (own: readonly Resource['Properties'][], spell: Spell): readonly string[] => {
  const responses = new Map(own.map((each) => [String(each['ResponseType']), each]));
  return ['DEFAULT_4XX', 'DEFAULT_5XX', ...Object.keys(gatewayProblems)].flatMap((type) => {
    const response = responses.get(type);
    if (response === undefined) return [`${type} is answered as API Gateway likes`];
    const type9457 = recordOf(response['ResponseParameters'] ?? {})['gatewayresponse.header.Content-Type'];
    const template = recordOf(response['ResponseTemplates'] ?? {})['application/json'];
    const body = template === undefined ? {} : recordOf(JSON.parse(spell(template)));
    const missing = ['type', 'title', 'status', 'detail', 'code', 'requestId'].filter((member) => !(member in body));
    return [
      ...(type9457 === "'application/problem+json'" ? [] : [`${type} does not say that it is a problem`]),
      ...missing.map((member) => `${type} has no ${member}`),
      ...(String(body['status']) === response['StatusCode'] ? [] : [`${type} says another status than it has`]),
    ];
  });
};

/** What becomes of everything that holds something: when it is taken out of the stack, and when it is replaced. */
export const fatesOf = (resources: Resources, spell: Spell): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(resources)
      .filter(
        ([, { DeletionPolicy, UpdateReplacePolicy, Type }]) =>
          [DeletionPolicy, UpdateReplacePolicy].some((each) => each !== undefined) || holds.includes(Type),
      )
      .map(([id, { Type, DeletionPolicy, UpdateReplacePolicy, Properties }]) => [
        Type === 'AWS::Logs::LogGroup' || Type === 'AWS::IAM::Role'
          ? `${Type} ${spell({ Ref: id })}`
          : spell({ Ref: id }),
        [
          DeletionPolicy ?? 'Delete',
          UpdateReplacePolicy ?? 'Delete',
          ...(Properties['DeletionProtectionEnabled'] === true ? ['protected'] : []),
        ].join(' '),
      ]),
  );

const holds = ['AWS::DynamoDB::Table', 'AWS::KMS::Key', 'AWS::Logs::LogGroup', 'AWS::S3::Bucket'];

/** Whether nothing takes a resource away: neither the end of the stack nor a replacement. */
const isRetained = ({ DeletionPolicy, UpdateReplacePolicy }: Resource): boolean =>
  [DeletionPolicy, UpdateReplacePolicy].every((each) => each?.startsWith('Retain') === true);

/** Everything that a value refers to, however deep. */
const referredIn = (value: unknown, resources: Resources): readonly (readonly [string, Resource])[] => {
  if (typeof value !== 'object' || value === null) return [];
  const own = Array.isArray(value) ? undefined : referred(value, resources);
  if (own !== undefined) return [own];
  return Object.values(value).flatMap((each) => referredIn(each, resources));
};

const mayEncrypt = [
  'AWS::DynamoDB::Table',
  'AWS::Logs::LogGroup',
  'AWS::S3::Bucket',
  'AWS::SNS::Topic',
  'AWS::SQS::Queue',
];

/**
 * What outlives the stack and cannot be read then. A key that waits for its deletion opens nothing, and DynamoDB gives a
 * table up whose key is gone: https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
 */
export const unreadableRemains: Claim = (resources, spell) =>
  Object.entries(resources).flatMap(([id, resource]) => {
    const { Type, DeletionPolicy, UpdateReplacePolicy } = resource;
    if (Type === 'AWS::KMS::Key' || ![DeletionPolicy, UpdateReplacePolicy].some((each) => each?.startsWith('Retain')))
      return [];
    const keys = referredIn(resource.Properties, resources).filter((each) => each[1].Type === 'AWS::KMS::Key');
    const name = spell({ Ref: id });
    if (keys.length === 0 && mayEncrypt.includes(Type)) return [`${name} stays, and no key of the stack encrypts it`];
    return keys
      .filter(([, key]) => !isRetained(key))
      .map(([keyId]) => `${name} stays, and ${spell({ Ref: keyId })} does not`);
  });
