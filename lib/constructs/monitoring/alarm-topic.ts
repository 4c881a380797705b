import { ArnFormat, Stack } from 'aws-cdk-lib';
import { type IRole, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { alarmPrefixOf } from '../../../lambdas/contract.ts';
import { allow } from '../iam/allow.ts';

export type AlarmTopicProps = {
  readonly name: string;
  readonly encryptionKey: IKey;
  readonly alarmArns: string;
  /** The first subscriber; more can be added to the topic. */
  readonly email: string | undefined;
};

/** The ARN of all alarms, with a wildcard, known before the first of them is made. */
export const alarmArnsOf = (stack: Stack, name: string): string =>
  stack.formatArn({
    service: 'cloudwatch',
    resource: 'alarm',
    resourceName: `${alarmPrefixOf(name)}*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });

/** CloudWatch on behalf of these alarms. It may not act for an alarm of another account or another service. */
export const fromAlarms = (account: string, alarmArns: string) => ({
  StringEquals: { 'aws:SourceAccount': account },
  ArnLike: { 'aws:SourceArn': alarmArns },
});

/**
 * The topic of the alarms, with its subscriber.
 *
 * `enforceSSL` adds a policy to the topic. It replaces the default policy, which lets the alarms of the account publish.
 * This class therefore grants CloudWatch the topic, and `OtpKeys` grants it the key.
 */
export class AlarmTopic extends Construct {
  readonly topic: Topic;
  readonly encryptionKey: IKey;

  constructor(scope: Construct, id: string, { name, encryptionKey, alarmArns, email }: AlarmTopicProps) {
    super(scope, id);
    this.encryptionKey = encryptionKey;
    this.topic = new Topic(this, 'Topic', {
      // The sender of the mails.
      displayName: `${name} alarms`,
      masterKey: encryptionKey,
      enforceSSL: true,
    });
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'PublishOurAlarms',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: fromAlarms(Stack.of(this).account, alarmArns),
      }),
    );
    if (email !== undefined) this.topic.addSubscription(new EmailSubscription(email));
  }

  /** Reads the subscriptions of the topic. */
  grantReadReceivers(role: IRole): void {
    allow(role, 'ReadSubscriptions', 'sns:ListSubscriptionsByTopic', this.topic.topicArn);
  }
}
