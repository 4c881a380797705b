import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AttributeType, BillingMode, StreamViewType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { type TableName, tables } from '../lambdas/contract.ts';
import { allow } from './allow.ts';

/** What the keys of refused requests begin with, in the table of verifications. */
export const refusalKeyPrefix = 'refusal#';

/**
 * The tables. One Region each, not `TableV2`: a global table lets the last writer win, which would hand out attempts
 * again.
 *
 * Verifications dies with the stack: what it holds is of no use after a quarter of an hour. Guards is protected, and
 * stays: to lose it is to give every caller fresh limits, and to lift every block.
 */
export class OtpTables extends Construct {
  /** Records of verifications; its stream is the event log. */
  readonly verifications: Table;
  /** Limits per phone, idempotency items, blocks and counters. */
  readonly guards: Table;

  constructor(scope: Construct, id: string, { encryptionKey }: { readonly encryptionKey: IKey }) {
    super(scope, id);
    this.verifications = this.table('Verifications', 'verifications', { encryptionKey, deletionProtection: false });
    this.guards = this.table('Guards', 'guards', { encryptionKey, deletionProtection: true });
    Validations.of(this.verifications).acknowledge({
      id: 'AwsSolutions-DDB3',
      reason:
        'No point-in-time recovery on purpose: records are secrets of minutes, and a backup would keep them for 35 days.',
    });
    Validations.of(this.guards).acknowledge({
      id: 'AwsSolutions-DDB3',
      reason:
        'No point-in-time recovery on purpose: limits count the last 24 hours, and restoring older ones would refill them. Deletion protection is on.',
    });
  }

  /** Reads the guards in one go and commits guard, record and idempotency item; never reads a record. */
  grantRequest(role: IRole): void {
    this.allowOn(role, 'guards', ['BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem']);
    this.allowOn(role, 'verifications', ['PutItem', 'UpdateItem']);
  }

  /** Appends a guess: the one write that decides, and returns what it decided on. */
  grantCheck(role: IRole): void {
    this.allowOn(role, 'verifications', ['UpdateItem']);
  }

  /** Reads the record for its phone, replaces the code, counts the send; puts refusals beside the records. */
  grantResend(role: IRole): void {
    this.allowOn(role, 'verifications', ['GetItem', 'UpdateItem']);
    this.allowOn(role, 'guards', ['BatchGetItem', 'UpdateItem']);
    allow(role, 'VerificationsPutRefusals', 'dynamodb:PutItem', this.verifications.tableArn, {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${refusalKeyPrefix}*`] },
    });
  }

  /** Counts on the guards: a marker and what it counts, in one transaction. */
  grantTally(role: IRole): void {
    this.allowOn(role, 'guards', ['GetItem', 'PutItem', 'UpdateItem']);
  }

  /** What Lambda asks for, in the name of a function, before it reads the stream of a table for it. */
  grantReadStream(role: IRole, name: TableName): void {
    const { tableStreamArn } = this[name];
    if (tableStreamArn === undefined) throw new Error(`The table ${name} has no stream. Give it one in the contract.`);
    for (const action of ['DescribeStream', 'GetRecords', 'GetShardIterator'])
      allow(role, `Stream${action}`, `dynamodb:${action}`, tableStreamArn);
    allow(role, 'StreamListStreams', 'dynamodb:ListStreams', '*');
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'DynamoDB has no resources to limit ListStreams to. It tells the names of streams, not what is in them.',
    });
  }

  grantGet(role: IRole): void {
    this.allowOn(role, 'verifications', ['GetItem']);
  }

  grantCancel(role: IRole): void {
    this.allowOn(role, 'verifications', ['UpdateItem']);
  }

  /** A transaction is authorised by the actions of its parts, so that there is no action of its own to allow. */
  private allowOn(role: IRole, name: TableName, actions: readonly string[]): void {
    const words = name === 'guards' ? 'Guards' : 'Verifications';
    for (const action of actions) allow(role, `${words}${action}`, `dynamodb:${action}`, this[name].tableArn);
  }

  private table(
    id: string,
    name: TableName,
    { encryptionKey, deletionProtection }: { readonly encryptionKey: IKey; readonly deletionProtection: boolean },
  ): Table {
    const { partitionKey, timeToLiveAttribute, stream } = tables[name];
    return new Table(this, id, {
      encryptionKey,
      deletionProtection,
      partitionKey: { name: partitionKey, type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      timeToLiveAttribute,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: false },
      // A protected table cannot be deleted by CloudFormation either: it would block the rollback of a first deployment.
      removalPolicy: deletionProtection ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      ...(stream === undefined ? {} : { stream: StreamViewType[stream] }),
    });
  }
}
