import { Stack } from 'aws-cdk-lib';
import { Rule, type RuleTargetConfig, RuleTargetInput, type RuleTargetInputProperties } from 'aws-cdk-lib/aws-events';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { findingMail, findingMailTemplate } from '../../../lambdas/contract.ts';
import type { FindingsBus } from '../findings-bus.ts';
import { allow } from '../iam/allow.ts';
import type { AlarmTopic } from './alarm-topic.ts';

export type FindingMailProps = {
  /** Of the stack. */
  readonly name: string;
  readonly findingsBus: FindingsBus;
  readonly alarmTopic: AlarmTopic;
  readonly dashboard: { readonly url: string };
};

/** The name of a stack may be longer than that of a rule. Rules on buses of their own may share a name. */
const maxRuleName = 64;
const suffix = '-mail';

/**
 * Makes a mail of each finding that staff are to see at once: the text is the finding.
 *
 * EventBridge publishes by a role that this rule alone may take. It names no source to the policies of a topic and of its key, so
 * that a condition there would refuse every mail without a word:
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html,
 * https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
export class FindingMail extends Construct {
  readonly rule: Rule;
  readonly role: Role;
  readonly busName: string;
  readonly ruleName: string;

  constructor(scope: Construct, id: string, { name, findingsBus, alarmTopic, dashboard }: FindingMailProps) {
    super(scope, id);
    const { bus } = findingsBus;
    const { topic, encryptionKey } = alarmTopic;
    this.busName = bus.eventBusName;
    this.ruleName = `${name.slice(0, maxRuleName - suffix.length)}${suffix}`;
    this.role = this.roleOfRule();
    const { region, urlSuffix } = Stack.of(this);
    const throughSns = { StringEquals: { 'kms:ViaService': `sns.${region}.${urlSuffix}` } };
    allow(this.role, 'PublishFindings', 'sns:Publish', topic.topicArn);
    for (const action of ['Decrypt', 'GenerateDataKey'])
      allow(this.role, `${action}Mails`, `kms:${action}`, encryptionKey.keyArn, throughSns);
    const target = { arn: topic.topicArn, role: this.role, input: new MailText(dashboard.url) };
    this.rule = new Rule(this, 'Rule', {
      ruleName: this.ruleName,
      description: 'OTP: makes a mail of each finding that staff are to see at once',
      eventBus: bus,
      eventPattern: patternOf(findingMail.pattern),
      targets: [{ bind: (): RuleTargetConfig => target }],
    });
    // A finding that comes before the permission would be lost.
    this.rule.node.addDependency(this.role);
  }

  /** By its name, because the rule names the role. */
  private roleOfRule(): Role {
    const stack = Stack.of(this);
    const ruleArn = stack.formatArn({
      service: 'events',
      resource: 'rule',
      resourceName: `${this.busName}/${this.ruleName}`,
    });
    const conditions = {
      StringEquals: { 'aws:SourceAccount': stack.account },
      ArnEquals: { 'aws:SourceArn': ruleArn },
    };
    return new Role(this, 'Role', { assumedBy: new ServicePrincipal('events.amazonaws.com', { conditions }) });
  }
}

/** CDK's own texts put references to the event into a template of theirs. This one is known to local mode as well. */
class MailText extends RuleTargetInput {
  private readonly dashboardUrl: string;

  constructor(dashboardUrl: string) {
    super();
    this.dashboardUrl = dashboardUrl;
  }

  bind(): RuleTargetInputProperties {
    return { inputPathsMap: { ...findingMail.paths }, inputTemplate: findingMailTemplate(this.dashboardUrl) };
  }
}

const patternOf = ({ source, 'detail-type': detailType, detail }: typeof findingMail.pattern) => ({
  source: [...source],
  detailType: [...detailType],
  detail,
});
