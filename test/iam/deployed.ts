/** A template as AWS would see it deployed: no references, but ARNs, and policies where they belong. */

import {
  type AnyFunctionName,
  type FunctionName,
  functionNames,
  type OptionalFunctionName,
  optionalFunctionNames,
} from '../../lambdas/contract.ts';
import {
  listOf,
  managedPoliciesOf,
  type Resource,
  type Resources,
  recordOf,
  statementsOf as statementsOfRole,
} from '../lib/template/permissions.ts';
import { logicalId, type Synthesized } from '../lib/template/synthesized.ts';

export const account = '111122223333';
export const region = 'us-east-1';
const partition = 'aws';
const urlSuffix = 'amazonaws.com';
const here = `${region}:${account}`;

export type Statement = Readonly<Record<string, unknown>>;

/** Of each function. Those that the settings do not ask for are not there. */
type OfFunctions<Each> = Readonly<Record<FunctionName, Each>> & Readonly<Partial<Record<OptionalFunctionName, Each>>>;

const ofFunctions = <Each>(each: (name: AnyFunctionName) => Each | undefined): OfFunctions<Each> =>
  Object.fromEntries(
    [...functionNames, ...optionalFunctionNames].flatMap((name) => {
      const its = each(name);
      return its === undefined ? [] : [[name, its]];
    }),
  ) as OfFunctions<Each>;

export type Deployed = {
  readonly arnOf: (name: string) => string;
  /** The role of a function: what it may do, and policies from elsewhere that nobody here can read. */
  readonly roles: OfFunctions<Role>;
  /** What the policy of a resource itself says; `undefined` where it has none. */
  readonly policyOn: (arn: string) => readonly Statement[] | undefined;
};
export type Role = {
  readonly arn: string;
  /** Each allows one action on one resource, however the policies put them together. */
  readonly statements: readonly Statement[];
  readonly unreadable: readonly string[];
};

/** The policy of a key of the account that is not of the stack: it leaves to IAM who may use it. */
const ofTheAccount: readonly Statement[] = [
  { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' },
];

/** What of a synthesized stack is read: its resources, which may have been tampered with, and their names. */
export type Template = Pick<Synthesized, 'resources' | 'names'> & {
  readonly roleIds: OfFunctions<string>;
};

export const templateOf = ({ stack, resources, names }: Synthesized): Template => ({
  resources,
  names,
  roleIds: ofFunctions((name) => {
    const made = stack.service.functions[name];
    return made && logicalId(made.role);
  }),
});

export const deploy = ({ resources, names, roleIds }: Template): Deployed => {
  const ids = new Map([...names].map(([id, name]) => [name, id]));
  const concrete = concreteIn(resources);
  const role = (id: string): Role => ({
    arn: arnOfResource(id, resources),
    statements: concreteStatements(statementsOfRole(resources, id), concrete).flatMap(grantsOf),
    unreadable: managedPoliciesOf(resources, id).map((arn) => JSON.stringify(arn)),
  });
  const policies = policiesOf(resources, concrete);
  return {
    arnOf: (name) => arnByName(name, ids, resources),
    roles: ofFunctions((name) => {
      const id = roleIds[name];
      return id === undefined ? undefined : role(id);
    }),
    policyOn: (arn) =>
      policies.get(/^arn:aws:(?:s3|execute-api):/.test(arn) ? (arn.split('/')[0] ?? '') : arn) ??
      (arn.startsWith(`arn:aws:kms:${here}:key/`) ? ofTheAccount : undefined),
  };
};

/** What a managed policy of the template allows, by its logical id without the hash. */
export const managedPolicyOf = ({ resources }: Template, name: string): readonly Statement[] => {
  const [policy, ...others] = Object.entries(resources).filter(
    ([id, { Type }]) => Type === 'AWS::IAM::ManagedPolicy' && id.replace(/[0-9A-F]{8}$/, '') === name,
  );
  if (policy === undefined || others.length > 0) throw new Error(`There is not one policy called ${name}`);
  const statements = listOf(recordOf(policy[1].Properties['PolicyDocument'])['Statement']);
  return concreteStatements(statements, concreteIn(resources)).flatMap(grantsOf);
};

type Concrete = (value: unknown) => unknown;

const concreteStatements = (statements: readonly unknown[], concrete: Concrete): readonly Statement[] =>
  statements.map((statement) => recordOf(concrete(statement)));

const grantsOf = (statement: Statement): readonly Statement[] =>
  ['Action', 'Resource', 'NotResource'].reduce<readonly Statement[]>(
    (parts, key) =>
      parts.flatMap((part) => (key in part ? listOf(part[key]).map((one) => ({ ...part, [key]: one })) : [part])),
    [statement],
  );

const pseudo: Readonly<Record<string, string>> = {
  'AWS::Partition': partition,
  'AWS::Region': region,
  'AWS::AccountId': account,
  'AWS::URLSuffix': urlSuffix,
};

/** Puts values in the place of references. What it cannot resolve is an error: a policy must not be half read. */
const concreteIn = (resources: Resources): Concrete => {
  const concrete: Concrete = (value) => {
    if (Array.isArray(value)) return value.map(concrete);
    if (typeof value !== 'object' || value === null) return value;
    const record = recordOf(value);
    const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = record;
    if (typeof ref === 'string') return pseudo[ref] ?? refTo(ref, resources);
    if (attribute !== undefined) return attributeOf(listOf(attribute).map(String), resources);
    if (Array.isArray(join)) return listOf(concrete(join[1])).map(String).join(String(join[0]));
    const strange = Object.keys(record).find((key) => key.startsWith('Fn::'));
    if (strange !== undefined) throw new Error(`Cannot resolve ${JSON.stringify(record)}`);
    return Object.fromEntries(Object.entries(record).map(([key, each]) => [key, concrete(each)]));
  };
  return concrete;
};

const arnsByType: Readonly<Record<string, (id: string, resource: Resource) => string>> = {
  'AWS::KMS::Key': (id) => `arn:aws:kms:${here}:key/${id}`,
  'AWS::DynamoDB::Table': (id) => `arn:aws:dynamodb:${here}:table/${id}`,
  'AWS::Logs::LogGroup': (_, { Properties }) =>
    `arn:aws:logs:${here}:log-group:${String(Properties['LogGroupName'])}:*`,
  'AWS::Lambda::Function': (id) => `arn:aws:lambda:${here}:function:${id}`,
  'AWS::Lambda::Alias': (_, { Properties: { FunctionName, Name } }) =>
    `arn:aws:lambda:${here}:function:${String(recordOf(FunctionName)['Ref'])}:${String(Name)}`,
  'AWS::Lambda::EventSourceMapping': (id) => `arn:aws:lambda:${here}:event-source-mapping:${id.toLowerCase()}`,
  'AWS::Events::EventBus': (id) => `arn:aws:events:${here}:event-bus/${id}`,
  'AWS::Events::Rule': (id) => `arn:aws:events:${here}:rule/${id}`,
  'AWS::S3::Bucket': (id) => `arn:aws:s3:::${id.toLowerCase()}`,
  'AWS::SNS::Topic': (id) => `arn:aws:sns:${here}:${id}`,
  'AWS::SQS::Queue': (id) => `arn:aws:sqs:${here}:${id}`,
  'AWS::IAM::Role': (id) => `arn:aws:iam::${account}:role/${id}`,
  'AWS::WAFv2::WebACL': (id) => `arn:aws:wafv2:${here}:regional/webacl/${id}/id`,
  'AWS::ApiGateway::RestApi': (id) => `arn:aws:execute-api:${here}:${id.toLowerCase()}`,
};

const arnOfResource = (id: string, resources: Resources): string => {
  const resource = resources[id];
  const arn = arnsByType[resource?.Type ?? ''];
  if (resource === undefined || arn === undefined) throw new Error(`Nobody knows the ARN of ${id}`);
  return arn(id, resource);
};

const attributeOf = ([id = '', attribute]: readonly string[], resources: Resources): string => {
  if (attribute === 'Arn') return arnOfResource(id, resources);
  if (attribute === 'StreamArn') return `${arnOfResource(id, resources)}/stream/2026-01-01T00:00:00.000`;
  throw new Error(`Cannot resolve ${attribute} of ${id}`);
};

/** What `Ref` gives: the ARN of a topic or an alias, the id of an API, the name of a stage and of most else. */
const refTo = (id: string, resources: Resources): string => {
  const type = resources[id]?.Type;
  if (type === 'AWS::SNS::Topic' || type === 'AWS::Lambda::Alias') return arnOfResource(id, resources);
  if (type === 'AWS::ApiGateway::Stage') return String(resources[id]?.Properties['StageName']);
  return id.toLowerCase();
};

/** `Verifications.StreamArn` is an attribute, and what follows a slash or a colon is in the thing: `DeadLetters/a/b`. */
const arnByName = (name: string, ids: ReadonlyMap<string, string>, resources: Resources): string => {
  if (name === '*' || name.startsWith('+') || name.startsWith('arn:')) return name;
  const [thing = '', attribute] = name.split(/[./:]/);
  const id = ids.get(thing);
  if (id === undefined) throw new Error(`Nothing in the template is called ${name}`);
  if (attribute === 'StreamArn') return attributeOf([id, attribute], resources);
  const arn = arnOfResource(id, resources);
  return `${arn.endsWith(':*') ? arn.slice(0, -2) : arn}${name.slice(thing.length)}`;
};

type Policies = ReadonlyMap<string, readonly Statement[]>;

const policiesOf = (resources: Resources, concrete: Concrete): Policies => {
  const found = new Map<string, readonly Statement[]>();
  const add = (arn: string, statements: readonly unknown[]) =>
    found.set(arn, [...(found.get(arn) ?? []), ...concreteStatements(statements, concrete)]);
  const statementsOf = (document: unknown) => listOf(recordOf(document)['Statement']);
  for (const [id, { Type, Properties }] of Object.entries(resources)) {
    if (Type.endsWith('Policy') && !readTypes.includes(Type)) throw new Error(`${id} is a ${Type}, which nobody reads`);
    if (Type === 'AWS::KMS::Key') add(arnOfResource(id, resources), statementsOf(Properties['KeyPolicy']));
    if (Type === 'AWS::S3::BucketPolicy') {
      const bucket = String(recordOf(Properties['Bucket'])['Ref']);
      add(arnOfResource(bucket, resources), statementsOf(Properties['PolicyDocument']));
    }
    if (Type === 'AWS::SNS::TopicPolicy') {
      for (const topic of listOf(Properties['Topics']))
        add(String(concrete(topic)), statementsOf(Properties['PolicyDocument']));
    }
    if (Type === 'AWS::SQS::QueuePolicy')
      for (const queue of listOf(Properties['Queues']))
        add(arnOfResource(String(recordOf(queue)['Ref']), resources), statementsOf(Properties['PolicyDocument']));
    if (Type === 'AWS::ApiGateway::RestApi' && Properties['Policy'] !== undefined)
      add(arnOfResource(id, resources), statementsOf(Properties['Policy']).map(onApi(arnOfResource(id, resources))));
    if (Type === 'AWS::Lambda::Permission')
      add(String(concrete(Properties['FunctionName'])), [statementOf(Properties)]);
    if (Type === 'AWS::DynamoDB::Table' && Properties['ResourcePolicy'] !== undefined)
      add(arnOfResource(id, resources), statementsOf(recordOf(Properties['ResourcePolicy'])['PolicyDocument']));
  }
  return found;
};

/** API Gateway puts the ARN of the API before a path: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html */
const onApi =
  (arn: string) =>
  (statement: unknown): Statement => ({
    ...recordOf(statement),
    Resource: listOf(recordOf(statement)['Resource']).map((each) => String(each).replace('execute-api:', arn)),
  });

const readTypes = [
  'AWS::IAM::Policy',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::RolePolicy',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
];

/** The statement that Lambda writes into the function's policy for a permission. */
const statementOf = ({ Action, Principal, FunctionName, SourceArn, SourceAccount }: Resource['Properties']) => ({
  Effect: 'Allow',
  Action,
  Principal: { Service: Principal },
  Resource: FunctionName,
  Condition: {
    ...(SourceArn === undefined ? {} : { ArnLike: { 'aws:SourceArn': SourceArn } }),
    ...(SourceAccount === undefined ? {} : { StringEquals: { 'aws:SourceAccount': SourceAccount } }),
  },
});
