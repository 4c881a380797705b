import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { Stage } from 'aws-cdk-lib/aws-apigateway';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnIPSet, CfnLoggingConfiguration, CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { anyOrigin, gatewayProblems, maxBodyBytes, problems, securityHeaders } from '../../lambdas/contract.ts';

export type FirewallProps = {
  readonly name: string;
  readonly stage: Stage;
  /** Base URL of the API: the base of problem types. */
  readonly endpoint: string;
  /** Maximum of requests from one IP in five minutes. WAF counts them every few seconds, and reacts as late. */
  readonly requestsPerIp: number;
  /** Ranges of IPs (CIDR) of back ends, which call for many people: no rate holds for them. */
  readonly sourceIps: readonly string[];
  readonly logKey: IKey;
  readonly logRetentionDays: number;
};

/** The name of the rule of requests per IP, of its metrics and of its label. */
export const rateRule = 'RequestsPerIp';

/** WAF writes only to log groups whose names begin like this. */
export const firewallLogNameOf = (name: string): string => `aws-waf-logs-${name}`;

type ManagedGroup = {
  readonly name: string;
  /** Rules that only count, each with the legitimate request that it would block. */
  readonly counted: Readonly<Record<string, string>>;
};

/**
 * AWS's rules that fit an API of small JSON bodies. A rule blocks unless the API reference allows what it matches.
 *
 * The reference decides for the rules that block:
 * - `origin` is a host name, so that the rules against URLs with IPs (RFI, EC2 metadata) match no legitimate body;
 * - a payee takes none of the characters that make a script;
 * - no route takes a query string or a cookie;
 * - ids and `/.well-known/jwks.json` do not look like paths of a file system.
 *
 * The list of anonymizing IPs is left out, because it also has the IPs of legitimate VPN users.
 */
const managedGroups: readonly ManagedGroup[] = [
  { name: 'AWSManagedRulesAmazonIpReputationList', counted: {} },
  {
    name: 'AWSManagedRulesCommonRuleSet',
    counted: {
      NoUserAgent_HEADER:
        'The API requires no User-Agent, and the plain HTTP clients of back ends (Node.js, PHP) send none.',
    },
  },
  { name: 'AWSManagedRulesKnownBadInputsRuleSet', counted: {} },
];

const secretHeaders = ['authorization', 'cookie', 'idempotency-key', 'x-api-key'] as const;

/**
 * The firewall before the API (AWS WAF). It stops floods. The limits of the service do not depend on it.
 *
 * API Gateway answers 403 in our form for a request that the firewall blocks. Its two own rules answer by themselves,
 * because a caller has to know that it is too fast (429) or its body too long (413). WAF sends every JSON body as
 * `application/json`, so that these two lack the type `application/problem+json`, and they have no request id.
 */
export class Firewall extends Construct {
  readonly webAcl: CfnWebACL;
  readonly logGroup: LogGroup;
  /** The `WebACL` dimension of its metrics. WAF reserves `All` and `Default_Action`. */
  readonly metricName: string;

  constructor(scope: Construct, id: string, props: FirewallProps) {
    super(scope, id);
    this.metricName = props.name;
    this.webAcl = this.acl(props);
    new CfnWebACLAssociation(this, 'Association', {
      resourceArn: props.stage.stageArn,
      webAclArn: this.webAcl.attrArn,
    });
    this.logGroup = new LogGroup(this, 'Log', {
      logGroupName: firewallLogNameOf(props.name),
      encryptionKey: props.logKey,
      retention: props.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.keepLog(firewallLogNameOf(props.name));
  }

  private acl({ endpoint, requestsPerIp, sourceIps }: FirewallProps): CfnWebACL {
    return new CfnWebACL(this, 'Acl', {
      description: 'Before the API of the OTP service',
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: visibleAs(this.metricName),
      rules: [...ownRules(requestsPerIp, this.setsOf(sourceIps)), ...managedRules].map((rule, priority) => ({
        ...rule,
        priority,
        visibilityConfig: visibleAs(rule.name),
      })),
      customResponseBodies: {
        'payload-too-large': problem(endpoint, 'payload-too-large', gatewayProblems.REQUEST_TOO_LARGE.detail),
        'too-many-requests': problem(
          endpoint,
          'too-many-requests',
          'Too many requests from this IP. Wait a minute and try again.',
        ),
      },
      // Also in the details of a match: they may be a part of a body, with a number or a code in it.
      dataProtectionConfig: {
        dataProtections: [
          substituted('BODY'),
          substituted('QUERY_STRING'),
          ...secretHeaders.map((header) => substituted('SINGLE_HEADER', [header])),
        ],
      },
    });
  }

  /** A set of WAF has IPs of one family. */
  private setsOf(sourceIps: readonly string[]): readonly CfnIPSet[] {
    return [...Map.groupBy(sourceIps, (range) => (range.includes(':') ? 'IPV6' : 'IPV4'))].map(
      ([ipAddressVersion, addresses]) =>
        new CfnIPSet(this, `BackEnds${ipAddressVersion}`, {
          description: 'Back ends of the OTP service',
          scope: 'REGIONAL',
          ipAddressVersion,
          addresses,
        }),
    );
  }

  /**
   * Logs blocked requests only, and none that the rate rule blocks: in a flood, these records would cost more than the
   * firewall. Its metrics count them. A line has the caller's IP, but no path (it may hold an id) and no secret.
   *
   * The first filter that matches decides: https://github.com/hashicorp/terraform-provider-aws/issues/32665. With `DROP` as
   * the default, WAF kept records with the label: https://github.com/DataBiosphere/azul/issues/6533.
   */
  private keepLog(resourceName: string): void {
    const arn = Stack.of(this).formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    // By name, because WAF does not take the `:*` at the end of the log group's own ARN.
    const logging = new CfnLoggingConfiguration(this, 'Logging', {
      resourceArn: this.webAcl.attrArn,
      logDestinationConfigs: [arn],
      redactedFields: [
        { uriPath: {} },
        { queryString: {} },
        ...secretHeaders.map((Name) => ({ singleHeader: { Name } })),
      ],
      loggingFilter: {
        DefaultBehavior: 'KEEP',
        Filters: [
          dropIf({ LabelNameCondition: { LabelName: `${this.webAcl.attrLabelNamespace}${rateRule}` } }),
          dropIf({ ActionCondition: { Action: 'ALLOW' } }),
        ],
      },
    });
    logging.node.addDependency(this.logGroup);
  }
}

const dropIf = (condition: Readonly<Record<string, unknown>>) => ({
  Behavior: 'DROP',
  Requirement: 'MEETS_ALL',
  Conditions: [condition],
});

/** The rate rule first: a request that an earlier rule blocks would not count for its IP, and be logged however often. */
const ownRules = (requestsPerIp: number, backEnds: readonly CfnIPSet[]) => [
  {
    name: rateRule,
    statement: {
      rateBasedStatement: {
        limit: requestsPerIp,
        evaluationWindowSec: 300,
        aggregateKeyType: 'IP',
        ...outsideOf(backEnds),
      },
    },
    action: { block: { customResponse: answer('too-many-requests', { 'retry-after': '60' }) } },
    // A rate rule labels only what it limits: https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-label-add.html
    ruleLabels: [{ name: rateRule }],
  },
  {
    name: 'BodySize',
    statement: {
      sizeConstraintStatement: {
        // A body that is longer than WAF reads matches as well.
        fieldToMatch: { body: { oversizeHandling: 'MATCH' } },
        comparisonOperator: 'GT',
        size: maxBodyBytes,
        textTransformations: [{ priority: 0, type: 'NONE' }],
      },
    },
    action: { block: { customResponse: answer('payload-too-large') } },
  },
];

/** An "or" of WAF has two statements at least. */
const outsideOf = (sets: readonly CfnIPSet[]): { scopeDownStatement?: CfnWebACL.StatementProperty } => {
  const [first, ...others] = sets.map(({ attrArn }) => ({ ipSetReferenceStatement: { arn: attrArn } }));
  if (first === undefined) return {};
  const inOne = others.length === 0 ? first : { orStatement: { statements: [first, ...others] } };
  return { scopeDownStatement: { notStatement: { statement: inOne } } };
};

const countedBy = (rules: readonly string[]) =>
  rules.length === 0 ? {} : { ruleActionOverrides: rules.map((name) => ({ name, actionToUse: { count: {} } })) };

const managedRules = managedGroups.map(({ name, counted }) => ({
  name,
  statement: { managedRuleGroupStatement: { vendorName: 'AWS', name, ...countedBy(Object.keys(counted)) } },
  overrideAction: { none: {} },
}));

/** No samples: they would show paths and headers in the console. */
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
  responseHeaders: Object.entries({ ...securityHeaders, ...anyOrigin, ...headers }).map(([name, value]) => ({
    name,
    value,
  })),
});

const problem = (endpoint: string, code: OwnProblem, detail: string) => {
  const { status, title } = problems[code];
  return {
    contentType: 'APPLICATION_JSON',
    content: JSON.stringify({ type: `${endpoint}/problems/${code}`, title, status, detail, code }),
  };
};
