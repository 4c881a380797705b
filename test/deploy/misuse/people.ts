/** Roles of people, made as a team makes them: with the managed policies of the outputs. A thief has their credentials. */

import {
  CreateStackCommand,
  DeleteStackCommand,
  waitUntilStackCreateComplete,
  waitUntilStackDeleteComplete,
} from '@aws-sdk/client-cloudformation';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import type { OperatorRole } from '../../../lambdas/contract.ts';
import type { Aws, Credentials } from '../aws.ts';
import { account } from '../emulator.ts';

export const people = ['client', 'analyst', 'auditor', 'privacy-officer', 'nobody'] as const;
export type Person = (typeof people)[number];

/** The outputs that name the policies of each, as docs/security-desk.md says. */
const policiesOf: Readonly<Record<Person, readonly string[]>> = {
  client: ['ClientPolicyArnWeb'],
  analyst: ['SecurityAnalystPolicyArn'],
  auditor: ['AuditorPolicyArn', 'AuditorFunctionsPolicyArn', 'ExportReaderPolicyArn'],
  'privacy-officer': ['PrivacyOfficerPolicyArn'],
  nobody: [],
};

export const isOperator = (person: Person): person is Person & OperatorRole =>
  person !== 'client' && person !== 'nobody';

const StackName = 'people';
export const roleOf = (person: Person): string => `otp-${person}`;
/** The name of a session, as the trail shows it. */
export const principalOf = (person: Person): string =>
  `arn:aws:sts::${account}:assumed-role/${roleOf(person)}/thief-of-${person}`;

const logicalIdOf = (person: Person): string => person.replaceAll('-', '');

const templateOf = (outputOf: (name: string) => string): string => {
  const principal = { AWS: `arn:aws:iam::${account}:root` };
  const AssumeRolePolicyDocument = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' }],
  };
  const roles = people.map((person) => {
    const ManagedPolicyArns = policiesOf[person].map(outputOf);
    const Properties = { RoleName: roleOf(person), AssumeRolePolicyDocument, ManagedPolicyArns };
    return [logicalIdOf(person), { Type: 'AWS::IAM::Role', Properties }];
  });
  return JSON.stringify({ Resources: Object.fromEntries(roles) });
};

/** Makes the roles in a stack of the team's own. */
export const hire = async ({ cloudFormation: client }: Aws, outputOf: (name: string) => string): Promise<void> => {
  const TemplateBody = templateOf(outputOf);
  await client.send(new CreateStackCommand({ StackName, TemplateBody, Capabilities: ['CAPABILITY_NAMED_IAM'] }));
  await waitUntilStackCreateComplete({ client, minDelay: 1, maxDelay: 1, maxWaitTime: 30 }, { StackName });
};

/** AWS deletes no policy that a role has. */
export const dismiss = async ({ cloudFormation: client }: Aws): Promise<void> => {
  await client.send(new DeleteStackCommand({ StackName }));
  await waitUntilStackDeleteComplete({ client, minDelay: 1, maxDelay: 1, maxWaitTime: 30 }, { StackName });
};

/** Credentials of a session. */
export const steal = async ({ sts }: Aws, person: Person): Promise<Required<Credentials>> => {
  const RoleArn = `arn:aws:iam::${account}:role/${roleOf(person)}`;
  const { Credentials: given } = await sts.send(
    new AssumeRoleCommand({ RoleArn, RoleSessionName: `thief-of-${person}` }),
  );
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = given ?? {};
  if (accessKeyId === undefined || secretAccessKey === undefined || sessionToken === undefined)
    throw new Error(`STS gave no credentials for ${RoleArn}.`);
  return { accessKeyId, secretAccessKey, sessionToken };
};
