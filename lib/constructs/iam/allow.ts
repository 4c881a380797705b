import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';

type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/**
 * Allows a role one action on one resource.
 *
 * CDK's own grants are not used on keys and tables: each hands out a family of actions, and `grantWriteData` on a
 * table gives `kms:Decrypt` on its key as well. The statement's id keeps CDK from merging it with another.
 */
export const allow = (
  role: IRole,
  name: string,
  action: string,
  resource: string,
  conditions: Conditions = {},
): void => {
  role.addToPrincipalPolicy(new PolicyStatement({ sid: name, actions: [action], resources: [resource], conditions }));
};
