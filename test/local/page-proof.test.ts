import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import path from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../laws/source/files.ts';

type Proof = Readonly<Record<string, unknown>>;
type PageProof = {
  readonly readProof: (token: string) => Proof;
  readonly isSignedBy: (proof: Proof, keys: readonly object[]) => Promise<boolean>;
};
/** The module of the page, which is JavaScript for browsers. */
const { readProof, isSignedBy } = (await import(path.join(root, 'local/page/app/proof.js'))) as PageProof;

type Pair = { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const attacker = generateKeyPairSync('rsa', { modulusLength: 2048 });
const published = ({ publicKey }: Pair, kid: string, alg: string | undefined) => ({
  ...publicKey.export({ format: 'jwk' }),
  kid,
  use: 'sig',
  ...(alg === undefined ? {} : { alg }),
});
const keys = [
  published(ec, 'ec', 'ES256'),
  published(rsa, 'rsa', 'RS256'),
  published(rsa, 'pss', 'PS256'),
  published(rsa, 'undeclared', undefined),
  published(ec, 'ec-as-rsa', 'RS256'),
  published(rsa, 'rsa-as-ec', 'ES256'),
];
const by = (pair: Pair) => (input: string) =>
  sign('sha256', Buffer.from(input), { key: pair.privateKey, dsaEncoding: 'ieee-p1363' });
const mac = (input: string) =>
  createHmac('sha256', String(rsa.publicKey.export({ type: 'spki', format: 'pem' })))
    .update(input)
    .digest();

const verdictOn = (alg: string, kid: string, signed: (input: string) => Buffer): Promise<boolean> => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${part({ alg, typ: 'otp-proof+jwt', kid })}.${part({ purpose: 'login' })}`;
  // As the page: what Web Crypto refuses is no proof.
  return isSignedBy(readProof(`${input}.${signed(input).toString('base64url')}`), keys).catch(() => false);
};

test.each([
  ['ES256', 'ec', by(ec)],
  ['RS256', 'rsa', by(rsa)],
] as const)('the page takes a proof under %s with a key that declares it', async (alg, kid, signed) => {
  expect(await verdictOn(alg, kid, signed)).toBe(true);
});

test.each<readonly [string, string, (input: string) => Buffer]>([
  ['RS256', 'ec', by(ec)],
  ['ES256', 'rsa', by(rsa)],
  ['RS256', 'rsa', by(attacker)],
  ['RS256', 'pss', by(rsa)],
  ['PS256', 'pss', by(rsa)],
  ['RS256', 'undeclared', by(rsa)],
  ['RS256', 'ec-as-rsa', by(ec)],
  ['ES256', 'rsa-as-ec', by(rsa)],
  ['HS256', 'rsa', mac],
  ['none', 'rsa', () => Buffer.alloc(0)],
  ['RS256', 'unknown', by(rsa)],
])('the page refuses a proof under %s with the key %s', async (alg, kid, signed) => {
  expect(await verdictOn(alg, kid, signed)).toBe(false);
});
