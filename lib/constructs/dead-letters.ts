import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { deadLetterPrefix } from '../../lambdas/contract.ts';
import { allow } from './iam/allow.ts';
import { explainWildcards } from './iam/wildcards.ts';

/**
 * The stream records that could not be processed, whole: a queue would get their sequence numbers only, and the stream
 * forgets the records themselves within a day.
 *
 * The bucket outlives the stack, since it cannot be deleted while something is in it. What is in it is gone after 30
 * days: before its key is, which waits as long.
 */
export class DeadLetters extends Construct {
  readonly bucket: Bucket;
  /** The dead letters in it, as an ARN with a star at its end. */
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
        'Nothing is written here in normal times, and each object is a finding of its own; access logs would want a second bucket, with the same question. CloudTrail data events, where they are switched on, tell who read.',
    });
  }

  /** Puts what was given up, and reads nothing back: Lambda asks for exactly these, in the name of the function. */
  grantPut(role: IRole): void {
    const { region, urlSuffix } = Stack.of(this);
    allow(role, 'PutDeadLetters', 's3:PutObject', this.letterArns);
    allow(role, 'FindDeadLetters', 's3:ListBucket', this.bucket.bucketArn);
    allow(role, 'EncryptDeadLetters', 'kms:GenerateDataKey', this.key.keyArn, {
      StringEquals: { 'kms:ViaService': `s3.${region}.${urlSuffix}` },
    });
    this.explainLetters(role);
  }

  /**
   * Reads dead letters, and deletes what was replayed: that only puts a marker over the object, which stays for a day.
   */
  grantReplay(role: IRole): void {
    const { region, urlSuffix } = Stack.of(this);
    allow(role, 'FindDeadLetters', 's3:ListBucket', this.bucket.bucketArn);
    allow(role, 'ReadDeadLetters', 's3:GetObject', this.letterArns);
    allow(role, 'DeleteDeadLetters', 's3:DeleteObject', this.letterArns);
    allow(role, 'OpenDeadLetters', 'kms:Decrypt', this.key.keyArn, {
      StringEquals: { 'kms:ViaService': `s3.${region}.${urlSuffix}` },
    });
    this.explainLetters(role);
  }

  private explainLetters(role: IRole): void {
    explainWildcards(role, [this.letterArns], 'Lambda names each object by mapping, shard and time.');
  }
}
