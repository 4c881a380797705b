/** Permissions that a function has only because of an optional setting, in a policy of their own. */

import {
  type AddToPrincipalPolicyResult,
  type IRole,
  ManagedPolicy,
  Policy,
  type PolicyStatement,
} from 'aws-cdk-lib/aws-iam';
import type { Grantee } from './allow.ts';

/**
 * The policy goes with its setting. CloudFormation changes a role before its function, and deletes what has left the template
 * after both. So the code of before may do its work until it is replaced, and no deployment refuses a caller (ADR 120).
 */
class SettingPolicy extends Policy {
  addToPrincipalPolicy(statement: PolicyStatement): AddToPrincipalPolicyResult {
    this.addStatements(statement);
    return { statementAdded: true, policyDependable: this };
  }
}

/** @param name of the setting. */
export const policyOfSetting = (role: IRole, name: string): Grantee => new SettingPolicy(role, name, { roles: [role] });

class LongSettingPolicy extends ManagedPolicy {
  addToPrincipalPolicy(statement: PolicyStatement): AddToPrincipalPolicyResult {
    this.addStatements(statement);
    return { statementAdded: true, policyDependable: this };
  }
}

/** The same for a setting with many resources: the other policies of a role share 10,240 characters, and this one has 6,144. */
export const longPolicyOfSetting = (role: IRole, name: string): Grantee =>
  new LongSettingPolicy(role, name, { roles: [role] });
