import { describe, expect, inject, test } from 'vitest';
import { operatorRoutes, routes } from '../../../lambdas/contract.ts';
import { decide } from '../decide.ts';
import { account, deploy, managedPolicyOf, region } from '../deployed.ts';

const template = inject('template');
const deployed = deploy(template);

/** The ids of both APIs, as the policies name them. */
const idOf = (isOfOperators: boolean): string => {
  const [found] = Object.entries(template.resources).filter(
    ([id, { Type }]) => Type === 'AWS::ApiGateway::RestApi' && id.startsWith('OperatorApi') === isOfOperators,
  );
  return found?.[0].toLowerCase() ?? expect.fail('The template has no such API.');
};

const callOf = (api: string, method: string, path: string) => ({
  by: 'read-desk' as const,
  action: 'execute-api:Invoke',
  on: `arn:aws:execute-api:${region}:${account}:${api}/otp/${method}${path.replaceAll(/\{\w+\}/g, 'some-id')}`,
  // The API keeps other accounts out.
  context: { 'aws:PrincipalAccount': account },
});
const desk = operatorRoutes.map(({ method, path }) => ({
  route: `${method} ${path}`,
  call: callOf(idOf(true), method, path),
}));

const allowedBy = async (policy: string): Promise<readonly string[]> => {
  const statements = managedPolicyOf(template, policy);
  const tried = await Promise.all(
    desk.map(async ({ route, call }) => ((await decide(deployed, call, statements)).isAllowed ? [route] : [])),
  );
  return tried.flat();
};

const ofNumbers = ['POST /v1/numbers/history', 'POST /v1/numbers/erase'];

describe('a privacy officer', () => {
  test('a privacy officer calls the two routes of numbers, and no other of operators', async () => {
    expect(await allowedBy('AccessPrivacyOfficer')).toEqual(ofNumbers);
  });

  test('a privacy officer calls no route of client apps, and does nothing past the API', async () => {
    const statements = managedPolicyOf(template, 'AccessPrivacyOfficer');
    const ofClients = routes.map(({ method, path }) => callOf(idOf(false), method, path));
    const direct = [
      ['dynamodb:Query', 'Security'],
      ['dynamodb:DeleteItem', 'Security'],
      ['dynamodb:GetItem', 'Guards'],
      ['kms:GenerateMac', 'PseudonymKey'],
      ['kms:Decrypt', 'SecurityKey'],
      ['lambda:InvokeFunction', 'erase-number'],
    ].map(([action = '', on = '']) => ({ by: 'read-desk' as const, action, on, context: {} }));
    for (const call of [...ofClients, ...direct])
      expect((await decide(deployed, call, statements)).isAllowed, `${call.action} ${call.on}`).toBe(false);
  });

  test.each([
    ['AccessSecurityAnalyst', true],
    ['AccessAuditor', true],
    ['AccessAuditorFunctions', false],
    ['AccessClient', false],
  ])('the policy %s reads no history of a number and erases none', async (policy, hasRoutes) => {
    const allowed = await allowedBy(policy);
    expect(allowed.filter((route) => ofNumbers.includes(route))).toEqual([]);
    expect(allowed.length > 0).toBe(hasRoutes);
  });
});
