import { createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { KMSClient } from '@aws-sdk/client-kms';
import { createLocalJWKSet, type JWK, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kmsClient } from '../../lambdas/aws/clients.ts';
import { callKms } from '../../lambdas/aws/failures.ts';
import { kmsCodes, kmsPseudonyms } from '../../lambdas/aws/kms/codes.ts';
import { kmsProofKey, kmsSigner, rawSignature } from '../../lambdas/aws/kms/proof.ts';
import { kmsSeal, kmsUnseal } from '../../lambdas/aws/kms/seal.ts';
import { secret } from '../../lambdas/otp/number/secret.ts';
import { KeyRefused, Unavailable } from '../../lambdas/otp/ports.ts';
import { signProof } from '../../lambdas/otp/record/proof.ts';
import { type Kms, type KmsFault, startKms } from '../../local/aws/kms.ts';
import { localKeys, localRs256Key } from '../../local/stack.ts';
import { phone, world } from '../fakes/world.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.stop());

/** The ports that KMS stands behind, on the fake of the flows' suites and on the real adapters. */
const places = [
  ['in memory', () => world().ports],
  [
    'on KMS',
    () => ({
      codes: kmsCodes(kmsClient(), { a: localKeys.code.arn }),
      pseudonyms: kmsPseudonyms(kmsClient(), localKeys.pseudonym.arn),
      seals: { ...kmsSeal(kmsClient(), localKeys.seal.arn), ...kmsUnseal(kmsClient(), localKeys.seal.arn) },
      signer: kmsSigner(kmsClient(), localKeys.proof.arn, 'ES256'),
    }),
  ],
] as const;

describe.each(places)('the keys %s', (_, open) => {
  test('a message has one MAC of 32 bytes, and another message another', async () => {
    const { codes } = open();
    const [mac, again, other] = await Promise.all(
      ['message', 'message', 'another'].map((text) => codes.mac('a', Buffer.from(text))),
    );
    expect(again).toBe(mac);
    expect(other).not.toBe(mac);
    expect(Buffer.from(mac ?? '', 'base64')).toHaveLength(32);
    expect([codes.newest, codes.knows('a'), codes.knows('b')]).toEqual(['a', true, false]);
  });

  test('a number that is sealed for one record opens for that record only', async () => {
    const { seals } = open();
    const sealed = await seals.seal('record', secret('+919876543210'), 'per-record');
    expect((await seals.open('record', sealed)).reveal()).toBe('+919876543210');
    await expect(seals.open('another', sealed)).rejects.toThrow();
  });

  test('a number has one pseudonym of 43 characters, and another number another', async () => {
    const { pseudonyms } = open();
    const [one, again, other] = await Promise.all(
      [phone(), phone(), phone('+919876543211')].map(async (number) => (await pseudonyms()).phoneKey(number)),
    );
    expect(again).toBe(one);
    expect(other).not.toBe(one);
    expect(one).toHaveLength(43);
  });

  test('a signature has 64 bytes, and the key that signs has a name', async () => {
    const { signer } = open();
    expect(await signer.sign(Buffer.from('input'))).toHaveLength(64);
    expect(signer.keyId).not.toBe('');
  });
});

describe('codes', () => {
  test('the newest generation makes codes, all listed ones are known, and no other', async () => {
    const codes = kmsCodes(kmsClient(), { a: localKeys.pseudonym.arn, b: localKeys.code.arn });
    expect([codes.newest, codes.knows('a'), codes.knows('b'), codes.knows('c'), codes.knows('toString')]).toEqual([
      'b',
      true,
      true,
      false,
      false,
    ]);
    const message = Buffer.from('message');
    expect(await codes.mac('b', message)).toBe(await codes.mac('b', message));
    expect(await codes.mac('b', message)).not.toBe(await codes.mac('a', message));
    expect(Buffer.from(await codes.mac('b', message), 'base64')).toHaveLength(32);
    await expect(codes.mac('c', message)).rejects.toThrow('not known');
  });
});

describe('pseudonyms', () => {
  test('two containers give a number one name, and it takes KMS one call each', async () => {
    const before = stage.faults.keys.calls.length;
    const [one, two] = [
      kmsPseudonyms(kmsClient(), localKeys.pseudonym.arn),
      kmsPseudonyms(kmsClient(), localKeys.pseudonym.arn),
    ];
    const names = await Promise.all([one(), one(), two(), one()].map(async (made) => (await made).phoneKey(phone())));
    expect(new Set(names).size).toBe(1);
    expect(stage.faults.keys.calls.length - before).toBe(2);
  });

  test('a failure is not kept', async () => {
    const pseudonyms = kmsPseudonyms(kmsClient(), localKeys.pseudonym.arn);
    stage.faults.keys.failAt(0, 'throttled', 3);
    await expect(pseudonyms()).rejects.toThrow('did not answer');
    expect((await pseudonyms()).phoneKey(phone())).toHaveLength(43);
  });
});

describe('seals', () => {
  const seals = () => ({ ...kmsSeal(kmsClient(), localKeys.seal.arn), ...kmsUnseal(kmsClient(), localKeys.seal.arn) });

  test('a sealed number shows none of its digits, and opens for its own record only', async () => {
    const sealed = await seals().seal('record', secret('+919876543210'), 'per-record');
    expect((await seals().open('record', sealed)).reveal()).toBe('+919876543210');
    await expect(seals().open('another', sealed)).rejects.toThrow();
    expect(Buffer.from(sealed, 'base64').includes('43210')).toBe(false);
  });
});

describe('proofs', () => {
  let rsa: Kms;
  let rsaClient: KMSClient;
  beforeAll(async () => {
    rsa = await startKms({ keys: [localRs256Key] });
    rsaClient = new KMSClient({ endpoint: rsa.url, maxAttempts: 1 });
  });
  afterAll(async () => {
    rsaClient.destroy();
    await rsa.stop();
  });

  test.each([
    ['ES256', localKeys.proof, { kty: 'EC', crv: 'P-256' }, 64],
    ['RS256', localRs256Key, { kty: 'RSA', e: 'AQAB' }, 256],
  ] as const)('a proof under %s verifies against the published key with a standard library', async (...row) => {
    const [algorithm, { arn }, published, bytes] = row;
    const client = algorithm === 'RS256' ? rsaClient : kmsClient();
    const key = kmsProofKey(client, arn);
    const claims = {
      iss: 'https://otp.example.com',
      aud: 'backend',
      azp: 'app',
      sub: 'subject',
      phone_number: '+919876543210',
      phone_number_verified: true,
      purpose: 'login',
      amr: ['otp', 'sms'],
      iat: Math.floor(Date.now() / 1000),
      exp: Math.floor(Date.now() / 1000) + 300,
      jti: 'record',
    } as const;
    const proof = await signProof(kmsSigner(client, arn, algorithm), claims);
    const jwks = createLocalJWKSet({ keys: [{ ...(await key.publicJwk()), kid: key.keyId } as JWK] });
    const { payload, protectedHeader } = await jwtVerify(proof, jwks, { typ: 'otp-proof+jwt', audience: 'backend' });
    expect(payload).toEqual(claims);
    expect(protectedHeader).toEqual({ alg: algorithm, typ: 'otp-proof+jwt', kid: key.keyId });
    expect(await key.publicJwk()).toMatchObject({ ...published, alg: algorithm });
    expect(await key.publicJwk()).not.toHaveProperty('d');
    expect(Buffer.from(proof.split('.')[2] ?? '', 'base64url')).toHaveLength(bytes);
    // A header line of 8 KB, which most servers take, has room for ten of them.
    expect(proof.length).toBeLessThan(1000);
  });

  test('KMS refuses to sign with the algorithm of another kind of key, and that is our mistake', async () => {
    for (const signer of [
      kmsSigner(rsaClient, localRs256Key.arn, 'ES256'),
      kmsSigner(kmsClient(), localKeys.proof.arn, 'RS256'),
    ])
      await expect(signer.sign(Buffer.from('input'))).rejects.toMatchObject({ name: 'InvalidKeyUsageException' });
  });

  test.each([
    ['rsa', { modulusLength: 1024 }],
    ['ec', { namedCurve: 'P-384' }],
    ['ed25519', {}],
  ])('a public key of another kind is not published: %s %j', async (kind, options) => {
    const make = generateKeyPairSync as (...parts: readonly unknown[]) => { readonly publicKey: KeyObject };
    const PublicKey = make(kind, options).publicKey.export({ type: 'spki', format: 'der' });
    const client = { send: async () => ({ PublicKey }) } as unknown as KMSClient;
    await expect(kmsProofKey(client, localKeys.proof.arn).publicJwk()).rejects.toThrow('neither');
  });

  test('every DER signature becomes the same signature in 64 bytes, leading zeros included', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    for (let index = 0; index < 600; index += 1) {
      const message = Buffer.from(String(index));
      const raw = rawSignature(sign('sha256', message, privateKey));
      expect(raw).toHaveLength(64);
      expect(
        verify(
          'sha256',
          message,
          { key: createPublicKey(publicKey.export({ format: 'pem', type: 'spki' })), dsaEncoding: 'ieee-p1363' },
          raw,
        ),
      ).toBe(true);
    }
  });

  test.each([[''], ['30'], ['3006020101020101ff'], ['3003020101'], ['310602010102010100']])(
    'a proof is refused whose signature is %s',
    (hex) => {
      expect(() => rawSignature(Buffer.from(hex, 'hex'))).toThrow('no ECDSA signature');
    },
  );
});

describe('a key that may not be used', () => {
  const message = Buffer.from('message');
  const uses = (client: KMSClient, { code, seal, proof }: typeof localKeys) => ({
    GenerateMac: () => kmsCodes(client, { a: code.arn }).mac('a', message),
    Encrypt: () => kmsSeal(client, seal.arn).seal('record', secret('text'), 'per-record'),
    Decrypt: () => kmsUnseal(client, seal.arn).open('record', 'c2VhbGVk'),
    Sign: () => kmsSigner(client, proof.arn, 'ES256').sign(message),
    GetPublicKey: () => kmsProofKey(client, proof.arn).publicJwk(),
  });
  const errorOf = (use: () => Promise<unknown>) => use().then(String, (cause: unknown) => cause);
  const operations = ['GenerateMac', 'Encrypt', 'Decrypt', 'Sign', 'GetPublicKey'] as const;

  let kms: Awaited<ReturnType<typeof startKms>>;
  let client: KMSClient;
  beforeAll(async () => {
    kms = await startKms({ keys: Object.values(localKeys) });
    client = new KMSClient({ endpoint: kms.url, maxAttempts: 1 });
  });
  afterAll(async () => {
    client.destroy();
    await kms.stop();
  });

  const gone = `${localKeys.code.arn.slice(0, -1)}0`;
  const goneKeys = Object.fromEntries(
    Object.entries(localKeys).map(([name, key]) => [name, { ...key, arn: gone }]),
  ) as typeof localKeys;

  test.each(
    operations.flatMap((operation) => (['access-denied', 'disabled'] as const).map((fault) => [operation, fault])),
  )('%s with a key that is %s is distinguished from an outage', async (operation, fault) => {
    kms.fail(fault as KmsFault);
    const error = await errorOf(uses(client, localKeys)[operation as (typeof operations)[number]]);
    expect(error).toBeInstanceOf(KeyRefused);
    expect(error).toMatchObject({ name: 'KeyRefused', dependency: `KMS ${operation}` });
  });
  test.each(operations)('%s with a key that is gone is distinguished from an outage', async (operation) => {
    expect(await errorOf(uses(client, goneKeys)[operation])).toBeInstanceOf(KeyRefused);
  });
  test.each(['throttle', 'internal-error', 'reset'] as const)(
    'an outage is not taken for a refused key: %s',
    async (fault) => {
      kms.fail(fault);
      const error = await errorOf(uses(client, localKeys).GenerateMac);
      expect(error).toBeInstanceOf(Unavailable);
      expect(error).not.toBeInstanceOf(KeyRefused);
    },
  );
  test.each([
    ['KMSInvalidStateException', true],
    ['KeyUnavailableException', false],
    ['DependencyTimeoutException', false],
  ])('%s is a refused key or an outage, as KMS documents it', async (name, isRefused) => {
    const failing = () => Promise.reject(Object.assign(new Error('x'), { name }));
    const error = await errorOf(() => callKms('Sign', failing));
    expect(error instanceof KeyRefused).toBe(isRefused);
    expect(error).toBeInstanceOf(Unavailable);
  });
  test('a call that is wrong is our mistake, and not the key’s', async () => {
    const failing = () => Promise.reject(Object.assign(new Error('x'), { name: 'InvalidKeyUsageException' }));
    expect(await errorOf(() => callKms('Sign', failing))).not.toBeInstanceOf(Unavailable);
  });
});
