/** One statement for one action on one resource, and the reason if the resource has a wildcard. */

import { Stack, Validations } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** A role, or a policy of it. */
export type Grantee = IConstruct & Pick<IRole, 'addToPrincipalPolicy'>;

/**
 * Allows a role one action on one resource.
 *
 * CDK's own grants are not used on keys and tables: each grants a family of actions, and `grantWriteData` on a table
 * grants `kms:Decrypt` on its key as well. The statement's id keeps CDK from merging it with another.
 */
export const allow = (
  role: Grantee,
  name: string,
  action: string,
  resource: string,
  conditions: Conditions = {},
): void => {
  role.addToPrincipalPolicy(new PolicyStatement({ sid: name, actions: [action], resources: [resource], conditions }));
};

/** A value of a template as cdk-nag spells it in the ids of its findings: references between angle brackets. */
const spell = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null) {
    const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Readonly<Record<string, unknown>>;
    if (typeof ref === 'string') return `<${ref}>`;
    if (Array.isArray(attribute)) return `<${attribute.join('.')}>`;
    if (Array.isArray(join) && Array.isArray(join[1])) return join[1].map(spell).join(String(join[0]));
  }
  throw new Error(`The resource ${JSON.stringify(value)} cannot be spelled. Name it by references and strings only.`);
};

/** Gives the reason why a policy names resources with a wildcard. cdk-nag has one finding for each. */
export const explainWildcards = (construct: IConstruct, resources: readonly string[], reason: string): void => {
  const spelled = resources.map((resource) => spell(Stack.of(construct).resolve(resource)));
  for (const resource of new Set(spelled.filter((each) => each.includes('*')))) {
    Validations.of(construct).acknowledge({ id: `AwsSolutions-IAM5[Resource::${resource}]`, reason });
  }
};

/** Allows an action that names no resource in some Regions. @param regions empty for the Region of the stack. */
export const allowInRegions = (
  role: Grantee,
  {
    name,
    action,
    regions,
    reason,
  }: Readonly<Record<'name' | 'action' | 'reason', string>> & {
    readonly regions: readonly string[];
  },
): void => {
  const named = new Set(regions.map((region) => (region === '' ? Stack.of(role).region : region)));
  allow(role, name, action, '*', { StringEquals: { 'aws:RequestedRegion': [...named] } });
  explainWildcards(role, ['*'], reason);
};
