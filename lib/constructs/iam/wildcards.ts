import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** A value of a template as cdk-nag spells it in the ids of its findings: references between angle brackets. */
const spell = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null) {
    const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Readonly<Record<string, unknown>>;
    if (typeof ref === 'string') return `<${ref}>`;
    if (Array.isArray(attribute)) return `<${attribute.join('.')}>`;
    if (Array.isArray(join) && Array.isArray(join[1])) return join[1].map(spell).join(String(join[0]));
  }
  throw new Error(`The resource ${JSON.stringify(value)} cannot be spelled. Name it by references and texts only.`);
};

/** Says why a policy names resources with a star in them: a finding each, for none is covered by another. */
export const explainWildcards = (construct: IConstruct, resources: readonly string[], reason: string): void => {
  const spelled = resources.map((resource) => spell(Stack.of(construct).resolve(resource)));
  for (const resource of new Set(spelled.filter((each) => each.includes('*')))) {
    Validations.of(construct).acknowledge({ id: `AwsSolutions-IAM5[Resource::${resource}]`, reason });
  }
};
