import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operatorRoutes, routes, securityHeaders } from '../../lambdas/contract.ts';
import { gatewayServerOptions, serveGateway } from '../../local/http/gateway.ts';
import { type Loopback, listenOnLoopback } from '../../local/http/loopback.ts';
import { quietControls } from './fixtures.ts';

const serve = async (stage: string | undefined): Promise<Loopback> => {
  const loopback = await listenOnLoopback(0, gatewayServerOptions);
  serveGateway({
    loopback,
    stage,
    invoke: async () => ({ kind: 'answered', payload: { statusCode: 204 } }),
    controls: quietControls(),
  });
  return loopback;
};

type Answer = { readonly status: number; readonly type: string; readonly text: string; readonly headers: object };

/** Asks for a path as it is written. `fetch` would resolve its dots. */
const ask = (loopback: Loopback, path: string, more: { method?: string; headers?: Record<string, string> } = {}) =>
  new Promise<Answer>((resolve, reject) => {
    const asked = request(loopback.url, { path, ...more }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      const { statusCode = 0, headers } = response;
      const type = headers['content-type'] ?? '';
      response.on('end', () => resolve({ status: statusCode, type, text, headers }));
    });
    asked.on('error', reject).end();
  });

const contentTypes = {
  '/openapi.json': 'application/json',
  '/llms.txt': 'text/plain; charset=utf-8',
  '/api.md': 'text/markdown; charset=utf-8',
  '/limits.md': 'text/markdown; charset=utf-8',
  '/deploy.md': 'text/markdown; charset=utf-8',
  '/docs': 'text/html; charset=utf-8',
  '/page/swagger-ui.css': 'text/css; charset=utf-8',
  '/page/swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  '/page/reference/reference.js': 'text/javascript; charset=utf-8',
};

/** Spellings of files that nobody may read, and of names that are nearly those of documents. */
const elsewhere = [
  '/docs/../package.json',
  '/docs/..%2fpackage.json',
  '/../package.json',
  '/%2e%2e/package.json',
  '/..%2fpackage.json',
  '/openapi.json/../../package.json',
  '/openapi.json/',
  '/openapi.json%00',
  '/openapi.json%2f..%2f..%2fpackage.json',
  '//openapi.json',
  '/OPENAPI.JSON',
  '/docs/openapi.json',
  '/docs%2fopenapi.json',
  '/docs/',
  '/decisions/0001-one-write-decides-a-check.md',
  '/architecture.md',
  '/page/../../package.json',
  '/page/..%2f..%2fpackage.json',
  '/page/..%5c..%5cpackage.json',
  '/page/reference/../../../package.json',
  '/page/toString',
  '/page/__proto__',
  '/page/.hidden',
];

describe.each([
  ['no base path', undefined],
  ['the base path /otp', 'otp'],
])('the documents with %s', (_, stage) => {
  let loopback: Loopback;
  let endpoint: string;
  beforeAll(async () => {
    loopback = await serve(stage);
    endpoint = stage === undefined ? loopback.url : `${loopback.url}/${stage}`;
  });
  afterAll(() => loopback.stop());

  test.each(Object.entries(contentTypes))(
    '%s is served at the root as %s, with the security headers',
    async (at, type) => {
      const answer = await ask(loopback, at);
      expect([answer.status, answer.type]).toEqual([200, type]);
      expect(answer.text.length).toBeGreaterThan(50);
      // The reference may run its own scripts. A document runs none.
      const isPage = at === '/docs' || at.startsWith('/page/');
      const policy = isPage ? expect.stringContaining("default-src 'self'") : 'sandbox';
      const wanted = { ...securityHeaders, 'content-security-policy': policy };
      expect(answer.headers).toMatchObject({ ...wanted, 'x-request-id': expect.stringMatching(/^[\w-]{36}$/) });
      const head = await ask(loopback, at, { method: 'HEAD' });
      expect([head.status, head.type, head.text]).toEqual([200, type, '']);
    },
  );

  test('the OpenAPI document names the running endpoint, and no other of local mode', async () => {
    const { text } = await ask(loopback, '/openapi.json');
    const { servers, paths, components } = JSON.parse(text);
    expect(servers[0].url).toBe(endpoint);
    expect(Object.keys(paths)).toEqual([...new Set([...routes, ...operatorRoutes].map(({ path }) => path))]);
    const operators = `${loopback.url}/_operator`;
    expect(paths['/v1/findings'].servers[0].url).toBe(operators);
    expect(components.examples['operator-finding-not-found'].value.type).toBe(
      `${operators}/problems/finding-not-found`,
    );
    expect(components.examples['code-expired'].value.type).toBe(`${endpoint}/problems/code-expired`);
    const others = (text.match(/http:\/\/127\.0\.0\.1[^"]*/g) ?? []).filter(
      (url) => !url.startsWith(endpoint) && !url.startsWith(operators),
    );
    expect(others).toEqual([]);
  });

  test('the page for coding agents names the running endpoint, and its links lead to documents', async () => {
    const { text } = await ask(loopback, '/llms.txt');
    expect(text).toMatch(/^# OTP service\n\n> /);
    expect(text).toContain(`\`${endpoint}\` in local mode`);
    const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link);
    expect(links).toEqual(['openapi.json', 'api.md', 'limits.md', 'number-risk.md', 'deploy.md']);
    const answers = await Promise.all(links.map((link) => ask(loopback, `/${link}`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  });

  test('the reference loads from this server only: its policy and its file name nothing else', async () => {
    const { text, headers } = await ask(loopback, '/docs');
    expect(headers).toMatchObject({ 'content-security-policy': expect.stringContaining("default-src 'self'") });
    const loaded = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url = '']) => url);
    expect(loaded.length).toBeGreaterThan(3);
    expect(loaded.filter((url) => !/^\/\w/.test(url))).toEqual([]);
    const answers = await Promise.all(loaded.map((url) => ask(loopback, url)));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  });

  test.each(elsewhere)('%s is no document: no file leaves its folder', async (at) => {
    const answer = await ask(loopback, at);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.text).not.toContain('devDependencies');
  });

  test('a document is for reading, and for names of this machine', async () => {
    for (const at of ['/openapi.json', '/docs', '/llms.txt']) {
      const posted = await ask(loopback, at, { method: 'POST' });
      expect([posted.status, JSON.parse(posted.text).code]).toEqual([404, 'not-found']);
      const rebound = await ask(loopback, at, { headers: { host: 'evil.example' } });
      expect([rebound.status, JSON.parse(rebound.text).code]).toEqual([403, 'forbidden']);
    }
  });
});
