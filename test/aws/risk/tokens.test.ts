import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { importJWK, jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import { tokensOf } from '../../../lambdas/aws/risk/tokens.ts';
import type { WireRequest } from '../../../lambdas/aws/risk/wire.ts';
import type { RiskProvider } from '../../../lambdas/policy.ts';

const provider: RiskProvider = {
  name: 'carrier',
  countries: ['ES'],
  apiRoot: 'https://api.carrier.com',
  question: 'check',
  priceUsd: 0.01,
  tokenUrl: 'https://auth.carrier.com/token',
  clientId: 'otp',
  scope: 'sim-swap:check',
  secret: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:otp/carrier-a1B2c3',
};
const nowMs = 1_800_000_000_000;
const good = { access_token: 'token', token_type: 'bearer', expires_in: 3600 };

const rsa = (bits: number) => generateKeyPairSync('rsa', { modulusLength: bits });
const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });

const tokens = (text: string, body: Record<string, unknown> | undefined, status = 200) => {
  const sent: WireRequest[] = [];
  const made = tokensOf(provider, {
    now: () => nowMs,
    randomId: () => 'id-1',
    secrets: { read: () => Promise.resolve(text) },
    wire: {
      post: (request) => {
        sent.push(request);
        return Promise.resolve({ status, retryAfter: undefined, body });
      },
      destroy: () => {},
    },
    failed: () => {},
  });
  return { get: made.get, sent };
};

describe('a client proves itself by an assertion', () => {
  test.each([
    ['ES256', ec('P-256')],
    ['RS256', rsa(2048)],
    ['PS256', rsa(2048)],
  ] as const)('%s signs an assertion that its public key verifies', async (alg, { privateKey, publicKey }) => {
    const { get, sent } = tokens(JSON.stringify({ ...privateKey.export({ format: 'jwk' }), alg, kid: 'k-1' }), good);
    expect(await get()).toBe('token');
    const form = new URLSearchParams(sent[0]?.body);
    expect(Object.fromEntries(form)).toMatchObject({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      scope: 'sim-swap:check',
    });
    const key = await importJWK({ ...publicKey.export({ format: 'jwk' }), alg }, alg);
    const { payload, protectedHeader } = await jwtVerify(form.get('client_assertion') ?? '', key, {
      issuer: 'otp',
      subject: 'otp',
      audience: provider.tokenUrl,
      currentDate: new Date(nowMs),
    });
    expect(protectedHeader).toEqual({ alg, kid: 'k-1', typ: 'JWT' });
    expect(payload).toMatchObject({ jti: 'id-1', iat: nowMs / 1000, exp: nowMs / 1000 + 60 });
  });

  test.each<readonly [string, string, object]>([
    ['an EC key for RSA', 'RS256', ec('P-256').privateKey.export({ format: 'jwk' })],
    ['an RSA key for EC', 'ES256', rsa(2048).privateKey.export({ format: 'jwk' })],
    ['another curve', 'ES256', ec('P-384').privateKey.export({ format: 'jwk' })],
    ['a short RSA key', 'RS256', rsa(1024).privateKey.export({ format: 'jwk' })],
    ['a public key', 'ES256', ec('P-256').publicKey.export({ format: 'jwk' })],
    ['an algorithm with a shared secret', 'HS256', ec('P-256').privateKey.export({ format: 'jwk' })],
  ])('%s is refused before anything is sent', async (_, alg, jwk) => {
    const { get, sent } = tokens(JSON.stringify({ ...jwk, alg, kid: 'k-1' }), good);
    await expect(get()).rejects.toThrow('is no private key');
    expect(sent).toEqual([]);
  });
});

describe('an answer without a good token gives none', () => {
  const text = JSON.stringify({ ...ec('P-256').privateKey.export({ format: 'jwk' }), alg: 'ES256', kid: 'k' });
  test.each<readonly [string, Record<string, unknown> | undefined, number]>([
    ['another status', good, 201],
    ['no object', undefined, 200],
    ['no token', { token_type: 'Bearer' }, 200],
    ['another type', { ...good, token_type: 'DPoP' }, 200],
    ['a token that would end a header', { ...good, access_token: 'a\r\nx: y' }, 200],
  ])('an answer with %s gives no token', async (_, body, status) => {
    await expect(tokens(text, body, status).get()).rejects.toThrow('gave no access token');
  });
});

test('the command of the page makes a key by which a client proves itself', async () => {
  const page = await readFile(new URL('../../../docs/number-risk.md', import.meta.url), 'utf8');
  const script = /^ +node -p "(.+)"$/m.exec(page)?.[1] ?? '';
  const { stdout } = await promisify(execFile)(process.execPath, ['-p', script]);
  const [privateText = '', publicText = ''] = stdout.trim().split('\n');
  const { get, sent } = tokens(privateText, good);
  expect(await get()).toBe('token');
  const assertion = new URLSearchParams(sent[0]?.body).get('client_assertion') ?? '';
  const { d, ...publicKey } = JSON.parse(publicText);
  expect(d).toBeUndefined();
  const { protectedHeader } = await jwtVerify(assertion, await importJWK(publicKey), { currentDate: new Date(nowMs) });
  expect(protectedHeader.kid).toBe(publicKey.kid);
});
