import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { type IRole, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { webhookInputPath, webhookPattern, webhookQueue } from '../../../lambdas/contract.ts';
import type { WebhookPolicy } from '../../../lambdas/policy.ts';
import type { FindingsBus } from '../findings-bus.ts';
import type { OtpFunction } from '../function.ts';
import { allow, type Grantee } from '../iam/allow.ts';

export type WebhooksProps = {
  readonly findingsBus: FindingsBus;
  /** At least one, and one of an application at most. */
  readonly webhooks: readonly WebhookPolicy[];
};

const { batchSize, maxConcurrency, visibilitySeconds, maxTries, keptDays, deadLettersKeptDays } = webhookQueue;

/**
 * The way of events to webhooks: for each webhook a rule on the bus, one queue, the function that delivers, and a queue of dead
 * letters.
 *
 * SQS owns the keys of both queues. An event holds no number and no code, and the bus that it comes from has a key of AWS as
 * well (ADR 117).
 */
export class Webhooks extends Construct {
  readonly queue: Queue;
  /** Events that no consumer took. */
  readonly deadLetters: Queue;
  /** ARNs of the secrets that sign, each once. */
  private readonly secrets: readonly string[];
  private readonly rules: readonly Rule[];

  constructor(scope: Construct, id: string, { findingsBus, webhooks }: WebhooksProps) {
    super(scope, id);
    this.secrets = [...new Set(webhooks.map(({ secret }) => secret))];
    this.deadLetters = this.queueOf('DeadLetters', Duration.days(deadLettersKeptDays));
    Validations.of(this.deadLetters).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is itself the queue of events that were given up. Staff replay them.',
    });
    this.queue = this.queueOf('Queue', Duration.days(keptDays), {
      visibilityTimeout: Duration.seconds(visibilitySeconds),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: maxTries },
    });
    this.rules = webhooks.map((webhook) => this.ruleOf(webhook, findingsBus));
    for (const queue of [this.queue, this.deadLetters]) letRulesSend(queue, this.rules);
  }

  /** Feeds the function. CDK's event source is not used: it grants more than Lambda and the function need. */
  feed({ lambda }: OtpFunction): EventSourceMapping {
    // A function that does not know a new webhook yet would give its first events up.
    for (const rule of this.rules) rule.node.addDependency(lambda);
    return new EventSourceMapping(this, 'Mapping', {
      target: lambda,
      eventSourceArn: this.queue.queueArn,
      batchSize,
      maxConcurrency,
      // The function returns the messages that it could not deliver. The others are deleted.
      reportBatchItemFailures: true,
    });
  }

  /** Lambda receives and deletes in the name of the function, which sets waits, gives up and reads secrets. */
  grantDeliver(role: IRole): void {
    const { queueArn } = this.queue;
    allow(role, 'ReceiveEvents', 'sqs:ReceiveMessage', queueArn);
    allow(role, 'DeleteEvents', 'sqs:DeleteMessage', queueArn);
    allow(role, 'KnowQueue', 'sqs:GetQueueAttributes', queueArn);
    allow(role, 'PostponeEvents', 'sqs:ChangeMessageVisibility', queueArn);
    allow(role, 'GiveUpEvents', 'sqs:SendMessage', this.deadLetters.queueArn);
    role.addToPrincipalPolicy(
      new PolicyStatement({
        sid: 'ReadWebhookSecrets',
        actions: ['secretsmanager:GetSecretValue'],
        resources: [...this.secrets],
      }),
    );
  }

  /** Staff see how many events there are, and read dead letters, which come back. Nothing is deleted or sent. */
  grantLook(role: Grantee): void {
    allow(role, 'CountEvents', 'sqs:GetQueueAttributes', this.queue.queueArn);
    allow(role, 'CountDeadEvents', 'sqs:GetQueueAttributes', this.deadLetters.queueArn);
    this.grantReadDeadLetters(role);
  }

  /** Staff move dead letters back to the queue, from which the function signs and delivers them. */
  grantReplay(role: Grantee): void {
    this.grantReadDeadLetters(role);
    allow(role, 'DeleteDeadEvents', 'sqs:DeleteMessage', this.deadLetters.queueArn);
    allow(role, 'ReplayEvents', 'sqs:SendMessage', this.queue.queueArn);
  }

  private grantReadDeadLetters(role: Grantee): void {
    allow(role, 'ReadDeadEvents', 'sqs:ReceiveMessage', this.deadLetters.queueArn);
    allow(role, 'ShowDeadEvents', 'sqs:ChangeMessageVisibility', this.deadLetters.queueArn);
  }

  private queueOf(id: string, retentionPeriod: Duration, more: QueueProps = {}): Queue {
    return new Queue(this, id, {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod,
      removalPolicy: RemovalPolicy.DESTROY,
      ...more,
    });
  }

  /**
   * A rule of its own for each webhook: its application is the message group. SQS then hands out messages of quiet groups first
   * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html).
   */
  private ruleOf(webhook: WebhookPolicy, { bus }: FindingsBus): Rule {
    const { application } = webhook;
    const { source, detail, 'detail-type': detailType } = webhookPattern(webhook);
    return new Rule(this, `Rule-${application}`, {
      description: `OTP: events for the webhook of ${application}`,
      eventBus: bus,
      eventPattern: { source, detail, detailType: [...detailType] },
      targets: [
        {
          bind: () => ({
            arn: this.queue.queueArn,
            input: RuleTargetInput.fromEventPath(webhookInputPath),
            sqsParameters: { messageGroupId: application },
            deadLetterConfig: { arn: this.deadLetters.queueArn },
          }),
        },
      ],
    });
  }
}

/** EventBridge has no role here. The queue asks which rule sends: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html */
const letRulesSend = (queue: Queue, rules: readonly Rule[]): void => {
  queue.addToResourcePolicy(
    new PolicyStatement({
      sid: 'SendEvents',
      principals: [new ServicePrincipal('events.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      conditions: {
        StringEquals: { 'aws:SourceAccount': Stack.of(queue).account },
        ArnEquals: { 'aws:SourceArn': rules.map(({ ruleArn }) => ruleArn) },
      },
    }),
  );
};
