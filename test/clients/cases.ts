/** Proofs as a back end gets them, good and bad, from a running service and under its own key. */

import { createHmac, createPublicKey, generateKeyPairSync, sign as signWith } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { KMSClient } from '@aws-sdk/client-kms';
import { kmsSigner } from '../../lambdas/aws/kms/proof.ts';
import type { ProofAlgorithm } from '../../lambdas/contract.ts';
import { type ProofClaims, proofType, signProof } from '../../lambdas/otp/record/proof.ts';
import type { LocalStack } from '../../local/stack.ts';
import { clientOf } from '../http/client.ts';

type Transaction = { readonly amount: string; readonly currency: string; readonly payee: string };

export type Case = {
  readonly name: string;
  readonly proof: string;
  readonly purpose: string;
  readonly phoneNumber: string;
  readonly transaction?: Transaction;
  /** The application that must have asked. */
  readonly application?: string;
  readonly isGood: boolean;
};

/** A snippet of docs/api.md, with the URL and the audience of a service. */
export const snippetOf = (language: 'ts' | 'python', issuer: string, audience: string): string => {
  const page = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
  const [found, another] = [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))];
  if (found?.[1] === undefined || another !== undefined)
    throw new Error(`docs/api.md has not one snippet of ${language}.`);
  const snippet = found[1].replace('http://127.0.0.1:4000', issuer).replace('https://api.example.com', audience);
  if (!snippet.includes(issuer) || !snippet.includes(audience))
    throw new Error('The snippet names no issuer or audience.');
  return snippet;
};

const phone = '+919876543210';
const payerPhone = '+919876643211';
const payment = { amount: '1499.00', currency: 'INR', payee: 'Acme' };
const spelledPhone = '+919876643212';
/** As a person types it: every part differs from the canonical spelling, which the proof has. */
const spelled = { amount: '01499.0', currency: 'inr', payee: ' McDonald’s  Jose\u0301 – Co' };
const testNumber = { phone: '+12025550123', code: '271828' };

const claimsOf = (proof: string): ProofClaims =>
  JSON.parse(Buffer.from(proof.split('.')[1] ?? '', 'base64url').toString());
const encode = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString('base64url');

/** What the service itself hands out. */
const realProofs = async (stack: LocalStack) => {
  const client = clientOf(stack);
  const proofOf = async (phoneNumber: string, more: Record<string, unknown>, fixed?: string): Promise<string> => {
    const answer = await client.request({ phoneNumber, ...more });
    const { transaction } = more;
    const code = fixed ?? client.lastCode(phoneNumber);
    const checked = await client.check(String(answer.body['id']), {
      code,
      ...(transaction === undefined ? {} : { transaction }),
    });
    if (checked.status !== 200) throw new Error(`There is no proof: ${answer.text} ${checked.text}`);
    return String(checked.body['proof']);
  };
  const login = await proofOf(phone, { purpose: 'login' });
  const paid = await proofOf(payerPhone, { purpose: 'transaction', transaction: payment });
  const typed = await proofOf(spelledPhone, { purpose: 'transaction', transaction: spelled });
  return { login, paid, typed, test: await proofOf(testNumber.phone, { purpose: 'login' }, testNumber.code) };
};

/** Proofs that the service never hands out, some of them under its key. Each has a `jti` of its own. */
const forgerOf = async (stack: LocalStack, like: ProofClaims) => {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const kms = new KMSClient({ endpoint: stack.endpoints.kms, region: 'us-east-1', credentials });
  const jwks = await (await fetch(`${stack.url}/.well-known/jwks.json`)).text();
  const [jwk] = JSON.parse(jwks).keys;
  const algorithm: ProofAlgorithm = jwk.alg;
  const signer = kmsSigner(kms, stack.keys.proof, algorithm);
  const now = Math.floor(stack.clock.now() / 1000);
  const { privateKey, publicKey } =
    algorithm === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  let last = 0;
  const claims = (more: Partial<ProofClaims> = {}): ProofClaims => {
    last += 1;
    return { ...like, iat: now, exp: now + 300, jti: `jti ${last}`, ...more };
  };
  const inputOf = (header: Record<string, unknown>): string =>
    `${encode({ alg: algorithm, typ: proofType, kid: signer.keyId, ...header })}.${encode(claims())}`;
  return {
    signed: (more: Partial<ProofClaims> = {}): Promise<string> => signProof(signer, claims(more)),
    dated: (offset: number): Promise<string> =>
      signProof(signer, claims({ iat: now + offset, exp: now + offset + 300 })),
    /** Under the key of the service, and with another header. */
    withHeader: async (header: Record<string, unknown>): Promise<string> => {
      const input = inputOf(header);
      return `${input}.${Buffer.from(await signer.sign(Buffer.from(input, 'ascii'))).toString('base64url')}`;
    },
    unsigned: (): string => `${inputOf({ alg: 'none' })}.`,
    otherAlgorithm: algorithm === 'ES256' ? 'RS256' : 'ES256',
    anotherJwk: { ...publicKey.export({ format: 'jwk' }), alg: algorithm, use: 'sig' },
    macked: (key: 'set' | 'pem'): string => {
      const input = inputOf({ alg: 'HS256' });
      const mac = createHmac('sha256', key === 'set' ? jwks : pem);
      return `${input}.${mac.update(input).digest('base64url')}`;
    },
    underAnotherKey: (header: Record<string, unknown> = {}): string => {
      const input = inputOf(header);
      const signature = signWith('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
      return `${input}.${signature.toString('base64url')}`;
    },
  };
};

const tampered = (proof: string): string => {
  const [header, , signature] = proof.split('.');
  return `${header}.${encode({ ...claimsOf(proof), purpose: 'account-change' })}.${signature}`;
};

type Named = (name: string, proof: string, more?: Partial<Case>) => Case;
const good: Named = (name, proof, more = {}) => ({
  name,
  proof,
  purpose: 'login',
  phoneNumber: phone,
  isGood: true,
  ...more,
});
const bad: Named = (name, proof, more = {}) => ({ ...good(name, proof, more), isGood: false });

const ofService = ({ login, paid, typed, test }: Awaited<ReturnType<typeof realProofs>>): readonly Case[] => {
  const payer = { purpose: 'transaction', phoneNumber: payerPhone };
  const paying = (more: Partial<Transaction>) => ({ ...payer, transaction: { ...payment, ...more } });
  return [
    bad('a proof of the service, for another purpose', login, { purpose: 'account-change' }),
    bad('a proof of the service, for another number', login, { phoneNumber: payerPhone }),
    bad('a login in place of a payment', login, { transaction: payment }),
    good('a proof of the service', login),
    bad('the same proof a second time', login),
    bad('a payment in place of one of another amount', paid, paying({ amount: '1499.01' })),
    bad('a payment in place of one in another currency', paid, paying({ currency: 'USD' })),
    bad('a payment in place of one to another payee', paid, paying({ payee: 'Acne' })),
    bad('a payment of which the back end knows nothing', paid, payer),
    good('a payment, its amount written in another way', paid, paying({ amount: '1499' })),
    good('a payment in the words of the request, which are not canonical', typed, {
      purpose: 'transaction',
      phoneNumber: spelledPhone,
      transaction: spelled,
    }),
    bad('a proof of a test number', test, { phoneNumber: testNumber.phone }),
  ];
};

const canonical = { amount: '1499.00', currency: 'INR', payee: "McDonald's José - Co" };
const sameNames = {
  'a curly apostrophe': 'McDonald’s José - Co',
  'an acute accent for an apostrophe': 'McDonald´s José - Co',
  'a full-width backtick': 'McDonald｀s José - Co',
  'a decomposed accent': "McDonald's Jose\u0301 - Co",
  'two spaces and a no-break space': "McDonald's  José\u00a0- Co ",
  'an en dash': "McDonald's José – Co",
  'a minus sign': "McDonald's José \u2212 Co",
  'full-width letters': "ＭｃDonald's José - Co",
  'invisible characters': "Mc\u200bDonald's\u00ad Jose\ufe0f\u0301 - Co\u034f",
  'another letter case': "MCDONALD'S JOSÉ - CO",
};
const otherNames = {
  'no accent': "McDonald's Jose - Co",
  'no apostrophe': 'McDonalds José - Co',
  'no hyphen': "McDonald's José Co",
  'one more letter': "McDonald's José - Coo",
};

/** Payments under the key of the service, whose payee the back end has in another spelling, or which is another one. */
const ofSpellings = async (sign: (more: Partial<ProofClaims>) => Promise<string>): Promise<readonly Case[]> => {
  const named = async (make: Named, name: string, more: Partial<Transaction>, paid: Transaction = canonical) => {
    const proof = await sign({ purpose: 'transaction', transaction: paid });
    return make(name, proof, { purpose: 'transaction', transaction: { ...paid, ...more } });
  };
  const straße = { ...canonical, payee: 'Straße İstanbul' };
  return Promise.all([
    ...Object.entries(sameNames).map(([name, payee]) => named(good, `a payee with ${name}`, { payee })),
    ...Object.entries(otherNames).map(([name, payee]) => named(bad, `another payee, with ${name}`, { payee })),
    named(good, 'a currency in small letters', { currency: 'inr' }),
    named(good, 'letters that change with their case', { payee: 'STRASSE ıSTANBUL' }, straße),
  ]);
};

export const casesOf = async (stack: LocalStack): Promise<readonly Case[]> => {
  const real = await realProofs(stack);
  const like = claimsOf(real.login);
  const forger = await forgerOf(stack, like);
  const { signed, dated } = forger;
  const other = await signed();
  return [
    ...ofService(real),
    ...(await ofSpellings(signed)),
    good('a proof that another clock dates five seconds ahead', await dated(5)),
    good('a proof that another clock dates 25 seconds ahead', await dated(25)),
    good('a proof that expired ten seconds ago, within the leeway', await dated(-310)),
    bad('a proof that expired a minute ago', await dated(-360)),
    bad(
      'a proof that is not enough alone, because the SIM was swapped',
      await signed({ phone_number_verified: false }),
    ),
    bad('a proof for another audience', await signed({ aud: 'https://other.example.com' })),
    bad('a proof for the audience of tests', await signed({ aud: `${like.aud}/test` })),
    bad('a proof for an audience that only begins so', await signed({ aud: `${like.aud}.evil.com` })),
    bad('a proof of another issuer', await signed({ iss: 'https://otp.example.com' })),
    bad('a proof whose claims were changed', tampered(other), { purpose: 'account-change' }),
    bad('a proof whose signature was changed', `${other.slice(0, -6)}AAAAAA`),
    bad('no token at all', 'proof'),
    ...(await ofForger(forger)),
  ];
};

/** Algorithms in place of the one that the key declares, and keys in place of that of the service. */
const ofForger = async (forger: Awaited<ReturnType<typeof forgerOf>>): Promise<readonly Case[]> => {
  const { underAnotherKey, withHeader, unsigned, macked, otherAlgorithm, anotherJwk } = forger;
  return [
    bad('a proof under another key of the same name', underAnotherKey()),
    bad('a proof under another key, which is in its header', underAnotherKey({ jwk: anotherJwk })),
    bad('another kind of token under the same key', await withHeader({ typ: 'JWT' })),
    bad('a proof under the key, with another algorithm in its header', await withHeader({ alg: otherAlgorithm })),
    bad('a proof under the key, as PS256', await withHeader({ alg: 'PS256' })),
    bad('a proof under the key, as ES384', await withHeader({ alg: 'ES384' })),
    bad(
      'a proof under the key, its algorithm in small letters',
      await withHeader({ alg: otherAlgorithm.toLowerCase() }),
    ),
    bad('a token without a signature (alg none)', unsigned()),
    bad('a MAC under the public key (alg HS256)', macked('set')),
    bad('a MAC under the public key in PEM (alg HS256)', macked('pem')),
  ];
};

/** Names of cases in which no spelling differs and nothing is used twice: any library can tell them apart. */
const plainNames: readonly string[] = [
  'a proof of the service',
  'a payment, its amount written in another way',
  'a proof that expired ten seconds ago, within the leeway',
  'a proof of the service, for another purpose',
  'a proof of the service, for another number',
  'a login in place of a payment',
  'a payment in place of one of another amount',
  'a payment in place of one to another payee',
  'a payment of which the back end knows nothing',
  'a proof of a test number',
  'a proof that expired a minute ago',
  'a proof for another audience',
  'a proof of another issuer',
  'a proof whose claims were changed',
  'a proof whose signature was changed',
  'a proof under another key of the same name',
  'another kind of token under the same key',
  'a token without a signature (alg none)',
  'a MAC under the public key (alg HS256)',
  'a MAC under the public key in PEM (alg HS256)',
  'a proof under another key, which is in its header',
  'a proof under the key, with another algorithm in its header',
  'a proof under the key, as PS256',
  'a proof under the key, as ES384',
  'no token at all',
];
export const plainOf = (cases: readonly Case[]): readonly Case[] =>
  plainNames.map((name) => {
    const found = cases.find((each) => each.name === name);
    if (found === undefined) throw new Error(`There is no case "${name}".`);
    return found;
  });

/** Proofs under the key of the service that name an application in `azp`, and back ends that expect one. */
export const applicationCasesOf = async (stack: LocalStack, cases: readonly Case[]): Promise<readonly Case[]> => {
  const like = claimsOf(cases.find(({ name }) => name === 'a proof of the service')?.proof ?? '');
  const { signed } = await forgerOf(stack, like);
  const of = async (azp: string | undefined) => {
    // Without an application, the claim is undefined, and JSON leaves it out.
    return signed({ jti: `azp ${azp}`, azp } as Partial<ProofClaims>);
  };
  const expecting = { application: 'web' };
  return [
    good('a proof of the application', await of('web'), expecting),
    bad('a proof of another application', await of('ios'), expecting),
    bad('a proof of no application', await of(undefined), expecting),
  ];
};
