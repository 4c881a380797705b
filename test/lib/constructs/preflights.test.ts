import { describe, expect, test } from 'vitest';
import { anyOrigin, cors, gatewayProblems, routes, securityHeaders } from '../../../lambdas/contract.ts';
import type { SettingsInput } from '../../../lib/settings/settings.ts';
import { listOf, recordOf } from '../template/permissions.ts';
import { type Synthesized, synthesizedOf } from '../template/synthesized.ts';
import { byCognito } from '../template/variants.ts';

const web = 'https://web.example.com';
const page = 'http://localhost:5173';
const settings: Partial<SettingsInput> = {
  applications: {
    web: { kind: 'public', origins: [web] },
    page: { kind: 'public', origins: [page, web] },
    shop: { kind: 'back-end' },
  },
  origins: ['https://of-all.example.com'],
};
const standard = synthesizedOf(settings);

const ofType = ({ resources }: Synthesized, type: string) =>
  Object.values(resources).flatMap(({ Type, Properties }) => (Type === type ? [Properties] : []));

const pathOf = (from: Synthesized, id: unknown): string => {
  const { Ref: ref } = recordOf(id);
  const { ParentId, PathPart } = (typeof ref === 'string' ? from.resources[ref]?.Properties : undefined) ?? {};
  return PathPart === undefined ? '' : `${pathOf(from, ParentId)}/${String(PathPart)}`;
};

const preflightsOf = (from: Synthesized) =>
  ofType(from, 'AWS::ApiGateway::Method')
    .filter(({ HttpMethod }) => HttpMethod === 'OPTIONS')
    .map((method) => ({ path: pathOf(from, method['ResourceId']), ...method }) as Record<string, unknown>);

/** The answer of API Gateway, by its rules for mock integrations: parameters first, then the overrides of the template. */
const answerOf = (from: Synthesized, path: string, headers: Readonly<Record<string, string>>) => {
  const { Integration } = recordOf(preflightsOf(from).find((each) => each['path'] === path));
  const { IntegrationResponses } = recordOf(Integration);
  const [response, ...others] = listOf(IntegrationResponses).map(recordOf);
  if (response === undefined || others.length > 0) throw new Error('Expected one integration response.');
  const answered = new Map(
    Object.entries(recordOf(response['ResponseParameters'])).flatMap(([name, value]) => {
      const constant = /^'(.*)'$/.exec(String(value))?.[1];
      const short = name.replace('method.response.header.', '').toLowerCase();
      return constant === undefined ? [] : [[short, constant] as const];
    }),
  );
  const template = String(recordOf(response['ResponseTemplates'] ?? {})['application/json'] ?? '');
  for (const [name, value] of overridesOf(template, headers)) answered.set(name.toLowerCase(), value);
  return Object.fromEntries(answered);
};

/** Runs the part of Velocity that the template uses, and refuses all else. */
const overridesOf = (template: string, headers: Readonly<Record<string, string>>): readonly [string, string][] => {
  const variables = new Map<string, string | undefined>();
  const overrides: [string, string][] = [];
  let branch: 'none' | 'taken' | 'past' | 'waiting' = 'none';
  for (const line of template.split('\n').filter(Boolean)) {
    const [, name = '', header] = /^#set\(\$(\w+) = \$headers\.get\("(\w+)"\)\)$/.exec(line) ?? [];
    const [, opens, condition = ''] = /^#(if|elseif)\((.*)\)$/.exec(line) ?? [];
    const [, set = '', value = ''] =
      /^#set\(\$context\.responseOverride\.header\.([\w-]+) = "([^"]*)"\)$/.exec(line) ?? [];
    if (header !== undefined) variables.set(name, headers[header]);
    else if (opens !== undefined) {
      const isTrue = condition.split(' || ').some((one) => {
        const [, variable = '', literal] = /^\$(\w+) == "([^"]*)"$/.exec(one) ?? [];
        return literal !== undefined && variables.get(variable) === literal;
      });
      if (opens === 'elseif' && branch !== 'waiting') branch = 'past';
      else branch = isTrue ? 'taken' : 'waiting';
    } else if (line === '#end') branch = 'none';
    else if (set !== '') {
      if (branch === 'taken' || branch === 'none') overrides.push([set, value]);
    } else if (line !== '#set($headers = $input.params().header)') throw new Error(`Not understood: ${line}`);
  }
  return overrides;
};

const paths = [...new Set(routes.map(({ path }) => path))];
const clientPaths = paths.filter((path) => routes.some((route) => route.path === path && route.access === 'client'));
const byAccess: readonly (readonly [string, Partial<SettingsInput>])[] = [
  ['api-key', {}],
  ['iam', { access: 'iam' }],
  ['cognito', byCognito],
];

describe('a preflight', () => {
  test.each(byAccess)('a preflight needs no credentials and calls no function, at any path: %s', (_, access) => {
    const found = preflightsOf(synthesizedOf({ origins: [web], ...access }));
    expect(found.map(({ path }) => path).toSorted()).toEqual(paths.toSorted());
    for (const method of found) {
      expect(method).toMatchObject({ AuthorizationType: 'NONE', ApiKeyRequired: false });
      expect(recordOf(method['Integration'])).toMatchObject({ Type: 'MOCK', PassthroughBehavior: 'NEVER' });
    }
  });
  test('a preflight of any body is no error of the server: another type than JSON is refused by the gateway', () => {
    for (const { Integration, MethodResponses } of preflightsOf(standard)) {
      expect(recordOf(Integration)['RequestTemplates']).toEqual({ 'application/json': '{ "statusCode": 204 }' });
      expect(listOf(MethodResponses).map((each) => recordOf(each)['StatusCode'])).toEqual(['204']);
    }
    expect(gatewayProblems.UNSUPPORTED_MEDIA_TYPE.code).toBe('unsupported-media-type');
  });
  test.each(clientPaths)('a preflight of %s allows each origin of a public application, and no other', (path) => {
    for (const origin of [web, page])
      for (const name of ['Origin', 'origin'])
        expect(answerOf(standard, path, { [name]: origin })).toMatchObject({
          'access-control-allow-origin': origin,
          vary: 'Origin',
        });
    const strangers = [
      'https://of-all.example.com',
      'https://web.example.com.evil.example',
      'https://evil.example',
      'http://web.example.com',
      'https://WEB.example.com',
      'https://web.example.com/',
      'null',
      '*',
      '',
    ];
    for (const origin of strangers) {
      const answer = answerOf(standard, path, { Origin: origin });
      expect(answer['vary']).toBe('Origin');
      expect(answer).not.toHaveProperty('access-control-allow-origin');
    }
    expect(answerOf(standard, path, {})).not.toHaveProperty('access-control-allow-origin');
  });
  test('a preflight allows the origins of all to the applications that have none of their own', () => {
    const inherited = synthesizedOf({ origins: [page], applications: { web: { kind: 'public' } } });
    for (const from of [inherited, synthesizedOf({ origins: [page] })])
      expect(answerOf(from, '/v1/verifications', { Origin: page })['access-control-allow-origin']).toBe(page);
    const backEnd = synthesizedOf({ origins: [page], applications: { shop: { kind: 'back-end' } } });
    for (const from of [backEnd, synthesizedOf()])
      expect(answerOf(from, '/v1/verifications', { Origin: page })).not.toHaveProperty('access-control-allow-origin');
  });
  test('a preflight of the key set allows every origin', () => {
    for (const from of [standard, synthesizedOf({ access: 'iam' })]) {
      const answer = answerOf(from, '/.well-known/jwks.json', { Origin: 'https://anyone.example' });
      expect(answer['access-control-allow-origin']).toBe('*');
    }
  });
  test.each(byAccess)('a preflight names the methods of its path and the headers of the access: %s', (name, access) => {
    const from = synthesizedOf({ origins: [web], ...access });
    for (const path of paths) {
      const answer = answerOf(from, path, { Origin: web });
      const methods = routes.filter((route) => route.path === path).map(({ method }) => method);
      expect(answer['access-control-allow-methods']).toBe(methods.join(','));
      const allowed = ['content-type', 'idempotency-key', 'x-api-key', 'authorization'];
      const signed = ['x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256'];
      expect(answer['access-control-allow-headers']?.split(',')).toEqual([
        ...allowed,
        ...(name === 'iam' ? signed : []),
      ]);
      expect(answer['access-control-max-age']).toBe(String(cors.maxAgeSeconds));
      expect(answer).not.toHaveProperty('access-control-allow-credentials');
      expect(answer).toMatchObject(securityHeaders);
    }
  });
  test('a preflight has declared each header that it sets', () => {
    for (const { Integration, MethodResponses } of preflightsOf(standard)) {
      const [response] = listOf(recordOf(Integration)['IntegrationResponses']).map(recordOf);
      const [declared] = listOf(MethodResponses).map((each) => recordOf(recordOf(each)['ResponseParameters']));
      const names = Object.keys(declared ?? {});
      const set = Object.keys(recordOf(response?.['ResponseParameters']));
      expect(names).toEqual(expect.arrayContaining([...set, 'method.response.header.Access-Control-Allow-Origin']));
      expect(set).toContain('method.response.header.x-request-id');
    }
  });
});

describe('errors that are made before a function', () => {
  test.each(byAccess)('any page may read an error of the gateway, without cookies: %s', (_, access) => {
    const errors = ofType(synthesizedOf(access), 'AWS::ApiGateway::GatewayResponse').filter(
      // Pages call no operator's route.
      ({ ResponseParameters }) => JSON.stringify(ResponseParameters).toLowerCase().includes('access-control'),
    );
    expect(errors).toHaveLength(Object.keys(gatewayProblems).length);
    for (const { ResponseParameters } of errors) {
      const parameters = recordOf(ResponseParameters);
      for (const [name, value] of Object.entries(anyOrigin))
        expect(parameters[`gatewayresponse.header.${name}`]).toBe(`'${value}'`);
      expect(Object.keys(parameters).join()).not.toMatch(/allow-credentials/i);
    }
  });
  test('any page may read an answer of the firewall', () => {
    const [acl] = ofType(standard, 'AWS::WAFv2::WebACL');
    const responses = listOf(acl?.['Rules']).flatMap((rule) => {
      const block = recordOf(recordOf(rule)['Action'] ?? {})['Block'];
      return block === undefined ? [] : [recordOf(recordOf(block)['CustomResponse'])];
    });
    expect(responses).toHaveLength(2);
    for (const { ResponseHeaders } of responses)
      for (const [Name, Value] of Object.entries(anyOrigin)) expect(ResponseHeaders).toContainEqual({ Name, Value });
  });
});
