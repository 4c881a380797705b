import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { deadLetterPrefix } from '../../lambdas/contract.ts';
import { allow, explainWildcards } from './iam/allow.ts';

/**
 * The bucket of stream records that could not be processed, whole. A queue would get their sequence numbers only, and the
 * stream keeps the records for a day.
 *
 * The bucket outlives the stack, because a bucket that is not empty cannot be deleted. So does its key: without it nobody
 * could read what is left. Objects expire after 30 days.
 */
export class DeadLetters extends Construct {
  readonly bucket: Bucket;
  /** The ARN of its dead letters, with a wildcard. */
  readonly letterArns: string;
  private readonly key: IKey;

  constructor(scope: Construct, id: string, { encryptionKey }: { readonly encryptionKey: IKey }) {
    super(scope, id);
    this.key = encryptionKey;
    this.bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.KMS,
      encryptionKey,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      lifecycleRules: [
        {
          expiration: Duration.days(30),
          noncurrentVersionExpiration: Duration.days(1),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    this.letterArns = this.bucket.arnForObjects(`${deadLetterPrefix}*`);
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'The bucket is empty in normal operation, and each object in it raises an alarm. Access logs would need a second bucket with the same gap. CloudTrail data events record each read, if the account turns them on.',
    });
  }

  /** Puts dead letters: its own, and those that Lambda puts on behalf of the function. Lambda needs all of these. */
  grantPut(role: IRole): void {
    const { region, urlSuffix } = Stack.of(this);
    allow(role, 'PutDeadLetters', 's3:PutObject', this.letterArns);
    allow(role, 'FindDeadLetters', 's3:ListBucket', this.bucket.bucketArn);
    allow(role, 'EncryptDeadLetters', 'kms:GenerateDataKey', this.key.keyArn, {
      StringEquals: { 'kms:ViaService': `s3.${region}.${urlSuffix}` },
    });
    this.explainLetters(role);
  }

  /** Reads dead letters, to count their records. */
  grantRead(role: IRole): void {
    const { region, urlSuffix } = Stack.of(this);
    allow(role, 'ReadDeadLetters', 's3:GetObject', this.letterArns);
    allow(role, 'OpenDeadLetters', 'kms:Decrypt', this.key.keyArn, {
      StringEquals: { 'kms:ViaService': `s3.${region}.${urlSuffix}` },
    });
    this.explainLetters(role);
  }

  /** Finds dead letters, and deletes those that were replayed. The bucket keeps a deleted version for a day. */
  grantReplay(role: IRole): void {
    allow(role, 'FindDeadLetters', 's3:ListBucket', this.bucket.bucketArn);
    this.grantDelete(role);
  }

  /** Deletes dead letters that were replayed, of a function that may list them already. */
  grantDelete(role: IRole): void {
    allow(role, 'DeleteDeadLetters', 's3:DeleteObject', this.letterArns);
    this.explainLetters(role);
  }

  /** Counts dead letters, and lists nothing else. */
  grantCount(role: IRole): void {
    allow(role, 'CountDeadLetters', 's3:ListBucket', this.bucket.bucketArn, {
      StringEquals: { 's3:prefix': deadLetterPrefix },
    });
  }

  private explainLetters(role: IRole): void {
    explainWildcards(
      role,
      [this.letterArns],
      'Lambda names each object by mapping, shard and time, and the reader of the stream by the record.',
    );
  }
}
