/** The size of a function's environment, which Lambda bounds. */

import { CfnResource, Stack } from 'aws-cdk-lib';
import { CfnFunction, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';

/**
 * Lambda measures names and values as one JSON object:
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const maxBytes = 4096;

/** Characters of what CloudFormation knows by itself, at most. */
const pseudoParameters: Readonly<Record<string, number>> = {
  'AWS::AccountId': 12,
  'AWS::Partition': 'aws-us-gov'.length,
  'AWS::Region': 'ap-southeast-1'.length,
  'AWS::URLSuffix': 'amazonaws.com.cn'.length,
};

const keyArn = 'arn:aws-us-gov:kms:ap-southeast-1:111122223333:key/00000000-0000-0000-0000-000000000000'.length;
const aliasArn = `arn:aws-us-gov:lambda:ap-southeast-1:111122223333:function:${'x'.repeat(64)}:replay`.length;
const keyId = '00000000-0000-0000-0000-000000000000'.length;
/** Longer than any reference that a variable holds today. */
const longestOfAll = 256;

/** Characters of a reference at most, by the type of what it refers to. Names are made of stack, logical id and chance. */
const lengthOf = (resource: CfnResource | undefined, logicalId: string): number => {
  const lengths: Readonly<Record<string, number>> = {
    'AWS::ApiGateway::ApiKey': 10,
    'AWS::ApiGateway::RestApi': 10,
    'AWS::DynamoDB::Table': resource === undefined ? 0 : Stack.of(resource).stackName.length + logicalId.length + 15,
    'AWS::KMS::Key': keyArn,
    'AWS::Lambda::Alias': aliasArn,
    'AWS::S3::Bucket': 63,
  };
  return lengths[resource?.cfnResourceType ?? ''] ?? longestOfAll;
};

type Resources = ReadonlyMap<string, CfnResource>;

const resourcesOf = (stack: Stack): Resources =>
  new Map(
    stack.node
      .findAll()
      .filter((each) => CfnResource.isCfnResource(each))
      .map((each) => [String(stack.resolve(each.logicalId)), each]),
  );

/** A resolved value with each reference at its longest. */
const longest = (value: unknown, resources: Resources): string => {
  if (typeof value !== 'object' || value === null) return String(value);
  const { 'Fn::Join': join, Ref: ref, 'Fn::GetAtt': attribute } = value as Readonly<Record<string, unknown>>;
  if (Array.isArray(join)) {
    const [separator, parts] = join as [string, readonly unknown[]];
    return parts.map((part) => longest(part, resources)).join(separator);
  }
  const logicalId = String(Array.isArray(attribute) ? attribute[0] : ref);
  const isKeyId = typeof ref === 'string' && resources.get(logicalId)?.cfnResourceType === 'AWS::KMS::Key';
  if (isKeyId) return 'x'.repeat(keyId);
  return 'x'.repeat(pseudoParameters[logicalId] ?? lengthOf(resources.get(logicalId), logicalId));
};

/** The variables of a function as the template sets them, with each reference at its longest. */
export const longestVariables = (lambda: LambdaFunction): Readonly<Record<string, string>> => {
  const stack = Stack.of(lambda);
  const made: IConstruct | undefined = lambda.node.defaultChild;
  if (!(made instanceof CfnFunction)) throw new Error('A function has no resource. This is a bug: please report it.');
  const { variables = {} } = (stack.resolve(made.environment) ?? {}) as { variables?: Record<string, unknown> };
  const resources = resourcesOf(stack);
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, longest(value, resources)]));
};

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** The sentence about variables that Lambda would refuse, if it would. */
export const variablesProblem = (name: string, variables: Readonly<Record<string, string>>): string | undefined => {
  const bytes = bytesOf(variables);
  if (bytes <= maxBytes) return undefined;
  const [largest = '', value] =
    Object.entries(variables)
      .toSorted(([, one], [, other]) => bytesOf(other) - bytesOf(one))
      .at(0) ?? [];
  return (
    `The environment of ${name} takes ${bytes} bytes, and Lambda takes ${maxBytes}. ${largest} has ${bytesOf(value)} of them. ` +
    'Write fewer or shorter credentials and names in applications, for example one key for each, or fewer codeKeyGenerations.'
  );
};
