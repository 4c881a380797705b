import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  DecryptCommand,
  GenerateDataKeyCommand,
  GenerateMacCommand,
  GetPublicKeyCommand,
  SignCommand,
  VerifyMacCommand,
} from '@aws-sdk/client-kms';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { PublishCommand } from '@aws-sdk/client-sns';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { type FunctionName, replayAlias } from '../../lambdas/contract.ts';
import type { Aws } from './aws.ts';
import { message, type Parts, seal, sealContext } from './parts.ts';

const mac = (keyId: string) => new GenerateMacCommand({ KeyId: keyId, Message: message, MacAlgorithm: 'HMAC_SHA_256' });

/** An item that nobody reads: it is of no kind that the stream passes on, and no limit is kept under its key. */
const key = { pk: { S: 'refusal#probe' } };
const touch = {
  UpdateExpression: 'SET expiresAt = :now',
  ExpressionAttributeValues: { ':now': { N: '0' } },
};

/** A real call, which fails for a caller that may not make it. */
export type Probe<Known = Parts> = (aws: Aws, known: Known) => Promise<unknown>;

const onTable = (
  words: string,
  tableOf: (parts: Parts) => string,
  at: Readonly<Record<string, { readonly S: string }>> = key,
): Readonly<Record<string, Probe>> => ({
  [`GetItem on ${words}`]: ({ dynamo }, parts) =>
    dynamo.send(new GetItemCommand({ TableName: tableOf(parts), Key: at })),
  [`BatchGetItem on ${words}`]: ({ dynamo }, parts) =>
    dynamo.send(new BatchGetItemCommand({ RequestItems: { [tableOf(parts)]: { Keys: [at] } } })),
  [`Query on ${words}`]: ({ dynamo }, parts) =>
    dynamo.send(
      new QueryCommand({
        TableName: tableOf(parts),
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': key.pk },
      }),
    ),
  [`Scan on ${words}`]: ({ dynamo }, parts) => dynamo.send(new ScanCommand({ TableName: tableOf(parts), Limit: 1 })),
  [`PutItem on ${words}`]: ({ dynamo }, parts) =>
    dynamo.send(new PutItemCommand({ TableName: tableOf(parts), Item: { ...at, expiresAt: { N: '0' } } })),
  [`UpdateItem on ${words}`]: ({ dynamo }, parts) =>
    dynamo.send(new UpdateItemCommand({ TableName: tableOf(parts), ...touch, Key: at })),
  [`BatchWriteItem on ${words}`]: ({ dynamo }, parts) =>
    dynamo.send(
      new BatchWriteItemCommand({
        RequestItems: { [tableOf(parts)]: [{ PutRequest: { Item: { ...at, expiresAt: { N: '0' } } } }] },
      }),
    ),
  [`DeleteItem on ${words}`]: ({ dynamo }, parts) =>
    dynamo.send(new DeleteItemCommand({ TableName: tableOf(parts), Key: at })),
});

/** Another caller that may put a file has put it. */
const isThere = (cause: unknown): void => {
  if (nameOf(cause) !== 'PreconditionFailed') throw cause;
};

/** Real calls, each of which succeeds for a caller that may make it. */
export const probes: Readonly<Record<string, Probe>> = {
  'GenerateMac on CodeKey': ({ kms }, { codeKey }) => kms.send(mac(codeKey)),
  'VerifyMac on CodeKey': async ({ kms }, { codeKey }) => {
    const wrong = new VerifyMacCommand({
      KeyId: codeKey,
      Message: message,
      MacAlgorithm: 'HMAC_SHA_256',
      Mac: Buffer.alloc(32),
    });
    // A caller that may ask learns that the MAC is wrong.
    await kms.send(wrong).catch((error: unknown) => {
      if (nameOf(error) !== 'KMSInvalidMacException') throw error;
    });
  },
  'GenerateMac on PseudonymKey': ({ kms }, { pseudonymKey }) => kms.send(mac(pseudonymKey)),
  'Encrypt on SealKey': ({ kms }, { sealKey }) => kms.send(seal(sealKey)),
  'Decrypt on SealKey': ({ kms }, { sealKey, sealed }) =>
    kms.send(new DecryptCommand({ KeyId: sealKey, CiphertextBlob: sealed, EncryptionContext: sealContext })),
  'GenerateDataKey on SealKey': ({ kms }, { sealKey }) =>
    kms.send(new GenerateDataKeyCommand({ KeyId: sealKey, KeySpec: 'AES_256' })),
  'Sign on ProofKey': ({ kms }, { proofKey }) =>
    kms.send(
      new SignCommand({ KeyId: proofKey, Message: message, MessageType: 'RAW', SigningAlgorithm: 'ECDSA_SHA_256' }),
    ),
  'Sign on ExportSigningKey': ({ kms }, { exportSigningKey }) =>
    kms.send(
      new SignCommand({
        KeyId: exportSigningKey,
        Message: message,
        MessageType: 'RAW',
        SigningAlgorithm: 'ECDSA_SHA_256',
      }),
    ),
  'PutObject among the exports': ({ s3 }, { exports }) =>
    s3.send(new PutObjectCommand({ Bucket: exports, Key: 'probe', Body: message, IfNoneMatch: '*' })).catch(isThere),
  'GetObject among the exports': ({ s3 }, { exports }) =>
    s3.send(new GetObjectCommand({ Bucket: exports, Key: 'probe' })),
  'ListBucket of the exports': ({ s3 }, { exports }) => s3.send(new ListObjectsV2Command({ Bucket: exports })),
  'Invoke the function of exports': ({ lambda }, { exporter }) =>
    lambda.send(new InvokeCommand({ FunctionName: exporter, Payload: '{"continueExport":"none"}' })),
  'GetPublicKey on ProofKey': ({ kms }, { proofKey }) => kms.send(new GetPublicKeyCommand({ KeyId: proofKey })),
  'Decrypt on TableKey, not through DynamoDB': ({ kms }, { tableKey, tableSecret }) =>
    kms.send(new DecryptCommand({ KeyId: tableKey, CiphertextBlob: tableSecret })),
  'GenerateDataKey on DeadLetterKey, not through S3': ({ kms }, { deadLetterKey }) =>
    kms.send(new GenerateDataKeyCommand({ KeyId: deadLetterKey, KeySpec: 'AES_256' })),
  ...onTable('Verifications', ({ verifications }) => verifications),
  ...onTable('Guards', ({ guards }) => guards),
  ...onTable('Traffic', ({ traffic }) => traffic, { ...key, sk: { S: 'probe' } }),
  ...onTable('Security', ({ security }) => security, { ...key, sk: { S: 'probe' } }),
  'PutEvents on the bus of findings': ({ events }, { findingsBus }) =>
    events.send(
      new PutEventsCommand({
        Entries: [{ EventBusName: findingsBus, Source: 'probe', DetailType: 'probe', Detail: '{}' }],
      }),
    ),
  'Publish to a phone': ({ sns }) => sns.send(new PublishCommand({ PhoneNumber: '+447400000000', Message: 'probe' })),
  'Publish to the topic of alarms': ({ sns }, { alarmTopic }) =>
    sns.send(new PublishCommand({ TopicArn: alarmTopic, Message: 'probe' })),
  'PutObject among the dead letters': ({ s3 }, { deadLetters }) =>
    s3.send(new PutObjectCommand({ Bucket: deadLetters, Key: 'aws/lambda/probe', Body: message })),
  'PutObject elsewhere in the bucket': ({ s3 }, { deadLetters }) =>
    s3.send(new PutObjectCommand({ Bucket: deadLetters, Key: 'probe', Body: message })),
  'GetObject among the dead letters': ({ s3 }, { deadLetters }) =>
    s3.send(new GetObjectCommand({ Bucket: deadLetters, Key: 'aws/lambda/probe' })),
  'DeleteObject among the dead letters': ({ s3 }, { deadLetters }) =>
    s3.send(new DeleteObjectCommand({ Bucket: deadLetters, Key: 'aws/lambda/another-probe' })),
  'ListBucket of the dead letters': ({ s3 }, { deadLetters }) =>
    s3.send(new ListObjectsV2Command({ Bucket: deadLetters })),
  'Invoke the detector': ({ lambda }, { detector }) =>
    lambda.send(new InvokeCommand({ FunctionName: detector, Payload: '{"Records":[]}' })),
  'Invoke the detector by the alias of the replay': ({ lambda }, { detector }) =>
    lambda.send(new InvokeCommand({ FunctionName: `${detector}:${replayAlias}`, Payload: '{}' })),
  'AssumeRole of the role that deploys': ({ sts }, { deployRole }) =>
    sts.send(new AssumeRoleCommand({ RoleArn: deployRole, RoleSessionName: 'probe' })),
};

/**
 * What each function may do of all that. On AWS conditions narrow it further (algorithms, encryption context, keys that
 * begin with `refusal#`, findings alone); those are proven elsewhere.
 */
export const allowed: Readonly<Record<FunctionName, readonly string[]>> = {
  'request-verification': [
    'GenerateMac on CodeKey',
    'GenerateMac on PseudonymKey',
    'Encrypt on SealKey',
    'PutItem on Verifications',
    'UpdateItem on Verifications',
    'BatchGetItem on Guards',
    'PutItem on Guards',
    'UpdateItem on Guards',
    'DeleteItem on Guards',
    'Publish to a phone',
  ],
  'check-verification': [
    'GenerateMac on CodeKey',
    'Decrypt on SealKey',
    'Sign on ProofKey',
    'UpdateItem on Verifications',
  ],
  'resend-verification': [
    'GenerateMac on CodeKey',
    'Decrypt on SealKey',
    'GetItem on Verifications',
    'PutItem on Verifications',
    'UpdateItem on Verifications',
    'BatchGetItem on Guards',
    'UpdateItem on Guards',
    'Publish to a phone',
  ],
  'get-verification': ['GetItem on Verifications'],
  'cancel-verification': ['UpdateItem on Verifications'],
  jwks: ['GetPublicKey on ProofKey'],
  'detect-bursts': [
    'BatchGetItem on Guards',
    'PutItem on Guards',
    'UpdateItem on Guards',
    'GetItem on Traffic',
    'BatchGetItem on Traffic',
    'Query on Traffic',
    'UpdateItem on Traffic',
    'GetItem on Security',
    'BatchGetItem on Security',
    'Query on Security',
    'PutItem on Security',
    'UpdateItem on Security',
    'BatchWriteItem on Security',
    'DeleteItem on Security',
    'PutEvents on the bus of findings',
    'PutObject among the dead letters',
    'GetObject among the dead letters',
    'ListBucket of the dead letters',
  ],
  'replay-dead-letters': [
    'DeleteObject among the dead letters',
    'ListBucket of the dead letters',
    'Invoke the detector by the alias of the replay',
  ],
  'read-desk': [
    'BatchGetItem on Guards',
    'Query on Traffic',
    'GetItem on Security',
    'BatchGetItem on Security',
    'Query on Security',
  ],
  'read-status': ['BatchGetItem on Guards', 'GetItem on Traffic', 'BatchGetItem on Security', 'Query on Security'],
  'write-desk': [
    'GenerateMac on PseudonymKey',
    'PutItem on Guards',
    // Stops, and nothing else: the condition is one that the emulator does not know.
    'UpdateItem on Guards',
    'GetItem on Security',
    'PutItem on Security',
    'UpdateItem on Security',
    'DeleteItem on Security',
  ],
  'read-number-history': [
    'GenerateMac on PseudonymKey',
    'BatchGetItem on Guards',
    'Query on Traffic',
    'Query on Security',
    'PutItem on Security',
  ],
  'erase-number': [
    'GenerateMac on PseudonymKey',
    'BatchGetItem on Guards',
    'UpdateItem on Guards',
    'DeleteItem on Guards',
    'Query on Traffic',
    'DeleteItem on Traffic',
    'Query on Security',
    'PutItem on Security',
    'DeleteItem on Security',
  ],
  'export-events': [
    'Sign on ExportSigningKey',
    'GetItem on Guards',
    'PutItem on Guards',
    'DeleteItem on Guards',
    'Scan on Traffic',
    'GetItem on Security',
    'Query on Security',
    'Scan on Security',
    'PutItem on Security',
    'UpdateItem on Security',
    'DeleteItem on Security',
    'PutObject among the exports',
    'Invoke the function of exports',
  ],
};

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

const refusals = ['AccessDenied', 'AccessDeniedException', 'AuthorizationError', 'AuthorizationErrorException'];

/** Makes every call; the names of those that succeeded. A call that fails but for IAM is an error of the suite. */
export const succeedingOf = async <Known>(
  calls: Readonly<Record<string, Probe<Known>>>,
  aws: Aws,
  known: Known,
): Promise<readonly string[]> => {
  const done: string[] = [];
  for (const [name, call] of Object.entries(calls)) {
    try {
      await call(aws, known);
      done.push(name);
    } catch (cause) {
      if (!refusals.includes(nameOf(cause))) throw new Error(`${name} failed: ${cause}`, { cause });
    }
  }
  return done;
};

export const allowedOf = (aws: Aws, parts: Parts): Promise<readonly string[]> => succeedingOf(probes, aws, parts);
