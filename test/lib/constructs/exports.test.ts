import { describe, expect, test } from 'vitest';
import { continuedFunctionNames, functionNames } from '../../../lambdas/contract.ts';
import { listOf, recordOf } from '../template/permissions.ts';
import { logicalId, synthesizedOf } from '../template/synthesized.ts';

const { stack, resources, spell } = synthesizedOf();
const { exports, functions } = stack.service;
const propertiesOf = (id: string) => resources[id]?.Properties ?? {};
const bucket = propertiesOf(logicalId(exports.bucket));

describe('the bucket of exports', () => {
  test('the bucket of exports encrypts with a key of its own and lets no public in', () => {
    const [rule] = listOf(recordOf(bucket['BucketEncryption'])['ServerSideEncryptionConfiguration']).map(recordOf);
    const { SSEAlgorithm, KMSMasterKeyID } = recordOf(rule?.['ServerSideEncryptionByDefault']);
    expect([SSEAlgorithm, spell(KMSMasterKeyID)]).toEqual(['aws:kms', 'ExportKey']);
    expect(bucket['PublicAccessBlockConfiguration']).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
  });

  test('the bucket of exports deletes each file after seven days, and keeps no version of it', () => {
    const [rule, ...others] = listOf(recordOf(bucket['LifecycleConfiguration'])['Rules']).map(recordOf);
    expect(rule).toMatchObject({ ExpirationInDays: 7, Status: 'Enabled' });
    expect(others).toEqual([]);
    expect(bucket).not.toHaveProperty('VersioningConfiguration');
  });

  test('the bucket of exports takes files over TLS only, and none that would replace another', () => {
    const policy = Object.values(resources).find(
      ({ Type, Properties }) => Type === 'AWS::S3::BucketPolicy' && spell(Properties['Bucket']) === 'Exports',
    );
    const statements = listOf(recordOf(policy?.Properties['PolicyDocument'])['Statement']).map(recordOf);
    expect(statements.map(({ Effect }) => Effect)).toEqual(['Deny', 'Deny', 'Deny']);
    expect(statements.map(({ Condition }) => Condition)).toEqual([
      { Bool: { 'aws:SecureTransport': 'false' } },
      { NumericLessThan: { 's3:TlsVersion': 1.2 } },
      { Null: { 's3:if-none-match': 'true' } },
    ]);
    expect(statements[2]).toMatchObject({ Action: 's3:PutObject', Principal: { AWS: '*' } });
    expect(spell(statements[2]?.['Resource'])).toBe('Exports/*');
  });
});

describe('a function that continues its work', () => {
  test('only functions that continue their work may call themselves for as long as it takes', () => {
    const isLoop = (name: (typeof functionNames)[number]) =>
      propertiesOf(logicalId(functions[name].lambda))['RecursiveLoop'] === 'Allow';
    expect(functionNames.filter(isLoop)).toEqual([...continuedFunctionNames]);
  });
});
