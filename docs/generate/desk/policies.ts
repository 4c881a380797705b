import { Stack } from 'aws-cdk-lib';
import { CfnManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { standardStack } from '../compliance.ts';

type Statement = { readonly Action: string | readonly string[] };

/** Tells which managed policies of the stack allow an action, by the words of people: `security analyst`. */
export const policiesWith = (): ((action: string) => readonly string[]) => {
  const policies = standardStack()
    .node.findAll()
    .filter((construct) => construct instanceof CfnManagedPolicy)
    .map((policy) => {
      const { Statement = [] }: { Statement?: readonly Statement[] } = Stack.of(policy).resolve(policy.policyDocument);
      const name = policy.node.scope?.node.id ?? '';
      return { name, actions: new Set(Statement.flatMap(({ Action }) => Action)) };
    });
  return (action) =>
    policies
      .filter(({ actions }) => actions.has(action))
      .map(({ name }) => name.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter}`).toLowerCase());
};
