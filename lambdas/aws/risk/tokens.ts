import { constants, createPrivateKey, type JsonWebKey, type KeyObject, sign } from 'node:crypto';
import type { Clock } from '../../otp/ports.ts';
import type { RiskProvider } from '../../policy.ts';
import type { SecretReader } from '../secrets.ts';
import type { Wire } from './wire.ts';

/** An assertion is good for a minute. CAMARA allows five: CAMARA-Security-Interoperability, private_key_jwt. */
const assertionSeconds = 60;
/** A token is renewed in its last minute, or in the last quarter of a shorter life, and used until its end. */
const renewal = { ms: 60_000, part: 1 / 4 } as const;
/** A renewal that failed is tried again after so long. */
const retryMs = 5000;
/** A token is not used in its last moments, which the way may take. */
const marginMs = 5000;
/** The lifetime of a token that does not say it: RFC 6749, section 5.1, leaves it open. */
const defaultSeconds = 60;

export type TokenPorts = {
  readonly now: Clock;
  readonly randomId: () => string;
  readonly secrets: SecretReader;
  readonly wire: Wire;
  /** A renewal that failed. The token before it is still used. */
  readonly failed: (cause: unknown) => void;
};

export type Tokens = {
  /** @throws Error when the provider gives none. */
  readonly get: () => Promise<string>;
  /** Forgets a token that the API did not take. */
  readonly drop: (token: string) => void;
};

type Held = { readonly token: string; readonly untilMs: number; readonly renewAtMs: number };

/**
 * Access tokens of a provider, by the client credentials grant with a signed assertion (RFC 6749, section 4.4; RFC 7523). Calls at
 * the same time share one request.
 */
export const tokensOf = (provider: RiskProvider, ports: TokenPorts): Tokens => {
  const { now } = ports;
  let held: Held | undefined;
  let running: Promise<Held> | undefined;
  const renew = (): Promise<Held> => {
    running ??= request(provider, ports)
      .then((fresh) => {
        held = fresh;
        return fresh;
      })
      .finally(() => {
        running = undefined;
      });
    return running;
  };
  return {
    get: async () => {
      const left = held === undefined ? 0 : held.untilMs - now();
      if (held === undefined || left <= marginMs) return (await renew()).token;
      if (now() >= held.renewAtMs) {
        held = { ...held, renewAtMs: now() + retryMs };
        void renew().catch(ports.failed);
      }
      return held.token;
    },
    drop: (token) => {
      if (held?.token === token) held = undefined;
    },
  };
};

const grant = {
  grant_type: 'client_credentials',
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
} as const;

/** A request of a token outlives the look-up that began it, so that the next one finds it. */
const patienceMs = 5000;

const request = async (provider: RiskProvider, ports: TokenPorts): Promise<Held> => {
  const { scope, tokenUrl: url } = provider;
  const nowMs = ports.now();
  const secret = await ports.secrets.read(provider.secret);
  const client_assertion = assertionOf(provider, secret, nowMs, ports.randomId());
  const { status, body } = await ports.wire.post({
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ...grant, client_assertion, scope }).toString(),
    signal: AbortSignal.timeout(patienceMs),
    withinMs: patienceMs,
  });
  const token = body?.['access_token'];
  const type = body?.['token_type'];
  const isBearer = typeof type === 'string' && type.toLowerCase() === 'bearer';
  // RFC 6750, section 2.1: what a header may hold.
  if (status !== 200 || typeof token !== 'string' || !isBearer || !/^[\w.~+/-]+=*$/.test(token))
    throw new Error(`The provider ${provider.name} gave no access token, with status ${status}.`);
  const seconds = Number(body?.['expires_in'] ?? defaultSeconds);
  const lifetimeMs = (Number.isFinite(seconds) && seconds > 0 ? seconds : defaultSeconds) * 1000;
  const untilMs = nowMs + lifetimeMs;
  return { token, untilMs, renewAtMs: untilMs - Math.min(renewal.ms, lifetimeMs * renewal.part) };
};

type Algorithm = 'ES256' | 'RS256' | 'PS256';

/** RFC 7518, section 3. A shared secret would be known to the provider, so that no HMAC is among them. */
const signers: Readonly<Record<Algorithm, (data: Buffer, key: KeyObject) => Buffer>> = {
  ES256: (data, key) => sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' }),
  RS256: (data, key) => sign('sha256', data, key),
  PS256: (data, key) =>
    sign('sha256', data, {
      key,
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
    }),
};

const minRsaBits = 2048;

/** Whether a key is of the kind that the algorithm takes: RFC 7518, sections 3.3 to 3.5. */
const isFit = (alg: Algorithm, { asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean =>
  alg === 'ES256'
    ? asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1'
    : asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= minRsaBits;

type SigningKey = { readonly alg: Algorithm; readonly kid: string; readonly key: KeyObject };

/** @throws Error that says what the secret must hold, and shows nothing of it. */
const keyIn = (secret: string, name: string): SigningKey => {
  try {
    const jwk = JSON.parse(secret) as JsonWebKey & { readonly alg?: string; readonly kid?: string };
    const { kid } = jwk;
    const alg = (Object.keys(signers) as Algorithm[]).find((each) => each === jwk.alg);
    const key = createPrivateKey({ key: jwk, format: 'jwk' });
    if (alg !== undefined && typeof kid === 'string' && isFit(alg, key)) return { alg, kid, key };
  } catch {
    // The cause may quote the secret.
  }
  throw new Error(
    `The secret of the provider ${name} is no private key. Store a JWK with kid, and with alg ES256, RS256 or PS256.`,
  );
};

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const assertionOf = (
  { name, clientId, tokenUrl }: RiskProvider,
  secret: string,
  nowMs: number,
  jti: string,
): string => {
  const { alg, kid, key } = keyIn(secret, name);
  const iat = Math.floor(nowMs / 1000);
  const claims = { iss: clientId, sub: clientId, aud: tokenUrl, jti, iat, exp: iat + assertionSeconds };
  const input = `${encoded({ alg, kid, typ: 'JWT' })}.${encoded(claims)}`;
  return `${input}.${signers[alg](Buffer.from(input), key).toString('base64url')}`;
};
