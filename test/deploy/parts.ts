import { EncryptCommand } from '@aws-sdk/client-kms';
import { type FunctionName, functionNames, sealPurpose } from '../../lambdas/contract.ts';
import { type Aws, physicalIdOf, resourcesOf } from './aws.ts';
import { account, region } from './emulator.ts';

/** What calls are made on, and in whose name, by the names that AWS gave. */
export type Parts = {
  readonly codeKey: string;
  readonly pseudonymKey: string;
  readonly sealKey: string;
  readonly proofKey: string;
  readonly tableKey: string;
  readonly securityKey: string;
  readonly deadLetterKey: string;
  readonly verifications: string;
  readonly guards: string;
  readonly traffic: string;
  readonly security: string;
  readonly deadLetters: string;
  readonly exportSigningKey: string;
  readonly exports: string;
  /** The function of exports. */
  readonly exporter: string;
  /** The function that reads the stream. */
  readonly detector: string;
  readonly findingsBus: string;
  readonly alarmTopic: string;
  /** Of CDK's bootstrap. */
  readonly deployRole: string;
  readonly roles: Readonly<Record<FunctionName, string>>;
  /** Made by the root, for those who try to open them. */
  readonly sealed: Uint8Array;
  readonly tableSecret: Uint8Array;
};

export const message = Buffer.from('probe');
export const sealContext = { purpose: sealPurpose, verification: 'probe' };

export const seal = (KeyId: string) =>
  new EncryptCommand({ KeyId, Plaintext: message, EncryptionContext: sealContext });

const encrypted = async ({ kms }: Aws, command: EncryptCommand): Promise<Uint8Array> => {
  const { CiphertextBlob } = await kms.send(command);
  if (CiphertextBlob === undefined) throw new Error('KMS encrypted nothing.');
  return CiphertextBlob;
};

export const partsOf = async (root: Aws, stack: string): Promise<Parts> => {
  const resources = await resourcesOf(root, stack);
  const keyOf = (id: string) => physicalIdOf(resources, `Keys${id}`, 'AWS::KMS::Key');
  const tableOf = (id: string) => physicalIdOf(resources, `Tables${id}`, 'AWS::DynamoDB::Table');
  const arnOf = (role: string) => `arn:aws:iam::${account}:role/${role}`;
  const roleOf = (name: FunctionName) =>
    arnOf(physicalIdOf(resources, `${name.replaceAll('-', '')}Role`, 'AWS::IAM::Role'));
  const [sealKey, tableKey] = [keyOf('SealKey'), keyOf('TableKey')];
  return {
    codeKey: keyOf('CodeKeyA'),
    pseudonymKey: keyOf('PseudonymKey'),
    sealKey,
    proofKey: keyOf('ProofKey'),
    tableKey,
    securityKey: keyOf('SecurityKey'),
    deadLetterKey: keyOf('DeadLetterKey'),
    verifications: tableOf('Verifications'),
    guards: tableOf('Guards'),
    traffic: tableOf('Traffic'),
    security: tableOf('Security'),
    deadLetters: physicalIdOf(resources, 'DeadLetters', 'AWS::S3::Bucket'),
    exportSigningKey: keyOf('ExportSigningKey'),
    exports: physicalIdOf(resources, 'Exports', 'AWS::S3::Bucket'),
    exporter: physicalIdOf(resources, 'exportevents', 'AWS::Lambda::Function'),
    detector: physicalIdOf(resources, 'detectbursts', 'AWS::Lambda::Function'),
    findingsBus: physicalIdOf(resources, 'FindingsBus', 'AWS::Events::EventBus'),
    alarmTopic: physicalIdOf(resources, 'AlarmTopic', 'AWS::SNS::Topic'),
    deployRole: arnOf(`cdk-hnb659fds-deploy-role-${account}-${region}`),
    roles: Object.fromEntries(functionNames.map((name) => [name, roleOf(name)])) as Record<FunctionName, string>,
    sealed: await encrypted(root, seal(sealKey)),
    tableSecret: await encrypted(root, new EncryptCommand({ KeyId: tableKey, Plaintext: message })),
  };
};
