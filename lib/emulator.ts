import { Aspects, CfnResource, type Stack, Validations } from 'aws-cdk-lib';
import type { Stage } from 'aws-cdk-lib/aws-apigateway';
import type { IConstruct } from 'constructs';

/**
 * Resource types that the emulator lacks: MiniStack 1.5.33 refuses a template that names one of them. It takes all other
 * types of the stack. It also refuses arithmetic in an alarm, which the stack does not have.
 */
export const typesThatEmulatorLacks: readonly string[] = [
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::WAFv2::LoggingConfiguration',
  'AWS::WAFv2::WebACLAssociation',
];

/** Whether `-c emulator=true` was given: a string from the command line, a boolean from cdk.json. */
export const isForEmulator = (scope: IConstruct): boolean => {
  const value: unknown = scope.node.tryGetContext('emulator');
  if (value === undefined || value === false || value === 'false') return false;
  if (value === true || value === 'true') return true;
  throw new Error(`The context "emulator" is ${JSON.stringify(value)}. Write -c emulator=true, or leave it out.`);
};

/**
 * Removes what the emulator lacks from a stack, and nothing else. An aspect also sees resources that are added later.
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
