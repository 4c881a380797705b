import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AttributeType, BillingMode, StreamViewType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { itemKinds, type TableName, tables } from '../../lambdas/contract.ts';
import { allow } from './iam/allow.ts';

type Kinds<Table extends TableName> = Readonly<Record<string, readonly (keyof (typeof itemKinds)[Table])[]>>;

/** The guards that the detector reads and writes, by kind. */
const detectorGuards = {
  GetItem: ['reputation'],
  BatchGetItem: ['block'],
  ConditionCheckItem: ['block'],
  PutItem: ['block', 'mark', 'reputation'],
  UpdateItem: ['block', 'ip-reputation', 'verified'],
} as const satisfies Kinds<'guards'>;

/** What the detector does about findings, and about the items of those that are open and those that are to be told. */
const detectorFindings = {
  GetItem: ['finding'],
  BatchGetItem: ['finding'],
  Query: ['open', 'outbox'],
  PutItem: ['open', 'outbox'],
  UpdateItem: ['finding', 'outbox'],
  DeleteItem: ['open', 'outbox'],
} as const satisfies Kinds<'security'>;

type Keeping = {
  /** Whether the table outlives the stack, and nobody deletes it by mistake. */
  readonly isProtected: boolean;
  /** Whether there is point-in-time recovery. */
  readonly hasBackups: boolean;
};

/** How each table is kept. */
export const keeping: Readonly<Record<TableName, Keeping>> = {
  verifications: { isProtected: false, hasBackups: false },
  guards: { isProtected: true, hasBackups: false },
  traffic: { isProtected: false, hasBackups: false },
  security: { isProtected: true, hasBackups: true },
};

export type OtpTablesProps = {
  /** Of all tables but Security. */
  readonly encryptionKey: IKey;
  readonly securityKey: IKey;
};

/**
 * The tables. One Region each, not `TableV2`: a global table lets the last writer win, which would hand out attempts
 * again.
 *
 * Verifications dies with the stack: what it holds is of no use after a quarter of an hour. Guards is protected, and
 * stays: to lose it is to give every caller fresh limits, and to lift every block. Traffic dies with the stack as well:
 * a detector without its counts learns anew. Security is protected, and stays, with backups: it is evidence, under a key
 * of its own, so that nobody who reads another table can read it.
 */
export class OtpTables extends Construct {
  /** Records of verifications; its stream is the event log. */
  readonly verifications: Table;
  /** Limits per phone, idempotency items, blocks and counters. */
  readonly guards: Table;
  /** What the detector of bursts counts and remembers. */
  readonly traffic: Table;
  /** Findings of the detector, and the audit trail. */
  readonly security: Table;

  constructor(scope: Construct, id: string, { encryptionKey, securityKey }: OtpTablesProps) {
    super(scope, id);
    this.verifications = this.table('verifications', encryptionKey);
    this.guards = this.table('guards', encryptionKey);
    this.traffic = this.table('traffic', encryptionKey);
    this.security = this.table('security', securityKey);
    Validations.of(this.verifications).acknowledge({
      id: 'AwsSolutions-DDB3',
      reason:
        'No point-in-time recovery on purpose: records are secret and live for minutes, and a backup would keep them for 35 days.',
    });
    Validations.of(this.guards).acknowledge({
      id: 'AwsSolutions-DDB3',
      reason:
        'No point-in-time recovery on purpose: limits count the last 24 hours, and restored ones would be full again. Deletion protection is on.',
    });
    Validations.of(this.traffic).acknowledge({
      id: 'AwsSolutions-DDB3',
      reason:
        'No point-in-time recovery on purpose: it holds counters of the last hours. Restored counters would be wrong, and the detector counts again.',
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
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${itemKinds.verifications.refusal.pk}*`] },
    });
  }

  /** Counts traffic and guesses, writes each block together with its finding, and keeps the audit trail; touches no limit and no spending. */
  grantDetectBursts(role: IRole): void {
    for (const [action, kinds] of Object.entries(detectorGuards)) {
      allow(role, `Guards${action}`, `dynamodb:${action}`, this.guards.tableArn, {
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': kinds.map((kind) => `${itemKinds.guards[kind].pk}*`) },
      });
    }
    this.allowOn(role, 'traffic', ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem']);
    allow(role, 'SecurityBatchWriteItem', 'dynamodb:BatchWriteItem', this.security.tableArn, {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${itemKinds.security.phone.pk}*`] },
    });
    for (const [action, kinds] of Object.entries(detectorFindings)) {
      allow(role, `Security${action}`, `dynamodb:${action}`, this.security.tableArn, {
        'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': kinds.map((kind) => itemKinds.security[kind].pk) },
      });
    }
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

  /** A transaction is authorized by the actions of its parts, so that there is no action of its own to allow. */
  private allowOn(role: IRole, name: TableName, actions: readonly string[]): void {
    for (const action of actions) allow(role, `${idOf(name)}${action}`, `dynamodb:${action}`, this[name].tableArn);
  }

  private table(name: TableName, encryptionKey: IKey): Table {
    const { isProtected, hasBackups } = keeping[name];
    const { partitionKey, sortKey, timeToLiveAttribute, stream } = tables[name];
    return new Table(this, idOf(name), {
      encryptionKey,
      deletionProtection: isProtected,
      partitionKey: { name: partitionKey, type: AttributeType.STRING },
      ...(sortKey === undefined ? {} : { sortKey: { name: sortKey, type: AttributeType.STRING } }),
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      timeToLiveAttribute,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: hasBackups },
      // A protected table cannot be deleted by CloudFormation either: it would block the rollback of a first deployment.
      removalPolicy: isProtected ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      ...(stream === undefined ? {} : { stream: StreamViewType[stream] }),
    });
  }
}

const idOf = (name: TableName): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
