import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type IRole, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { type ProofAlgorithm, proofAlgorithms, sealPurpose } from '../../lambdas/contract.ts';
import type { Sealing } from '../../lambdas/policy.ts';
import { allow, type Grantee } from './iam/allow.ts';
import { policyOfSetting } from './iam/setting-policy.ts';
import { fromAlarms } from './monitoring/alarm-topic.ts';

export type OtpKeysProps = {
  /** Generations of the code key; the last one makes new codes. */
  readonly codeKeyGenerations: readonly string[];
  readonly proofAlgorithm: ProofAlgorithm;
  /** The ways in which the records of this deployment are sealed. Functions may do no other. */
  readonly sealings: readonly Sealing[];
  /** Whether the settings ask for receipts. */
  readonly hasReceipts: boolean;
  /** Names of the log groups that LogKey encrypts. It works for no other. */
  readonly logGroupNames: readonly string[];
  /** The ARN, with a wildcard, of the alarms that AlarmKey encrypts for. */
  readonly alarmArns: string;
};

const proofSpecs: Readonly<Record<ProofAlgorithm, KeySpec>> = {
  ES256: KeySpec[proofAlgorithms.ES256.spec],
  RS256: KeySpec[proofAlgorithms.RS256.spec],
};

const sha256Mac = { StringEquals: { 'kms:MacAlgorithm': 'HMAC_SHA_256' } };

/** A sealed phone number names its purpose and its record, and nothing else, because CloudTrail shows the context. */
const sealedForOneRecord = {
  StringEquals: { 'kms:EncryptionContext:purpose': sealPurpose },
  Null: { 'kms:EncryptionContext:verification': 'false' },
  'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['purpose', 'verification'] },
};

/**
 * The keys, one per use: a permission on one of them is a permission to do one thing.
 *
 * Keys of codes, numbers, proofs, logs and alarms are deleted with the stack; KMS waits 30 days. A key that waits opens
 * nothing (https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html). So the keys of what outlives the
 * stack stay as well, and PseudonymKey: without it nobody could find or erase the entries of a number in the audit trail.
 */
export class OtpKeys extends Construct {
  /** HMAC key per generation, the newest last. */
  readonly codes: ReadonlyMap<string, Key>;
  readonly pseudonym: Key;
  readonly seal: Key;
  /** HMAC key from which the keys of hours are derived. Undefined unless the settings ask for it. */
  readonly hourlySeal: Key | undefined;
  readonly table: Key;
  readonly security: Key;
  readonly proof: Key;
  readonly log: Key;
  readonly deadLetter: Key;
  readonly alarm: Key;
  readonly export: Key;
  readonly exportSigning: Key;
  /** Undefined unless the settings ask for receipts. */
  readonly receipts: Key | undefined;
  private readonly isSealedByKms: boolean;
  private readonly proofAlgorithm: ProofAlgorithm;

  constructor(scope: Construct, id: string, props: OtpKeysProps) {
    super(scope, id);
    this.isSealedByKms = props.sealings.includes('per-record');
    this.proofAlgorithm = props.proofAlgorithm;
    this.codes = new Map(props.codeKeyGenerations.map((generation) => [generation, this.codeKey(generation)]));
    this.pseudonym = this.hmacKey(
      'PseudonymKey',
      'Makes the secret behind the pseudonyms',
      RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    );
    this.seal = this.symmetricKey('SealKey', 'Seals phone numbers in verification records');
    this.hourlySeal = props.sealings.includes('hourly')
      ? this.hmacKey('HourlySealKey', 'Derives the keys of hours that seal phone numbers', RemovalPolicy.DESTROY)
      : undefined;
    // Guards outlives the stack, and so does its key.
    this.table = this.symmetricKey('TableKey', 'Encrypts the tables at rest, except Security', RemovalPolicy.RETAIN);
    this.security = this.symmetricKey('SecurityKey', 'Encrypts findings and audit trail at rest', RemovalPolicy.RETAIN);
    this.proof = this.proofKey(props.proofAlgorithm);
    this.log = this.symmetricKey('LogKey', 'Encrypts the log groups');
    this.grantToLogs(this.log, props.logGroupNames);
    this.deadLetter = this.symmetricKey(
      'DeadLetterKey',
      'Encrypts stream records that could not be processed',
      RemovalPolicy.RETAIN,
    );
    this.alarm = this.symmetricKey('AlarmKey', 'Encrypts alarms on their way to security staff');
    this.grantToAlarms(this.alarm, props.alarmArns);
    this.export = this.symmetricKey('ExportKey', 'Encrypts exports for auditors', RemovalPolicy.RETAIN);
    this.exportSigning = this.signingKey(
      'ExportSigningKey',
      'Signs the manifests of exports (ECDSA, P-256)',
      RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    );
    this.receipts = props.hasReceipts
      ? this.symmetricKey('ReceiptKey', 'Encrypts receipts of messages on their way')
      : undefined;
  }

  get all(): readonly Key[] {
    return [...this.named.values()];
  }

  /** All keys, by the names that people know. */
  get named(): ReadonlyMap<string, Key> {
    const { codes, pseudonym, seal, hourlySeal, table, security, proof, log, deadLetter, alarm, exportSigning } = this;
    return new Map([
      ...[...codes].map(([generation, key]) => [`CodeKey(${generation})`, key] as const),
      ['PseudonymKey', pseudonym],
      ['SealKey', seal],
      ...(hourlySeal === undefined ? [] : [['HourlySealKey', hourlySeal] as const]),
      ['TableKey', table],
      ['SecurityKey', security],
      ['ProofKey', proof],
      ['LogKey', log],
      ['DeadLetterKey', deadLetter],
      ['AlarmKey', alarm],
      ['ExportKey', this.export],
      ['ExportSigningKey', exportSigning],
      ...(this.receipts === undefined ? [] : [['ReceiptKey', this.receipts] as const]),
    ]);
  }

  /** Reads the states of the keys, and uses none of them. */
  grantDescribe(role: IRole): void {
    for (const [name, key] of this.named)
      allow(role, `Describe${name.replaceAll(/\W/g, '')}`, 'kms:DescribeKey', key.keyArn);
  }

  /** MACs new codes: the newest generation only. */
  grantMakeCodes(role: IRole): void {
    const newest = [...this.codes].at(-1);
    if (newest === undefined)
      throw new Error('There is no generation of the code key. Name at least one, such as ["a"].');
    this.allowMac(role, newest);
  }

  /** MACs codes of every generation that may still be in use. */
  grantMatchCodes(role: IRole): void {
    for (const generation of this.codes) this.allowMac(role, generation);
  }

  /** Derives the secret behind the pseudonyms, once per container. */
  grantPseudonyms(role: IRole): void {
    allow(role, 'DerivePseudonymSecret', 'kms:GenerateMac', this.pseudonym.keyArn, sha256Mac);
  }

  grantSealPhones(role: IRole): void {
    if (this.isSealedByKms)
      allow(policyOfSetting(role, 'PerRecord'), 'SealPhones', 'kms:Encrypt', this.seal.keyArn, sealedForOneRecord);
    this.allowHours(role);
  }

  grantOpenPhones(role: IRole): void {
    if (this.isSealedByKms)
      allow(policyOfSetting(role, 'PerRecord'), 'OpenPhones', 'kms:Decrypt', this.seal.keyArn, sealedForOneRecord);
    this.allowHours(role);
  }

  /** Derives the key of any hour: KMS has no condition on a message (ADR 102). */
  private allowHours(role: IRole): void {
    if (this.hourlySeal === undefined) return;
    allow(policyOfSetting(role, 'Hourly'), 'DeriveHourKeys', 'kms:GenerateMac', this.hourlySeal.keyArn, sha256Mac);
  }

  grantSignProofs(role: IRole): void {
    allow(this.ofAlgorithm(role), 'SignProofs', 'kms:Sign', this.proof.keyArn, {
      StringEquals: { 'kms:SigningAlgorithm': proofAlgorithms[this.proofAlgorithm].signingAlgorithm },
    });
  }

  grantReadProofKey(role: IRole): void {
    allow(this.ofAlgorithm(role), 'ReadProofKey', 'kms:GetPublicKey', this.proof.keyArn);
  }

  private ofAlgorithm(role: IRole): Grantee {
    return policyOfSetting(role, this.proofAlgorithm);
  }

  /** DynamoDB decrypts the key of the table on behalf of its user, for reads and writes. All tables but Security. */
  grantUseTables(role: IRole): void {
    this.allowThroughDynamo(role, 'UseEncryptedTables', this.table);
  }

  /** The same for Security. */
  grantUseSecurity(role: IRole): void {
    this.allowThroughDynamo(role, 'UseEncryptedSecurity', this.security);
  }

  private allowThroughDynamo(role: IRole, name: string, key: Key): void {
    const { region, urlSuffix } = Stack.of(this);
    allow(role, name, 'kms:Decrypt', key.keyArn, {
      StringEquals: { 'kms:ViaService': `dynamodb.${region}.${urlSuffix}` },
    });
  }

  private allowMac(role: IRole, [generation, key]: readonly [string, Key]): void {
    allow(role, `MacCodes${generation.toUpperCase()}`, 'kms:GenerateMac', key.keyArn, sha256Mac);
  }

  private codeKey(generation: string): Key {
    return this.hmacKey(
      `CodeKey${generation.toUpperCase()}`,
      `MACs codes, generation ${generation}`,
      RemovalPolicy.DESTROY,
    );
  }

  /** HMAC keys do not rotate by themselves. Codes get a new generation; pseudonyms would all change, and never rotate. */
  private hmacKey(id: string, description: string, removalPolicy: RemovalPolicy): Key {
    return new Key(this, id, {
      description,
      keySpec: KeySpec.HMAC_256,
      keyUsage: KeyUsage.GENERATE_VERIFY_MAC,
      removalPolicy,
      pendingWindow: Duration.days(30),
    });
  }

  /**
   * One key per algorithm, of an id of its own: CloudFormation fails to change the spec of a key
   * (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-key.html).
   */
  private proofKey(algorithm: ProofAlgorithm): Key {
    const id = algorithm === 'ES256' ? 'ProofKey' : 'ProofKeyRs256';
    return this.signingKey(id, `Signs proofs (${algorithm})`, RemovalPolicy.DESTROY, proofSpecs[algorithm]);
  }

  private signingKey(
    id: string,
    description: string,
    removalPolicy: RemovalPolicy,
    keySpec: KeySpec = KeySpec.ECC_NIST_P256,
  ): Key {
    return new Key(this, id, {
      description,
      keySpec,
      keyUsage: KeyUsage.SIGN_VERIFY,
      removalPolicy,
      pendingWindow: Duration.days(30),
    });
  }

  private symmetricKey(id: string, description: string, removalPolicy = RemovalPolicy.DESTROY): Key {
    return new Key(this, id, {
      description,
      enableKeyRotation: true,
      removalPolicy,
      pendingWindow: Duration.days(30),
    });
  }

  /** CloudWatch encrypts what it publishes. Without this statement, no alarm reaches its topic. */
  private grantToAlarms(key: Key, alarmArns: string): void {
    key.addToResourcePolicy(
      new PolicyStatement({
        sid: 'EncryptOurAlarms',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        // https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html. Alarms name account and source to KMS as well
        // (EventBridge does not): aws.github.io/modern-data-architecture-accelerator, grantCloudWatchAlarmsTopicAccess.
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
        conditions: fromAlarms(Stack.of(this).account, alarmArns),
      }),
    );
  }

  /** CloudWatch Logs needs a statement in the policy of the key. It gets the key for these log groups only. */
  private grantToLogs(key: Key, logGroupNames: readonly string[]): void {
    const stack = Stack.of(this);
    const arns = logGroupNames.map((resourceName) =>
      stack.formatArn({
        service: 'logs',
        resource: 'log-group',
        resourceName,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
    );
    key.addToResourcePolicy(
      new PolicyStatement({
        sid: 'EncryptOurLogGroups',
        principals: [new ServicePrincipal(`logs.${stack.region}.${stack.urlSuffix}`)],
        // Spelled out from AWS's example (Encrypt*, Decrypt*, ReEncrypt*, GenerateDataKey*, Describe*), without the
        // asymmetric data keys: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
        actions: [
          'kms:Encrypt',
          'kms:Decrypt',
          'kms:ReEncryptFrom',
          'kms:ReEncryptTo',
          'kms:GenerateDataKey',
          'kms:GenerateDataKeyWithoutPlaintext',
          'kms:DescribeKey',
        ],
        resources: ['*'],
        conditions: { ArnEquals: { 'kms:EncryptionContext:aws:logs:arn': arns } },
      }),
    );
  }
}
