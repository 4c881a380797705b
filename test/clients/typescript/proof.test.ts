import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  type Expected,
  memoryReplay,
  ProofError,
  type ReplayStore,
  verifyProof,
} from '../../../clients/typescript/proof/index.ts';

const audience = 'https://api.example.com';
const nowSeconds = Date.parse('2026-11-21T12:00:00Z') / 1000;
const payment = { amount: '1499.00', currency: 'INR', payee: "McDonald's" };

const keys = await generateKeyPair('ES256');
const others = await generateKeyPair('ES256');
const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k', alg: 'ES256', use: 'sig' };

let server: Server;
let origin: string;
let answers: readonly [status: number, body: string];
let fetches = 0;
beforeAll(async () => {
  server = createServer((_, response) => {
    fetches += 1;
    response.writeHead(answers[0], { 'content-type': 'application/jwk-set+json' }).end(answers[1]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  answers = [200, JSON.stringify({ keys: [jwk] })];
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

let last = 0;
const proof = (more: Record<string, unknown> = {}, header: Record<string, unknown> = {}, key = keys.privateKey) => {
  last += 1;
  const claims = {
    iss: origin,
    aud: audience,
    sub: 's',
    phone_number: '+919876543210',
    purpose: 'login',
    jti: `j${last}`,
  };
  return new SignJWT({ ...claims, iat: nowSeconds, exp: nowSeconds + 300, ...more })
    .setProtectedHeader({ alg: 'ES256', typ: 'otp-proof+jwt', kid: 'k', ...header })
    .sign(key);
};
const expected = (more: Partial<Expected> = {}): Expected => ({
  jwksUrl: `${origin}/.well-known/jwks.json`,
  audience,
  purpose: 'login',
  now: () => new Date(nowSeconds * 1000),
  ...more,
});
const codeOf = (token: string, more: Partial<Expected> = {}): Promise<unknown> =>
  verifyProof(token, expected(more)).then(
    () => 'accepted',
    (error: unknown) => (error instanceof ProofError ? error.code : error),
  );

describe('a proof', () => {
  test('a good proof gives its claims, and those that the client does not know', async () => {
    const claims = await verifyProof(
      await proof({ amr: ['otp', 'sms'], azp: 'web' }),
      expected({ application: 'web' }),
    );
    expect(claims).toMatchObject({ phone_number: '+919876543210', purpose: 'login', azp: 'web', amr: ['otp', 'sms'] });
  });

  test.each<readonly [string, Record<string, unknown>, Record<string, unknown>, Partial<Expected>]>([
    ['expired', { exp: nowSeconds - 30 }, {}, {}],
    ['expired', { exp: nowSeconds }, {}, { leewaySeconds: 0 }],
    ['accepted', { exp: nowSeconds - 29 }, {}, {}],
    ['wrong-type', {}, { typ: 'JWT' }, {}],
    ['wrong-type', {}, { typ: undefined }, {}],
    ['wrong-issuer', { iss: 'https://evil.example.com' }, {}, {}],
    ['accepted', { iss: 'https://otp.example.com' }, {}, { issuer: 'https://otp.example.com' }],
    ['wrong-audience', { aud: `${audience}/test` }, {}, {}],
    ['wrong-audience', { aud: [audience] }, {}, {}],
    ['wrong-purpose', {}, {}, { purpose: 'account-change' }],
    ['wrong-purpose', { purpose: 'Login' }, {}, {}],
    ['wrong-number', {}, {}, { phoneNumber: '+919876543211' }],
    ['wrong-application', {}, {}, { application: 'web' }],
    ['wrong-application', { azp: 'ios' }, {}, { application: 'web' }],
    ['accepted', { azp: 'ios' }, {}, {}],
    ['accepted', { phone_number_verified: true }, {}, {}],
    ['step-up-required', { phone_number_verified: false }, {}, {}],
    ['step-up-required', { phone_number_verified: 'true' }, {}, {}],
    ['accepted', { phone_number_verified: false }, {}, { acceptStepUp: true }],
    ['wrong-transaction', { transaction: payment }, {}, {}],
    ['wrong-transaction', {}, {}, { transaction: payment }],
    ['wrong-transaction', { transaction: payment }, {}, { transaction: { ...payment, amount: '1499.001' } }],
    ['wrong-transaction', { transaction: payment }, {}, { transaction: { ...payment, amount: '14990' } }],
    ['wrong-transaction', { transaction: payment }, {}, { transaction: { ...payment, amount: '1499e0' } }],
    ['wrong-transaction', { transaction: payment }, {}, { transaction: { ...payment, currency: 'USD' } }],
    ['wrong-transaction', { transaction: payment }, {}, { transaction: { ...payment, payee: 'McDonalds' } }],
    ['wrong-transaction', { transaction: {} }, {}, { transaction: payment }],
    ['wrong-transaction', { transaction: 'all' }, {}, { transaction: payment }],
    [
      'accepted',
      { transaction: payment },
      {},
      { transaction: { amount: '01499', currency: 'inr', payee: 'mcdonald’s' } },
    ],
    [
      'wrong-transaction',
      { transaction: { ...payment, amount: '9007199254740993' } },
      {},
      { transaction: { ...payment, amount: '9007199254740992' } },
    ],
    ['malformed', { jti: undefined }, {}, {}],
    ['malformed', { exp: undefined }, {}, {}],
    ['malformed', { exp: '2099' }, {}, {}],
    ['malformed', { phone_number: undefined }, {}, {}],
    ['bad-signature', {}, { kid: 'other' }, {}],
  ])('it is %s with the claims %j and the header %j for %j', async (code, claims, header, more) => {
    expect(await codeOf(await proof(claims, header), more)).toBe(code);
  });

  test('a proof for a purpose is refused where none is named: the default is that of a request', async () => {
    const { purpose: _, ...rest } = expected();
    await expect(verifyProof(await proof(), rest)).rejects.toMatchObject({ code: 'wrong-purpose' });
    await expect(verifyProof(await proof({ purpose: 'verify-number' }), rest)).resolves.toBeDefined();
  });

  test('a proof under another key is refused, and so is one that was altered', async () => {
    expect(await codeOf(await proof({}, {}, others.privateKey))).toBe('bad-signature');
    const [head, , signature] = (await proof()).split('.');
    const claims = Buffer.from(JSON.stringify({ iss: origin, aud: audience, purpose: 'login' })).toString('base64url');
    expect(await codeOf(`${head}.${claims}.${signature}`)).toBe('bad-signature');
  });

  test.each(['', 'proof', 'a.b.c', '..', `${'a'.repeat(10_000)}.b.c`])('the text %j is no proof', async (token) => {
    expect(await codeOf(token)).toBe('malformed');
  });

  test.each([undefined, null, {}, 7])('the value %j is no proof', async (token) => {
    expect(await codeOf(token as unknown as string)).toBe('malformed');
  });

  test('a token without a signature and a MAC under the public key are refused', async () => {
    const [, claims] = (await proof()).split('.');
    const header = (alg: string) =>
      Buffer.from(JSON.stringify({ alg, typ: 'otp-proof+jwt', kid: 'k' })).toString('base64url');
    expect(await codeOf(`${header('none')}.${claims}.`)).toBe('bad-signature');
    const mac = await new SignJWT({ iss: origin, aud: audience, purpose: 'login' })
      .setProtectedHeader({ alg: 'HS256', typ: 'otp-proof+jwt', kid: 'k' })
      .sign(new TextEncoder().encode(JSON.stringify(jwk).padEnd(32)));
    expect(await codeOf(mac)).toBe('bad-signature');
  });

  test('the error of a refused proof shows nothing of it', async () => {
    const token = await proof({ exp: nowSeconds - 600 });
    const error = await verifyProof(token, expected()).catch((caught: unknown) => caught);
    expect(inspect(error, { depth: 9 })).not.toMatch(/9876543210|eyJ/);
  });
});

describe('a proof is taken under the one algorithm that its key declares:', () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const attacker = generateKeyPairSync('rsa', { modulusLength: 2048 });
  type Pair = { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  const published = ({ publicKey }: Pair, more: Record<string, unknown>) => ({
    ...publicKey.export({ format: 'jwk' }),
    ...more,
  });
  const keySet = [
    published(ec, { kid: 'ec', alg: 'ES256', use: 'sig' }),
    published(rsa, { kid: 'rsa', alg: 'RS256', use: 'sig' }),
    published(weak, { kid: 'weak', alg: 'RS256', use: 'sig' }),
    published(rsa, { kid: 'pss', alg: 'PS256', use: 'sig' }),
    published(rsa, { kid: 'longer', alg: 'RS512', use: 'sig' }),
    published(rsa, { kid: 'undeclared', use: 'sig' }),
    published(ec, { kid: 'ec-undeclared', use: 'sig' }),
    published(ec, { kid: 'ec-as-rsa', alg: 'RS256', use: 'sig' }),
    published(rsa, { kid: 'rsa-as-ec', alg: 'ES256', use: 'sig' }),
    { kty: 'oct', k: Buffer.from('secret').toString('base64url'), kid: 'oct', alg: 'HS256', use: 'sig' },
  ];
  const pem = ({ publicKey }: Pair) => String(publicKey.export({ type: 'spki', format: 'pem' }));
  const asEc = ({ privateKey }: Pair) => ({ key: privateKey, dsaEncoding: 'ieee-p1363' as const });
  const underMac = (secretText: string) => (input: string) => createHmac('sha256', secretText).update(input).digest();
  const by = (pair: Pair) => (input: string) => sign('sha256', Buffer.from(input), pair.privateKey);
  const byEc = (input: string) => sign('sha256', Buffer.from(input), asEc(ec));
  const token = (header: Record<string, unknown>, signed: (input: string) => Buffer): string => {
    last += 1;
    const times = { iat: nowSeconds, exp: nowSeconds + 300, jti: `k${last}` };
    const claims = { iss: origin, aud: audience, sub: 's', phone_number: '+919876543210', purpose: 'login', ...times };
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const input = `${part({ typ: 'otp-proof+jwt', ...header })}.${part(claims)}`;
    return `${input}.${signed(input).toString('base64url')}`;
  };
  const codeFor = (header: Record<string, unknown>, signed: (input: string) => Buffer) =>
    codeOf(token(header, signed), { jwksUrl: `${origin}/mixed/.well-known/jwks.json`, issuer: origin });
  beforeAll(() => {
    answers = [200, JSON.stringify({ keys: keySet })];
  });
  afterAll(() => {
    answers = [200, JSON.stringify({ keys: [jwk] })];
  });

  test.each([
    ['ES256', 'ec', byEc],
    ['RS256', 'rsa', by(rsa)],
  ] as const)('%s is taken under a key that declares it', async (alg, kid, signed) => {
    expect(await codeFor({ alg, kid }, signed)).toBe('accepted');
  });

  test.each<readonly [string, Record<string, unknown>, (input: string) => Buffer]>([
    ['RS256 in the header, with an EC key', { alg: 'RS256', kid: 'ec' }, byEc],
    ['ES256 in the header, with an RSA key', { alg: 'ES256', kid: 'rsa' }, by(rsa)],
    ['another RSA key', { alg: 'RS256', kid: 'rsa' }, by(attacker)],
    ['a key within the header', { alg: 'RS256', kid: 'rsa', jwk: published(attacker, {}) }, by(attacker)],
    ['no name of a key', { alg: 'RS256' }, by(rsa)],
    ['PS256', { alg: 'PS256', kid: 'pss' }, by(rsa)],
    ['RS256 under a key for PS256', { alg: 'RS256', kid: 'pss' }, by(rsa)],
    ['RS512', { alg: 'RS512', kid: 'longer' }, (input) => sign('sha512', Buffer.from(input), rsa.privateKey)],
    ['RS256 under a key for RS512', { alg: 'RS256', kid: 'longer' }, by(rsa)],
    ['ES384 under a key for ES256', { alg: 'ES384', kid: 'ec' }, byEc],
    ['an RSA key of 1,024 bits', { alg: 'RS256', kid: 'weak' }, by(weak)],
    ['an RSA key that declares no algorithm', { alg: 'RS256', kid: 'undeclared' }, by(rsa)],
    ['an EC key that declares no algorithm', { alg: 'ES256', kid: 'ec-undeclared' }, byEc],
    ['an EC key that declares RS256', { alg: 'RS256', kid: 'ec-as-rsa' }, byEc],
    ['ES256 under an EC key that declares RS256', { alg: 'ES256', kid: 'ec-as-rsa' }, byEc],
    ['an RSA key that declares ES256', { alg: 'ES256', kid: 'rsa-as-ec' }, by(rsa)],
    ['a MAC under the public RSA key', { alg: 'HS256', kid: 'rsa' }, underMac(pem(rsa))],
    ['a MAC under the public EC key', { alg: 'HS256', kid: 'ec' }, underMac(pem(ec))],
    ['a MAC under a published secret', { alg: 'HS256', kid: 'oct' }, underMac('secret')],
    ['no signature', { alg: 'none', kid: 'rsa' }, () => Buffer.alloc(0)],
    ['a signature of zeros', { alg: 'RS256', kid: 'rsa' }, () => Buffer.alloc(256)],
    ['an ECDSA signature of zeros', { alg: 'ES256', kid: 'ec' }, () => Buffer.alloc(64)],
  ])('a proof is refused that has %s', async (_, header, signed) => {
    expect(await codeFor(header, signed)).toBe('bad-signature');
  });
});

describe('an expectation', () => {
  test.each([
    { audience: undefined },
    { audience: '' },
    { phoneNumber: undefined },
    { phoneNumber: '' },
    { application: undefined },
    { jwksUrl: 'https://otp.example.com/keys' },
    { jwksUrl: 'keys/.well-known/jwks.json' },
  ])('the expectation %j is a mistake, and throws a TypeError', async (more) => {
    await expect(verifyProof(await proof(), { ...expected(), ...(more as object) })).rejects.toBeInstanceOf(TypeError);
  });
});

describe('a proof is used once:', () => {
  test('a second use is refused, also without a store of your own', async () => {
    const token = await proof();
    expect([await codeOf(token), await codeOf(token)]).toEqual(['accepted', 'used-before']);
  });

  test('a proof that is refused is not used up', async () => {
    const token = await proof();
    expect(await codeOf(token, { purpose: 'account-change' })).toBe('wrong-purpose');
    expect(await codeOf(token)).toBe('accepted');
  });

  test('one of fifty parallel uses is accepted', async () => {
    const token = await proof();
    const shared = memoryReplay();
    const codes = await Promise.all(Array.from({ length: 50 }, () => codeOf(token, { replay: shared })));
    expect(codes.filter((code) => code === 'accepted')).toHaveLength(1);
    expect(codes.filter((code) => code === 'used-before')).toHaveLength(49);
  });

  test('a proof may be used again if the caller says so', async () => {
    const token = await proof();
    expect([await codeOf(token, { replay: false }), await codeOf(token, { replay: false })]).toEqual([
      'accepted',
      'accepted',
    ]);
  });

  test('a store keeps a proof until nobody accepts it any more', async () => {
    const noted: (readonly [string, number])[] = [];
    const replay: ReplayStore = { use: async (jti, until) => noted.push([jti, until]) > 0 };
    await verifyProof(await proof({ jti: 'mine' }), expected({ replay, leewaySeconds: 10 }));
    expect(noted).toEqual([['mine', nowSeconds + 310]]);
  });

  test('a proof is refused if the store cannot tell', async () => {
    const replay = { use: () => Promise.reject(new Error('The table is away.')) };
    expect(await codeOf(await proof(), { replay })).toBe('cannot-tell');
  });

  test('the memory forgets a proof that has expired, and no other', async () => {
    let nowMs = 0;
    const { use } = memoryReplay(() => nowMs);
    await use('short', 100);
    await use('long', 1000);
    nowMs = 500_000;
    expect([await use('long', 1000), await use('short', 1000)]).toEqual([false, true]);
  });
});

describe('the keys', () => {
  test('a key that is not known is looked for every 30 seconds at most, also while the service is down', async () => {
    const jwksUrl = `${origin}/down/.well-known/jwks.json`;
    const own = { jwksUrl, issuer: origin };
    expect(await codeOf(await proof(), own)).toBe('accepted');
    const minuteLater = Date.now() + 60_000;
    vi.spyOn(Date, 'now').mockReturnValue(minuteLater);
    const [before, good] = [fetches, answers];
    answers = [503, ''];
    for (let nth = 0; nth < 20; nth += 1) {
      expect(await codeOf(await proof({}, { kid: 'other' }), own)).toBe('cannot-tell');
    }
    expect(fetches - before).toBe(1);
    expect(await codeOf(await proof(), own)).toBe('accepted');
    answers = good;
    vi.spyOn(Date, 'now').mockReturnValue(minuteLater + 31_000);
    expect(await codeOf(await proof({}, { kid: 'other' }), own)).toBe('bad-signature');
    vi.restoreAllMocks();
  });

  test('the keys are fetched once for many proofs', async () => {
    const jwksUrl = `${origin}/once/.well-known/jwks.json`;
    const before = fetches;
    for (let count = 0; count < 5; count += 1) await verifyProof(await proof(), expected({ jwksUrl, issuer: origin }));
    expect(fetches - before).toBe(1);
  });

  test.each<readonly [number, string]>([
    [503, ''],
    [200, '<html>'],
    [200, '{"keys":{}}'],
  ])('a key set that answers %i %s is an outage, and no verdict on the proof', async (status, body) => {
    answers = [status, body];
    const jwksUrl = `${origin}/${status}${body.length}/.well-known/jwks.json`;
    expect(await codeOf(await proof(), { jwksUrl, issuer: origin })).toBe('cannot-tell');
    answers = [200, JSON.stringify({ keys: [jwk] })];
  });
});
