import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { type IRole, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { EventInvokeConfigOptions } from 'aws-cdk-lib/aws-lambda';
import { CfnConfigurationSet } from 'aws-cdk-lib/aws-smsvoice';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { LambdaSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { receiptEvents, receiptRetries, receiptSetOf } from '../../../lambdas/contract.ts';
import type { ReceiptPolicy } from '../../../lambdas/policy.ts';
import type { OtpFunction } from '../function.ts';
import { allow } from '../iam/allow.ts';

export type ReceiptsProps = {
  /** Of the stack. */
  readonly name: string;
  readonly policy: ReceiptPolicy;
  readonly encryptionKey: Key;
};

const retries = {
  retryAttempts: receiptRetries.attempts,
  maxEventAge: Duration.seconds(receiptRetries.maxAgeSeconds),
} as const;

/**
 * The way of receipts to the function that notes them: events of the account's bus, and those of a
 * configuration set of the stack, which its routes name.
 *
 * An event may hold a whole number. So the topic and the queue of events that were given up are encrypted under a key of their
 * own, and the queue forgets after four days.
 */
export class Receipts extends Construct {
  /** Events that the function could not note, whole. */
  readonly deadLetters: Queue;
  /** Undefined unless receipts come by a configuration set. */
  readonly topic: Topic | undefined;
  readonly configurationSet: CfnConfigurationSet | undefined;
  private readonly key: IKey;
  private readonly policy: ReceiptPolicy;

  constructor(scope: Construct, id: string, { name, policy, encryptionKey }: ReceiptsProps) {
    super(scope, id);
    this.key = encryptionKey;
    this.policy = policy;
    this.deadLetters = this.queue(encryptionKey);
    if (!policy.sources.includes('configuration-set')) return;
    const set = receiptSetOf(name);
    this.topic = this.topicOf(set, encryptionKey);
    this.configurationSet = new CfnConfigurationSet(this, 'Set', {
      configurationSetName: set,
      eventDestinations: [
        {
          eventDestinationName: 'receipts',
          enabled: true,
          matchingEventTypes: ['TEXT_ALL', 'VOICE_ALL'],
          snsDestination: { topicArn: this.topic.topicArn },
        },
      ],
    });
    // AWS asks the policy of the topic before it takes the destination.
    this.configurationSet.node.addDependency(this.topic);
  }

  /** Retries and destination of an event on which the function fails. Lambda needs the permissions of `grantGiveUp` for it. */
  get onFailure(): Pick<EventInvokeConfigOptions, 'retryAttempts' | 'maxEventAge' | 'onFailure'> {
    return { ...retries, onFailure: { bind: () => ({ destination: this.deadLetters.queueArn }) } };
  }

  /** Hands all receipts to a function. */
  feed({ lambda }: OtpFunction): void {
    this.topic?.addSubscription(new LambdaSubscription(lambda));
    if (!this.policy.sources.includes('event-bus')) return;
    new Rule(this, 'Rule', {
      description: 'OTP: what became of messages',
      eventPattern: { source: [receiptEvents.source], detailType: [...receiptEvents.detailTypes] },
      targets: [new LambdaFunction(lambda, retries)],
    });
  }

  /** Lambda gives an event up in the name of the function. */
  grantGiveUp(role: IRole): void {
    const { region, urlSuffix } = Stack.of(this);
    const throughSqs = { StringEquals: { 'kms:ViaService': `sqs.${region}.${urlSuffix}` } };
    allow(role, 'GiveUpReceipts', 'sqs:SendMessage', this.deadLetters.queueArn);
    for (const action of ['Decrypt', 'GenerateDataKey'])
      allow(role, `${action}Receipts`, `kms:${action}`, this.key.keyArn, throughSqs);
  }

  private queue(encryptionMasterKey: IKey): Queue {
    const queue = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey,
      enforceSSL: true,
      retentionPeriod: Duration.days(4),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(queue).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is itself the queue of events that were given up. Nothing reads it but staff.',
    });
    return queue;
  }

  /** https://docs.aws.amazon.com/sms-voice/latest/userguide/configuration-sets-sns-creating-role.html */
  private topicOf(set: string, masterKey: Key): Topic {
    const topic = new Topic(this, 'Topic', { masterKey, enforceSSL: true });
    const stack = Stack.of(this);
    const arn = stack.formatArn({ service: 'sms-voice', resource: 'configuration-set', resourceName: set });
    const conditions = {
      StringEquals: { 'aws:SourceAccount': stack.account },
      ArnLike: { 'aws:SourceArn': arn },
    };
    const principals = [new ServicePrincipal('sms-voice.amazonaws.com')];
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'PublishReceipts',
        principals,
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions,
      }),
    );
    masterKey.addToResourcePolicy(
      new PolicyStatement({
        sid: 'EncryptReceipts',
        principals,
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
        conditions,
      }),
    );
    return topic;
  }
}
