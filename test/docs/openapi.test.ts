import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { clientDocumentOf } from '../../docs/generate/openapi/client-document.ts';
import { operatorProblems, operatorRoutes, problems, routes } from '../../lambdas/contract.ts';
import type { Answer } from '../fakes/api-call.ts';
import { document, faultsOf, operationsOf, resolved, undocumented } from '../fakes/openapi.ts';

const operations = Object.entries(document.paths).flatMap(([at, methods]) =>
  operationsOf(methods).map(([method, operation]) => ({ at, method, operation })),
);

/** Each example of the document, with the place of its schema. */
const examples = operations.flatMap(({ at, method, operation }) => {
  const place = ['paths', at, method];
  const answers = Object.entries(operation.responses).flatMap(([status, { content = {} }]) =>
    Object.entries(content).map(([type, media]) => ({
      place: [...place, 'responses', status, 'content', type],
      media,
    })),
  );
  const requests = Object.entries(operation.requestBody?.content ?? {}).map(([type, media]) => ({
    place: [...place, 'requestBody', 'content', type],
    media,
  }));
  return [...requests, ...answers].flatMap(({ place: where, media }) =>
    Object.entries(media.examples ?? {}).map(([name, example]) => ({
      name: `${operation.operationId} ${name}`,
      place: [...where, 'schema'],
      value: resolved<{ value: unknown }>(example).value,
    })),
  );
});

const codeOf = (value: unknown): unknown => (value as { readonly code?: unknown }).code;

const root = path.join(import.meta.dirname, '../..');

/** All text of the functions and of the gateway of operators, from which the sentences of problems come. */
const sources = readdirSync(path.join(root, 'lambdas'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => `lambdas/${name}`)
  .concat('lib/constructs/operator-api.ts')
  .map((name) => readFileSync(path.join(root, name), 'utf8'))
  .join('\n');

describe('the OpenAPI document', () => {
  test('the document has each route of the contract, and no other', () => {
    const described = operations.map(({ at, method }) => `${method.toUpperCase()} ${at}`);
    const wanted = [...routes, ...operatorRoutes].map(({ method, path: at }) => `${method} ${at}`);
    expect(described.toSorted()).toEqual(wanted.toSorted());
  });

  test('the document from which clients are generated has no route, schema, example or credential of operators', () => {
    const whole = JSON.parse(JSON.stringify(document));
    const ofClients = clientDocumentOf(whole);
    expect(Object.keys(ofClients.paths)).toEqual([...new Set(routes.map(({ path: at }) => at))]);
    expect(JSON.stringify(ofClients)).not.toMatch(
      /operator-|OperatorProblem|operatorIam|finding-not-found|\/_operator/,
    );
    // Each reference of it leads somewhere.
    for (const [, kind = '', name = ''] of JSON.stringify(ofClients).matchAll(/"#\/components\/(\w+)\/([^"]+)"/g))
      expect(ofClients.components[kind], `${kind}/${name}`).toHaveProperty([name]);
    expect(Object.keys(ofClients.components.schemas)).toContain('ProblemCode');
    for (const name of ['Finding', 'What', 'Group', 'Export'])
      expect([name, ofClients.components.schemas[name]]).toEqual([name, undefined]);
  });

  test('a route of operators takes signed requests alone, at a base URL of its own', () => {
    for (const { path: at, method } of operatorRoutes) {
      const { servers } = document.paths[at] as unknown as { readonly servers: readonly { readonly url: string }[] };
      expect(servers.map(({ url }) => url)).toEqual(['http://127.0.0.1:4000/_operator', '{operatorEndpoint}']);
      const operation = document.paths[at]?.[method.toLowerCase()];
      expect(operation).toMatchObject({ tags: ['Operators'], security: [{ operatorIam: [] }] });
    }
  });

  test('the document gives each operation a name of its own', () => {
    const names = operations.map(({ operation }) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
  });

  test('no field is bound to a list of the settings, which another deployment has otherwise', () => {
    const { VerificationRequest: asked } = document.components.schemas;
    const lists = JSON.stringify(asked).match(/"enum":\[[^\]]*\]/g);
    expect(JSON.stringify(asked)).toContain('"origin":{');
    // The channels are those of the API, of which a deployment may allow one alone.
    expect(lists).toEqual(['"enum":["sms","voice"]']);
  });

  test('every example fits its schema, in requests and answers', () => {
    expect(examples.length).toBeGreaterThan(60);
    expect(
      examples.flatMap(({ name, place, value }) => faultsOf(value, place).map((each) => `${name}: ${each}`)),
    ).toEqual([]);
  });

  test('every problem that a route answers has an example', () => {
    const shown = new Set(examples.map(({ value }) => codeOf(value)));
    const missing = Object.keys({ ...problems, ...operatorProblems }).filter((code) => !shown.has(code));
    // Only the controls of local mode answer it.
    expect(missing).toEqual(['method-not-allowed']);
  });

  test('every sentence of a problem is one that the functions say', () => {
    const details = new Set(
      examples
        .map(({ value }) => value as { readonly detail?: string })
        .flatMap(({ detail }) => (detail === undefined ? [] : [detail])),
    );
    expect(details.size).toBeGreaterThan(20);
    // The seconds of a limit stand at the end, and the functions put them there. So they do with the id of an export.
    const said = [...details].map((detail) =>
      detail.replace(/ in \d+ seconds\.$/, '').replace(/ this is [\w-]{36}\..*/, ' this is '),
    );
    // Some details are put together of sentences.
    const areSaid = (detail: string) => detail.split(/(?<=\.) /).every((part) => sources.includes(part));
    const unknown = said.filter((detail) => !sources.includes(detail) && !areSaid(detail));
    expect(unknown).toEqual([]);
  });
});

const answerOf = (status: number, body: object, more: Record<string, string> = {}): Answer => ({
  status,
  body: body as Record<string, unknown>,
  text: JSON.stringify(body),
  headers: new Headers({ 'content-type': 'application/problem+json', ...more }),
});
const tooSoon = examples.find(({ value }) => codeOf(value) === 'resend-too-soon')?.value as object;
const waiting = { 'retry-after': '30' };

describe('an answer', () => {
  test('an answer that the document describes has nothing undocumented', () => {
    expect(undocumented('POST', '/v1/verifications', answerOf(429, tooSoon, waiting))).toEqual([]);
  });

  test.each<readonly [string, string, Answer]>([
    ['another status', '/v1/verifications', answerOf(418, tooSoon, waiting)],
    ['another problem', '/v1/verifications', answerOf(429, { ...tooSoon, code: 'code-expired' }, waiting)],
    ['another field', '/v1/verifications', answerOf(429, { ...tooSoon, key: 'a' }, waiting)],
    ['a field of another type', '/v1/verifications', answerOf(429, { ...tooSoon, limit: 1 }, waiting)],
    ['no time to wait', '/v1/verifications', answerOf(429, tooSoon)],
    ['a time that is no number', '/v1/verifications', answerOf(429, tooSoon, { 'retry-after': 'soon' })],
    ['another media type', '/v1/verifications', answerOf(429, tooSoon, { ...waiting, 'content-type': 'text/html' })],
    ['a problem of another route', '/v1/verifications/a/check', answerOf(429, tooSoon, waiting)],
  ])('an answer is undocumented if it has %s', (_, at, answer) => {
    expect(undocumented('POST', at, answer)).not.toEqual([]);
  });
});
