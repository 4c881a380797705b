import { generateKeyPairSync } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Tokens, tokensOf } from '../../../lambdas/aws/risk/tokens.ts';
import { httpWire, type Wire } from '../../../lambdas/aws/risk/wire.ts';
import { type Loopback, listenOnLoopback } from '../../../local/http/loopback.ts';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key = JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid: 'a', alg: 'ES256' });

let nowMs: number;
let loopback: Loopback;
let wire: Wire;
let held: ServerResponse[];
let answersAtOnce: boolean;
let expiresIn: number;
let status: number;
let issued: number;
let failures: number;
beforeEach(async () => {
  nowMs = 1_800_000_000_000;
  [held, answersAtOnce, expiresIn, status, issued, failures] = [[], true, 300, 200, 0, 0];
  loopback = await listenOnLoopback();
  loopback.server.on('request', (request, response) => {
    request.resume();
    if (answersAtOnce) issue(response);
    else held.push(response);
  });
  wire = httpWire('this-machine');
});
afterEach(async () => {
  vi.useRealTimers();
  wire.destroy();
  await loopback.stop();
});

const issue = (response: ServerResponse): void => {
  issued += 1;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ access_token: `token-${issued}`, token_type: 'Bearer', expires_in: expiresIn }));
};

const tokens = (): Tokens =>
  tokensOf(
    {
      name: 'carrier',
      countries: ['ES'],
      apiRoot: loopback.url,
      question: 'check',
      priceUsd: 0,
      tokenUrl: `${loopback.url}/token`,
      clientId: 'otp',
      scope: 'sim-swap',
      secret: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:otp/carrier-a1B2c3',
    },
    {
      now: () => nowMs,
      randomId: () => 'id',
      secrets: { read: () => Promise.resolve(key) },
      wire,
      failed: () => {
        failures += 1;
      },
    },
  );

test('a token that comes later than a look-up waits serves the next look-up', async () => {
  answersAtOnce = false;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { get } = tokens();
  const first = get();
  await vi.waitUntil(() => held.length === 1);
  await vi.advanceTimersByTimeAsync(4000);
  for (const response of held) issue(response);
  expect(await first).toBe('token-1');
  expect(await get()).toBe('token-1');
});

test.each([60, 40, 30])('a token of %i seconds is not renewed while it is fresh', async (seconds) => {
  expiresIn = seconds;
  const { get } = tokens();
  for (let call = 0; call < 5; call += 1) expect(await get()).toBe('token-1');
  nowMs += seconds * 750 - 1;
  expect(await get()).toBe('token-1');
  expect(issued).toBe(1);
  nowMs += 1;
  expect(await get()).toBe('token-1');
  await vi.waitUntil(() => issued === 2);
});

test('a renewal that fails is tried again after five seconds, and the token is used until then', async () => {
  const { get } = tokens();
  await get();
  status = 503;
  nowMs += 240_000;
  expect(await get()).toBe('token-1');
  await vi.waitUntil(() => failures === 1);
  for (let call = 0; call < 5; call += 1) expect(await get()).toBe('token-1');
  expect(issued).toBe(2);
  nowMs += 5000;
  expect(await get()).toBe('token-1');
  await vi.waitUntil(() => failures === 2);
  expect(issued).toBe(3);
});

test('a bundle for providers sends nothing over plain HTTP, not to its own machine either', async () => {
  const strict = httpWire('https');
  const request = { headers: {}, body: '', signal: new AbortController().signal, withinMs: 800 };
  await expect(strict.post({ ...request, url: `${loopback.url}/token` })).rejects.toThrow('over https alone');
  expect(issued).toBe(0);
});
