import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { routes } from '../../lambdas/contract.ts';
import { gatewayServerOptions, type RequestLine, serveGateway } from '../../local/http/gateway.ts';
import { type Loopback, listenOnLoopback } from '../../local/http/loopback.ts';
import { quietControls } from './fixtures.ts';

/** A gateway whose API is under a stage, and whose functions echo their events. */
let loopback: Loopback;
const lines: RequestLine[] = [];
beforeAll(async () => {
  loopback = await listenOnLoopback(0, gatewayServerOptions);
  serveGateway({
    loopback,
    stage: 'otp',
    invoke: async (name, event) => ({
      kind: 'answered',
      payload: { statusCode: 200, body: JSON.stringify({ function: name, ...event }) },
    }),
    controls: quietControls(),
    onRequest: (line) => lines.push(line),
  });
});
afterAll(() => loopback.stop());

const get = (path: string, method = 'GET') =>
  fetch(`${loopback.url}${path}`, { method, headers: { 'x-api-key': 'key' } });

describe('under a base path', () => {
  const withAnswers = routes.filter(({ method }) => method !== 'HEAD');
  test.each(withAnswers.map((route) => [route.method, route.path, route.function] as const))(
    '%s %s reaches its function, whose event names the stage as API Gateway does',
    async (method, path, name) => {
      const asked = path.replace('{id}', 'a%2Fb');
      expect(await (await get(`/otp${asked}`, method)).json()).toMatchObject({
        function: name,
        resource: path,
        path: asked,
        pathParameters: path.includes('{id}') ? { id: 'a/b' } : null,
        requestContext: { stage: 'otp', path: `/otp${asked}`, resourcePath: path },
      });
    },
  );

  test.each(['/v1/verifications', '/.well-known/jwks.json', '/otp2/v1/verifications/x', '/Otp/v1/verifications/x'])(
    '%s is outside of the stage, where API Gateway forbids everything in a form of its own',
    async (path) => {
      const response = await get(path);
      expect([response.status, await response.text()]).toEqual([403, '{"message":"Forbidden"}']);
      expect(response.headers.get('content-type')).toBe('application/json');
      expect(response.headers.get('x-amzn-errortype')).toBe('ForbiddenException');
    },
  );

  test.each(['/otp', '/otp/', '/otp/page/main.js', '/otp/_local/client', '/otp/otp/v1/verifications/x'])(
    '%s is in the stage and no route of it',
    async (path) => {
      const response = await get(path);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({
        type: `${loopback.url}/otp/problems/not-found`,
        code: 'not-found',
      });
    },
  );

  test('the page and its controls stay at the root, and name the endpoint with its base path', async () => {
    expect((await get('/')).headers.get('content-type')).toContain('text/html');
    expect((await get('/page/main.js')).status).toBe(200);
    expect(await (await get('/_local/client')).json()).toEqual({ endpoint: `${loopback.url}/otp`, apiKey: 'key' });
  });

  test('the line on the terminal shows no id, also where no route is', async () => {
    lines.length = 0;
    for (const path of [
      '/otp/v1/verifications/aSecret',
      '/otp/v1/verifications/aSecret/x',
      '/v1/verifications/aSecret',
    ])
      await get(path);
    expect(lines.map(({ path }) => path)).toEqual(['/v1/verifications/aSec…', '/otp/v1/…', '/v1/…']);
  });
});
