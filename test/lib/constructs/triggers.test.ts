import { describe, expect, test } from 'vitest';
import { streamFunctions } from '../../../lambdas/contract.ts';
import { linesOf, listOf, type Resource, recordOf } from '../template/permissions.ts';
import { logicalId, synthesizedOf } from '../template/synthesized.ts';

const { stack, resources, spell } = synthesizedOf();
const ofType = (type: string): readonly Resource[] => Object.values(resources).filter(({ Type }) => Type === type);
const only = (type: string): Resource => {
  const [first, ...others] = ofType(type);
  if (first === undefined || others.length > 0) throw new Error(`Expected one ${type}`);
  return first;
};

type Pattern = { readonly [key: string]: Pattern | readonly unknown[] };

/** Lambda's rules for filters, as far as this one goes: a list of exact values at the end of each path. */
const passes = (pattern: Pattern, record: unknown): boolean =>
  Object.entries(pattern).every(([key, wanted]) => {
    const found = typeof record === 'object' && record !== null ? Reflect.get(record, key) : undefined;
    return Array.isArray(wanted) ? wanted.includes(found) : passes(wanted as Pattern, found);
  });

describe('detect-bursts', () => {
  const mapping = only('AWS::Lambda::EventSourceMapping').Properties;

  test('detect-bursts is fed the stream of the verifications, from its beginning', () => {
    expect(spell(mapping['FunctionName'])).toBe('detect-bursts');
    expect(spell(mapping['EventSourceArn'])).toBe('Verifications.StreamArn');
    expect(mapping['StartingPosition']).toBe('TRIM_HORIZON');
  });
  test('detect-bursts is tried again as the contract says, and never for ever', () => {
    const { batchSize, windowSeconds, retries, maximumAgeSeconds } = streamFunctions['detect-bursts'];
    expect(mapping).toMatchObject({
      BatchSize: batchSize,
      MaximumBatchingWindowInSeconds: windowSeconds,
      MaximumRetryAttempts: retries,
      MaximumRecordAgeInSeconds: maximumAgeSeconds,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ParallelizationFactor: 1,
    });
    expect(retries).toBeGreaterThanOrEqual(0);
    // DynamoDB forgets after 24 hours: a record that is given up must still be there to be kept.
    expect(maximumAgeSeconds).toBeLessThan(86_400);
  });
  test('detect-bursts loses nothing: what it gives up goes, whole, to the bucket', () => {
    const { Destination } = recordOf(recordOf(mapping['DestinationConfig'])['OnFailure']);
    expect(spell(Destination)).toBe('DeadLetters');
  });
  test('detect-bursts is woken for new and changed verifications and for refusals, and for nothing else', () => {
    const [filter, ...others] = listOf(recordOf(mapping['FilterCriteria'])['Filters']).map(recordOf);
    expect(others).toEqual([]);
    const pattern: Pattern = JSON.parse(String(filter?.['Pattern']));
    const record = (eventName: string, kind: string | undefined) => ({
      eventName,
      dynamodb: { NewImage: kind === undefined ? undefined : { kind: { S: kind } } },
    });
    const { eventNames, kinds } = streamFunctions['detect-bursts'].only;
    for (const eventName of eventNames)
      for (const kind of kinds) expect(passes(pattern, record(eventName, kind))).toBe(true);
    expect(passes(pattern, record('REMOVE', undefined))).toBe(false);
    expect(passes(pattern, record('REMOVE', 'verification'))).toBe(false);
    expect(passes(pattern, record('INSERT', 'something else'))).toBe(false);
    expect(passes(pattern, record('INSERT', undefined))).toBe(false);
    // Texts only: {"N": "5"} would match no numeric filter.
    expect(JSON.stringify(pattern)).toBe(
      JSON.stringify({ eventName: eventNames, dynamodb: { NewImage: { kind: { S: kinds } } } }),
    );
  });
});

describe('the bucket of dead letters', () => {
  const bucket = resources[logicalId(stack.service.deadLetters.bucket)];

  test('the bucket of dead letters is encrypted with a key of its own', () => {
    const [rule, ...others] = listOf(
      recordOf(bucket?.Properties['BucketEncryption'])['ServerSideEncryptionConfiguration'],
    );
    expect(others).toEqual([]);
    const { SSEAlgorithm, KMSMasterKeyID } = recordOf(recordOf(rule)['ServerSideEncryptionByDefault']);
    expect([SSEAlgorithm, spell(KMSMasterKeyID)]).toEqual(['aws:kms', 'DeadLetterKey']);
  });
  test('the bucket of dead letters is shut to the public and to access lists', () => {
    expect(bucket?.Properties).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      VersioningConfiguration: { Status: 'Enabled' },
    });
  });
  test('the bucket of dead letters refuses plain HTTP and old TLS, and lets nobody in by itself', () => {
    const [policy] = ofType('AWS::S3::BucketPolicy').filter(
      ({ Properties }) => spell(Properties['Bucket']) === 'DeadLetters',
    );
    const statements = listOf(recordOf(policy?.Properties['PolicyDocument'])['Statement']);
    expect(statements.length).toBeGreaterThan(0);
    const lines = statements.flatMap((each) => linesOf(each, spell));
    expect(lines.every((line) => line.startsWith('Deny s3:* on DeadLetters'))).toBe(true);
    expect(lines).toContain('Deny s3:* on DeadLetters/* if Bool aws:SecureTransport false');
    expect(lines).toContain('Deny s3:* on DeadLetters/* if NumericLessThan s3:TlsVersion 1.2');
  });
  test('the bucket of dead letters forgets after 30 days, and its key stays with it', () => {
    const [rule] = listOf(recordOf(bucket?.Properties['LifecycleConfiguration'])['Rules']);
    expect(rule).toMatchObject({
      ExpirationInDays: 30,
      NoncurrentVersionExpiration: { NoncurrentDays: 1 },
      Status: 'Enabled',
    });
    expect(resources[logicalId(stack.service.keys.deadLetter)]).toMatchObject({ DeletionPolicy: 'Retain' });
  });
  test('the bucket of dead letters outlives the stack: what is in it may not have been looked at', () => {
    expect(bucket?.DeletionPolicy).toBe('RetainExceptOnCreate');
  });
});
