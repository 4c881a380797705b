import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { exportFacts } from '../../lambdas/contract.ts';
import { allow, explainWildcards } from './iam/allow.ts';

export type ExportsProps = {
  /** The key that encrypts the files, and the one that signs their manifests. */
  readonly keys: { readonly export: IKey; readonly exportSigning: IKey };
};

/**
 * The bucket of exports, for auditors. A file is written once and never replaced, and is deleted after seven days.
 *
 * It has no versions: an expired file would be kept for another day. The bucket outlives the stack, because a bucket that is
 * not empty cannot be deleted. So do its keys: with the public half of one of them, an export can still be checked.
 */
export class Exports extends Construct {
  readonly bucket: Bucket;
  readonly signingKey: IKey;
  /** The ARN of its files, with a wildcard. */
  readonly fileArns: string;
  private readonly key: IKey;

  constructor(scope: Construct, id: string, { keys }: ExportsProps) {
    super(scope, id);
    this.key = keys.export;
    this.signingKey = keys.exportSigning;
    this.bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.KMS,
      encryptionKey: keys.export,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      lifecycleRules: [
        {
          expiration: Duration.days(exportFacts.keptDays),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    this.fileArns = this.bucket.arnForObjects('*');
    this.bucket.addToResourcePolicy(this.neverReplace());
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Access logs would need a second bucket with the same gap. CloudTrail data events record each read, if the account turns them on. The audit trail has each export.',
    });
  }

  /** Writes files, and neither reads, lists, replaces nor deletes one. */
  grantPut(role: IRole): void {
    const { region, urlSuffix } = Stack.of(this);
    allow(role, 'PutExports', 's3:PutObject', this.fileArns);
    allow(role, 'EncryptExports', 'kms:GenerateDataKey', this.key.keyArn, {
      StringEquals: { 'kms:ViaService': `s3.${region}.${urlSuffix}` },
    });
    allow(role, 'SignManifests', 'kms:Sign', this.signingKey.keyArn, {
      StringEquals: { 'kms:SigningAlgorithm': 'ECDSA_SHA_256' },
    });
    explainWildcards(
      role,
      [this.fileArns],
      'Each export has a folder, which its id names, and parts by their content.',
    );
  }

  /** https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html */
  private neverReplace(): PolicyStatement {
    return new PolicyStatement({
      sid: 'NeverReplaceFiles',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: ['s3:PutObject'],
      resources: [this.fileArns],
      conditions: { Null: { 's3:if-none-match': 'true' } },
    });
  }
}
