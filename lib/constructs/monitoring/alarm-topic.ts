import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';

export type AlarmTopicProps = {
  readonly encryptionKey: IKey;
  readonly alarmArns: string;
  /** Who is told. Nobody, where it is undefined: others can subscribe to the topic. */
  readonly email: string | undefined;
};

/** What the names of all alarms of a stack begin with. */
export const alarmPrefixOf = (stack: Stack): string => `${stack.stackName}-`;

/** The alarms of a stack, known by their names before any of them exists. */
export const alarmArnsOf = (stack: Stack): string =>
  stack.formatArn({
    service: 'cloudwatch',
    resource: 'alarm',
    resourceName: `${alarmPrefixOf(stack)}*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });

/** CloudWatch, in the name of alarms of ours: another account's alarm is refused, and another stack's. */
export const fromAlarms = (account: string, alarmArns: string) => ({
  StringEquals: { 'aws:SourceAccount': account },
  ArnLike: { 'aws:SourceArn': alarmArns },
});

/**
 * Where alarms go, and who hears of them.
 *
 * `enforceSSL` writes a policy for the topic, which then replaces the default one by which the account's alarms could
 * publish. What CloudWatch needs is therefore said here, and for the key in `OtpKeys`.
 */
export class AlarmTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, { encryptionKey, alarmArns, email }: AlarmTopicProps) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', {
      displayName: 'OTP alarms',
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
}
