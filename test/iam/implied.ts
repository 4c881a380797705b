/** What AWS services do in the name of a function: no handler asks for it, so that no suite can hear it. */

import { type AnyFunctionName, type FunctionName, functionNames } from '../../lambdas/contract.ts';
import type { AwsCall } from './aws-call.ts';
import { account, region } from './deployed.ts';

const secure = { 'aws:SecureTransport': 'true' };

/** All tables but Security share a key. */
const keyOfTable = (table: string): string => (table === 'Security' ? 'SecurityKey' : 'TableKey');

/**
 * DynamoDB decrypts the key of a table in the name of the caller that reads or writes it, and of who reads its stream.
 *
 * https://docs.aws.amazon.com/kms/latest/developerguide/services-dynamodb.html
 */
const tableKey = (by: AnyFunctionName, table: string): AwsCall => ({
  by,
  action: 'kms:Decrypt',
  on: keyOfTable(table),
  context: {
    ...secure,
    'kms:ViaService': `dynamodb.${region}.amazonaws.com`,
    'kms:EncryptionAlgorithm': 'SYMMETRIC_DEFAULT',
    'kms:EncryptionContext:aws:dynamodb:tableName': table,
    'kms:EncryptionContext:aws:dynamodb:subscriberId': account,
    'kms:EncryptionContextKeys': ['aws:dynamodb:tableName', 'aws:dynamodb:subscriberId'],
  },
});

/** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html */
const log = (by: FunctionName): readonly AwsCall[] =>
  ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => ({
    by,
    action,
    on: `log of ${by}:log-stream:2026-01-01`,
    context: secure,
  }));

/**
 * Lambda reads the stream for the function.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/iam-policy-example-lamda-process-dynamodb-streams.html
 */
const stream = (by: FunctionName): readonly AwsCall[] => [
  ...['DescribeStream', 'GetRecords', 'GetShardIterator'].map((operation) => ({
    by,
    action: `dynamodb:${operation}`,
    on: 'Verifications.StreamArn',
    context: secure,
  })),
  { by, action: 'dynamodb:ListStreams', on: '*', context: secure },
  tableKey(by, 'Verifications'),
];

const deadLetter = 'DeadLetters/aws/lambda/mapping/shard/2026/01/01/record';

/**
 * Lambda puts what the function could not process into the bucket, under a key that only `s3` may use.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
 */
const deadLetters = (by: FunctionName): readonly AwsCall[] => {
  const throughS3 = { ...secure, 's3:TlsVersion': '1.3' };
  return [
    { by, action: 's3:PutObject', on: deadLetter, context: throughS3 },
    { by, action: 's3:ListBucket', on: 'DeadLetters', context: throughS3 },
    {
      by,
      action: 'kms:GenerateDataKey',
      on: 'DeadLetterKey',
      context: { ...secure, 'kms:ViaService': `s3.${region}.amazonaws.com` },
    },
  ];
};

/** S3 decrypts an object in the name of the caller that reads it: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html */
const openedLetters = (by: AnyFunctionName): AwsCall => ({
  by,
  action: 'kms:Decrypt',
  on: 'DeadLetterKey',
  context: { ...secure, 'kms:ViaService': `s3.${region}.amazonaws.com` },
});

/** S3 encrypts an object in the name of the caller that puts it. */
const sealedExports = (by: AnyFunctionName): AwsCall => ({
  by,
  action: 'kms:GenerateDataKey',
  on: 'ExportKey',
  context: { ...secure, 'kms:ViaService': `s3.${region}.amazonaws.com` },
});

/** Lambda writes the traces, where tracing is on: https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html */
export const tracesOfAll: readonly AwsCall[] = functionNames.flatMap((by) =>
  ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'].map((action) => ({ by, action, on: '*', context: secure })),
);

/** What follows from the calls that were heard, and from what each function is. */
export const impliedBy = (made: readonly AwsCall[]): readonly AwsCall[] => {
  const usesOfTables = made.filter(({ action }) => action.startsWith('dynamodb:'));
  const tablesOf = new Map(usesOfTables.map(({ by, on }) => [`${by} ${on}`, tableKey(by, on)]));
  return [
    ...tablesOf.values(),
    ...functionNames.flatMap(log),
    ...stream('detect-bursts'),
    ...deadLetters('detect-bursts'),
    ...made.filter(({ action }) => action === 's3:GetObject').map(({ by }) => openedLetters(by)),
    ...[...new Set(made.filter(({ on }) => on.startsWith('Exports/')).map(({ by }) => by))].map(sealedExports),
  ];
};
