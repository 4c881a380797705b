import { describe, expect, test } from 'vitest';
import { maxBodyBytes, problems, securityHeaders } from '../../../lambdas/contract.ts';
import type { SettingsInput } from '../../../lib/settings/settings.ts';
import { listOf, recordOf } from '../template/permissions.ts';
import { logicalId, type Synthesized, synthesizedOf } from '../template/synthesized.ts';

const standard = synthesizedOf();
const propertiesOf = ({ resources }: Synthesized, type: string) => {
  const [first, ...others] = Object.values(resources).filter(({ Type }) => Type === type);
  if (first === undefined || others.length > 0) throw new Error(`Expected one ${type}`);
  return first.Properties;
};
const acl = propertiesOf(standard, 'AWS::WAFv2::WebACL');
const rules = listOf(acl['Rules']).map(recordOf);
const ruleOf = (name: string, from = rules) => {
  const found = from.find((rule) => rule['Name'] === name);
  if (found === undefined) throw new Error(`There is no rule ${name}`);
  return found;
};

describe('the firewall', () => {
  test('the firewall stands before the stage of the API', () => {
    const { ResourceArn, WebACLArn } = propertiesOf(standard, 'AWS::WAFv2::WebACLAssociation');
    expect(standard.spell(ResourceArn)).toBe('arn:<Partition>:apigateway:<Region>::/restapis/RestApi/stages/Stage');
    expect(standard.spell(WebACLArn)).toBe('Firewall');
    expect(acl).toMatchObject({ Scope: 'REGIONAL', DefaultAction: { Allow: {} } });
  });
  test('the firewall has these rules, in this order, and no others', () => {
    expect(rules.map((rule) => [rule['Priority'], rule['Name']])).toEqual([
      [0, 'RequestsPerIp'],
      [1, 'BodySize'],
      [2, 'AWSManagedRulesAmazonIpReputationList'],
      [3, 'AWSManagedRulesCommonRuleSet'],
      [4, 'AWSManagedRulesKnownBadInputsRuleSet'],
    ]);
  });
  test('the firewall is counted under names that WAF does not keep for itself', () => {
    const visible = [acl, ...rules].map((each) => recordOf(each['VisibilityConfig']));
    const names = visible.map(({ CloudWatchMetricsEnabled, MetricName }) => [CloudWatchMetricsEnabled, MetricName]);
    expect(names).toEqual([[true, 'OtpService'], ...rules.map((rule) => [true, rule['Name']])]);
    for (const [, name] of names) expect(name).toMatch(/^(?!(All|Default_Action)$)[A-Za-z0-9_-]{1,128}$/);
  });
  test('the firewall lets the managed rules block, except the one that would refuse what the API reference allows', () => {
    const overrides = rules.slice(2).map((rule) => {
      expect(rule['OverrideAction']).toEqual({ None: {} });
      const { Name, VendorName, RuleActionOverrides, ExcludedRules, ScopeDownStatement } = recordOf(
        recordOf(rule['Statement'])['ManagedRuleGroupStatement'],
      );
      expect([VendorName, ExcludedRules, ScopeDownStatement]).toEqual(['AWS', undefined, undefined]);
      return [Name, RuleActionOverrides];
    });
    expect(Object.fromEntries(overrides)).toEqual({
      AWSManagedRulesAmazonIpReputationList: undefined,
      AWSManagedRulesCommonRuleSet: [{ Name: 'NoUserAgent_HEADER', ActionToUse: { Count: {} } }],
      AWSManagedRulesKnownBadInputsRuleSet: undefined,
    });
  });
  test('the firewall answers a body that is too long as the functions do: 413', () => {
    const rule = ruleOf('BodySize');
    expect(recordOf(rule['Statement'])['SizeConstraintStatement']).toMatchObject({
      FieldToMatch: { Body: { OversizeHandling: 'MATCH' } },
      ComparisonOperator: 'GT',
      Size: maxBodyBytes,
    });
    expect(rule['Action']).toMatchObject({ Block: { CustomResponse: { ResponseCode: 413 } } });
  });
  test.each<readonly [number, Partial<SettingsInput>]>([
    [600, {}],
    [210, { throttle: { ratePerSecond: 7 } }],
    [10, { firewallRequestsPerIp: 10 }],
    [5000, { firewallRequestsPerIp: 5000, throttle: { ratePerSecond: 170 } }],
  ])(
    'the firewall lets one IP make %i requests in five minutes, a tenth of the throttle or less, and then answers 429: %o',
    (max, settings) => {
      const from = synthesizedOf(settings);
      const rule = ruleOf('RequestsPerIp', listOf(propertiesOf(from, 'AWS::WAFv2::WebACL')['Rules']).map(recordOf));
      // By the address that made the connection: a header could name any.
      expect(recordOf(rule['Statement'])).toEqual({
        RateBasedStatement: { Limit: max, EvaluationWindowSec: 300, AggregateKeyType: 'IP' },
      });
      const { CustomResponse } = recordOf(recordOf(rule['Action'])['Block']);
      expect(CustomResponse).toMatchObject({ ResponseCode: 429 });
      expect(recordOf(CustomResponse)['ResponseHeaders']).toContainEqual({ Name: 'retry-after', Value: '60' });
    },
  );
  test('the firewall counts no request from the IPs of a back end for its rate, IPv4 and IPv6 alike', () => {
    const statementOf = (sourceIps: readonly string[]) => {
      const shop = { kind: 'back-end' as const, sourceIps: [...sourceIps] };
      const applications = { shop, web: { kind: 'public' as const } };
      const from = synthesizedOf({ applications });
      const sets = Object.entries(from.resources).filter(([, { Type }]) => Type === 'AWS::WAFv2::IPSet');
      const rule = ruleOf('RequestsPerIp', listOf(propertiesOf(from, 'AWS::WAFv2::WebACL')['Rules']).map(recordOf));
      const { ScopeDownStatement, AggregateKeyType } = recordOf(recordOf(rule['Statement'])['RateBasedStatement']);
      expect(AggregateKeyType).toBe('IP');
      return { sets, statement: recordOf(ScopeDownStatement) };
    };
    const inSet = ([id]: readonly [string, unknown]) => ({
      IPSetReferenceStatement: { Arn: { 'Fn::GetAtt': [id, 'Arn'] } },
    });
    const both = statementOf(['203.0.113.0/24', '2001:db8:42::/48', '198.51.100.7/32']);
    expect(both.sets.map(([, { Properties }]) => Properties)).toMatchObject([
      { Scope: 'REGIONAL', IPAddressVersion: 'IPV4', Addresses: ['203.0.113.0/24', '198.51.100.7/32'] },
      { Scope: 'REGIONAL', IPAddressVersion: 'IPV6', Addresses: ['2001:db8:42::/48'] },
    ]);
    expect(both.statement).toEqual({
      NotStatement: { Statement: { OrStatement: { Statements: both.sets.map(inSet) } } },
    });
    const one = statementOf(['2001:db8:42::/48']);
    expect(one.sets).toHaveLength(1);
    expect(one.statement).toEqual({ NotStatement: { Statement: one.sets.map(inSet)[0] } });
  });
  test.each(['payload-too-large', 'too-many-requests'] as const)(
    'the firewall answers %s as a problem of the contract',
    (code) => {
      const { ContentType, Content } = recordOf(recordOf(acl['CustomResponseBodies'])[code]);
      const { status, title } = problems[code];
      const body = recordOf(JSON.parse(standard.spell(Content)));
      expect(ContentType).toBe('APPLICATION_JSON');
      expect(body).toMatchObject({ title, status, code });
      expect(body['type']).toBe(`https://RestApi.execute-api.<Region>.<URLSuffix>/otp/problems/${code}`);
      const responses = rules.flatMap((rule) => {
        const block = recordOf(rule['Action'] ?? {})['Block'];
        return block === undefined ? [] : [recordOf(recordOf(block)['CustomResponse'])];
      });
      const headers = listOf(responses.find((each) => each['CustomResponseBodyKey'] === code)?.['ResponseHeaders']);
      for (const [Name, Value] of Object.entries(securityHeaders)) expect(headers).toContainEqual({ Name, Value });
      // WAF's own limits, and the one header that it does not let anybody set.
      expect(headers.length).toBeLessThanOrEqual(10);
      expect(headers.map((header) => String(recordOf(header)['Name']))).not.toContain('content-type');
    },
  );
});

const firewallOf = ({ stack: { service } }: Synthesized) => {
  if (service.firewall === undefined) throw new Error('There is no firewall');
  return service.firewall;
};

describe('the log of the firewall', () => {
  const logging = propertiesOf(standard, 'AWS::WAFv2::LoggingConfiguration');
  const secrets = ['authorization', 'cookie', 'idempotency-key', 'x-api-key'];

  test('the log of the firewall goes to a group of the name that WAF asks for, by an ARN without a star', () => {
    expect(listOf(logging['LogDestinationConfigs']).map(standard.spell)).toEqual([
      'arn:<Partition>:logs:<Region>:<AccountId>:log-group:aws-waf-logs-OtpService',
    ]);
  });
  test('the log of the firewall has no path, because a path holds the id of a verification, no query and no secret header', () => {
    expect(logging['RedactedFields']).toEqual([
      { UriPath: {} },
      { QueryString: {} },
      ...secrets.map((Name) => ({ SingleHeader: { Name } })),
    ]);
  });
  test('the log of the firewall has no part of a body, also where a rule tells what it matched', () => {
    const protections = listOf(recordOf(acl['DataProtectionConfig'])['DataProtections']).map(recordOf);
    const fields = protections.map(({ Field, Action, ExcludeRuleMatchDetails, ExcludeRateBasedDetails }) => {
      expect([Action, ExcludeRuleMatchDetails, ExcludeRateBasedDetails]).toEqual(['SUBSTITUTION', false, false]);
      return Field;
    });
    expect(fields).toEqual([
      { FieldType: 'BODY' },
      { FieldType: 'QUERY_STRING' },
      ...secrets.map((name) => ({ FieldType: 'SINGLE_HEADER', FieldKeys: [name] })),
    ]);
  });
  const filters = listOf(recordOf(logging['LoggingFilter'])['Filters']).map(recordOf);
  const label = standard.spell({ 'Fn::GetAtt': [logicalId(firewallOf(standard).webAcl), 'LabelNamespace'] });
  const counted = 'awswaf:managed:aws:core-rule-set:NoUserAgent_Header';
  /** What WAF does with the record of a request: the first filter that matches decides. */
  const isKept = (action: string, ...labels: readonly string[]): boolean => {
    const { DefaultBehavior } = recordOf(logging['LoggingFilter']);
    const first = filters.find(({ Conditions }) =>
      listOf(Conditions)
        .map(recordOf)
        .every(({ ActionCondition, LabelNameCondition }) =>
          ActionCondition === undefined
            ? labels.includes(standard.spell(recordOf(LabelNameCondition)['LabelName']))
            : recordOf(ActionCondition)['Action'] === action,
        ),
    );
    return (first?.['Behavior'] ?? DefaultBehavior) === 'KEEP';
  };
  test('the log of the firewall has what was blocked, and nothing that passed', () => {
    expect([isKept('BLOCK'), isKept('BLOCK', counted)]).toEqual([true, true]);
    expect([isKept('ALLOW'), isKept('ALLOW', counted)]).toEqual([false, false]);
  });
  test('the log of the firewall has no record of a flood: the rate rule labels what it blocks, and the label drops it', () => {
    expect(ruleOf('RequestsPerIp')['RuleLabels']).toEqual([{ Name: 'RequestsPerIp' }]);
    expect(rules.filter((rule) => rule['RuleLabels'] !== undefined)).toHaveLength(1);
    expect(isKept('BLOCK', `${label}RequestsPerIp`)).toBe(false);
  });
  test('the log of the firewall has no second way for a flood: the rate rule counts a request before any rule blocks it', () => {
    const [first] = rules.toSorted((a, b) => Number(a['Priority']) - Number(b['Priority']));
    expect(first?.['Name']).toBe('RequestsPerIp');
    expect(recordOf(recordOf(first?.['Statement'])['RateBasedStatement'])).not.toHaveProperty('ScopeDownStatement');
  });
  test('the log of the firewall is not undone by samples, which would show paths and keys in the console', () => {
    const visible = [acl['VisibilityConfig'], ...rules.map((rule) => rule['VisibilityConfig'])].map(recordOf);
    expect(visible.map((each) => each['SampledRequestsEnabled'])).toEqual(visible.map(() => false));
  });
});

describe('without a firewall', () => {
  const without = synthesizedOf({ firewall: false });

  test('there is nothing of it, and all else is the same', () => {
    const typesOf = ({ resources }: Synthesized) => Object.values(resources).map(({ Type }) => Type);
    expect(typesOf(without).filter((type) => type.startsWith('AWS::WAFv2::'))).toEqual([]);
    const rest = typesOf(standard).filter((type) => !type.startsWith('AWS::WAFv2::'));
    // Its log, and the two alarms that watch it.
    for (const type of ['AWS::Logs::LogGroup', 'AWS::CloudWatch::Alarm', 'AWS::CloudWatch::Alarm'])
      rest.splice(rest.indexOf(type), 1);
    expect(typesOf(without).toSorted()).toEqual(rest.toSorted());
  });
  test('the log key is for no log of it', () => {
    expect(JSON.stringify(without.resources)).not.toContain('aws-waf-logs');
  });
});
