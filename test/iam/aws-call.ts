/** Says of a request on the wire which IAM actions it needs, on what, and what AWS would know about it. */

import type { AnyFunctionName } from '../../lambdas/contract.ts';
import { listOf, recordOf } from '../lib/template/permissions.ts';
import { attributesNamedBy } from './belief/named-attributes.ts';

export type Context = Readonly<Record<string, string | readonly string[]>>;

/** One decision that IAM has to make. A request that needs several permissions is several calls. */
export type AwsCall = {
  /** In whose name. */
  readonly by: AnyFunctionName;
  readonly action: string;
  /** By the name that people use, such as `SealKey`; a phone number for an SMS. */
  readonly on: string;
  /** The condition keys and their values: lists where AWS has lists. */
  readonly context: Context;
};

/** A request as a function sent it. */
export type WireRequest = {
  readonly by: AnyFunctionName;
  readonly service:
    | 'dynamodb'
    | 'kms'
    | 'sns'
    | 'smsVoice'
    | 'eventbridge'
    | 's3'
    | 'lambda'
    | 'cloudwatch'
    | 'sqs'
    | 'secretsManager';
  readonly operation: string;
  /** The Region that it is signed for, if the service has resources of several. */
  readonly region?: string;
  readonly input: Readonly<Record<string, unknown>>;
};

type Decision = Pick<AwsCall, 'action' | 'on' | 'context'>;

/** @throws Error for an operation of which it is not known what allows it; nothing passes unseen. */
export const callsOf = (request: WireRequest, nameOf: (id: string) => string): readonly AwsCall[] =>
  decisionsOf[request.service](request).map(({ action, on, context }) => ({
    by: request.by,
    action,
    on: nameOf(on),
    context: { 'aws:SecureTransport': 'true', ...context },
  }));

const unknownOperation = ({ service, operation }: WireRequest): Error =>
  new Error(`Nobody has said which permissions ${service} ${operation} needs. Say it in aws-call.ts, with a source.`);

const pkOf = (item: unknown): string => String(recordOf(recordOf(item)['pk'])['S']);

/** The keys of a write or a read of one item, wherever the operation has them. */
const oneItem = (action: string, input: Readonly<Record<string, unknown>>, context: Context = {}): Decision => ({
  action: `dynamodb:${action}`,
  on: String(input['TableName']),
  context: {
    'dynamodb:LeadingKeys': [pkOf(input['Key'] ?? input['Item'])],
    'dynamodb:Attributes': attributesNamedBy(input),
    ...(typeof input['ReturnValues'] === 'string' ? { 'dynamodb:ReturnValues': input['ReturnValues'] } : {}),
    ...context,
  },
});

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html */
const actionOfPart: Readonly<Record<string, string>> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
};

const partsOf = (request: WireRequest): readonly Decision[] =>
  listOf(request.input['TransactItems']).flatMap((part) =>
    Object.entries(recordOf(part)).map(([kind, input]) => {
      const action = actionOfPart[kind];
      if (action === undefined) throw unknownOperation(request);
      // AWS says it of all parts but checks: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
      const enclosing = kind === 'ConditionCheck' ? {} : { 'dynamodb:EnclosingOperation': 'TransactWriteItems' };
      return oneItem(action, recordOf(input), enclosing);
    }),
  );

/** The one key that a query asks for: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html */
const queried = (input: Readonly<Record<string, unknown>>): Decision => ({
  action: 'dynamodb:Query',
  on: String(input['TableName']),
  context: {
    'dynamodb:LeadingKeys': [String(recordOf(recordOf(input['ExpressionAttributeValues'])[':pk'])['S'])],
    ...(typeof input['Select'] === 'string' ? { 'dynamodb:Select': input['Select'] } : {}),
  },
});

/** Neither names an item: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html */
const wholeTableOperations = ['DescribeTable', 'Scan'];

const plainItemOperations = ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'];

const ofDynamo = (request: WireRequest): readonly Decision[] => {
  const { operation, input } = request;
  if (operation === 'TransactWriteItems') return partsOf(request);
  if (operation === 'BatchGetItem') {
    return Object.entries(recordOf(input['RequestItems'])).map(([on, wanted]) => ({
      action: 'dynamodb:BatchGetItem',
      on,
      context: { 'dynamodb:LeadingKeys': listOf(recordOf(wanted)['Keys']).map(pkOf) },
    }));
  }
  if (operation === 'BatchWriteItem') {
    return Object.entries(recordOf(input['RequestItems'])).map(([on, writes]) => ({
      action: 'dynamodb:BatchWriteItem',
      on,
      context: {
        'dynamodb:LeadingKeys': listOf(writes).map((write) => {
          const { PutRequest: put, DeleteRequest: gone } = recordOf(write);
          return pkOf(put === undefined ? recordOf(gone)['Key'] : recordOf(put)['Item']);
        }),
      },
    }));
  }
  if (operation === 'Query') return [queried(input)];
  if (wholeTableOperations.includes(operation))
    return [{ action: `dynamodb:${operation}`, on: String(input['TableName']), context: {} }];
  if (plainItemOperations.includes(operation)) return [oneItem(operation, input)];
  throw unknownOperation(request);
};

/** Condition keys of AWS KMS: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html */
const contextOfKms: Readonly<Record<string, (input: Readonly<Record<string, unknown>>) => Context>> = {
  GenerateMac: ({ MacAlgorithm }) => ({ 'kms:MacAlgorithm': String(MacAlgorithm) }),
  Sign: ({ SigningAlgorithm, MessageType = 'RAW' }) => ({
    'kms:SigningAlgorithm': String(SigningAlgorithm),
    'kms:MessageType': String(MessageType),
  }),
  GetPublicKey: () => ({}),
  DescribeKey: () => ({}),
  Encrypt: (input) => encryptionContext(input),
  Decrypt: (input) => encryptionContext(input),
};

const encryptionContext = ({
  EncryptionContext = {},
  EncryptionAlgorithm = 'SYMMETRIC_DEFAULT',
}: Readonly<Record<string, unknown>>): Context => {
  const pairs = recordOf(EncryptionContext);
  return {
    'kms:EncryptionAlgorithm': String(EncryptionAlgorithm),
    ...Object.fromEntries(Object.entries(pairs).map(([key, value]) => [`kms:EncryptionContext:${key}`, String(value)])),
    'kms:EncryptionContextKeys': Object.keys(pairs),
  };
};

const ofKms = (request: WireRequest): readonly Decision[] => {
  const { operation, input } = request;
  const context = contextOfKms[operation];
  if (context === undefined) throw unknownOperation(request);
  return [{ action: `kms:${operation}`, on: String(input['KeyId']), context: context(input) }];
};

const ofSns = (request: WireRequest): readonly Decision[] => {
  if (request.operation === 'ListSubscriptionsByTopic')
    return [{ action: 'sns:ListSubscriptionsByTopic', on: String(request.input['TopicArn']), context: {} }];
  if (request.operation !== 'Publish') throw unknownOperation(request);
  const { PhoneNumber, TopicArn, TargetArn } = request.input;
  return [{ action: 'sns:Publish', on: String(PhoneNumber ?? TopicArn ?? TargetArn), context: {} }];
};

/** The resource that an identity is. AWS finds the id of a number. */
const identityOf = (identity: string, number: string): string => {
  if (identity.startsWith('+')) return `phone-number/phone-${identity.slice(1)}`;
  if (identity.startsWith('phone-')) return `phone-number/${identity}`;
  if (identity.startsWith('pool-')) return `pool/${identity}`;
  return `sender-id/${identity}/${number.startsWith('+353') ? 'IE' : 'GB'}`;
};

/**
 * Each resource that a call names is a decision. A call that names none is one on everything:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsendusermessagingsmsandvoicev2.html
 */
const ofSmsVoice = (request: WireRequest): readonly Decision[] => {
  const { operation, input, region = '' } = request;
  if (operation !== 'SendTextMessage' && operation !== 'SendNotifyTextMessage') throw unknownOperation(request);
  const named = (type: string, name: unknown) => (typeof name === 'string' ? [`${type}/${name}`] : []);
  const identity = input['OriginationIdentity'];
  const resources = [
    ...named('notify-configuration', input['NotifyConfigurationId']),
    ...(typeof identity === 'string' ? [identityOf(identity, String(input['DestinationPhoneNumber']))] : []),
    ...named('configuration-set', input['ConfigurationSetName']),
    ...named('protect-configuration', input['ProtectConfigurationId']),
  ];
  const arns = resources.map((each) => `arn:aws:sms-voice:${region}:111122223333:${each}`);
  return (operation === 'SendTextMessage' && identity === undefined ? ['*'] : arns).map((on) => ({
    action: `sms-voice:${operation}`,
    on,
    context: { 'aws:RequestedRegion': region },
  }));
};

/** By the parts of the path: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html */
const ofS3 = ({ operation, input }: WireRequest): readonly Decision[] => {
  const bucket = String(input['Bucket']);
  const context = { 's3:TlsVersion': '1.3' };
  if (operation === 'ListObjectsV2')
    return [{ action: 's3:ListBucket', on: bucket, context: { ...context, 's3:prefix': String(input['Prefix']) } }];
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
  const only = typeof input['IfNoneMatch'] === 'string' ? { 's3:if-none-match': input['IfNoneMatch'] } : {};
  return [{ action: `s3:${operation}`, on: `${bucket}/${String(input['Key'])}`, context: { ...context, ...only } }];
};

const ofLambda = ({ operation, input }: WireRequest): readonly Decision[] => {
  if (operation === 'GetEventSourceMapping')
    return [{ action: `lambda:${operation}`, on: String(input['UUID']), context: {} }];
  return [{ action: `lambda:${operation}Function`, on: String(input['FunctionName']), context: {} }];
};

/** By the service authorization reference both keys are lists: of a request with several entries, of all of them. */
const ofEventBridge = (request: WireRequest): readonly Decision[] => {
  if (request.operation !== 'PutEvents') throw unknownOperation(request);
  const entries = listOf(request.input['Entries']).map(recordOf);
  const all = (name: string) => [...new Set(entries.map((entry) => String(entry[name])))];
  return all('EventBusName').map((on) => ({
    action: 'events:PutEvents',
    on,
    context: { 'events:source': all('Source'), 'events:detail-type': all('DetailType') },
  }));
};

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html */
const ofCloudWatch = (request: WireRequest): readonly Decision[] => {
  const { operation } = request;
  if (operation !== 'DescribeAlarms' && operation !== 'GetMetricData') throw unknownOperation(request);
  return [{ action: `cloudwatch:${operation}`, on: '*', context: {} }];
};

/** A batch needs the permission of its single call: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html */
const ofSqs = ({ operation, input }: WireRequest): readonly Decision[] => [
  {
    action: `sqs:${operation.replace(/Batch$/, '')}`,
    on: String(input['QueueUrl']).split('/').at(-1) ?? '',
    context: {},
  },
];

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html */
const ofSecretsManager = (request: WireRequest): readonly Decision[] => {
  if (request.operation !== 'GetSecretValue') throw unknownOperation(request);
  const id = String(request.input['SecretId']);
  return [{ action: 'secretsmanager:GetSecretValue', on: id, context: { 'secretsmanager:SecretId': id } }];
};

const decisionsOf = {
  dynamodb: ofDynamo,
  kms: ofKms,
  sns: ofSns,
  smsVoice: ofSmsVoice,
  eventbridge: ofEventBridge,
  s3: ofS3,
  lambda: ofLambda,
  cloudwatch: ofCloudWatch,
  sqs: ofSqs,
  secretsManager: ofSecretsManager,
} satisfies Record<WireRequest['service'], unknown>;
