import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AttributeType, BillingMode, StreamViewType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import {
  findingNotes,
  itemKinds,
  messageAttributes,
  priceAttributes,
  receiptAttributes,
  recordUpdates,
  refusalAttributes,
  riskAttributes,
  type TableName,
  tables,
} from '../../lambdas/contract.ts';
import { allow, type Grantee } from './iam/allow.ts';
import { onlyItems } from './iam/only-items.ts';

type Kinds<Table extends TableName> = Readonly<Record<string, readonly (keyof (typeof itemKinds)[Table])[]>>;

/** The guards that a send is decided by. */
const guardsOfSend = [
  'guard',
  'reputation',
  'ip',
  'ip-reputation',
  'spent',
  'verified',
  'network',
  'block',
  'stop',
] as const;

/** The guards that the functions read and write, by kind. None of those that send may write a reputation or make a block. */
const requestGuards = {
  BatchGetItem: [...guardsOfSend, 'idempotency'],
  PutItem: ['idempotency'],
  UpdateItem: ['guard', 'ip', 'spent', 'network', 'idempotency', 'test'],
  DeleteItem: ['idempotency'],
} as const satisfies Kinds<'guards'>;
/** The attributes of a block that a request names when it takes a probe: an item that has no others is no block. */
const probeAttributes = ['pk', 'probedAt'];
const resendGuards = {
  BatchGetItem: guardsOfSend,
  UpdateItem: ['guard', 'ip', 'spent'],
} as const satisfies Kinds<'guards'>;

/** What is known of SIMs, which a function that sends reads if the settings ask for it. No such function writes a notice. */
const withSimsRead = <Guards extends { readonly BatchGetItem: Kinds<'guards'>[string] }>(guards: Guards) => ({
  ...guards,
  BatchGetItem: [...guards.BatchGetItem, 'sim-swap', 'port-notice'] as const,
});
const requestGuardsWithSims = {
  ...withSimsRead({ BatchGetItem: requestGuards.BatchGetItem }),
  PutItem: [...requestGuards.PutItem, 'sim-swap'],
} as const satisfies Kinds<'guards'>;

/** The guards that the detector reads and writes, by kind. */
const detectorGuards = {
  BatchGetItem: ['block', 'ip-reputation', 'reputation', 'stop', 'verified'],
  ConditionCheckItem: ['block'],
  PutItem: ['block', 'reputation'],
  UpdateItem: ['block', 'ip-reputation', 'verified'],
} as const satisfies Kinds<'guards'>;

/** What the detector does about findings, and about the items of those that are open and those that are to be told. */
const detectorFindings = {
  GetItem: ['finding'],
  BatchGetItem: ['finding'],
  Query: ['open', 'outbox', 'launch'],
  PutItem: ['open', 'outbox'],
  UpdateItem: ['finding', 'outbox'],
  DeleteItem: ['open', 'outbox'],
} as const satisfies Kinds<'security'>;

/** What operators read. */
const deskReads = {
  GetItem: ['finding'],
  BatchGetItem: ['finding'],
  Query: ['finding', 'open', 'action', 'staff-block', 'launch'],
} as const satisfies Kinds<'security'>;
/** What the status counts. */
const statusReads = {
  BatchGetItem: ['finding'],
  Query: ['open', 'staff-block'],
} as const satisfies Kinds<'security'>;
/** What operators write: an action of theirs with everything that they do. */
const deskWrites = {
  GetItem: ['finding'],
  PutItem: ['action', 'staff-block', 'launch'],
  DeleteItem: ['staff-block', 'launch'],
} as const satisfies Kinds<'security'>;
/** What the detector names of a launch when it notes its progress: it can neither announce one nor prolong it. */
const launchAttributes = ['pk', 'sk', 'from', 'requests', 'rolledUp', 'rolledUpTo', 'exceededAt'];

/** Counts are kept at a number, and at the codes of one. Staff's block is not among what an erasure deletes. */
const ofNumber = { traffic: ['phone#*', 'codes#*'], block: `${itemKinds.guards.block.pk}codes#*` } as const;
/** What an export writes of itself, with its entry in the audit trail. */
const exportWrites = {
  ConditionCheckItem: ['export'],
  DeleteItem: ['export-lock'],
  GetItem: ['export', 'export-lock'],
  PutItem: ['action', 'export', 'export-part', 'export-lock'],
  Query: ['export-part'],
  UpdateItem: ['export', 'export-part'],
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
    this.allowGuards(role, requestGuards);
    const probes = onlyItems({ keysLike: [`${itemKinds.guards.block.pk}*`], attributes: probeAttributes });
    allow(role, 'GuardsUpdateProbes', 'dynamodb:UpdateItem', this.guards.tableArn, probes);
    this.allowOn(role, 'verifications', ['PutItem']);
    this.allowUpdates(role, 'request-verification', riskAttributes);
  }

  /** Reads and keeps what is known of SIMs. A read of several kinds needs one statement that names them all. */
  grantRequestWithSims(role: Grantee): void {
    this.allowGuards(role, requestGuardsWithSims);
    this.allowUpdates(role, 'request-verification');
  }

  /** Appends a guess: the one write that decides, and returns what it decided on. */
  grantCheck(role: IRole): void {
    this.allowUpdates(role, 'check-verification');
  }

  /** Reads the record for its phone, replaces the code, counts the send; puts refusals beside the records. */
  grantResend(role: IRole): void {
    this.allowOn(role, 'verifications', ['GetItem']);
    // A record that says `channel` may be older than settings without calls.
    this.allowUpdates(role, 'resend-verification', riskAttributes);
    this.allowGuards(role, resendGuards);
    const { partitionKey, timeToLiveAttribute } = tables.verifications;
    allow(
      role,
      'VerificationsPutRefusals',
      'dynamodb:PutItem',
      this.verifications.tableArn,
      onlyItems({
        keysLike: [`${itemKinds.verifications.refusal.pk}*`],
        attributes: [partitionKey, ...refusalAttributes, timeToLiveAttribute],
      }),
    );
  }

  /** Reads what is known of SIMs, and notes it in the record. */
  grantResendWithSims(role: Grantee): void {
    this.allowGuards(role, withSimsRead({ BatchGetItem: resendGuards.BatchGetItem }));
    this.allowUpdates(role, 'resend-verification');
  }

  /** Counts traffic and guesses, writes each block together with its finding, and keeps the audit trail; touches no limit and no spending. */
  grantDetectBursts(role: IRole): void {
    this.allowGuards(role, detectorGuards);
    this.allowOn(role, 'traffic', ['GetItem', 'BatchGetItem', 'Query', 'UpdateItem']);
    const trail = onlyItems({ keysLike: [`${itemKinds.security.phone.pk}*`] });
    allow(role, 'SecurityBatchWriteItem', 'dynamodb:BatchWriteItem', this.security.tableArn, trail);
    allow(role, 'SecurityPutTrail', 'dynamodb:PutItem', this.security.tableArn, trail);
    this.allowSecurity(role, detectorFindings);
    const progress = onlyItems({ keys: [itemKinds.security.launch.pk], attributes: launchAttributes });
    allow(role, 'SecurityUpdateLaunches', 'dynamodb:UpdateItem', this.security.tableArn, progress);
  }

  /** Shows findings, blocks and actions; reads no number, no trail of one, and no record. */
  grantReadDesk(role: IRole): void {
    this.allowGuards(role, { BatchGetItem: ['block'] });
    this.allowOn(role, 'traffic', ['Query']);
    this.allowSecurity(role, deskReads);
  }

  /** Reads the numbers of the desk, what is used of the caps, the stops, and the heartbeat of the detector. */
  grantReadStatus(role: IRole): void {
    this.allowGuards(role, { BatchGetItem: ['block', 'spent', 'stop'] });
    this.allowSecurity(role, statusReads);
    const heartbeat = onlyItems({ keys: [itemKinds.traffic.heartbeat.pk] });
    allow(role, 'TrafficGetHeartbeat', 'dynamodb:GetItem', this.traffic.tableArn, heartbeat);
  }

  /** Writes blocks, verdicts and actions, and no other attribute of a finding. */
  grantWriteDesk(role: IRole): void {
    this.allowGuards(role, { PutItem: ['block'], UpdateItem: ['stop'] });
    this.allowSecurity(role, deskWrites);
    const notes = onlyItems({ keys: [itemKinds.security.finding.pk], attributes: ['pk', 'sk', ...findingNotes] });
    allow(role, 'SecurityAnnotateFindings', 'dynamodb:UpdateItem', this.security.tableArn, notes);
  }

  /** Notes that a number was ported, and takes it back. */
  grantNotePorting(role: Grantee): void {
    this.allowGuards(role, { PutItem: ['port-notice'], DeleteItem: ['port-notice'] });
  }

  /** Shows what is kept of a number, after a write that says so. */
  grantReadNumberHistory(role: IRole): void {
    const { phone, finding, action } = itemKinds.security;
    this.allowGuards(role, { BatchGetItem: ['guard', 'reputation', 'block', 'sim-swap', 'port-notice'] });
    this.allowItems(role, 'traffic', 'Query', ofNumber.traffic);
    this.allowItems(role, 'security', 'Query', [`${phone.pk}*`, finding.pk, action.pk]);
    this.allowItems(role, 'security', 'PutItem', [action.pk]);
  }

  /** Deletes what is kept of a number. It reads no record, and writes nothing but its own entry in the trail. */
  grantEraseNumber(role: IRole): void {
    const { guard, reputation, 'sim-swap': simSwap } = itemKinds.guards;
    const { phone, finding, open, outbox, action } = itemKinds.security;
    // A porting notice is read, and stays.
    this.allowGuards(role, { BatchGetItem: ['block', 'port-notice'] });
    const deleted = [`${guard.pk}*`, `${reputation.pk}*`, `${simSwap.pk}*`, ofNumber.block];
    this.allowItems(role, 'guards', 'DeleteItem', deleted);
    const names = { keysLike: [`${itemKinds.guards['ip-reputation'].pk}*`], attributes: ['pk', 'verifiers'] };
    allow(role, 'GuardsForgetNames', 'dynamodb:UpdateItem', this.guards.tableArn, onlyItems(names));
    this.allowItems(role, 'traffic', 'Query', ofNumber.traffic);
    this.allowItems(role, 'traffic', 'DeleteItem', ofNumber.traffic);
    this.allowItems(role, 'security', 'Query', [`${phone.pk}*`, finding.pk, outbox.pk, action.pk]);
    this.allowItems(role, 'security', 'DeleteItem', [`${phone.pk}*`, finding.pk, open.pk, outbox.pk]);
    this.allowItems(role, 'security', 'PutItem', [action.pk]);
  }

  /**
   * Reads all of Security and of Traffic, whose items a scan cannot choose by their keys. It writes what an export is made by,
   * and no more.
   */
  grantExport(role: IRole): void {
    this.allowOn(role, 'security', ['DescribeTable', 'Scan']);
    this.allowOn(role, 'traffic', ['DescribeTable', 'Scan']);
    this.allowSecurity(role, exportWrites);
    this.allowGuards(role, { DeleteItem: ['export-key'], GetItem: ['export-key'], PutItem: ['export-key'] });
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

  /** Reads a record and its receipt at once. */
  grantReadWithReceipt(role: Grantee): void {
    this.allowOn(role, 'verifications', ['BatchGetItem']);
  }

  /** Reads receipts, and no record. */
  grantReadReceipt(role: Grantee): void {
    this.allowItems(role, 'verifications', 'GetItem', [`${itemKinds.verifications.receipt.pk}*`]);
  }

  /** Writes receipts beside the records. It can name neither a record nor a kind, so that the detector sees nothing of it. */
  grantNoteReceipts(role: IRole): void {
    const { partitionKey, timeToLiveAttribute } = tables.verifications;
    const only = onlyItems({
      keysLike: [`${itemKinds.verifications.receipt.pk}*`],
      attributes: [partitionKey, ...receiptAttributes, timeToLiveAttribute],
    });
    allow(role, 'VerificationsNoteReceipts', 'dynamodb:UpdateItem', this.verifications.tableArn, only);
    const { partitionKey: pk, sortKey, timeToLiveAttribute: expiry } = tables.traffic;
    const sums = onlyItems({
      keys: [itemKinds.traffic.price.pk],
      attributes: [pk, sortKey, ...priceAttributes, expiry],
    });
    allow(role, 'TrafficCountPrices', 'dynamodb:UpdateItem', this.traffic.tableArn, sums);
  }

  /** Finds the record of a message by its id. */
  grantFindMessages(role: IRole): void {
    this.allowItems(role, 'verifications', 'GetItem', [`${itemKinds.verifications.message.pk}*`]);
  }

  /** Notes the record of a message under its id. */
  grantNoteMessages(role: Grantee): void {
    const { partitionKey, timeToLiveAttribute } = tables.verifications;
    const only = onlyItems({
      keysLike: [`${itemKinds.verifications.message.pk}*`],
      attributes: [partitionKey, ...messageAttributes, timeToLiveAttribute],
    });
    allow(role, 'VerificationsNoteMessages', 'dynamodb:PutItem', this.verifications.tableArn, only);
  }

  grantCancel(role: IRole): void {
    this.allowUpdates(role, 'cancel-verification');
  }

  /** Updates of records that name nothing but the function's own attributes: what they create is of no kind. */
  private allowUpdates(role: Grantee, name: keyof typeof recordUpdates, except: readonly string[] = []): void {
    const only = onlyItems({ attributes: recordUpdates[name].filter((attribute) => !except.includes(attribute)) });
    allow(role, 'VerificationsUpdateItem', 'dynamodb:UpdateItem', this.verifications.tableArn, only);
  }

  private allowItems(role: Grantee, name: TableName, action: string, keysLike: readonly string[]): void {
    allow(role, `${idOf(name)}${action}`, `dynamodb:${action}`, this[name].tableArn, onlyItems({ keysLike }));
  }

  private allowGuards(role: Grantee, guards: Kinds<'guards'>): void {
    for (const [action, kinds] of Object.entries(guards)) {
      const only = onlyItems({ keysLike: kinds.map((kind) => likeKind(itemKinds.guards[kind].pk)) });
      allow(role, `Guards${action}`, `dynamodb:${action}`, this.guards.tableArn, only);
    }
  }

  private allowSecurity(role: IRole, items: Kinds<'security'>): void {
    for (const [action, kinds] of Object.entries(items)) {
      const only = onlyItems({ keys: kinds.map((kind) => itemKinds.security[kind].pk) });
      allow(role, `Security${action}`, `dynamodb:${action}`, this.security.tableArn, only);
    }
  }

  /**
   * A transaction is authorized by the actions of its parts, so that there is no action of its own to allow:
   * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
   */
  private allowOn(role: Grantee, name: TableName, actions: readonly string[]): void {
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

/** A key that does not end with `#` is the whole key. */
const likeKind = (pk: string): string => (pk.endsWith('#') ? `${pk}*` : pk);

const idOf = (name: TableName): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
