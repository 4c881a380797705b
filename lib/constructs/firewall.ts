import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { Stage } from 'aws-cdk-lib/aws-apigateway';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnLogGroup, LogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnLoggingConfiguration, CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { gatewayProblems, maxBodyBytes, problems, securityHeaders } from '../../lambdas/contract.ts';
import { l1 } from './l1.ts';

export type FirewallProps = {
  readonly stage: Stage;
  /** Base URL of the API: the base of problem types. */
  readonly endpoint: string;
  /** Most requests of one address within five minutes. */
  readonly requestsPerAddress: number;
  readonly logGroupName: string;
  readonly logKey: IKey;
  readonly logRetentionDays: number;
};

/** WAF writes to log groups of this prefix only. */
export const firewallLogNameOf = (stackName: string): string => `aws-waf-logs-${stackName}`;

type ManagedGroup = {
  readonly name: string;
  /** Rules that only count, each with the legitimate request that they would block. */
  readonly counted: Readonly<Record<string, string>>;
};

/**
 * AWS's rules that fit an API of small JSON bodies. A rule blocks unless the API reference allows what it looks for.
 *
 * What stays on was held against the reference: `origin` is a host name, so that the rules against URLs with addresses
 * (RFI, EC2 metadata) meet no legitimate body; a payee takes none of the characters that make a script; no route takes
 * a query or a cookie; ids and `/.well-known/jwks.json` look like no path of a file system. The list of anonymising
 * addresses is left out: people behind a VPN are people.
 */
const managedGroups: readonly ManagedGroup[] = [
  { name: 'AWSManagedRulesAmazonIpReputationList', counted: {} },
  {
    name: 'AWSManagedRulesCommonRuleSet',
    counted: {
      NoUserAgent_HEADER:
        'The API asks for no User-Agent, and the plain HTTP clients of back ends (Node.js, PHP) send none.',
    },
  },
  { name: 'AWSManagedRulesKnownBadInputsRuleSet', counted: {} },
];

const secretHeaders = ['authorization', 'cookie', 'idempotency-key', 'x-api-key'] as const;

/**
 * The firewall before the API (AWS WAF). It stops what is loud; whatever passes meets the limits of the service, which
 * do not depend on it.
 *
 * What it blocks is answered 403 by API Gateway in our form; its two rules of our own answer by themselves, because a
 * caller has to know that it is too fast (429) or too long (413). WAF sends JSON as `application/json`, whatever one
 * says, so that these two lack the type `application/problem+json`, and they have no request id.
 */
export class Firewall extends Construct {
  readonly webAcl: CfnWebACL;
  readonly logGroup: LogGroup;
  /** What its metrics are found by. WAF keeps `All` and `Default_Action` for itself, and refuses them as names. */
  readonly metricName: string;

  constructor(scope: Construct, id: string, props: FirewallProps) {
    super(scope, id);
    this.metricName = Stack.of(this).stackName;
    this.webAcl = this.acl(props);
    new CfnWebACLAssociation(this, 'Association', {
      resourceArn: props.stage.stageArn,
      webAclArn: this.webAcl.attrArn,
    });
    this.logGroup = new LogGroup(this, 'Log', {
      logGroupName: props.logGroupName,
      encryptionKey: props.logKey,
      retention: props.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.keepLog(props.logGroupName);
  }

  private acl({ endpoint, requestsPerAddress }: FirewallProps): CfnWebACL {
    const own = [
      {
        name: 'BodySize',
        statement: {
          sizeConstraintStatement: {
            // Longer ones than WAF looks at match as well.
            fieldToMatch: { body: { oversizeHandling: 'MATCH' } },
            comparisonOperator: 'GT',
            size: maxBodyBytes,
            textTransformations: [{ priority: 0, type: 'NONE' }],
          },
        },
        action: { block: { customResponse: answer('payload-too-large') } },
      },
      {
        name: 'RequestsPerAddress',
        statement: {
          rateBasedStatement: { limit: requestsPerAddress, evaluationWindowSec: 300, aggregateKeyType: 'IP' },
        },
        action: { block: { customResponse: answer('too-many-requests', { 'retry-after': '60' }) } },
      },
    ];
    const managed = managedGroups.map(({ name, counted }) => ({
      name,
      statement: {
        managedRuleGroupStatement: {
          vendorName: 'AWS',
          name,
          ...countedBy(Object.keys(counted)),
        },
      },
      overrideAction: { none: {} },
    }));
    return new CfnWebACL(this, 'Acl', {
      description: 'Before the API of the OTP service',
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: visibleAs(this.metricName),
      rules: [...own, ...managed].map((rule, priority) => ({
        ...rule,
        priority,
        visibilityConfig: visibleAs(rule.name),
      })),
      customResponseBodies: {
        'payload-too-large': problem(endpoint, 'payload-too-large', gatewayProblems.REQUEST_TOO_LARGE.detail),
        'too-many-requests': problem(
          endpoint,
          'too-many-requests',
          'Too many requests from this address. Wait a minute and try again.',
        ),
      },
      // Where a rule tells what it matched, too: that may be a part of a body, with a number or a code in it.
      dataProtectionConfig: {
        dataProtections: [
          substituted('BODY'),
          substituted('QUERY_STRING'),
          ...secretHeaders.map((name) => substituted('SINGLE_HEADER', [name])),
        ],
      },
    });
  }

  /** Keeps what was blocked, and nothing of what passed. A line has the caller's address, but no path (it may hold an id) and no secret. */
  private keepLog(resourceName: string): void {
    const arn = Stack.of(this).formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    // By name: WAF does not take the `:*` at the end of the log group's own ARN.
    const logging = new CfnLoggingConfiguration(this, 'Logging', {
      resourceArn: this.webAcl.attrArn,
      logDestinationConfigs: [arn],
      redactedFields: [
        { uriPath: {} },
        { queryString: {} },
        ...secretHeaders.map((Name) => ({ singleHeader: { Name } })),
      ],
      loggingFilter: {
        DefaultBehavior: 'DROP',
        Filters: [
          {
            Behavior: 'KEEP',
            Requirement: 'MEETS_ANY',
            Conditions: [{ ActionCondition: { Action: 'BLOCK' } }],
          },
        ],
      },
    });
    logging.addResourceDependency(l1(this.logGroup, CfnLogGroup));
  }
}

const countedBy = (rules: readonly string[]) =>
  rules.length === 0 ? {} : { ruleActionOverrides: rules.map((name) => ({ name, actionToUse: { count: {} } })) };

/** No samples: they would show paths and headers to whoever may look at the console. */
const visibleAs = (metricName: string) => ({
  cloudWatchMetricsEnabled: true,
  metricName,
  sampledRequestsEnabled: false,
});

const substituted = (fieldType: string, fieldKeys?: readonly string[]) => ({
  field: { fieldType, ...(fieldKeys === undefined ? {} : { fieldKeys: [...fieldKeys] }) },
  action: 'SUBSTITUTION',
  excludeRuleMatchDetails: false,
  excludeRateBasedDetails: false,
});

type OwnProblem = 'payload-too-large' | 'too-many-requests';

const answer = (code: OwnProblem, headers: Readonly<Record<string, string>> = {}) => ({
  responseCode: problems[code].status,
  customResponseBodyKey: code,
  responseHeaders: Object.entries({ ...securityHeaders, ...headers }).map(([name, value]) => ({ name, value })),
});

const problem = (endpoint: string, code: OwnProblem, detail: string) => {
  const { status, title } = problems[code];
  return {
    contentType: 'APPLICATION_JSON',
    content: JSON.stringify({ type: `${endpoint}/problems/${code}`, title, status, detail, code }),
  };
};
