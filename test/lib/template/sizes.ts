/** How long policies get at AWS, where names and ARNs stand in the place of references. */

import { expect } from 'vitest';
import { listOf, type Resources, recordOf } from './permissions.ts';

export const longestName = 'a'.repeat(64);
const longArns: Readonly<Record<string, string>> = {
  'AWS::KMS::Key': `kms:ap-southeast-2:111122223333:key/${'0'.repeat(36)}`,
  // CloudFormation cuts names down to what the service takes.
  'AWS::DynamoDB::Table': `dynamodb:ap-southeast-2:111122223333:table/${longestName}-TablesVerifications01234567-${'A'.repeat(13)}`,
  'AWS::Lambda::Function': `lambda:ap-southeast-2:111122223333:function:${longestName}`,
  'AWS::IAM::Role': `iam::111122223333:role/${longestName}`,
  'AWS::S3::Bucket': `s3:::${'a'.repeat(63)}`,
  'AWS::SNS::Topic': `sns:ap-southeast-2:111122223333:${longestName}-AlarmTopic01234567-${'A'.repeat(12)}`,
  'AWS::WAFv2::WebACL': `wafv2:ap-southeast-2:111122223333:regional/webacl/FirewallAcl-${'A'.repeat(12)}/${'0'.repeat(36)}`,
  'AWS::Events::EventBus': `events:ap-southeast-2:111122223333:event-bus/${longestName}-findings`,
  'AWS::Lambda::Alias': `lambda:ap-southeast-2:111122223333:function:${longestName}:replay`,
  'AWS::Logs::LogGroup': `logs:ap-southeast-2:111122223333:log-group:/${longestName}/request-verification:*`,
  'AWS::SQS::Queue': `sqs:ap-southeast-2:111122223333:${longestName}-WebhooksDeadLetters-${'A'.repeat(12)}`,
};
const longValues: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'ap-southeast-2',
  'AWS::AccountId': '111122223333',
  'AWS::URLSuffix': 'amazonaws.com',
};

/** The values that AWS puts in the place of references, at their longest. */
const deployedAs = (resources: Resources, value: unknown): unknown => {
  if (Array.isArray(value)) return value.map((each) => deployedAs(resources, each));
  if (typeof value !== 'object' || value === null) return value;
  const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Join': join, ...others } = recordOf(value);
  const arnOf = (id: unknown) => longArns[resources[String(id)]?.Type ?? ''];
  // An id of API Gateway, where it is no ARN.
  if (typeof ref === 'string') return longValues[ref] ?? (arnOf(ref) ? `arn:aws:${arnOf(ref)}` : 'abcdefghij');
  if (Array.isArray(attribute)) return `arn:aws:${arnOf(attribute[0]) ?? expect.fail(String(attribute))}`;
  if (Array.isArray(join))
    return listOf(join[1])
      .map((each) => deployedAs(resources, each))
      .join(String(join[0]));
  return Object.fromEntries(Object.entries(others).map(([name, each]) => [name, deployedAs(resources, each)]));
};

/** Characters of a policy as IAM counts them: without white space. */
export const charactersOf = (resources: Resources, document: unknown): number =>
  JSON.stringify(deployedAs(resources, document)).replaceAll(/\s/g, '').length;
