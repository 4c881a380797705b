/** A page of another origin, which calls the API from the browser. */

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import path from 'node:path';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { afterAll, describe, expect, test } from 'vitest';
import { freshNumber, useStage } from './stage.ts';

const root = path.join(import.meta.dirname, '../..');

/** The client as a page has it, and jose, which fetches the keys of the proofs. */
const script = async (): Promise<string> => {
  const contents = `import { createClient } from './clients/typescript/index.ts';
    import { createRemoteJWKSet, jwtVerify } from 'jose';
    Object.assign(globalThis, { createClient, createRemoteJWKSet, jwtVerify });`;
  const built = await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    logLevel: 'silent',
  });
  return built.outputFiles[0]?.text ?? '';
};

const servers: Server[] = [];
const serve = async (code: string): Promise<string> => {
  const server = createServer(({ url }, response) => {
    const isScript = url === '/page.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(
      isScript ? code : '<!doctype html><title>A page</title><script type="module" src="/page.js"></script>',
    );
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return `http://127.0.0.1:${address.port}`;
};

const code = await script();
const listed = await serve(code);
const unlisted = await serve(code);
afterAll(() => {
  for (const server of servers) server.close();
});

const { open, stack } = useStage({
  basePath: 'otp',
  settingsOf: async () => ({
    origins: [],
    applications: {
      web: { kind: 'public', origins: [listed] },
      other: { kind: 'public', origins: ['https://other.example.com'] },
      shop: { kind: 'back-end' },
    },
  }),
});

/** A page at an origin, with the settings of a client app before it. */
const pageAt = async (origin: string, apiKey = stack().apiKey): Promise<Page> => {
  const page = await open();
  await page.goto(`${origin}/`);
  await page.waitForFunction('"createClient" in globalThis');
  const { url } = stack();
  await page.evaluate(
    `(() => {
      globalThis.url = ${JSON.stringify(url)};
      globalThis.key = ${JSON.stringify(apiKey)};
      globalThis.otp = createClient({ baseUrl: url, apiKey: key, maxRetries: 0 });
      globalThis.post = (phoneNumber, more = {}) =>
        fetch(url + '/v1/verifications', {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-api-key': key, ...more },
          body: JSON.stringify({ phoneNumber, purpose: 'login' }),
        });
      globalThis.seen = async (asked) => {
        try {
          const { status, headers } = await asked;
          return { status, ...Object.fromEntries([...headers].filter(([name]) => !name.startsWith('content-'))) };
        } catch (error) {
          return { failed: error.name };
        }
      };
    })()`,
  );
  return page;
};

const asked = (page: Page, call: string): Promise<unknown> => page.evaluate(`seen(${call})`);
const codeIn = (phoneNumber: string) => /\b\d{6}\b/.exec(stack().messages(phoneNumber)[0]?.text ?? '')?.[0];

describe('a page of a listed origin', () => {
  test('a page does the whole journey from its own origin, and verifies the proof with the key set', async () => {
    const page = await pageAt(listed);
    const phoneNumber = freshNumber();
    const sent = await page.evaluate(`otp.request(${JSON.stringify({ phoneNumber, purpose: 'login' })})`);
    expect(sent).toMatchObject({ kind: 'sent' });
    const id = JSON.stringify((sent as { verification: { id: string } }).verification.id);
    expect(await page.evaluate(`otp.get(${id})`)).toMatchObject({ kind: 'found' });
    stack().clock.advance(31_000);
    expect(await page.evaluate(`otp.resend(${id})`)).toMatchObject({ kind: 'sent' });
    const checked = await page.evaluate(`otp.check(${id}, { code: '${codeIn(phoneNumber)}' })`);
    expect(checked).toMatchObject({ kind: 'approved' });
    const { proof } = checked as { proof: string };
    const claims = await page.evaluate(
      `jwtVerify(${JSON.stringify(proof)}, createRemoteJWKSet(new URL(url + '/.well-known/jwks.json')), {
        typ: 'otp-proof+jwt', issuer: url, currentDate: new Date(${stack().clock.now()}),
      }).then(({ payload }) => payload)`,
    );
    expect(claims).toMatchObject({ phone_number: phoneNumber, azp: 'web', purpose: 'login' });
    const other = await page.evaluate(`otp.request(${JSON.stringify({ phoneNumber: freshNumber() })})`);
    const canceled = JSON.stringify((other as { verification: { id: string } }).verification.id);
    expect(await page.evaluate(`otp.cancel(${canceled})`)).toMatchObject({ kind: 'canceled' });
  });

  test('a page reads Location, Retry-After, the limits and the request id, of a success, of a refusal and of the gateway', async () => {
    const page = await pageAt(listed);
    const number = JSON.stringify(freshNumber());
    const id = expect.stringMatching(/^[0-9a-f-]{36}$/);
    expect(await asked(page, `post(${number})`)).toMatchObject({
      status: 201,
      location: expect.stringContaining(`${stack().url}/v1/verifications/`),
      ratelimit: expect.stringContaining('phone-10m'),
      'ratelimit-policy': expect.stringContaining('phone-10m'),
      'x-request-id': id,
    });
    expect(await asked(page, `post(${number})`)).toMatchObject({
      status: 429,
      'retry-after': expect.stringMatching(/^\d+$/),
      'x-request-id': id,
    });
    expect(await asked(page, `post(${number}, { 'x-api-key': 'wrong' })`)).toMatchObject({
      status: 401,
      'x-request-id': id,
    });
    expect(await asked(page, `fetch(url + '/nothing')`)).toMatchObject({ status: 404, 'x-request-id': id });
  });

  test('a page may not send a header that no route takes', async () => {
    const page = await pageAt(listed);
    const number = freshNumber();
    expect(await asked(page, `post('${number}', { 'x-local-source-ip': '203.0.113.7' })`)).toEqual({
      failed: 'TypeError',
    });
    expect(stack().messages(number)).toEqual([]);
  });

  test.each(['other', 'shop'])('a page cannot read the answer to the key of another application: %s', async (name) => {
    const page = await pageAt(listed, stack().apiKeys[name]);
    expect(await asked(page, `post('${freshNumber()}')`)).toEqual({ failed: 'TypeError' });
  });
});

describe('a page of an origin that is not listed', () => {
  test('a page of an origin that is not listed cannot call, and no SMS goes out', async () => {
    const page = await pageAt(unlisted);
    const number = freshNumber();
    expect(await asked(page, `post('${number}')`)).toEqual({ failed: 'TypeError' });
    expect(await page.evaluate(`otp.get('a').then(() => 'an outcome', ({ reason }) => reason)`)).toBe('no-answer');
    // Without a preflight: a form could send it as well. It has no key.
    const plain = `fetch(url + '/v1/verifications', { method: 'POST', body: '{"phoneNumber":"${number}"}' })`;
    expect(await asked(page, plain)).toMatchObject({ status: 401 });
    expect(
      await asked(page, `fetch(url + '/v1/verifications', { method: 'POST', mode: 'no-cors', body: '{}' })`),
    ).toEqual({
      status: 0,
    });
    expect(stack().messages(number)).toEqual([]);
  });
  test('a page of any origin reads the key set', async () => {
    const page = await pageAt(unlisted);
    const keys = await page.evaluate(`fetch(url + '/.well-known/jwks.json').then((answer) => answer.json())`);
    expect(keys).toMatchObject({ keys: [{ kty: 'EC', alg: 'ES256' }] });
  });
  test('a page of another origin reads nothing of the page of local mode', async () => {
    for (const origin of [listed, unlisted]) {
      const page = await pageAt(origin);
      const root = stack().origin;
      for (const path of ['/', '/_local/client', '/_local/messages', '/_local/nothing', '/page/main.js'])
        expect([path, await asked(page, `fetch('${root}${path}')`)]).toEqual([path, { failed: 'TypeError' }]);
    }
  });
});
