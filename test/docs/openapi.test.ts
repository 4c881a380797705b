import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { problems, routes } from '../../lambdas/contract.ts';
import type { Answer } from '../fakes/api-call.ts';
import { document, faultsOf, resolved, undocumented } from '../fakes/openapi.ts';

const operations = Object.entries(document.paths).flatMap(([at, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ at, method, operation })),
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

/** All text of the functions, from which the sentences of problems come. */
const sources = readdirSync(path.join(import.meta.dirname, '../../lambdas'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(path.join(import.meta.dirname, '../../lambdas', name), 'utf8'))
  .join('\n');

describe('the OpenAPI document', () => {
  test('the document has each route of the contract, and no other', () => {
    const described = operations.map(({ at, method }) => `${method.toUpperCase()} ${at}`);
    expect(described.toSorted()).toEqual(routes.map(({ method, path: at }) => `${method} ${at}`).toSorted());
  });

  test('the document gives each operation a name of its own', () => {
    const names = operations.map(({ operation }) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
  });

  test('no field is bound to a list of the settings, which another deployment has otherwise', () => {
    const { VerificationRequest: asked } = document.components.schemas;
    const lists = JSON.stringify(asked).match(/"enum":\[[^\]]*\]/g);
    expect(JSON.stringify(asked)).toContain('"origin":{');
    expect(lists).toBeNull();
  });

  test('every example fits its schema, in requests and answers', () => {
    expect(examples.length).toBeGreaterThan(60);
    expect(
      examples.flatMap(({ name, place, value }) => faultsOf(value, place).map((each) => `${name}: ${each}`)),
    ).toEqual([]);
  });

  test('every problem that a route answers has an example', () => {
    const shown = new Set(examples.map(({ value }) => codeOf(value)));
    const missing = Object.keys(problems).filter((code) => !shown.has(code));
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
    // The seconds of a limit stand at the end, and the functions put them there.
    const said = [...details].map((detail) => detail.replace(/ in \d+ seconds\.$/, ''));
    const unknown = said.filter((sentence) => !sources.includes(sentence));
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
