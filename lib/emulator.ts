import { Aspects, CfnResource, type Stack, Validations } from 'aws-cdk-lib';
import type { Stage } from 'aws-cdk-lib/aws-apigateway';
import type { IConstruct } from 'constructs';

/**
 * Resource types that the emulator does not have: MiniStack 1.5.33 refuses a template that names one of them. It takes all
 * others of the stack, with request validator, TLS policy, metrics of the stream, dashboard and web ACL. The one thing more
 * that it would refuse, arithmetic in an alarm, is not in the stack.
 */
export const typesThatEmulatorLacks: readonly string[] = [
  'AWS::WAFv2::LoggingConfiguration',
  'AWS::WAFv2::WebACLAssociation',
];

/** Whether `-c emulator=true` was given: a text from the command line, a boolean from cdk.json. */
export const isForEmulator = (scope: IConstruct): boolean => {
  const value: unknown = scope.node.tryGetContext('emulator');
  if (value === undefined || value === false || value === 'false') return false;
  if (value === true || value === 'true') return true;
  throw new Error(`The context "emulator" is ${JSON.stringify(value)}. Write -c emulator=true, or leave it out.`);
};

/**
 * Takes what the emulator lacks out of a stack, and touches nothing else. By an aspect, which sees what is added after it
 * as well.
 */
export const leaveOutWhatEmulatorLacks = (stack: Stack, stage: Stage): void => {
  Aspects.of(stack).add({
    visit: (node) => {
      if (!(node instanceof CfnResource) || !typesThatEmulatorLacks.includes(node.cfnResourceType)) return;
      node.node.scope?.node.tryRemoveChild(node.node.id);
    },
  });
  Validations.of(stage).acknowledge({
    id: 'AwsSolutions-APIG3',
    reason: 'The emulator has no associations of web ACLs.',
  });
};
