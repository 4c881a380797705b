/** The API of operators, as the template has it. */

import { describe, expect, test } from 'vitest';
import { gatewayProblems, operatorRoutes } from '../../../lambdas/contract.ts';
import { listOf, recordOf } from '../template/permissions.ts';
import { type Synthesized, synthesizedOf } from '../template/synthesized.ts';
import { byCognito } from '../template/variants.ts';

const standard = synthesizedOf();

const ofOperators = ({ resources }: Synthesized, type: string) =>
  Object.entries(resources).flatMap(([id, { Type, Properties }]) =>
    Type === type && id.startsWith('OperatorApi') ? [Properties] : [],
  );
const only = (from: Synthesized, type: string) => {
  const [first, ...others] = ofOperators(from, type);
  if (first === undefined || others.length > 0) throw new Error(`Expected one ${type} of operators.`);
  return first;
};

const pathOf = (from: Synthesized, id: unknown): string => {
  const { Ref: ref } = recordOf(id);
  const { ParentId, PathPart } = (typeof ref === 'string' ? from.resources[ref]?.Properties : undefined) ?? {};
  return PathPart === undefined ? '' : `${pathOf(from, ParentId)}/${String(PathPart)}`;
};

describe('the API of operators', () => {
  test.each([
    ['api-key', standard],
    ['iam', synthesizedOf({ access: 'iam' })],
    ['cognito', synthesizedOf(byCognito)],
  ] as const)('the API of operators has their routes, signed by IAM, whatever client apps use: %s', (_, from) => {
    const methods = ofOperators(from, 'AWS::ApiGateway::Method').map((each) => [
      `${String(each['HttpMethod'])} ${pathOf(from, each['ResourceId'])}`,
      each['AuthorizationType'],
      each['ApiKeyRequired'] ?? false,
    ]);
    const expected = operatorRoutes.map(({ method, path }) => [`${method} ${path}`, 'AWS_IAM', false]);
    expect(methods.toSorted()).toEqual(expected.toSorted());
  });
  test('the API of operators has a throttle of its own and no usage plan', () => {
    const [settings] = listOf(only(standard, 'AWS::ApiGateway::Stage')['MethodSettings']).map(recordOf);
    expect(settings).toMatchObject({ ThrottlingRateLimit: 10, ThrottlingBurstLimit: 20, DataTraceEnabled: false });
    expect(settings).toMatchObject({ MetricsEnabled: false });
    expect(JSON.stringify(standard.resources)).toContain('AWS::ApiGateway::UsagePlan');
    for (const { Properties } of Object.values(standard.resources).filter(({ Type }) => Type.endsWith('UsagePlan')))
      expect(JSON.stringify(Properties)).not.toContain('OperatorApi');
  });
  test('the access log of operators has who calls, and neither path nor query nor body', () => {
    const { Format } = recordOf(only(standard, 'AWS::ApiGateway::Stage')['AccessLogSetting']);
    expect(Object.values(recordOf(JSON.parse(String(Format)))).toSorted()).toEqual([
      '$context.error.responseType',
      '$context.httpMethod',
      '$context.identity.userArn',
      '$context.requestId',
      '$context.requestTimeEpoch',
      '$context.resourcePath',
      '$context.responseLatency',
      '$context.status',
    ]);
  });
  test('each error of the gateway of operators is a problem, which pages of no origin may read', () => {
    const errors = ofOperators(standard, 'AWS::ApiGateway::GatewayResponse');
    expect(errors).toHaveLength(Object.keys(gatewayProblems).length);
    expect(JSON.stringify(errors).toLowerCase()).not.toContain('access-control');
  });
  test('no route of operators has a number or an IP in its path or query', () => {
    const words = operatorRoutes.flatMap(({ path, query }) => [...query, ...path.split('/')]);
    expect(words.filter((word) => /\{(?!id\})|phone|ip$/.test(word))).toEqual([]);
  });
});

describe('the policy of the API of operators', () => {
  const statementsOf = (from: Synthesized) =>
    listOf(recordOf(only(from, 'AWS::ApiGateway::RestApi')['Policy'])['Statement'])
      .map(recordOf)
      .map(({ Sid, Effect, Action, Condition }) => [
        Sid,
        Effect,
        Action,
        JSON.parse(from.spell(JSON.stringify(Condition))),
      ]);

  test('the policy of the API of operators keeps other accounts out', () => {
    expect(statementsOf(standard)).toEqual([
      [
        'KeepOtherAccountsOut',
        'Deny',
        'execute-api:Invoke',
        { StringNotEquals: { 'aws:PrincipalAccount': { Ref: 'AWS::AccountId' } } },
      ],
    ]);
  });
  test('the policy of the API of operators keeps all roles out that the settings do not name', () => {
    const named = synthesizedOf({ operatorRoles: ['otp-analyst', 'desk/otp-*'] });
    const statements = statementsOf(named);
    expect(statements).toHaveLength(2);
    const role = (name: string) => ({
      'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::', { Ref: 'AWS::AccountId' }, `:role/${name}`]],
    });
    expect(statements[1]).toEqual([
      'KeepOtherRolesOut',
      'Deny',
      'execute-api:Invoke',
      { ArnNotLike: { 'aws:PrincipalArn': [role('otp-analyst'), role('desk/otp-*')] } },
    ]);
  });
});
