import { randomUUID } from 'node:crypto';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JWK, jwtVerify } from 'jose';
import { carrierRefusal } from './refusal.ts';

/** A client of the carrier, as it was registered there. */
export type CarrierClient = { readonly clientId: string; readonly scopes: readonly string[] };

export type Tokens = {
  /** @returns the answer to a request of a token. */
  readonly issue: (body: string) => Promise<object>;
  /** @throws the refusal of the API for a token that is not good for the scope. */
  readonly require: (authorization: string | undefined, scope: string) => void;
  /** Makes all tokens invalid, as a carrier may at any time. */
  readonly revokeAll: () => void;
};

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** CAMARA-Security-Interoperability: an assertion is good for five minutes at most. */
const maxAssertionSeconds = 300;
const tokenSeconds = 300;

type Issued = { readonly scopes: readonly string[]; readonly untilMs: number };

/**
 * The endpoint of access tokens: client credentials with `private_key_jwt` (RFC 6749, section 4.4; RFC 7523, section 3).
 * https://github.com/camaraproject/IdentityAndConsentManagement/blob/r4.2/documentation/CAMARA-Security-Interoperability.md
 */
export const createTokens = ({
  audience,
  publicKey,
  client,
  now,
}: {
  readonly audience: () => string;
  readonly publicKey: JWK;
  readonly client: (id: string) => CarrierClient | undefined;
  readonly now: () => number;
}): Tokens => {
  const issued = new Map<string, Issued>();
  const seen = new Set<string>();
  const keys = createLocalJWKSet({ keys: [publicKey] });
  const requireAssertion = async (assertion: string): Promise<CarrierClient> => {
    const found = client(decodeJwt(assertion).iss ?? '');
    if (found === undefined) throw new Error('There is no such client.');
    const { clientId } = found;
    const { payload } = await jwtVerify(assertion, keys, {
      audience: audience(),
      issuer: clientId,
      subject: clientId,
      algorithms: ['ES256', 'RS256', 'PS256', 'ES384', 'EdDSA'],
      requiredClaims: ['exp', 'iat', 'jti'],
      currentDate: new Date(now()),
      clockTolerance: 30,
    });
    const { exp = 0, iat = 0, jti = '' } = payload;
    if (decodeProtectedHeader(assertion).kid === undefined) throw new Error('The assertion names no key.');
    if (exp - iat > maxAssertionSeconds) throw new Error('The assertion is good for too long.');
    if (seen.has(jti)) throw new Error('The assertion was used before.');
    seen.add(jti);
    return found;
  };
  return {
    issue: async (body) => {
      const form = new URLSearchParams(body);
      if (form.get('grant_type') !== 'client_credentials') throw oauthRefusal('unsupported_grant_type');
      if (form.get('client_assertion_type') !== assertionType) throw oauthRefusal('invalid_request');
      const found = await requireAssertion(form.get('client_assertion') ?? '').catch(() => {
        throw oauthRefusal('invalid_client', 401);
      });
      const scopes = (form.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
      if (scopes.length === 0 || scopes.some((scope) => !found.scopes.includes(scope)))
        throw oauthRefusal('invalid_scope');
      const token = randomUUID();
      issued.set(token, { scopes, untilMs: now() + tokenSeconds * 1000 });
      return { access_token: token, token_type: 'Bearer', expires_in: tokenSeconds, scope: scopes.join(' ') };
    },
    require: (authorization, scope) => {
      const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
      const found = token === undefined ? undefined : issued.get(token);
      if (found === undefined || found.untilMs <= now())
        throw carrierRefusal(
          401,
          'UNAUTHENTICATED',
          'Request not authenticated due to missing, invalid, or expired credentials.',
        );
      // The scope of the whole API stands for those of its parts.
      if (!found.scopes.includes(scope) && !found.scopes.includes('sim-swap'))
        throw carrierRefusal(
          403,
          'PERMISSION_DENIED',
          'Client does not have sufficient permissions to perform this action.',
        );
    },
    revokeAll: () => issued.clear(),
  };
};

/** RFC 6749, section 5.2. */
const oauthRefusal = (error: string, status = 400): Error => carrierRefusal(status, error, '', { error });
