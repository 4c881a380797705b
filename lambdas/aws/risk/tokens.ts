import { importJWK, type JWK, SignJWT } from 'jose';
import type { Clock } from '../../otp/ports.ts';
import type { RiskProvider } from '../../policy.ts';
import type { Secrets } from '../secrets.ts';
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
  readonly secrets: Secrets;
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
  const client_assertion = await assertionOf(
    provider,
    await ports.secrets.read(provider.secret),
    nowMs,
    ports.randomId(),
  );
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

/** Algorithms that are asymmetric: a shared secret would be known to the provider. */
const algorithms = ['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA'];

/** @throws Error that says what the secret must hold, and shows nothing of it. */
const keyIn = (secret: string, name: string): JWK & { readonly alg: string; readonly kid: string } => {
  const sentence = `The secret of the provider ${name} is no private key. Store a JWK with kid, and alg ${algorithms.join(', ')}.`;
  let jwk: JWK;
  try {
    jwk = JSON.parse(secret) as JWK;
  } catch {
    throw new Error(sentence);
  }
  const { alg, kid, d } = jwk ?? {};
  if (alg === undefined || kid === undefined || d === undefined || !algorithms.includes(alg)) throw new Error(sentence);
  return { ...jwk, alg, kid };
};

const assertionOf = async (provider: RiskProvider, secret: string, nowMs: number, jti: string): Promise<string> => {
  const { alg, kid, ...jwk } = keyIn(secret, provider.name);
  const iat = Math.floor(nowMs / 1000);
  return await new SignJWT({ iss: provider.clientId, sub: provider.clientId, aud: provider.tokenUrl, jti })
    .setProtectedHeader({ alg, kid, typ: 'JWT' })
    .setIssuedAt(iat)
    .setExpirationTime(iat + assertionSeconds)
    .sign(await importJWK({ ...jwk, alg }, alg));
};
