/** A page of another origin, in the browser of a person on whose machine local mode runs. */

import { request } from 'node:http';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { operatorRoutes } from '../../../lambdas/contract.ts';
import type { LocalStack } from '../../../local/stack.ts';
import { type OperatorClient, openStack, operatorOf } from '../client.ts';

let stack: LocalStack;
let desk: OperatorClient;
beforeAll(async () => {
  stack = await openStack(inject('bundles'));
  desk = operatorOf(stack);
});
afterAll(() => stack.stop());

type Asked = { readonly status: number; readonly allows: readonly string[]; readonly text: string };

/** Sends headers that `fetch` sets by itself. */
const ask = (method: string, path: string, headers: Readonly<Record<string, string>>, body = ''): Promise<Asked> =>
  new Promise((resolve, reject) => {
    const asking = request(`${stack.operatorUrl}${path}`, { method, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      answer.on('end', () => {
        const allows = Object.keys(answer.headers).filter((name) => name.startsWith('access-control'));
        resolve({ status: answer.statusCode ?? 0, allows, text });
      });
    });
    asking.on('error', reject);
    asking.end(body);
  });

/** What a browser says of a page, as each trick makes it. */
const tricks = (port: string): Readonly<Record<string, Readonly<Record<string, string>>>> => ({
  'a page of another site': { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
  'a frame without an origin': { origin: 'null', 'sec-fetch-site': 'cross-site' },
  'a page of another port of this machine': { origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'same-site' },
  'a page over TLS of the same name': { origin: `https://127.0.0.1:${port}`, 'sec-fetch-site': 'cross-site' },
  'a link from another site': { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
  'a page that reaches this machine by its own name': {
    host: `evil.example:${port}`,
    origin: `http://evil.example:${port}`,
    'sec-fetch-site': 'same-origin',
  },
  'a name that begins like this machine': {
    host: `127.0.0.1.evil.example:${port}`,
    origin: `http://127.0.0.1.evil.example:${port}`,
    'sec-fetch-site': 'same-origin',
  },
  'a name that ends like this machine': {
    host: `evil-localhost:${port}`,
    origin: `http://evil-localhost:${port}`,
    'sec-fetch-site': 'same-origin',
  },
  'an old browser that says the name alone': { host: `evil.example:${port}` },
  'an old browser that says the origin alone': { origin: 'https://evil.example' },
});

test.each(Object.keys(tricks('0')))('%s reaches no route of operators, and does nothing', async (trick) => {
  const headers = tricks(new URL(stack.operatorUrl).port)[trick] ?? {};
  const body = JSON.stringify({ what: 'all', reason: 'a page tries it' });
  for (const { method, path } of operatorRoutes) {
    const written = path.replace('{id}', 'country:IN');
    for (const type of ['application/json', 'text/plain']) {
      const answer = await ask(
        method,
        written,
        { ...headers, 'content-type': type },
        ['POST', 'PATCH'].includes(method) ? body : '',
      );
      expect([answer.status, answer.allows], `${method} ${path}: ${answer.text}`).toEqual([403, []]);
    }
    const preflight = await ask('OPTIONS', written, { ...headers, 'access-control-request-method': method });
    expect([preflight.status, preflight.allows], path).toEqual([403, []]);
  }
  expect(await desk.actions()).toEqual([]);
});

test('the own page of local mode and a program without a browser reach the routes of operators', async () => {
  const { origin, host } = new URL(stack.operatorUrl);
  const own = { host, origin, 'sec-fetch-site': 'same-origin' };
  expect((await ask('GET', '/v1/blocks', own)).status).toBe(200);
  expect((await ask('GET', '/v1/blocks', {})).status).toBe(200);
  expect((await ask('GET', '/v1/blocks', { 'sec-fetch-site': 'none' })).status).toBe(200);
});
